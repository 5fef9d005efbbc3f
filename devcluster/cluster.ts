import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KINDS, REGISTRY } from "../hooks/index.ts";
import type { ChildKind } from "../kube/hook.ts";
import type { Clock } from "../kube/time.ts";
import type { KubeObject } from "../schemas/common.ts";
import { currentContext, fromKubeconfig } from "./api/kubeconfig.ts";
import { type Binaries, findControlPlane } from "./control-plane/binaries.ts";
import { type FeatureGates, startControlPlane } from "./control-plane/control-plane.ts";
import { startGarbageCollector } from "./controllers/garbage-collector.ts";
import { createInformers, type Informer, type Informers } from "./controllers/informer.ts";
import { startNamespaces } from "./controllers/namespaces.ts";
import { startProvisioner } from "./controllers/provisioner.ts";
import { startWorkloads } from "./controllers/workloads/index.ts";
import { startNodes } from "./kubelet/index.ts";
import { createProbePods } from "./kubelet/probe-pods.ts";
import { firstOf, type PodRunner } from "./kubelet/runner.ts";
import { createMemoryStore } from "./memory/memory.ts";
import { DIALECTS, type Dialect, USUAL_DIALECT } from "./proxy/faults.ts";
import { createFleet, type Fleet } from "./proxy/fleet.ts";
import { createProxyPods } from "./proxy/pods.ts";
import { ApiError, type Resource, type Store } from "./store.ts";

// A cluster for a developer's machine: memory, a local control plane, or the user's own. Memory has stand-ins for all
// controllers; the local one has the real controllers, and stand-ins only for nodes and for storage.

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
	/** Starts controllers and nodes, real or not; to be called once all CRDs are installed. */
	startControllers(options?: ControllersOptions): Promise<void>;
	stop(): Promise<void>;
}

export interface ControllersOptions {
	/** Program and first arguments with which backend probes are really run; without it they only look as if they ran. */
	readonly probeCommand?: readonly string[];
	/** How many nodes a local cluster has. */
	readonly nodes?: number;
	/** Feature gates of a local cluster's kube-controller-manager that are not as by default. */
	readonly featureGates?: FeatureGates;
	readonly log?: (message: string) => void;
}

export interface ClusterOptions {
	readonly name: ClusterName | "auto";
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly log: (message: string) => void;
	readonly confirm: (question: string) => Promise<boolean>;
	/** Where a local API server writes who asked what of it, one JSON object a line. */
	readonly auditLog?: string;
	/** The local controllers listen where `kubectl get componentstatuses` looks for them: for one cluster of a machine. */
	readonly wellKnownPorts?: boolean;
	readonly clock: Clock;
	/** What the emulated control planes speak; ADMIN_DIALECT of the environment unless given, and else their usual dialect. */
	readonly adminDialect?: Dialect | undefined;
}

type Chosen = ClusterOptions & { readonly adminDialect: Dialect };

const dialectNamed = (name: string): Dialect => {
	const found = DIALECTS.find((dialect) => dialect === name);
	if (found === undefined) throw new Error(`cannot use ADMIN_DIALECT=${name}: allowed are ${DIALECTS.join(", ")}`);
	return found;
};

const adminDialectOf = ({ adminDialect, environment }: ClusterOptions): Dialect =>
	adminDialect ?? dialectNamed(environment["ADMIN_DIALECT"] || USUAL_DIALECT.controlPlane);

export const startCluster = async (given: ClusterOptions): Promise<Cluster> => {
	// A dialect that is not known is found before anything runs.
	const options = { ...given, adminDialect: adminDialectOf(given) };
	const { name, environment, log } = options;
	if (name === "current") return currentCluster(options);
	const binaries = name === "memory" ? undefined : await findControlPlane(environment);
	if (binaries !== undefined) return localCluster(binaries, options);
	if (name === "local")
		throw new Error(
			"cannot start a local cluster: no complete control plane in KUBEBUILDER_ASSETS, PATH and the cache; `make control-plane` installs one",
		);
	log(
		name === "memory"
			? "the cluster is in memory"
			: "the cluster is in memory, because no complete control plane was found: `make control-plane` installs one",
	);
	return ownCluster("memory", createMemoryStore({ clock: options.clock, kinds: KINDS }), options, {
		kubeconfig: undefined,
		start: startStandIns,
		stop: async () => {},
	});
};

