import { numberAt, objectsAt, stringAt } from "../../devcluster/json.ts";
import { controllerOf, isRecord } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Laws } from "./laws.ts";
import type { World } from "./world.ts";

// Whether what an object says of itself is so.

export interface Sight {
	/** What was at some moment lately, latest last; undefined: it was not there. */
	readonly versions: (kind: string, namespace: string, name: string) => readonly (KubeObject | undefined)[];
	/** Digests of a namespace that a proxy's store had lately. */
	readonly digests: (namespace: string, pod: string, namespaceId: string) => readonly (string | undefined)[];
}

export const saysReady = (object: KubeObject): boolean =>
	conditionsOf(object).some(({ type, status }) => type === "Ready" && status === "True");

export const conditionsOf = (object: KubeObject): Record<string, unknown>[] =>
	objectsAt(object, "status", "conditions");

/** Only what is of this generation says anything of this spec. */
export const isCurrent = (object: KubeObject): boolean =>
	numberAt(object, "status", "observedGeneration") === object.metadata.generation;

/** Why an object that says to be Ready is not; empty when it is, or has been lately. */
export const untruths = (object: KubeObject, sight: Sight): string[] => {
	const check = CHECKS[object.kind];
	if (check === undefined || !saysReady(object) || !isCurrent(object)) return [];
	const { kind, metadata } = object;
	return check(object, sight).map((what) => `${kind}/${metadata.namespace}/${metadata.name} says Ready, and ${what}`);
};

type Check = (object: KubeObject, sight: Sight) => string[];

const isRolledOut = (workload: KubeObject | undefined): boolean => {
	if (workload === undefined) return false;
	const replicas = numberAt(workload, "spec", "replicas") ?? 1;
	const available = numberAt(workload, "status", "availableReplicas") ?? 0;
	const updated = numberAt(workload, "status", "updatedReplicas") ?? 0;
	const observed = numberAt(workload, "status", "observedGeneration") ?? 0;
	return observed >= (workload.metadata.generation ?? 0) && available >= replicas && updated >= replicas;
};

const workload =
	(kind: string, nameOf: (object: KubeObject) => string): Check =>
	(object, { versions }) => {
		const name = nameOf(object);
		return versions(kind, object.metadata.namespace ?? "", name).some(isRolledOut) ? [] : [`${kind} ${name} is not`];
	};

const namespace: Check = (object, { digests }) => {
	const digest = stringAt(object, "status", "digest");
	const id = stringAt(object, "status", "namespaceId") ?? object.metadata.name;
	const reason = conditionsOf(object).find(({ type }) => type === "Ready")?.["reason"];
	// Nobody can be asked there, and the reason says so.
	if (reason === "Unverified") return [];
	return objectsAt(object, "status", "placements")
		.filter((place) => place["state"] === "Active" && place["controlPlane"] !== true)
		.flatMap((place) =>
			objectsAt(place, "instances")
				.filter((instance) => instance["state"] === "Applied")
				.map((instance) => ({
					pod: String(instance["name"]),
					home: stringAt(place, "namespace") ?? object.metadata.namespace ?? "",
				})),
		)
		.filter(({ pod, home }) => !digests(home, pod, id).includes(digest))
		.map(({ pod }) => `${pod} does not have it`);
};

const CHECKS: Readonly<Record<string, Check>> = {
	PatternRunner: workload("Deployment", ({ metadata }) => metadata.name),
	PrismStack: (object, sight) =>
		workload(stringAt(object, "spec", "proxy", "workload") ?? "Deployment", ({ metadata }) => `${metadata.name}-proxy`)(
			object,
			sight,
		),
	PrismShard: workload("StatefulSet", ({ metadata }) => `prism-${metadata.name}`),
	PrismNamespace: namespace,
};

/** Records of ours on proxies, although no object wants them there, and none was given up there as out of reach. */
export const orphans = (world: World, objects: readonly KubeObject[], laws: Pick<Laws, "wasGivenUp">): string[] => {
	const wanted = new Set(
		objects.flatMap((object) => {
			const owner = `${world.installation.clusterId}/${object.metadata.namespace}/${object.metadata.name}`;
			const id = stringAt(object, "status", "namespaceId") ?? object.metadata.name;
			const kept = objectsAt(object, "status", "placements").filter(({ state }) => state !== "Revoking");
			return kept.flatMap((place) =>
				objectsAt(place, "instances").map((instance) => `${owner} ${id} ${String(instance["name"])}`),
			);
		}),
	);
	return world.proxies
		.running()
		.filter(({ kind }) => kind === "proxy")
		.flatMap(({ pod, store }) =>
			store
				.list()
				.filter(({ owner }) => owner.startsWith(`${world.installation.clusterId}/`))
				.filter(({ owner, name }) => !wanted.has(`${owner} ${name} ${pod.metadata.name}`))
				.filter(({ owner }) => !laws.wasGivenUp(owner, pod.metadata.name))
				.map(({ owner, name }) => `${pod.metadata.name} has namespace ${name} of ${owner}, and nobody wants it there`),
		);
};

