import { numberAt, objectsAt } from "../../devcluster/json.ts";
import type { Rpc } from "../../devcluster/proxy/faults.ts";
import type { Resource } from "../../devcluster/store.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { isAnnotated } from "../../kube/boolean-annotations.ts";
import { type CompositeRow, isComposite } from "../../kube/hook.ts";
import { controllerOf, isSameJson, isWorkload, valueAt } from "../../kube/object.ts";
import { syncRequest } from "../../kube/offline.ts";
import { relatedObjects } from "../../kube/selectors.ts";
import { timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeResponse } from "../../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION, PAUSED_ANNOTATION, REASONS } from "../../schemas/vocabulary.ts";
import type { Write } from "./client.ts";
import type { Past } from "./past.ts";
import type { SimulatedProxy } from "./proxies.ts";
import { isCurrent, type Sight, saysReady, unspeakable, untruths } from "./truth.ts";
import type { World } from "./world.ts";

// What must hold at every moment, whatever goes wrong. Each law looks at what is written and called, when it is.

export const CANARY = "hunter2-canary";

/** How long ago something may have been true that is said now: caches are behind, lists are read every few seconds. */
export const LATELY_MS = 120_000;

const DOCUMENTED: ReadonlySet<string> = new Set(Object.keys(REASONS));

const OURS: ReadonlySet<string> = new Set(REGISTRY.map(({ parent }) => parent.kind));

export interface Laws {
	/** What was broken, each once. */
	readonly findings: ReadonlySet<string>;
	/** An object of ours, or a child, is as it is now. */
	changed(object: KubeObject | undefined): void;
	/** Metacontroller is about to write. */
	writing(write: Write): void;
	/** What is not so of what an object says now that nothing happens any more. */
	untrueAtRest(object: KubeObject): string[];
	/** Of an object that says to be Ready: children that are not as it wants them, or that go. */
	outdated(object: KubeObject): string[];
	/** Whether an owner of a record was deleted while this instance had been out of reach for so long that nobody waited for it. */
	wasGivenUp(owner: string, pod: string): boolean;
	/** A proxy is called. */
	calling(proxy: SimulatedProxy, rpc: Rpc, request: unknown): void;
}

interface Surroundings {
	readonly world: World;
	readonly past: Past;
	readonly resources: readonly Resource[];
}

