import type { KubeObject } from "../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION, PODS_CHANGED_AFTER_ANNOTATION } from "../schemas/vocabulary.ts";
import { lastSent } from "./last-sent.ts";
import { asRecord, isSameJson, isWorkload, valueAt } from "./object.ts";

// Until its controller has observed its latest generation, a workload reports the pods of an older one. Those are ready, so a rollout that
// has not begun would look complete. If only the count was changed, they are the same pods. The workload itself has to show which of the
// two it is: Metacontroller's caches do not wait for each other, so the status of the parent can be older than the workload.

export const isOutdated = (wanted: KubeObject, observed: KubeObject, hashAnnotation: string): boolean =>
	wanted.metadata.annotations?.[hashAnnotation] !== observed.metadata.annotations?.[hashAnnotation];

/** Whether only the replica count differs. */
export const isCountAlone = (wanted: KubeObject, observed: KubeObject): boolean => {
	if (!isWorkload(wanted)) return false;
	const isSameCount = valueAt(lastSent(observed), "spec", "replicas") === valueAt(wanted["spec"], "replicas");
	return !isSameCount && hasSamePods(wanted, observed);
};

/** The workload, with the generation that it had before it was last changed in more than its count. */
export const rememberingGeneration = (wanted: KubeObject, observed: KubeObject | undefined): KubeObject => {
	if (observed === undefined || !isWorkload(wanted)) return wanted;
	const isSame = !isOutdated(wanted, observed, DESIRED_HASH_ANNOTATION) || hasSamePods(wanted, observed);
	const before = isSame
		? observed.metadata.annotations?.[PODS_CHANGED_AFTER_ANNOTATION]
		: String(observed.metadata.generation ?? 0);
	if (before === undefined) return wanted;
	const { metadata } = wanted;
	const annotations = { ...metadata.annotations, [PODS_CHANGED_AFTER_ANNOTATION]: before };
	return { ...wanted, metadata: { ...metadata, annotations } };
};

/** Whether the workload's controller has observed the last change of more than the count. */
export const arePodsObserved = ({ metadata, status }: KubeObject): boolean => {
	const seen = valueAt(status, "observedGeneration");
	return typeof seen === "number" && seen > Number(metadata.annotations?.[PODS_CHANGED_AFTER_ANNOTATION] ?? 0);
};

/** Whether it was last sent with the same spec, in another count at most. */
const hasSamePods = (wanted: KubeObject, observed: KubeObject): boolean =>
	isSameJson(withoutCount(wanted), withoutCount(lastSent(observed)));

/** Without labels: Metacontroller adds one. Claim templates of a StatefulSet are immutable. */
const withoutCount = ({ spec }: Readonly<Record<string, unknown>>): unknown => ({
	...asRecord(spec),
	replicas: undefined,
	volumeClaimTemplates: undefined,
});
