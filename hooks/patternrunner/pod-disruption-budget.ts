import { childMetadata } from "../../kube/object.ts";
import { podDisruptionBudget } from "../../kube/pod-disruption-budget.ts";
import type { PodDisruptionBudget } from "../../kube/types.ts";
import type { RunnerPlan } from "./plan.ts";

/** One pod at a time may be evicted. */
export const runnerBudget = (plan: RunnerPlan): PodDisruptionBudget =>
	podDisruptionBudget(childMetadata(plan, plan.name), plan.selector);
