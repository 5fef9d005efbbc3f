import { type PodDisruptionBudget, podDisruptionBudget } from "../../kube/children/pod-disruption-budget.ts";
import { childMetadata } from "../../kube/object.ts";
import type { PluginInput, PluginPlan } from "./plan.ts";

/** One pod at a time may be evicted. */
export const pluginBudget = (plan: PluginPlan, { remote }: PluginInput): PodDisruptionBudget =>
	podDisruptionBudget(childMetadata(plan, remote), plan.selector);
