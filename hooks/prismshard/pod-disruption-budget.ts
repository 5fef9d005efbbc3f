import { type PodDisruptionBudget, podDisruptionBudget } from "../../kube/children/pod-disruption-budget.ts";
import { childMetadata } from "../../kube/object.ts";
import type { ShardPlan } from "./plan.ts";

/** One proxy at a time may be evicted. */
export const shardBudget = (plan: ShardPlan): PodDisruptionBudget =>
	podDisruptionBudget(childMetadata(plan, plan.names.base), plan.selector);
