import { type PodDisruptionBudget, podDisruptionBudget } from "../../kube/children/pod-disruption-budget.ts";
import { childMetadata } from "../../kube/object.ts";
import type { RunnerPlan } from "./plan.ts";

/** One pod at a time may be evicted. */
export const runnerBudget = (plan: RunnerPlan): PodDisruptionBudget =>
	podDisruptionBudget(childMetadata(plan, plan.name), plan.selector);
