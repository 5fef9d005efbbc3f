import type { Pod } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { PodReference } from "./pod-references.ts";

// Pods as the commands read them: readiness, conditions, and the form in which a problem is reported.

export interface PodTrouble {
	/** The word that Kubernetes uses: ImagePullBackOff, CrashLoopBackOff, Unschedulable, ... */
	readonly word: string;
	/** A sentence without the pod's name. */
	readonly says: string;
	/** Start of the problem, if known. */
	readonly since?: string | undefined;
	/** The container that shows it. */
	readonly container?: string | undefined;
	/** Which log has more: of the previous container, or of the current one. */
	readonly logs?: "previous" | "current" | undefined;
	/** Kind of remedy. */
	readonly remedy: Remedy;
	/** The missing Secret or ConfigMap. */
	readonly lacks?: PodReference | undefined;
	/** The claim for which the pod waits, and its problem, as the provisioner reports it: "has no volume: ...". */
	readonly claim?: { readonly name: string; readonly word: string; readonly says: string } | undefined;
}

export type Remedy =
	| "image"
	| "logs"
	| "start"
	| "user"
	| "config"
	| "resources"
	| "scheduling"
	| "volume"
	| "claim"
	| "node"
	| "gate"
	| "probe"
	| "wait";

/** The API server rejects a pod without these fields. */
export const isPod = (object: KubeObject): object is Pod => object.kind === "Pod";

export const isPodReady = (object: KubeObject): boolean =>
	isPod(object) && conditionOfPod(object, "Ready")?.status === "True";

/** Conditions of pods lack fields that ours always have. */
export const conditionOfPod = ({ status }: Pod, wanted: string) =>
	status?.conditions?.find(({ type }) => type === wanted);

/** Last transition of its Ready condition. */
export const readySince = (object: KubeObject): string | undefined =>
	isPod(object) ? conditionOfPod(object, "Ready")?.lastTransitionTime : undefined;

/** Last transition of its Ready condition, otherwise its creation. */
export const sinceOf = (pod: Pod): string | undefined => readySince(pod) ?? pod.metadata.creationTimestamp ?? undefined;

/** Whether it has ended: its workload creates another pod, and keeps this one for inspection. */
export const isOver = (object: KubeObject): boolean => isPod(object) && object.status?.phase === "Failed";
