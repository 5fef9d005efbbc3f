import { childMetadata } from "../../kube/object.ts";
import { podDisruptionBudget } from "../../kube/pod-disruption-budget.ts";
import type { PodDisruptionBudget } from "../../kube/types.ts";
import type { PluginInput, PluginPlan } from "./plan.ts";

/** One pod at a time may be evicted. */
export const pluginBudget = (plan: PluginPlan, { remote }: PluginInput): PodDisruptionBudget =>
	podDisruptionBudget(childMetadata(plan, remote), plan.selector);
