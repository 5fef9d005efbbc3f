import { expect } from "vitest";
import { createInformers, type Informers } from "../../devcluster/controllers/informer.ts";
import { startWorkloads, type Workloads } from "../../devcluster/controllers/workloads/index.ts";
import type { PodRunner } from "../../devcluster/kubelet/runner.ts";
import { createMemoryStore } from "../../devcluster/memory/memory.ts";
import type { Store } from "../../devcluster/store.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { createManualClock, type ManualClock } from "../clock.ts";

// A cluster in memory whose time the test owns, and the workloads that the tests put into it.

export interface Simulation {
	readonly store: Store;
	readonly clock: ManualClock;
	readonly informers: Informers;
	readonly log: string[];
	/** Creates an object, and lets happen what needs no time. */
	create(object: KubeObject): Promise<void>;
	/** Changes the spec of an object. */
	change(object: KubeObject, spec: Record<string, unknown>): Promise<void>;
	remove(object: KubeObject): Promise<void>;
	find(kind: Kind, name: string): Promise<KubeObject | undefined>;
	get(kind: Kind, name: string): Promise<KubeObject>;
	list(kind: Kind): Promise<KubeObject[]>;
	/** The version of the store: it moves with every write. */
	version(): Promise<string>;
	stop(): Promise<void>;
}

const API_VERSIONS = {
	Pod: "v1",
	Service: "v1",
	PersistentVolumeClaim: "v1",
	Node: "v1",
	Deployment: "apps/v1",
	ReplicaSet: "apps/v1",
	StatefulSet: "apps/v1",
	EndpointSlice: "discovery.k8s.io/v1",
} as const;

export type Kind = keyof typeof API_VERSIONS;

export const simulate = async (runner?: PodRunner): Promise<Simulation> => {
	const clock = createManualClock();
	const store = createMemoryStore({ clock, kinds: [] });
	const informers = createInformers(store, clock);
	const log: string[] = [];
	const workloads: Workloads = await startWorkloads({
		store,
		informers,
		clock,
		runner,
		log: (line) => void log.push(line),
	});
	const list = async (kind: Kind) => (await store.list(await store.resourceOf(API_VERSIONS[kind], kind))).items;
	const find = async (kind: Kind, name: string) => (await list(kind)).find(({ metadata }) => metadata.name === name);
	return {
		store,
		clock,
		informers,
		log,
		async create(object) {
			await store.create(object);
			await clock.settle();
		},
		async change({ kind, apiVersion, metadata }, spec) {
			const live = await store.get(await store.resourceOf(apiVersion, kind), metadata.namespace, metadata.name);
			if (!live) throw new Error(`there is no ${metadata.name}`);
			await store.update({ ...live, spec: { ...Object(live["spec"]), ...spec } });
			await clock.settle();
		},
		async remove({ kind, apiVersion, metadata }) {
			await store.delete(await store.resourceOf(apiVersion, kind), metadata.namespace, metadata.name);
			await clock.settle();
		},
		list,
		find,
		async get(kind, name) {
			const found = await find(kind, name);
			if (!found) throw new Error(`there is no ${kind} ${name}`);
			return found;
		},
		version: async () => (await store.list(await store.resourceOf("v1", "Pod"))).resourceVersion,
		async stop() {
			await workloads.stop();
			informers.stop();
			await store.close();
		},
	};
};

/** What a status has to say under `conditions`, among others. */
export const conditions = (...wanted: [type: string, status: string, reason: string][]): unknown =>
	expect.arrayContaining(wanted.map(([type, status, reason]) => expect.objectContaining({ type, status, reason })));

export const podTemplate = (image = "app:1", annotations?: Record<string, string>) => ({
	metadata: { labels: { app: "demo" }, ...(annotations && { annotations }) },
	spec: { containers: [{ name: "app", image, ports: [{ name: "http", containerPort: 8080 }] }] },
});

export const deployment = (spec: Record<string, unknown> = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "demo", namespace: "default" },
	spec: { replicas: 1, selector: { matchLabels: { app: "demo" } }, template: podTemplate(), ...spec },
});

export const statefulSet = (spec: Record<string, unknown> = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "StatefulSet",
	metadata: { name: "demo", namespace: "default" },
	spec: {
		replicas: 3,
		serviceName: "demo",
		selector: { matchLabels: { app: "demo" } },
		template: podTemplate(),
		...spec,
	},
});

export const claimTemplate = {
	metadata: { name: "data" },
	spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

export const service = (spec: Record<string, unknown> = {}): KubeObject => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: { name: "demo", namespace: "default" },
	spec: { selector: { app: "demo" }, ports: [{ name: "http", port: 80, targetPort: "http" }], ...spec },
});
