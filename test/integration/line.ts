import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { pino } from "pino";
import { expect } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { controllerObject } from "../../kube/controllers.ts";
import type { Features } from "../../kube/hook.ts";
import { type Cluster, type ClusterName, pictureOf, type StandInOptions, startCluster } from "../../local/cluster.ts";
import { startController } from "../../local/controller.ts";
import type { Resource } from "../../local/store.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/server.ts";
import { testBinaries } from "../cluster.ts";
import { ensureNamespaces, eventually, installKinds } from "./installed.ts";

// The whole line for a test: a cluster, the hooks behind HTTP, and the stand-in for Metacontroller or the real one.

/** Seconds between two syncs of an object to which nothing happened: short, so that quiet can be waited for. */
export const RESYNC_SECONDS = 2;

export interface LineOptions extends StandInOptions {
	readonly name: Extract<ClusterName, "memory" | "local">;
	/** Path of the real Metacontroller; "": the stand-in. */
	readonly metacontroller: string;
	/** What the installation has beyond the ordinary; the kinds that it needs are applied first. */
	readonly features?: Features;
	/** Whether the server shows its dashboard. */
	readonly dashboard?: boolean;
	/** Definitions of kinds that are not ours. */
	readonly definitions?: readonly KubeObject[];
	/** Seconds between two syncs of an object to which nothing happened; many objects need more, or are nothing but busy. */
	readonly resyncSeconds?: number;
}

/** Path of the real Metacontroller, where there is one. */
const METACONTROLLER = process.env["METACONTROLLER"] ?? "";

/** What every test of the line is run on. */
export const LINES: readonly (Pick<LineOptions, "name" | "metacontroller"> & { readonly line: string })[] = [
	{ line: "memory, stand-in", name: "memory", metacontroller: "" },
	{ line: "kube-apiserver, stand-in", name: "local", metacontroller: "" },
	...(METACONTROLLER === ""
		? []
		: [{ line: "kube-apiserver, real Metacontroller", name: "local" as const, metacontroller: METACONTROLLER }]),
];

export type Spec = Record<string, unknown>;

export interface Line {
	readonly cluster: Cluster;
	/** "" without a dashboard. */
	readonly dashboardUrl: string;
	/** Calls of hooks so far. */
	calls(): number;
	/** The resource of one of our kinds, of Deployment, or of a core kind. */
	resource(kind: string): Promise<Resource>;
	/** Throws when the object is not there. */
	get(kind: string, name: string, namespace?: string): Promise<KubeObject>;
	/** Server-side apply without the status, into namespace default unless the object says otherwise. */
	apply(object: KubeObject): Promise<KubeObject>;
	/** Changes an object's spec, from what it is now: again when somebody wrote it in between. */
	edit(kind: string, name: string, change: (spec: Spec) => Spec, namespace?: string): Promise<KubeObject>;
	untilReady(kind: string, name: string, namespace?: string): Promise<KubeObject>;
	/** resourceVersion of everything that the given objects own, and of themselves. */
	versions(roots: readonly KubeObject[]): Promise<Record<string, string>>;
	/** Requests so far that would change an object of a kind that a hook answers for; memory counts none. */
	writes(): Promise<number>;
	stop(): Promise<void>;
}

const API_VERSIONS: Readonly<Record<string, string>> = {
	PrismStack: "prism.io/v1alpha1",
	PatternRunner: "prism.io/v1alpha1",
	BackendConfig: "prism.io/v1alpha1",
	PrismNamespace: "prism.io/v1alpha1",
	PrismRoster: "prism.io/v1alpha1",
	PrismShard: "prism.io/v1alpha1",
	PrismPlugin: "prism.io/v1alpha1",
	Deployment: "apps/v1",
	StatefulSet: "apps/v1",
	HorizontalPodAutoscaler: "autoscaling/v2",
	ScaledObject: "keda.sh/v1alpha1",
};