const localCluster = async (binaries: Binaries, options: Chosen): Promise<Cluster> => {
	const { log, auditLog, wellKnownPorts = false } = options;
	const dir = await mkdtemp(join(tmpdir(), "prism-operator-"));
	const audited = auditLog === undefined ? {} : { auditLog };
	const controlPlane = await startControlPlane({ dir, binaries, log, wellKnownPorts, ...audited });
	const { kubeconfig, certificate, store } = controlPlane;
	return ownCluster("local", store, options, {
		kubeconfig,
		async start({ nodes = NODES, featureGates, ...machinery }) {
			const [provisioner, fleetOfNodes] = await Promise.all([
				startProvisioner(machinery),
				startNodes({ ...machinery, nodes, certificate }),
				controlPlane.startControllers(featureGates),
			]);
			return [provisioner, fleetOfNodes];
		},
		stop: () => controlPlane.stop(),
	});
};

/** As many as the samples need: five proxies that keep apart, and one more for a rollout. */
const NODES = 9;

const currentCluster = async ({ environment, confirm, clock }: ClusterOptions): Promise<Cluster> => {
	const context = await currentContext();
	if (
		!(await confirm(
			`install CRDs, run the webhook server and apply the sample in the cluster of your kubectl context "${context}"?`,
		))
	)
		throw new Error(`the cluster of context "${context}" was not changed: answer y, or set --yes`);
	const store = await fromKubeconfig();
	const informers = createInformers(store, clock);
	return {
		name: "current",
		store,
		informers,
		clock,
		kubeconfig: environment["KUBECONFIG"],
		proxies: undefined,
		startControllers: async () => {},
		async stop() {
			informers.stop();
			await store.close();
		},
	};
};

interface Machinery {
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	readonly runner: PodRunner;
	readonly nodes?: number;
	readonly featureGates?: FeatureGates;
	readonly log: (message: string) => void;
}

interface Running {
	stop(): Promise<void>;
}

/** What differs between the clusters that live and die with this process. */
interface Below {
	readonly kubeconfig: string | undefined;
	/** Starts whatever makes pods of workloads, and runs them. */
	start(machinery: Machinery): Promise<readonly Running[]>;
	stop(): Promise<void>;
}

const startStandIns = async (machinery: Machinery): Promise<readonly Running[]> => {
	const { store } = machinery;
	const resources = await served(store, [...ownKinds(), ...MADE_BY_CONTROLLERS]);
	const options = { ...machinery, resources };
	return [await startWorkloads(options), await startGarbageCollector(options), await startNamespaces(options)];
};

const ownCluster = async (name: "memory" | "local", store: Store, options: Chosen, below: Below): Promise<Cluster> => {
	const { clock, adminDialect } = options;
	const informers = createInformers(store, clock);
	const running: Running[] = [];
	const dir = await mkdtemp(join(tmpdir(), "prism-proxies-"));
	const informerOf = async (apiVersion: string, kind: string) =>
		informers.get(await store.resourceOf(apiVersion, kind));
	const pods = createProxyPods({
		fleet: createFleet({ dir, clock }),
		clock,
		controlPlanes: adminDialect,
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
		async startControllers({ probeCommand, log = () => {}, ...machinery }: ControllersOptions = {}) {
			const probes = probeCommand && createProbePods({ store, clock, command: probeCommand, log });
			const runner = firstOf(probes, pods.runner(log));
			running.push(...(await below.start({ store, informers, clock, runner, log, ...machinery })));
		},
		async stop() {
			for (const part of running.toReversed()) await part.stop();
			await pods.fleet.close();
			await rm(dir, { recursive: true, force: true });
			informers.stop();
			await below.stop();
		},
	};
};

// ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Kinds that only controllers make. */
const MADE_BY_CONTROLLERS: readonly Kind[] = [
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

/** Everything that shows why something in these namespaces is not ready, as it is now: never Secrets. */
export const snapshotOf = async ({ store }: Cluster, namespaces: readonly string[]): Promise<KubeObject[]> => {
	const kinds = [...ownKinds(), ...MADE_BY_CONTROLLERS, { apiVersion: "v1", kind: "Event" }];
	const resources = await served(
		store,
		kinds.filter(({ kind }) => kind !== "Secret"),
	);
	const lists = resources.flatMap((resource) =>
		namespaces.map(async (namespace) => {
			const { items } = await store.list(resource, namespace);
			return items.map((item) => ({ ...item, apiVersion: resource.apiVersion, kind: resource.kind }));
		}),
	);
	return (await Promise.all(lists)).flat();
};

/** Our objects and their children by who owns whom, kept up to date; what controllers make is left out. */
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