/** Reasons that tell of something that is going on: where nothing goes on any more, they are wrong. */
const PASSING = new Set([
	"Progressing",
	"RollingBack",
	"Revoking",
	"PartiallyProvisioned",
	"NamespacesDiffer",
	"InstancesUnreachable",
]);

/** What may be said for good where instances are out of reach for good. */
export const OUT_OF_REACH: ReadonlySet<string> = new Set([
	"Revoking",
	"PartiallyProvisioned",
	"NamespacesDiffer",
	"InstancesUnreachable",
]);

/** Namespaces that say to be Ready although nobody can say so any more. */
export const readyUnseen = (world: World, objects: readonly KubeObject[]): string[] =>
	objects
		.filter((object) => object.kind === "PrismNamespace" && saysReady(object) && isCurrent(object))
		.flatMap(({ metadata, status }) =>
			objectsAt(status, "placements")
				.filter(({ state, controlPlane }) => state === "Active" && controlPlane !== true)
				.flatMap((place) => objectsAt(place, "instances"))
				.filter(({ name, state }) => state !== undefined && world.proxies.isCutOff(String(name)))
				.map(
					({ name }) =>
						`PrismNamespace/${metadata.namespace}/${metadata.name} says Ready, and ${String(name)} is out of reach`,
				),
		);

/** Objects that wait for something, although all is well and nothing happens any more. */
export const waitingInVain = (
	objects: readonly KubeObject[],
	pods: readonly KubeObject[],
	workloads: readonly KubeObject[],
	mayStay: ReadonlySet<string> = new Set(),
): string[] =>
	objects.flatMap((object) => {
		const ready = conditionsOf(object).find(({ type }) => type === "Ready");
		if (ready === undefined || !PASSING.has(String(ready["reason"])) || mayStay.has(String(ready["reason"]))) return [];
		const places = placesOf(object);
		const isThere = (each: KubeObject) => places.has(each.metadata.namespace);
		// So is that there are none, for somebody wants it so, or that they can't be created; whose pods they are says so itself.
		const isOwn = (each: KubeObject) => controllerOf(each)?.uid === object.metadata.uid;
		if (workloads.some((each) => isThere(each) && (wantsNone(each) || (lacksPods(each) && !isOwn(each))))) return [];
		// Somebody's pods that can't run are a reason to wait.
		const home = pods.filter(isThere);
		if (!home.every(saysReady)) return [];
		const { kind, metadata } = object;
		return [
			`${kind}/${metadata.namespace}/${metadata.name} waits in vain: ${String(ready["reason"])}, ${String(ready["message"])}`,
		];
	});

/** Kubernetes namespaces in which it may wait for something. */
const placesOf = ({ metadata, spec, status }: KubeObject): ReadonlySet<string | undefined> =>
	new Set([
		metadata.namespace,
		stringAt(spec, "proxyRef", "namespace"),
		stringAt(spec, "shard", "namespace"),
		...objectsAt(status, "placements").map((place) => stringAt(place, "namespace")),
	]);

const wantsNone = (object: KubeObject): boolean => numberAt(object, "spec", "replicas") === 0;

const lacksPods = (object: KubeObject): boolean =>
	(numberAt(object, "status", "replicas") ?? 0) < (numberAt(object, "spec", "replicas") ?? 1);

/** What no condition may hold: a reason that is in no list, or a secret. */
export const unspeakable = (object: KubeObject, reasons: ReadonlySet<string>, canary: string): string[] => {
	const name = `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`;
	const unknown = conditionsOf(object)
		.map(({ reason }) => String(reason))
		.filter((reason) => !reasons.has(reason))
		.map((reason) => `${name} gives reason ${reason}, which is not documented`);
	const { status } = object as { status?: unknown };
	const told =
		isRecord(status) && JSON.stringify(status).includes(canary) ? [`${name} tells a secret in its status`] : [];
	return [...unknown, ...told];
};
