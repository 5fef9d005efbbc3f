import { objectsAt, stringAt } from "../../devcluster/json.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import {
	CORRECTION_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	PODS_CHANGED_AFTER_ANNOTATION,
	REPLICAS_BEFORE_ANNOTATION,
	SENT_BY_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { conditionsOf } from "./truth.ts";
import { servedResources, type World } from "./world.ts";

// What two worlds that went different ways must have in common in the end: everything, less what time and chance have
// made: identities, times, addresses, the names of pods, and which of several equal places somebody got.

/** By "Kind/namespace/name". */
export type Essence = ReadonlyMap<string, Trait>;

interface Trait {
	/** What must be the same; undefined: only that it is there. */
	readonly content: Record<string, unknown> | undefined;
	readonly isLeaving: boolean;
	/** Keys of what it belongs to, and of the rosters that its places name. */
	readonly restsOn: readonly string[];
	/** Of a workload: whether it keeps the count of pods that its autoscaler left. */
	readonly keepsCount: boolean;
	/** Of a PrismNamespace: the identifier, which others may want as well. */
	readonly identifier?: string;
	/** Of a PrismNamespace: its condition Ready. */
	readonly ready?: string;
	/** Of a PrismPlugin whose rollout failed or was given up: what it goes back to. */
	readonly lastGood?: string;
	/** Of a PrismPlugin: keys of the shards that use it. */
	readonly usedBy?: readonly string[];
}

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
			return [`${object.kind}/${namespace}/${name}`, traitOf(object)];
		}),
	);
};

/** Reasons for which children stay as they were found, whoever changed them by hand. */
const FREEZING = new Set([
	"InvalidSpec",
	"CrossNamespaceReference",
	"InlineCredentials",
	"Unsupported",
	"NotPermitted",
	"BackendConfigNotFound",
	"PluginNotReady",
]);

const isFrozen = (object: KubeObject): boolean =>
	conditionsOf(object).some(({ type, reason }) => type === "Ready" && FREEZING.has(String(reason)));

const IGNORED_ANNOTATIONS = new Set([
	CORRECTION_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	PODS_CHANGED_AFTER_ANNOTATION,
	SENT_BY_ANNOTATION,
	"metacontroller.k8s.io/last-applied-configuration",
	"deployment.kubernetes.io/revision",
]);

export const traitOf = (object: KubeObject): Trait => {
	const { kind, metadata } = object;
	const { namespace, name, deletionTimestamp, ownerReferences = [] } = metadata;
	const keyOf = (other: string, its: unknown) => `${other}/${namespace}/${String(its)}`;
	const trait: Trait = {
		content: essential(object),
		isLeaving: deletionTimestamp !== undefined,
		keepsCount: metadata.annotations?.[REPLICAS_BEFORE_ANNOTATION] !== undefined,
		restsOn: ownerReferences.map((owner) => keyOf(owner.kind, owner.name)),
	};
	if (kind === "PrismNamespace")
		return {
			...trait,
			restsOn: [
				...trait.restsOn,
				...objectsAt(object, "status", "placements").map(
					({ roster, namespace: home }) => `PrismRoster/${String(home)}/${String(roster)}`,
				),
			],
			identifier: stringAt(object, "spec", "namespaceId") ?? name,
			ready: conditionText(readyOf(object) ?? {}),
		};
	if (kind !== "PrismPlugin") return trait;
	const uses = (field: string) => (valueAt(object, "status", field) ?? []) as readonly string[];
	return {
		...trait,
		...(stringAt(object, "status", "rollout", "phase") !== "Complete" && {
			lastGood: stringAt(object, "status", "lastGoodVersion") ?? "",
		}),
		usedBy: [...uses("shards"), ...uses("pinnedShards")].map((shard) => keyOf("PrismShard", shard)),
	};
};

const readyOf = (object: KubeObject) => conditionsOf(object).find(({ type }) => type === "Ready");

const conditionText = ({ type, status, reason }: Record<string, unknown>): string =>
	`${String(type)}=${String(status)} ${String(reason)}`;

const essential = (object: KubeObject): Record<string, unknown> => {
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
	// Whether there is room depends on who got which of several equal places.
	if (object.kind === "PrismRoster" && isRecord(spec)) return withoutAssigned({ ...spec, accepting: undefined });
	return withoutAssigned(spec);
};

const withoutAssigned = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(withoutAssigned).toSorted(byVariable);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([name]) => !ASSIGNED.has(name) && name !== "controller-uid" && !IGNORED_ANNOTATIONS.has(name))
			.map(([name, member]) => [name, withoutAssigned(member)]),
	);
};

/** Reasons for which a namespace has nowhere to go. Whether it got in somewhere before that place was closed or empty is history. */
const NOWHERE = new Set(["NoMatchingShard", "NoMatchingProxy", "NotAccepting", "NotPermitted", "InstancesNotReady"]);

