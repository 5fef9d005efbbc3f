import { REGISTRY } from "../../hooks/index.ts";
import { type CompositeRow, isComposite } from "../../kube/hook.ts";
import { syncRequest } from "../../kube/offline.ts";
import { relatedObjects } from "../../kube/selectors.ts";
import { timestampOf } from "../../kube/time.ts";
import { objectsAt } from "../../local/json.ts";
import type { Rpc } from "../../local/proxy/faults.ts";
import type { Resource } from "../../local/store.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { REASONS } from "../../schemas/vocabulary.ts";
import type { Write } from "./client.ts";
import type { Past } from "./past.ts";
import type { SimulatedProxy } from "./proxies.ts";
import { type Sight, unspeakable, untruths } from "./truth.ts";
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
			if (object === undefined || !OURS.has(object.kind)) return;
			for (const finding of unspeakable(object, DOCUMENTED, CANARY)) findings.add(finding);
			for (const finding of untruths(object, sight)) findings.add(finding);
		},
		untrueAtRest: (object) => untruths(object, now),
		writing(write) {
			if (write.verb === "delete") deleting(write);
		},
		calling(proxy, rpc, request) {
			if (rpc === "ControlPlane.RevokeNamespace") revoking(proxy, request as { namespace: string; owner: string });
		},
	};
};

/** Whether the hook, told how things are now, would have the child. */
const wantedBy = (
	{ world, past, resources }: Surroundings,
	row: CompositeRow,
	parent: KubeObject,
	child: KubeObject,
): boolean => {
	const now = world.time.monotonic();
	const all = resources.flatMap((resource) => past.listAt(now, resource).items);
	const observed = all.filter(({ metadata }) =>
		metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === parent.metadata.uid),
	);
	const rules = row.customize?.({ controller: {}, parent }).relatedResources ?? [];
	const related = relatedObjects(rules, all, resources);
	const context = { now: timestampOf(world.time.now()), installation: world.installation };
	const { children } = row.sync(syncRequest(parent, row.children, observed, related), context);
	return children.some(({ kind, metadata }) => kind === child.kind && metadata.name === child.metadata.name);
};
