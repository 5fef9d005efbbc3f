import { pino } from "pino";
import { startGarbageCollector } from "../../devcluster/controllers/garbage-collector.ts";
import { createInformers } from "../../devcluster/controllers/informer.ts";
import { startWorkloads } from "../../devcluster/controllers/workloads/index.ts";
import { createMemoryStore } from "../../devcluster/memory/memory.ts";
import type { LogLine } from "../../devcluster/metacontroller/index.ts";
import type { Dialect, Rpc } from "../../devcluster/proxy/faults.ts";
import type { Resource, Store } from "../../devcluster/store.ts";
import { KINDS, REGISTRY } from "../../hooks/index.ts";
import type { HookName, Row } from "../../kube/hook.ts";
import type { Installation } from "../../schemas/installation.ts";
import { type Admission, admittedBy } from "./admission.ts";
import { type Autoscaler, startAutoscaler } from "./autoscaler.ts";
import type { Chance } from "./chance.ts";
import { soundNetwork, type Write } from "./client.ts";
import { type Controller, createController } from "./controller.ts";
import { createHookService, type HookService } from "./hooks.ts";
import { createProxies, type Proxies, type SimulatedProxy } from "./proxies.ts";
import { createWorldTime, type WorldTime } from "./time.ts";

// All that there is: the API server's store, the controllers of Kubernetes, Metacontroller, the hooks and the proxies.

export interface World {
	readonly time: WorldTime;
	readonly chance: Chance;
	/** The API server, without a network in between. */
	readonly store: Store;
	readonly controller: Controller;
	readonly hooks: HookService;
	readonly proxies: Proxies;
	readonly admission: Admission;
	readonly autoscaler: Autoscaler;
	readonly installation: Installation;
	/** What went wrong in it on purpose, by how often. */
	readonly faults: Map<string, number>;
	/** Everything that anybody logged. */
	readonly log: string[];
	close(): void;
}

export interface Watchers {
	readonly onAnswer?: (world: World, row: Row, hook: HookName, request: unknown, answer: unknown) => void;
	readonly onWrite?: (world: World, write: Write) => void;
	readonly onWritten?: (world: World, write: Write) => void;
	readonly onCall?: (world: World, proxy: SimulatedProxy, rpc: Rpc, request: unknown) => void;
}

export interface WorldOptions extends Watchers {
	readonly chance: Chance;
	readonly rows?: readonly Row[];
	readonly installation?: Partial<Installation>;
	/** What control planes speak. */
	readonly controlPlanes?: Dialect;
	/** Whether anybody makes pods of workloads; everybody does unless it is said otherwise. */
	readonly runsPods?: boolean;
}

export const START = Date.parse("2026-01-01T00:00:00Z");

export const INSTALLATION: Installation = {
	imageRegistry: "ghcr.io/prism",
	imageTag: "v1.0.0",
	clusterId: "simulated",
	inlineCredentials: false,
	keda: false,
	serviceMonitors: false,
};

/** The namespaces that there are. */
export const NAMESPACES = ["team-a", "team-b"] as const;

export const createWorld = async (options: WorldOptions): Promise<World> => {
	const { chance, rows = REGISTRY, runsPods = true, onAnswer, onWrite, onWritten, onCall } = options;
	const installation = { ...INSTALLATION, ...options.installation };
	const time = createWorldTime(START, chance.branch("time"));
	const store = createMemoryStore({ clock: time, kinds: KINDS, history: 20_000 });
	for (const name of NAMESPACES) await store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
	const faults = new Map<string, number>();
	const onFault = (what: string) => void faults.set(what, (faults.get(what) ?? 0) + 1);
	const log: string[] = [];

	const informers = createInformers(store, time);
	const informerOf = async (apiVersion: string, kind: string) =>
		informers.get(await store.resourceOf(apiVersion, kind));
	const proxies = createProxies({
		clock: time,
		controlPlanes: options.controlPlanes,
		services: await informerOf("v1", "Service"),
		slices: await informerOf("discovery.k8s.io/v1", "EndpointSlice"),
		claims: await informerOf("v1", "PersistentVolumeClaim"),
		onCall: (proxy, rpc, request) => onCall?.(world, proxy, rpc, request),
	});
	const hooks = createHookService({
		rows,
		installation,
		time,
		proxies,
		chance: chance.branch("hooks"),
		log: pino({ level: "info", base: null, timestamp: false }, { write: (line: string) => void log.push(line) }),
		onAnswer: (row, hook, request, answer) => onAnswer?.(world, row, hook, request, answer),
		onFault,
	});
	const admission: Admission = { change: undefined, refuses: undefined };
	const controller = createController({
		store: admittedBy(store, admission),
		time,
		chance: chance.branch("controller"),
		network: soundNetwork(10),
		call: hooks.call,
		features: installation,
		log: ({ message }: LogLine) => void log.push(message),
		onWrite: (write) => onWrite?.(world, write),
		onWritten: (write) => onWritten?.(world, write),
		onFault,
	});
	const autoscaler = await startAutoscaler(store, time);
	const world: World = {
		time,
		chance,
		store,
		controller,
		hooks,
		proxies,
		admission,
		autoscaler,
		installation,
		faults,
		log,
		close: () => proxies.close(),
	};
	const resources = await servedResources(store);
	const standIns = { store, informers, clock: time, resources, runner: proxies.runner };
	if (runsPods) await startWorkloads(standIns);
	await startGarbageCollector(standIns);
	controller.start();
	return world;
};

const MADE_BY_STAND_INS = [
	["apps/v1", "ReplicaSet"],
	["v1", "Pod"],
	["discovery.k8s.io/v1", "EndpointSlice"],
] as const;

/** The resources of our kinds, of their children, and of what is made of those. */
export const servedResources = async (store: Store): Promise<Resource[]> => {
	const kinds = [
		...KINDS.map(({ group, version, kind }) => [`${group}/${version}`, kind] as const),
		...REGISTRY.flatMap(({ children }) => children.map(({ apiVersion, kind }) => [apiVersion, kind] as const)),
		...MADE_BY_STAND_INS,
	];
	const found = await Promise.all(
		kinds.map(([apiVersion, kind]) => store.resourceOf(apiVersion, kind).catch(() => undefined)),
	);
	const known = found.filter((resource) => resource !== undefined);
	return known.filter(({ resource }, index) => known.findIndex((other) => other.resource === resource) === index);
};