export const createLaws = (surroundings: Surroundings): Laws => {
	const { world, past, resources } = surroundings;
	const findings = new Set<string>();
	const resourceOf = (kind: string) => resources.find((resource) => resource.kind === kind);
	const sightSince = (since: () => number): Sight => ({
		versions: (kind, namespace, name) => {
			const resource = resourceOf(kind);
			return resource === undefined ? [] : past.versionsSince(since(), resource, namespace, name);
		},
		digests: (home, pod, id) => world.proxies.digestsSince(since(), home, pod, id),
	});
	const sight = sightSince(() => world.time.monotonic() - LATELY_MS);
	const now = sightSince(() => world.time.monotonic());

	/** A workload was changed, and its controller has not observed that: its owner is not Ready with new pods, whatever its status says. */
	const unobserved = (object: KubeObject) => {
		const owner = controllerOf(object);
		const row = REGISTRY.find(({ parent }) => parent.kind === owner?.kind);
		const { namespace = "", name, generation = 0 } = object.metadata;
		if (owner === undefined || row === undefined || !isComposite(row)) return;
		if ((numberAt(object, "status", "observedGeneration") ?? 0) >= generation || isOfObservedPods(object)) return;
		const parent = now.versions(owner.kind, namespace, owner.name).at(-1);
		if (parent === undefined) return;
		const { status, children } = answerOf(surroundings, row, parent);
		const isSent = children.some(
			(child) => child.kind === object.kind && hashOf(child.metadata) === hashOf(object.metadata),
		);
		if (isSent && saysReady({ ...parent, status }))
			findings.add(
				`${owner.kind} ${owner.name} says Ready, and ${object.kind} ${name} has not begun with its new pods`,
			);
	};

	/** Whether the workload's controller has observed a generation with the same pods as the latest one. */
	const isOfObservedPods = ({ kind, metadata, spec, status }: KubeObject): boolean => {
		const resource = resourceOf(kind);
		const versions = resource ? past.versionsSince(-1, resource, metadata.namespace, metadata.name) : [];
		const seen = versions.find(
			(version) =>
				version?.metadata.uid === metadata.uid &&
				version?.metadata.generation === numberAt(status, "observedGeneration"),
		);
		return isSameJson(valueAt(seen?.["spec"], "template"), valueAt(spec, "template"));
	};

	const deleting = ({ kind, namespace = "", name }: Write) => {
		const child = sight.versions(kind, namespace, name).at(-1);
		const owner = child?.metadata.ownerReferences?.find(({ controller }) => controller);
		const row = REGISTRY.find(({ parent }) => parent.kind === owner?.kind);
		if (child === undefined || owner === undefined || row === undefined || !isComposite(row)) return;
		const parents = sight
			.versions(owner.kind, namespace, owner.name)
			.filter((parent) => parent?.metadata.uid === owner.uid)
			.filter((parent) => parent !== undefined);
		const wants = (parent: KubeObject) =>
			parent.metadata.deletionTimestamp === undefined && wantedBy(surroundings, row, parent, child);
		if (parents.length > 0 && parents.every(wants))
			findings.add(`${kind} ${name} is deleted, and ${owner.kind} ${owner.name} wants it`);
	};

	const revoking = ({ pod }: SimulatedProxy, request: { namespace: string; owner: string }) => {
		const [, namespace = "", name = ""] = request.owner.split("/");
		const keeps = (object: KubeObject | undefined) =>
			object !== undefined &&
			object.metadata.deletionTimestamp === undefined &&
			objectsAt(object, "status", "placements").some(
				(place) =>
					place["state"] === "Active" &&
					objectsAt(place, "instances").some((instance) => instance["name"] === pod.metadata.name),
			) &&
			!objectsAt(object, "status", "placements").some((place) => place["state"] === "Revoking");
		const versions = sight.versions("PrismNamespace", namespace, name);
		if (versions.every(keeps))
			findings.add(`namespace ${request.namespace} is revoked at ${pod.metadata.name}, and is to be there`);
	};

	return {
		findings,
		changed(object) {
			if (object !== undefined && isWorkload(object)) unobserved(object);
			if (object === undefined || !OURS.has(object.kind)) return;
			for (const finding of unspeakable(object, DOCUMENTED, CANARY)) findings.add(finding);
			for (const finding of untruths(object, sight)) findings.add(finding);
		},
		untrueAtRest: (object) => untruths(object, now),
		outdated(object) {
			const row = REGISTRY.find(({ parent }) => parent.kind === object.kind);
			const { namespace = "", deletionTimestamp } = object.metadata;
			if (row === undefined || !isComposite(row) || deletionTimestamp !== undefined) return [];
			if (!saysReady(object) || !isCurrent(object) || isAnnotated(object, PAUSED_ANNOTATION)) return [];
			return desiredBy(surroundings, row, object).flatMap(({ kind, metadata }) => {
				const child = now.versions(kind, namespace, metadata.name).at(-1);
				const what =
					child === undefined
						? "is not there"
						: child.metadata.deletionTimestamp !== undefined
							? "goes"
							: hashOf(child.metadata) === hashOf(metadata)
								? undefined
								: "is outdated";
				return what === undefined
					? []
					: [`${object.kind}/${namespace}/${object.metadata.name} says Ready, and ${kind} ${metadata.name} ${what}`];
			});
		},
		wasGivenUp(owner, pod) {
			const [, namespace = "", name = ""] = owner.split("/");
			const resource = resourceOf("PrismNamespace");
			const versions = resource === undefined ? [] : past.versionsSince(-1, resource, namespace, name);
			// The last ones that there were before the object, or one of its predecessors, was gone.
			return versions
				.filter(
					(version, index) => version !== undefined && index + 1 < versions.length && versions[index + 1] === undefined,
				)
				.some((version) =>
					objectsAt(version, "status", "placements").some(
						(place) =>
							place["unreachableSince"] !== undefined &&
							objectsAt(place, "instances").some((instance) => instance["name"] === pod),
					),
				);
		},
		writing(write) {
			if (write.verb === "delete") deleting(write);
		},
		calling(proxy, rpc, request) {
			if (rpc === "ControlPlane.RevokeNamespace") revoking(proxy, request as { namespace: string; owner: string });
		},
	};
};

const hashOf = ({ annotations }: KubeObject["metadata"]) => annotations?.[DESIRED_HASH_ANNOTATION];

/** Whether the hook, told how things are now, would have the child. */
const wantedBy = (surroundings: Surroundings, row: CompositeRow, parent: KubeObject, child: KubeObject): boolean =>
	desiredBy(surroundings, row, parent).some(
		({ kind, metadata }) => kind === child.kind && metadata.name === child.metadata.name,
	);

/** The children that the hook, told how things are now, would have. */
const desiredBy = (...given: Parameters<typeof answerOf>): readonly KubeObject[] => answerOf(...given).children;

const answerOf = (
	{ world, past, resources }: Surroundings,
	row: CompositeRow,
	parent: KubeObject,
): CompositeResponse => {
	const now = world.time.monotonic();
	const all = resources.flatMap((resource) => past.listAt(now, resource).items);
	const observed = all.filter(({ metadata }) =>
		metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === parent.metadata.uid),
	);
	const rules = row.customize?.({ controller: {}, parent }).relatedResources ?? [];
	const related = relatedObjects(rules, all, resources);
	const context = { now: timestampOf(world.time.now()), installation: world.installation };
	return row.sync(syncRequest(parent, row.children, observed, related), context);
};
