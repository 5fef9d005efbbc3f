import type { V1PodDisruptionBudget } from "@kubernetes/client-node";
import type { ObjectMeta } from "../../schemas/common.ts";
import type { Child } from "../types.ts";

export type PodDisruptionBudget = Child<"policy/v1", "PodDisruptionBudget", V1PodDisruptionBudget>;

/** One pod at a time may be evicted; pods that are broken anyway don't hold up a node's drain. */
export const podDisruptionBudget = (
	metadata: ObjectMeta,
	selector: Readonly<Record<string, string>>,
): PodDisruptionBudget => ({
	apiVersion: "policy/v1",
	kind: "PodDisruptionBudget",
	metadata,
	spec: { maxUnavailable: 1, selector: { matchLabels: selector }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
});
