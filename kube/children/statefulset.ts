import type { V1PersistentVolumeClaim, V1StatefulSet } from "@kubernetes/client-node";
import type { KubeObject, ObjectMeta } from "../../schemas/common.ts";
import { recordsAt } from "../object.ts";
import { asStored } from "../stored-form.ts";
import type { Child, PodTemplate, Written } from "../types.ts";

export type StatefulSet = Child<"apps/v1", "StatefulSet", V1StatefulSet>;
export type ClaimTemplate = Written<V1PersistentVolumeClaim>;

export interface StatefulSetPlan {
	readonly metadata: ObjectMeta;
	readonly replicas: number;
	/** Name of the headless Service that gives the pods their addresses. */
	readonly serviceName: string;
	/** The smallest stable set of labels: a selector can't be changed afterwards. */
	readonly selector: Readonly<Record<string, string>>;
	readonly template: PodTemplate;
	/** Volumes, one of each for each pod. */
	readonly claims?: readonly ClaimTemplate[];
	/** What becomes of the claims when the StatefulSet, or one of its pods, goes. */
	readonly retention?: { readonly whenDeleted: string; readonly whenScaled: string };
	/** Seconds for which a new pod is ready before it counts as available, and the next one is replaced. */
	readonly minReadySeconds?: number | undefined;
}

/**
 * Pods start and stop in parallel: with OrderedReady, a StatefulSet never replaces a broken pod after a revert, so no rollback would
 * work (measured). A rolling update still replaces one pod at a time.
 */
export const statefulSet = (plan: StatefulSetPlan): StatefulSet => ({
	apiVersion: "apps/v1",
	kind: "StatefulSet",
	metadata: plan.metadata,
	spec: asStored({
		replicas: plan.replicas,
		minReadySeconds: plan.minReadySeconds,
		serviceName: plan.serviceName,
		selector: { matchLabels: plan.selector },
		podManagementPolicy: "Parallel",
		updateStrategy: { type: "RollingUpdate" },
		persistentVolumeClaimRetentionPolicy: plan.retention,
		template: plan.template,
		volumeClaimTemplates: plan.claims,
	}),
});

/**
 * A claim template with all defaults of the API server: the list has no merge key, so a template without them would be written
 * again at every sync.
 */
export const claimTemplate = (
	name: string,
	storage: { readonly size: string; readonly storageClassName?: string | undefined },
): ClaimTemplate => ({
	apiVersion: "v1",
	kind: "PersistentVolumeClaim",
	metadata: { name },
	spec: {
		accessModes: ["ReadWriteOnce"],
		resources: { requests: { storage: storage.size } },
		storageClassName: storage.storageClassName,
		volumeMode: "Filesystem",
	},
	status: { phase: "Pending" },
});

/** The claims of a StatefulSet: they can't be changed, and another API server may have added something else to them. */
export const claimsOf = (observed: KubeObject | undefined, wanted: ClaimTemplate): readonly ClaimTemplate[] => {
	const kept = recordsAt(observed, "spec", "volumeClaimTemplates");
	return kept.length > 0 ? kept : [wanted];
};
