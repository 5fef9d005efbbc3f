import type { KubeObject } from "../schemas/common.ts";
import type { CompositeRequest, ObjectMap } from "../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../schemas/vocabulary.ts";
import { held } from "./held-children.ts";
import { isNameWatched } from "./namesakes.ts";
import { isGoing, isRead, isRecord, isWorkload, observedOf, recordsAt, valueAt } from "./object.ts";
import { isLost } from "./ownership.ts";
import { isOutdated } from "./pod-changes.ts";

// An object of another owner is never used: no pod starts with it, no autoscaler scales it, no Ingress refers to it.
//
// Configuration is applied and observed before the pods that read it: Metacontroller writes children in any order, and continues if the
// API server rejects one of them. Pods would start with a configuration that does not match their checksum, or with one of another owner
// under that name.

/**
 * The children that can be sent now: one that needs a missing object stays unchanged, or is not created. So does a workload that needs
 * an object of another owner; any other reference to such an object is removed. If the installation does not watch names, only an
 * observed child is certain to be no object of another owner.
 */
export const sendable = (wanted: readonly KubeObject[], request: Request, now: string): KubeObject[] => {
	const { children: observed, related } = request;
	const isUnproven = (child: KubeObject) => !isNameWatched(related, child) && observedOf(observed, child) === undefined;
	const late = keysOf(wanted.filter((child) => (isRead(child) ? isLate(child, observed) : isUnproven(child))));
	const taken = keysOf(wanted.filter((child) => isLost(request, child, now)));
	if (late.size === 0 && taken.size === 0) return [...wanted];
	return wanted.flatMap((child) => {
		const isMisled = neededBy(child).some((key) => taken.has(key));
		const isEarly = isLate(child, observed) && neededBy(child).some((key) => late.has(key));
		if (!isMisled && !isEarly) return [child];
		const there = observedOf(observed, child);
		if (there === undefined || isGoing(there)) return [];
		return isMisled && !isWorkload(child) ? [] : [held(there)];
	});
};

type Request = Pick<CompositeRequest, "parent" | "children" | "related">;

const isLate = (child: KubeObject, observed: ObjectMap): boolean => {
	const there = observedOf(observed, child);
	return there === undefined || isGoing(there) || isOutdated(child, there, DESIRED_HASH_ANNOTATION);
};

const keysOf = (children: readonly KubeObject[]): ReadonlySet<string> =>
	new Set(children.map(({ kind, metadata }) => `${kind} ${metadata.name}`));

/** Objects that a child refers to: what its pods read, their headless Service, its scale target, and its Service backends. */
const neededBy = (child: KubeObject): string[] => {
	const { kind, spec } = child;
	if (kind === "StatefulSet") return [...readBy(child), `Service ${String(valueAt(spec, "serviceName"))}`];
	if (kind === "Deployment") return readBy(child);
	const scaled = valueAt(spec, "scaleTargetRef");
	if (isRecord(scaled)) return [`${String(scaled["kind"])} ${String(scaled["name"])}`];
	return recordsAt(spec, "rules")
		.flatMap((rule) => recordsAt(rule, "http", "paths"))
		.map((path) => `Service ${String(valueAt(path, "backend", "service", "name"))}`);
};

/** The ConfigMaps and Secrets that the pods of a workload read. */
const readBy = ({ spec }: KubeObject): string[] => {
	const pod = valueAt(spec, "template", "spec");
	const variables = ["containers", "initContainers"]
		.flatMap((list) => recordsAt(pod, list))
		.flatMap((container) => recordsAt(container, "env"));
	return [
		...recordsAt(pod, "volumes").flatMap((volume) => [
			`ConfigMap ${String(valueAt(volume, "configMap", "name"))}`,
			`Secret ${String(valueAt(volume, "secret", "secretName"))}`,
		]),
		...variables.flatMap((variable) => [
			`ConfigMap ${String(valueAt(variable, "valueFrom", "configMapKeyRef", "name"))}`,
			`Secret ${String(valueAt(variable, "valueFrom", "secretKeyRef", "name"))}`,
		]),
	];
};
