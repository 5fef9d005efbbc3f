import { REGISTRY } from "../../hooks/index.ts";
import { isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION, SENT_BY_ANNOTATION } from "../../schemas/vocabulary.ts";
import { conditionsOf } from "./truth.ts";
import { servedResources, type World } from "./world.ts";

// What two worlds that went different ways must have in common in the end: everything, less what time and chance have
// made: identities, times, addresses, the names of pods, and which of several equal places somebody got.

/** "Kind/namespace/name" → what matters of it; undefined: only that it is there. */
export type Essence = ReadonlyMap<string, unknown>;

/** Made by the controllers of Kubernetes, out of what is compared. */
const MADE = new Set(["Pod", "ReplicaSet", "EndpointSlice", "Event", "Node", "Namespace"]);
const OURS = new Set(REGISTRY.map(({ parent }) => parent.kind));

export const essenceOf = async ({ store }: Pick<World, "store">): Promise<Essence> => {
	const objects: KubeObject[] = [];
	for (const resource of await servedResources(store))
		if (!MADE.has(resource.kind)) objects.push(...(await store.list(resource)).items);
	const frozen = new Set(objects.filter(isFrozen).map(({ metadata }) => metadata.uid));
	// Whether there are any depends on when the spec was looked at last that could be carried out.
	const compared = objects.filter(
		({ metadata: { ownerReferences = [] } }) =>
			!ownerReferences.some(({ controller, uid }) => controller && frozen.has(uid)),
	);
	return new Map(
		compared.map((object) => {
			const { namespace, name } = object.metadata;
			return [`${object.kind}/${namespace}/${name}`, essential(object)];
		}),
	);
};

/** Reasons for which children stay as they were found, whoever changed them by hand. */
const FREEZING = new Set([
	"InvalidSpec",
	"CrossNamespaceReference",
	"InlineCredentials",
	"Unsupported",
	"BackendConfigNotFound",
	"PluginNotReady",
]);

const isFrozen = (object: KubeObject): boolean =>
	conditionsOf(object).some(({ type, reason }) => type === "Ready" && FREEZING.has(String(reason)));

const IGNORED_ANNOTATIONS = new Set([
	DESIRED_HASH_ANNOTATION,
	SENT_BY_ANNOTATION,
	"metacontroller.k8s.io/last-applied-configuration",
	"deployment.kubernetes.io/revision",
]);

const essential = (object: KubeObject): unknown => {
	const { metadata } = object;
	const annotations = Object.fromEntries(
		Object.entries(metadata.annotations ?? {}).filter(([name]) => !IGNORED_ANNOTATIONS.has(name)),
	);
	const labels = Object.fromEntries(
		Object.entries(metadata.labels ?? {}).filter(([name]) => name !== "controller-uid"),
	);
	return {
		labels,
		annotations,
		owners: (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`),
		deleting: metadata.deletionTimestamp !== undefined,
		...(object["data"] !== undefined && { data: object["data"] }),
		spec: specOf(object),
		...(OURS.has(object.kind) && { status: statusOf(object) }),
	};
};

/** Filled in by the API server or its controllers, or known only to them. */
const ASSIGNED = new Set(["clusterIP", "clusterIPs", "volumeName", "nodePort", "healthCheckNodePort", "instances"]);

const specOf = (object: KubeObject): unknown => {
	const { spec } = object as { spec?: unknown };
	// A rollout that is tried again has another deadline; nothing else of a claim is said by a hook but that it is there.
	if (object.kind === "PersistentVolumeClaim") return undefined;
	if (object.kind === "PrismPlugin" && isRecord(spec)) return { ...spec, rollout: undefined };
	return withoutAssigned(spec);
};

const withoutAssigned = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(withoutAssigned);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([name]) => !ASSIGNED.has(name) && name !== "controller-uid" && !IGNORED_ANNOTATIONS.has(name))
			.map(([name, member]) => [name, withoutAssigned(member)]),
	);
};

const statusOf = ({ kind, ...object }: KubeObject): unknown => {
	const status = isRecord(object["status"]) ? object["status"] : {};
	const conditions = Array.isArray(status["conditions"]) ? status["conditions"] : [];
	return {
		conditions: conditions
			.filter(isRecord)
			.map(({ type, status: holds, reason }) => `${String(type)}=${String(holds)} ${String(reason)}`),
		phase: status["phase"],
		...(kind === "PrismPlugin" && {
			version: status["version"],
			shards: Array.isArray(status["shardStates"])
				? status["shardStates"].filter(isRecord).map(({ name, state, version }) => [name, state, version])
				: [],
		}),
	};
};

/** Where they differ, one line for each object; empty when nowhere. */
export const differences = (expected: Essence, found: Essence): string[] => {
	const keys = [...new Set([...expected.keys(), ...found.keys()])].toSorted();
	// Whether something is held on its way out depends on who used it at that moment: a proxy that lost everything holds nothing
	// back any more. That nothing is held without a reason is a law of its own.
	const held = new Set(keys.filter((key) => isLeaving(expected.get(key)) !== isLeaving(found.get(key))));
	return keys.flatMap((key) => {
		if (held.has(key) || ownersOf(key, expected.get(key) ?? found.get(key)).some((owner) => held.has(owner))) return [];
		const [wanted, there] = [expected.get(key), found.get(key)];
		if (!expected.has(key)) return [`${key} is there, and would not be without the trouble`];
		if (!found.has(key)) return [`${key} is missing`];
		if (wanted === undefined || there === undefined) return [];
		const path = firstDifference(wanted, there);
		return path === undefined ? [] : [`${key} differs at ${path}`];
	});
};

const isLeaving = (value: unknown): boolean => isRecord(value) && value["deleting"] === true;

/** Keys of those that an object belongs to, in its own namespace. */
const ownersOf = (key: string, value: unknown): string[] => {
	const [, namespace = ""] = key.split("/");
	const owners = isRecord(value) && Array.isArray(value["owners"]) ? value["owners"] : [];
	return owners.map((owner) => String(owner).replace("/", `/${namespace}/`));
};

/** Not there, or with nothing in it: which of these depends on who wrote it. */
const isEmpty = (value: unknown): boolean =>
	value === undefined ||
	(Array.isArray(value) && value.length === 0) ||
	(isRecord(value) && Object.values(value).every(isEmpty));

const firstDifference = (left: unknown, right: unknown, path = ""): string | undefined => {
	if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
		for (const [index, member] of left.entries()) {
			const found = firstDifference(member, right[index], `${path}[${index}]`);
			if (found !== undefined) return found;
		}
		return undefined;
	}
	if (isRecord(left) && isRecord(right) && !isEmpty(left) && !isEmpty(right)) {
		for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
			const found = firstDifference(left[name], right[name], `${path}.${name}`);
			if (found !== undefined) return found;
		}
		return undefined;
	}
	if (left === right || (isEmpty(left) && isEmpty(right))) return undefined;
	return `${path}: ${JSON.stringify(right)} instead of ${JSON.stringify(left)}`;
};
