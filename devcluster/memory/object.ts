import { SYSTEM_METADATA } from "../../kube/dynamic-apply.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { invalid, modified, otherUid } from "../api/errors.ts";
import { copyJson, type JsonObject, sameJson, valueAt } from "../json.ts";
import { conform, violations } from "./admission.ts";
import { defaultBuiltIn, firstStatus, type MemoryKind } from "./kinds.ts";

// The life of one object by the API server's rules, as functions from what is stored and what is sent to what will be
// stored. None of them changes its input.

export interface Birth {
	readonly uid: string;
	/** RFC 3339, in seconds. */
	readonly now: string;
	/** Counts objects; addresses are made of it. */
	readonly number: number;
}

export const born = (kind: MemoryKind, object: KubeObject, birth: Birth): KubeObject => {
	const next = copyJson(object) as KubeObject & JsonObject;
	for (const key of SYSTEM_METADATA) delete (next.metadata as JsonObject)[key];
	next.metadata.uid = birth.uid;
	next.metadata.creationTimestamp = birth.now;
	if (kind.generation) next.metadata.generation = 1;
	if (kind.statusSubresource) delete next["status"];
	const status = firstStatus(kind, birth.now);
	if (status) next["status"] = status;
	if (isNamespace(next)) {
		next["spec"] = { finalizers: ["kubernetes"] };
		next.metadata.labels = { ...next.metadata.labels, "kubernetes.io/metadata.name": next.metadata.name };
	}
	return admitted(kind, next, undefined, birth.number);
};

/** PUT of the whole object. Returns what is stored itself when nothing would change. */
export const updated = (kind: MemoryKind, live: KubeObject, object: KubeObject): KubeObject => {
	const next = copyJson(object) as KubeObject & JsonObject;
	const metadata: JsonObject = next.metadata;
	const stored: JsonObject = live.metadata;
	for (const key of SYSTEM_METADATA) {
		delete metadata[key];
		if (stored[key] !== undefined) metadata[key] = stored[key];
	}
	if (kind.statusSubresource) {
		delete next["status"];
		if (live["status"] !== undefined) next["status"] = copyJson(live["status"]);
	}
	refuseNewFinalizers(kind, live, next);
	const result = admitted(kind, next, live, 0);
	if (kind.generation && !sameJson(desired(live), desired(result))) {
		result.metadata.generation = (live.metadata.generation ?? 0) + 1;
	}
	return sameJson(live, result) ? live : result;
};

/** PUT of the status alone. Returns what is stored itself when nothing would change. */
export const statusUpdated = (kind: MemoryKind, live: KubeObject, object: KubeObject): KubeObject => {
	const next: KubeObject = copyJson({ ...live, status: object["status"] });
	// How the deployment controller notes its revision without a new generation.
	if (isDeployment(live) && object.metadata.annotations) next.metadata.annotations = { ...object.metadata.annotations };
	const stored = kind.descriptor ? admitted(kind, next, live, 0) : next;
	return sameJson(live, stored) ? live : stored;
};

export const deleting = (
	kind: MemoryKind,
	live: KubeObject,
	finalizers: readonly string[],
	now: string,
	graceSeconds: number,
): KubeObject => {
	const next = copyJson(live);
	next.metadata.deletionTimestamp = now;
	next.metadata.deletionGracePeriodSeconds = graceSeconds;
	if (finalizers.length > 0) next.metadata.finalizers = [...finalizers];
	// As the API server counts: who observes the generation learns of the deletion by it.
	if (kind.generation) next.metadata.generation = (live.metadata.generation ?? 0) + 1;
	if (isNamespace(next)) next["status"] = { phase: "Terminating" };
	return next;
};

/** Whether a deleted object waits for nothing any more. */
export const released = (object: KubeObject): boolean =>
	object.metadata.deletionTimestamp !== undefined &&
	(object.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
	(object.metadata.finalizers ?? []).length === 0 &&
	!(isNamespace(object) && namespaceFinalizers(object).length > 0);

const isNamespace = ({ apiVersion, kind }: KubeObject) => apiVersion === "v1" && kind === "Namespace";

const namespaceFinalizers = (object: KubeObject): unknown[] => {
	const finalizers = valueAt(object, "spec", "finalizers");
	return Array.isArray(finalizers) ? finalizers : [];
};

/** 409 unless the object that is sent was read from what is stored. */
export const checkPreconditions = (kind: MemoryKind, live: KubeObject, object: KubeObject): void => {
	const { name, uid, resourceVersion } = object.metadata;
	if (uid && uid !== live.metadata.uid) throw otherUid(kind, name, uid, live.metadata.uid);
	if (resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw modified(kind, name);
};

// ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A Deployment's annotations count as a part of what is desired, as the API server has it. */
const desired = (object: KubeObject) => ({
	...object,
	metadata: isDeployment(object) && { annotations: object.metadata.annotations },
	status: undefined,
});

const isDeployment = ({ apiVersion, kind }: KubeObject) => apiVersion === "apps/v1" && kind === "Deployment";

const admitted = (kind: MemoryKind, next: KubeObject, live: KubeObject | undefined, number: number): KubeObject => {
	for (const key of ["labels", "annotations", "finalizers", "ownerReferences"] as const) {
		if (Object.keys(next.metadata[key] ?? {}).length === 0) delete next.metadata[key];
	}
	const causes = metadataViolations(next);
	if (!kind.descriptor) {
		if (causes.length > 0) throw invalid(kind, next.metadata.name, causes);
		defaultBuiltIn(kind, next, live, number);
		return next;
	}
	const { object } = conform(kind.descriptor, next);
	causes.push(...violations(kind.descriptor, object));
	if (causes.length > 0) throw invalid(kind, next.metadata.name, causes);
	return { apiVersion: next.apiVersion, kind: next.kind, metadata: next.metadata, ...object };
};

const refuseNewFinalizers = (kind: MemoryKind, live: KubeObject, next: KubeObject): void => {
	if (live.metadata.deletionTimestamp === undefined) return;
	const known = live.metadata.finalizers ?? [];
	const added = (next.metadata.finalizers ?? []).filter((finalizer) => !known.includes(finalizer));
	if (added.length === 0) return;
	throw invalid(kind, next.metadata.name, [
		`metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
	]);
};

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const metadataViolations = ({ metadata }: KubeObject): string[] => {
	const causes: string[] = [];
	if (!metadata.name) causes.push("metadata.name: Required value: name or generateName is required");
	else if (!SUBDOMAIN.test(metadata.name) || metadata.name.length > 253) {
		causes.push(`metadata.name: Invalid value: "${metadata.name}": a lowercase RFC 1123 subdomain is needed`);
	}
	for (const value of Object.values(metadata.labels ?? {})) {
		if (value.length > 63) causes.push(`metadata.labels: Invalid value: "${value}": must be no more than 63 bytes`);
		else if (!LABEL_VALUE.test(value))
			causes.push(`metadata.labels: Invalid value: "${value}": not a valid label value`);
	}
	const controllers = (metadata.ownerReferences ?? []).filter((owner) => owner.controller === true);
	if (controllers.length > 1) {
		causes.push("metadata.ownerReferences: Invalid value: Only one reference can have Controller set to true");
	}
	return causes;
};