export const startLine = async ({
	name,
	metacontroller,
	features = {},
	dashboard = false,
	definitions = [],
	resyncSeconds = RESYNC_SECONDS,
	...standIns
}: LineOptions): Promise<Line> => {
	if (name === "local") await testBinaries();
	const cluster = await startCluster({ name, environment: process.env, log: () => {}, confirm: async () => false });
	for (const definition of definitions) await cluster.store.apply(definition, { fieldManager: "test" });
	await installKinds(cluster.store);
	await cluster.startStandIns(standIns);
	let calls = 0;
	const count = {
		write: () => {
			calls += 1;
		},
	};
	const config = readConfig({});
	const installation = { ...config.installation, ...features };
	const shown = dashboard ? { port: 0, callsPerObject: 20, bytes: 32 * 1024 * 1024 } : undefined;
	const server = await startServer({ ...config, installation, port: 0, dashboard: shown }, REGISTRY, {
		log: pino({ level: "info" }, count),
		resolve: (address) => cluster.proxies?.resolve(address),
	});
	const controller = await startController({
		cluster,
		controllers: REGISTRY.map((row) => {
			const object = controllerObject(row, { origin: server.url, features });
			return { ...object, spec: { ...(object["spec"] as object), resyncPeriodSeconds: resyncSeconds } };
		}),
		environment: { METACONTROLLER: metacontroller },
		log: () => {},
	});

	const resource = (kind: string) => cluster.store.resourceOf(API_VERSIONS[kind] ?? "v1", kind);
	const get: Line["get"] = async (kind, objectName, namespace = "default") => {
		const found = await cluster.store.get(await resource(kind), namespace, objectName);
		if (found === undefined) throw new Error(`${kind} ${namespace}/${objectName} is not there`);
		return found;
	};

	return {
		cluster,
		dashboardUrl: server.dashboardUrl ?? "",
		calls: () => calls,
		resource,
		get,
		async apply({ status: _status, ...object }) {
			const namespace = object.metadata.namespace ?? "default";
			await ensureNamespaces(cluster.store, [namespace]);
			const placed = { ...object, metadata: { ...object.metadata, namespace } };
			return cluster.store.apply(placed, { fieldManager: "test" });
		},
		edit: (kind, objectName, change, namespace) =>
			eventually(async () => {
				const object = await get(kind, objectName, namespace);
				return cluster.store.update({ ...object, spec: change(object["spec"] as Spec) });
			}),
		untilReady: (kind, objectName, namespace) =>
			eventually(async () => {
				const object = await get(kind, objectName, namespace);
				const ready = conditionOf(object, "Ready");
				expect(`${ready?.status} ${ready?.message}`).toMatch(/^True/);
				expect(ready?.observedGeneration).toBe(object.metadata.generation);
				return object;
			}, 60),
		async versions(roots) {
			const picture = await pictureOf(cluster, roots);
			const below = (object: KubeObject): KubeObject[] => [object, ...picture.owned(object).flatMap(below)];
			const all = picture.roots().flatMap(below);
			return Object.fromEntries(
				all.map(({ kind, metadata }) => [
					`${kind} ${metadata.namespace}/${metadata.name}`,
					metadata.resourceVersion ?? "",
				]),
			);
		},
		writes: () => (cluster.kubeconfig === undefined ? Promise.resolve(0) : writesOf(cluster.kubeconfig)),
		async stop() {
			await controller.stop();
			await server.close();
			await cluster.stop();
		},
	};
};

/** From the API server's own metrics, which count a write also when it changed nothing. */
const writesOf = async (kubeconfig: string): Promise<number> => {
	const { kubectl } = await testBinaries();
	const args = ["--kubeconfig", kubeconfig, "get", "--raw", "/metrics"];
	const { stdout } = await promisify(execFile)(kubectl, args, { maxBuffer: 64 * 1024 * 1024 });
	const resources = REGISTRY.flatMap(({ parent, children }) => [
		parent.plural,
		...children.map(({ resource }) => resource),
	]);
	const counted = stdout.split("\n").filter((text) => {
		const [, resource = ""] = /^apiserver_request_total\{.*resource="([^"]*)"/.exec(text) ?? [];
		return resources.includes(resource) && /verb="(POST|PUT|PATCH|APPLY|DELETE)"/.test(text);
	});
	return counted.map((text) => Number(text.split(" ").at(-1))).reduce((sum, value) => sum + value, 0);
};
