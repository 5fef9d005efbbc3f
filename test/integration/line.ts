import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { expect } from "vitest";
import {
	type Cluster,
	type ClusterName,
	type ControllersOptions,
	pictureOf,
	startCluster,
} from "../../devcluster/cluster.ts";
import { startController } from "../../devcluster/metacontroller/start.ts";
import type { Dialect } from "../../devcluster/proxy/faults.ts";
import { ApiError, type Resource } from "../../devcluster/store.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { controllerObject } from "../../kube/controllers.ts";
import type { Features } from "../../kube/hook.ts";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/server.ts";
import { systemTime } from "../../server/time.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { startService } from "../charts/replicas.ts";
import { testBinaries } from "../cluster.ts";
import { ensureNamespaces, eventually, installKinds } from "./installed.ts";

// The whole line for a test: a cluster, the hooks behind HTTP, and the stand-in for Metacontroller or the real one.

/** Seconds between two syncs of an object to which nothing happened: short, so that quiet can be waited for. */
export const RESYNC_SECONDS = 2;

export interface LineOptions extends ControllersOptions {
	readonly name: Extract<ClusterName, "memory" | "local">;
	/** Path of the real Metacontroller; "": the stand-in. */
	readonly metacontroller: string;
	/** What the installation has beyond the ordinary; the kinds that it needs are applied first. */
	readonly features?: Features;
	/** Other settings of the installation. */
	readonly environment?: Readonly<Record<string, string>>;
	/** Whether the server shows its dashboard. */
	readonly dashboard?: boolean;
	/** Definitions of kinds that are not ours. */
	readonly definitions?: readonly KubeObject[];
	/** Whether the admin API at an address can't be reached by the operator. */
	readonly isUnreachable?: (address: string) => boolean;
	/** Seconds between two syncs of an object to which nothing happened; many objects need more, or are nothing but busy. */
	readonly resyncSeconds?: number;
	/** What control planes speak in the place of their usual dialect. */
	readonly adminDialect?: Dialect;
	/** Copies of the webhook server, behind a Service. */
	readonly replicas?: number;
}

/** Path of the real Metacontroller: it takes the place of the stand-in wherever there is an API server. */
export const METACONTROLLER = process.env["METACONTROLLER"] ?? "";

/** Where nobody listens. */
const NOBODY = "127.0.0.1:9";

/** What every test of the line is run on. */
export const LINES: readonly (Pick<LineOptions, "name" | "metacontroller"> & { readonly line: string })[] = [
	{ line: "memory, stand-ins", name: "memory", metacontroller: "" },
	{
		line: `real control plane, ${METACONTROLLER === "" ? "stand-in" : "real Metacontroller"}`,
		name: "local",
		metacontroller: METACONTROLLER,
	},
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
	/** Updates an object from what it is now, again when it is written in between. What is Invalid is thrown at once. */
	change(
		kind: string,
		name: string,
		change: (object: KubeObject) => KubeObject,
		namespace?: string,
	): Promise<KubeObject>;
	/** The same of its spec. */
	edit(kind: string, name: string, change: (spec: Spec) => Spec, namespace?: string): Promise<KubeObject>;
	/** The same of its annotations, which the given ones are added to. */
	annotate(
		kind: string,
		name: string,
		annotations: Readonly<Record<string, string>>,
		namespace?: string,
	): Promise<KubeObject>;
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
	PodDisruptionBudget: "policy/v1",
	NetworkPolicy: "networking.k8s.io/v1",
	Ingress: "networking.k8s.io/v1",
	ScaledObject: "keda.sh/v1alpha1",
};

export const startLine = async ({
	name,
	metacontroller,
	features = {},
	environment = {},
	dashboard = false,
	definitions = [],
	resyncSeconds = RESYNC_SECONDS,
	isUnreachable = () => false,
	adminDialect,
	replicas = 1,
	...standIns
}: LineOptions): Promise<Line> => {
	if (name === "local") await testBinaries();
	const cluster = await startCluster({
		clock: systemTime,
		name,
		environment: process.env,
		log: () => {},
		confirm: async () => false,
		adminDialect,
	});
	for (const definition of definitions) await cluster.store.apply(definition, { fieldManager: "test" });
	await installKinds(cluster.store);
	await cluster.startControllers(standIns);
	let calls = 0;
	const count = {
		write: () => {
			calls += 1;
		},
	};
	const config = readConfig(environment);
	const installation = { ...config.installation, ...features };
	const shown = dashboard ? { port: 0, callsPerObject: 20, bytes: 32 * 1024 * 1024 } : undefined;
	const startReplica = () =>
		startServer({ ...config, installation, port: 0, dashboard: shown }, REGISTRY, {
			log: pino({ level: "info" }, count),
			resolve: (address) => (isUnreachable(address) ? NOBODY : cluster.proxies?.resolve(address)),
		});
	const server = await startReplica();
	const others = await Promise.all(Array.from({ length: replicas - 1 }, startReplica));
	const service = await startService();
	for (const { url } of [server, ...others]) service.add({ port: Number(new URL(url).port) });
	const controller = await startController({
		cluster,
		controllers: REGISTRY.map((row) => {
			const object = controllerObject(row, { origin: `http://127.0.0.1:${service.port}`, features });
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
	const change: Line["change"] = async (kind, objectName, changed, namespace) => {
		const done = await eventually(async () => {
			const object = changed(await get(kind, objectName, namespace));
			return cluster.store.update(object).catch((error: unknown) => {
				if (error instanceof ApiError && error.reason === "Invalid") return error;
				throw error;
			});
		});
		if (done instanceof ApiError) throw done;
		return done;
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
		change,
		edit: (kind, objectName, edit, namespace) =>
			change(kind, objectName, (object) => ({ ...object, spec: edit(object["spec"] as Spec) }), namespace),
		annotate: (kind, objectName, added, namespace) =>
			change(
				kind,
				objectName,
				({ metadata, ...object }) => ({
					...object,
					metadata: { ...metadata, annotations: { ...metadata.annotations, ...added } },
				}),
				namespace,
			),
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
			service.close();
			await Promise.all([server, ...others].map((replica) => replica.close()));
			await cluster.stop();
		},
	};
};

/** Applies a file of cases/, with the objects that have no namespace as they are. */
export const applyCase = async (line: Line, name: string): Promise<void> => {
	for (const { object } of readManifests(join(import.meta.dirname, `cases/${name}.yaml`)))
		await (object.metadata.namespace === undefined
			? line.cluster.store.apply(object, { fieldManager: "test" })
			: line.apply(object));
};

/** Has no pod run whose image's tag ends in -bad: the API server enforces a policy some time after it has accepted it. */
export const applyBadNeverRuns = async (line: Line, namespace: string): Promise<void> => {
	await applyCase(line, "c47b-stuck-policy");
	const name = "bad-never-runs";
	const kind = "MutatingAdmissionPolicyBinding";
	const binding = {
		apiVersion: "admissionregistration.k8s.io/v1",
		kind,
		metadata: { name },
		spec: { policyName: name },
	};
	await line.cluster.store.apply(binding, { fieldManager: "test" });
	await ensureNamespaces(line.cluster.store, [namespace]);
	await eventually(async () => {
		const pod = {
			apiVersion: "v1",
			kind: "Pod",
			metadata: { name: "dry-run", namespace },
			spec: { containers: [{ name: "main", image: "app:1-bad" }] },
		};
		const stored = await line.cluster.store.apply(pod, { fieldManager: "test", dryRun: true });
		expect(valueAt(stored, "spec", "schedulerName")).toBe("nobody");
	});
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
