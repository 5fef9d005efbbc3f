import type { V1Deployment } from "@kubernetes/client-node";
import type { ObjectMeta } from "../../schemas/common.ts";
import { asStored } from "../stored-form.ts";
import type { Child, PodTemplate } from "../types.ts";

export type Deployment = Child<"apps/v1", "Deployment", V1Deployment>;
type RollingUpdate = NonNullable<NonNullable<Deployment["spec"]>["strategy"]>["rollingUpdate"];

export interface DeploymentPlan {
	readonly metadata: ObjectMeta;
	readonly replicas: number;
	/** The smallest stable set of labels: a selector can't be changed afterwards. */
	readonly selector: Readonly<Record<string, string>>;
	readonly template: PodTemplate;
	/** A rollout stops a pod before it starts the new one, because the two can't run side by side. */
	readonly replacesInPlace?: boolean;
	/** Recreate: no two pods of two templates at a time. Default: RollingUpdate. */
	readonly strategy?: "Recreate" | "RollingUpdate";
	/** Seconds for which a new pod must be ready before it counts as available and an old one is stopped. */
	readonly minReadySeconds?: number | undefined;
}

export const deployment = (plan: DeploymentPlan): Deployment => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: plan.metadata,
	spec: asStored({
		replicas: plan.replicas,
		minReadySeconds: plan.minReadySeconds,
		selector: { matchLabels: plan.selector },
		strategy:
			plan.strategy === "Recreate"
				? { type: "Recreate" }
				: { type: "RollingUpdate", rollingUpdate: rollingUpdate(plan.replacesInPlace === true) },
		template: plan.template,
	}),
});

/**
 * One pod at a time, as in the PodDisruptionBudget. The new one starts first: otherwise half of two pods would be unavailable.
 * With a required anti-affinity, there can be no node for an additional pod.
 */
const rollingUpdate = (replacesInPlace: boolean): RollingUpdate => ({
	maxSurge: 1,
	maxUnavailable: replacesInPlace ? 1 : 0,
});
