import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KINDS, REGISTRY } from "../hooks/index.ts";
import type { ChildKind } from "../kube/hook.ts";
import type { KubeObject } from "../schemas/common.ts";
import { startControlPlane } from "./control-plane.ts";
import { type Binaries, findControlPlane } from "./control-plane-binaries.ts";
import { startGarbageCollector } from "./garbage-collector.ts";
import { createInformers, type Informer, type Informers } from "./informer.ts";
import { currentContext, fromKubeconfig } from "./kubeconfig.ts";
import { createMemoryStore } from "./memory.ts";
import { startNamespaces } from "./namespaces.ts";
import { createProbePods } from "./probe-pods.ts";
import { createFleet, type Fleet } from "./proxy/fleet.ts";
import { createProxyPods } from "./proxy/pods.ts";
import { ApiError, type Clock, type Resource, type Store, systemClock } from "./store.ts";
import { startWorkloads } from "./workloads/index.ts";
import { firstOf } from "./workloads/kubelet.ts";

// A cluster for a developer's machine: memory, a local API server, or the user's own. The first two have nobody who
// runs pods or collects garbage, so stand-ins do; the third has.

export type ClusterName = "memory" | "local" | "current";

export interface Cluster {
	readonly name: ClusterName;
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	/** Path for kubectl and others; undefined when only this process can reach the cluster, or none was named. */
	readonly kubeconfig: string | undefined;
	/** The emulated proxies in the cluster's pods, and how to reach them; undefined where pods really run. */
	readonly proxies: Fleet | undefined;
	/** Starts the stand-ins for what a cluster does by itself; to be called once our own kinds are installed. */
	startStandIns(options?: StandInOptions): Promise<void>;
	stop(): Promise<void>;
}

export interface StandInOptions {
	/** Program and first arguments with which backend probes are really run; without it they only look as if they ran. */
	readonly probeCommand?: readonly string[];
	readonly log?: (message: string) => void;
}

export interface ClusterOptions {
	readonly name: ClusterName | "auto";
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly log: (message: string) => void;
	readonly confirm: (question: string) => Promise<boolean>;
	/** Where a local API server writes who asked what of it, one JSON object a line. */
	readonly auditLog?: string;
}

export const startCluster = async (options: ClusterOptions): Promise<Cluster> => {
	const { name, environment, log } = options;
	if (name === "current") return currentCluster(options);
	const binaries = name === "memory" ? undefined : await findControlPlane(environment);
	if (binaries !== undefined) return localCluster(binaries, options);
	if (name === "local")
		throw new Error(
			"no kube-apiserver and etcd in KUBEBUILDER_ASSETS, PATH or the cache: `make control-plane` builds them",
		);
	log(
		name === "memory"
			? "the cluster lives in memory"
			: "the cluster lives in memory, for no kube-apiserver was found: `make control-plane` builds a real one, once",
	);
	return withStandIns("memory", createMemoryStore({ clock: systemClock, kinds: KINDS }), {
		kubeconfig: undefined,
		stop: async () => {},
	});
};

const localCluster = async (binaries: Binaries, { log, auditLog }: ClusterOptions): Promise<Cluster> => {
	const dir = await mkdtemp(join(tmpdir(), "prism-operator-"));
	const controlPlane = await startControlPlane({ dir, binaries, log, ...(auditLog !== undefined && { auditLog }) });
	return withStandIns("local", controlPlane.store, controlPlane);
};

const currentCluster = async ({ environment, confirm }: ClusterOptions): Promise<Cluster> => {
	const context = await currentContext();
	if (
		!(await confirm(
			`install CRDs, run the hooks and apply the sample in the cluster of your kubectl context "${context}"?`,
		))
	)
		throw new Error(`the cluster of context "${context}" was not touched: answer y, or give --yes`);
	const store = await fromKubeconfig();
	const informers = createInformers(store, systemClock);
	return {
		name: "current",
		store,
		informers,
		clock: systemClock,
		kubeconfig: environment["KUBECONFIG"],
		proxies: undefined,
		startStandIns: async () => {},
		async stop() {
			informers.stop();
			await store.close();
		},
	};
};

