import { type PodDisruptionBudget, podDisruptionBudget } from "../../kube/children/pod-disruption-budget.ts";
import { type ComponentPlan, componentMetadata, type StackPlan } from "./plan.ts";

/** How many pods of the proxies, or of the control plane, may be evicted at a time. */
export const componentBudget = (plan: StackPlan, own: ComponentPlan): PodDisruptionBudget =>
	podDisruptionBudget(componentMetadata(plan, own), own.selector);