/** Pending and Degraded of a stack tell whether its namespaces were anywhere before their place was without instances. */
const isPhaseHistory = ({ kind }: KubeObject, phase: unknown): boolean =>
	kind === "PrismStack" && (phase === "Pending" || phase === "Degraded");

/** A variable that is added later comes last, as lists are merged by name: which came when depends on when its source was there. */
const byVariable = (left: unknown, right: unknown): number => {
	const [one, other] = [left, right].map((entry) =>
		isRecord(entry) && isVariable(entry) ? String(entry["name"]) : "",
	);
	return one === undefined || other === undefined || one === other ? 0 : one < other ? -1 : 1;
};

const isVariable = (entry: Record<string, unknown>): boolean => "valueFrom" in entry || "value" in entry;

const statusOf = (object: KubeObject): unknown => {
	const { kind } = object;
	const status = isRecord(object["status"]) ? object["status"] : {};
	const ready = readyOf(object);
	if (kind === "PrismNamespace" && NOWHERE.has(String(ready?.["reason"]))) return { ready: conditionText(ready ?? {}) };
	return {
		conditions: conditionsOf(object).map(conditionText),
		phase: isPhaseHistory(object, status["phase"]) ? undefined : status["phase"],
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
	const forked = forkedIn(keys, expected, found);
	const rivals = rivalsIn(keys, expected, found);
	return [
		...keys.flatMap((key) => {
			if (forked.has(key)) return [];
			const [wanted, there] = [expected.get(key), found.get(key)];
			if (wanted === undefined) return [`${key} is there, and would not be without the trouble`];
			if (there === undefined) return [`${key} is missing`];
			const own = ({ content, identifier }: Trait) =>
				rivals.has(identifier) ? { ...content, status: undefined } : content;
			const path = firstDifference(own(wanted), own(there));
			return path === undefined ? [] : [`${key} differs at ${path}`];
		}),
		...[...rivals].flatMap((identifier) => {
			const all = (essence: Essence) =>
				keys
					.flatMap((key) => (forked.has(key) ? [] : (essence.get(key) ?? [])))
					.flatMap(({ identifier: own, ready }) => (own === identifier && ready !== undefined ? [ready] : []))
					.toSorted();
			const path = firstDifference(all(expected), all(found));
			return path === undefined ? [] : [`namespaces with the identifier ${String(identifier)} differ at ${path}`];
		}),
	];
};

/**
 * What may differ by its history, and whatever rests on it.
 * - Whether something is held on its way out depends on who used it at that moment: a proxy that lost everything holds nothing back
 *   any more. That nothing is held without a reason is a law of its own.
 * - What a failed rollout of a plugin goes back to is whatever was complete before, and trouble may have kept a version from that.
 *   A shard that is left with a version that does not run has a say in all of its plugins.
 * - The workload alone remembers the count that its autoscaler left. One that somebody deletes after that begins with the spec's.
 */
const forkedIn = (keys: readonly string[], expected: Essence, found: Essence): ReadonlySet<string> => {
	const either =
		<Value>(read: (trait: Trait) => readonly Value[] | undefined) =>
		(key: string) =>
			[expected.get(key), found.get(key)].flatMap((trait) => (trait && read(trait)) ?? []);
	const isForked = (key: string) => {
		const [wanted, there] = [expected.get(key)?.lastGood, found.get(key)?.lastGood];
		return wanted !== undefined && there !== undefined && wanted !== there;
	};
	const usersOf = either(({ usedBy }) => usedBy);
	const shards = new Set(keys.filter(isForked).flatMap(usersOf));
	const differing = (fact: "isLeaving" | "keepsCount") =>
		keys.filter((key) => (expected.get(key)?.[fact] ?? false) !== (found.get(key)?.[fact] ?? false));
	const basesOf = either(({ restsOn }) => restsOn);
	const counted = differing("keepsCount");
	const forked = new Set([
		...differing("isLeaving"),
		...counted,
		...counted.flatMap(basesOf),
		...shards,
		...keys.filter((key) => usersOf(key).some((shard) => shards.has(shard))),
	]);
	for (let before = -1; before < forked.size; ) {
		before = forked.size;
		for (const key of keys) if (basesOf(key).some((base) => forked.has(base))) forked.add(key);
	}
	return forked;
};

/** Identifiers that several namespaces want at one place: who has it is who came first, or who came after the proxy lost everything. */
const rivalsIn = (keys: readonly string[], ...worlds: readonly Essence[]): ReadonlySet<string | undefined> =>
	new Set(
		keys.flatMap((key) =>
			worlds.flatMap((essence) => {
				const trait = essence.get(key);
				return trait?.ready?.endsWith(" NamespaceIdTaken") === true ? [trait.identifier] : [];
			}),
		),
	);

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