const withStandIns = async (
	name: "memory" | "local",
	store: Store,
	below: { readonly kubeconfig: string | undefined; stop(): Promise<void> },
): Promise<Cluster> => {
	const clock = systemClock;
	const informers = createInformers(store, clock);
	const running: { stop(): Promise<void> }[] = [];
	const dir = await mkdtemp(join(tmpdir(), "prism-proxies-"));
	const informerOf = async (apiVersion: string, kind: string) =>
		informers.get(await store.resourceOf(apiVersion, kind));
	const pods = createProxyPods({
		fleet: createFleet({ dir, clock }),
		clock,
		services: await informerOf("v1", "Service"),
		slices: await informerOf("discovery.k8s.io/v1", "EndpointSlice"),
		claims: await informerOf("v1", "PersistentVolumeClaim"),
	});
	return {
		name,
		store,
		informers,
		clock,
		kubeconfig: below.kubeconfig,
		proxies: pods.fleet,
		async startStandIns({ probeCommand, log = () => {} }: StandInOptions = {}) {
			const resources = await served(store, [...ownKinds(), ...MADE_BY_STAND_INS]);
			const probes = probeCommand && createProbePods({ store, clock, command: probeCommand, log });
			const options = { store, informers, clock, resources, runner: firstOf(probes, pods.runner(log)) };
			running.push(await startWorkloads(options));
			running.push(await startGarbageCollector(options));
			running.push(await startNamespaces(options));
		},
		async stop() {
			for (const standIn of running.toReversed()) await standIn.stop();
			await pods.fleet.close();
			await rm(dir, { recursive: true, force: true });
			informers.stop();
			await below.stop();
		},
	};
};

// ── What is looked at ───────────────────────────────────────────────────────────────────────────────────────────────

/** Kinds that only the stand-ins make. */
const MADE_BY_STAND_INS: readonly Kind[] = [
	{ apiVersion: "apps/v1", kind: "ReplicaSet" },
	{ apiVersion: "v1", kind: "Pod" },
	{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" },
];

type Kind = Pick<ChildKind, "apiVersion" | "kind">;

/** Our kinds and those of their children. */
const ownKinds = (): Kind[] => [
	...KINDS.map(({ group, version, kind }) => ({ apiVersion: `${group}/${version}`, kind })),
	...REGISTRY.flatMap(({ children }) => children),
];

/** The resources of these kinds that the cluster has, each once. */
const served = async (store: Store, kinds: readonly Kind[]): Promise<Resource[]> => {
	const found = await Promise.all(kinds.map((kind) => resourceIfServed(store, kind)));
	return found
		.filter((resource) => resource !== undefined)
		.filter(({ resource }, index, all) => all.findIndex((other) => other.resource === resource) === index);
};

/** Optional kinds, such as ServiceMonitor, are not in every cluster. */
const resourceIfServed = async (store: Store, { apiVersion, kind }: Kind) => {
	try {
		return await store.resourceOf(apiVersion, kind);
	} catch (error) {
		if (error instanceof ApiError && error.status === 404) return undefined;
		throw error;
	}
};

/** Our objects and their children by who owns whom, kept up to date; what the stand-ins make is left out. */
export interface Picture {
	/** Those of the given objects that are there, as they are now. */
	roots(): KubeObject[];
	owned(owner: KubeObject): KubeObject[];
}

export const pictureOf = async ({ store, informers }: Cluster, roots: readonly KubeObject[]): Promise<Picture> => {
	const resources = await served(store, ownKinds());
	const caches: Informer[] = await Promise.all(resources.map((resource) => informers.get(resource)));
	const cacheOf = ({ apiVersion, kind }: KubeObject) =>
		caches.find(({ resource }) => resource.apiVersion === apiVersion && resource.kind === kind);
	return {
		roots: () =>
			roots
				.map((root) => cacheOf(root)?.get(root.metadata.namespace, root.metadata.name))
				.filter((object) => object !== undefined),
		owned: ({ metadata: { uid } }) => (uid === undefined ? [] : caches.flatMap((cache) => cache.byOwner(uid))),
	};
};
