import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Cluster } from "../../devcluster/cluster.ts";
import { freePort } from "../../devcluster/free-port.ts";
import { type Controller, type Pace, startController } from "../../devcluster/metacontroller/start.ts";
import { startProcess } from "../../devcluster/process.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { eventually, installKinds } from "../integration/installed.ts";
import { ROOT } from "./page.ts";

// Who is compared: this operator, the least that a hook can be, and operators that are given as programs. Each makes a Deployment
// and a Service of an object.

export interface Contestant {
	readonly title: string;
	/** Installs its kinds and starts it; resolves when objects can be created. */
	readonly start: (cluster: Cluster) => Promise<Running>;
}

export interface Running {
	/** One of its objects. */
	object(name: string, namespace: string): KubeObject;
	stop(): Promise<void>;
}

interface Programs {
	/** Path of the real Metacontroller; "": the stand-in, whose processor time nobody can tell from the benchmark's. */
	readonly metacontroller: string;
	/** Paths; "": it does not take part. */
	readonly peer: string;
	readonly kro: string;
}

/** As the chart sets it. */
const PACE: Pace = { workers: 20, qps: 200, burst: 400 };

export const contestants = ({ metacontroller, peer, kro }: Programs): readonly Contestant[] => [
	{ title: "a trivial hook (the floor)", start: hooked(metacontroller, "test/bench/trivial.ts", trivialControllers) },
	{ title: "this operator", start: hooked(metacontroller, "server/main.ts", ourControllers) },
	{
		title: "this operator, names of children not watched",
		start: hooked(metacontroller, "server/main.ts", ourControllers, "PRISM_WATCH_CHILD_NAMES=false"),
	},
	...(peer === "" ? [] : [{ title: "the Go operator for Prism, as shipped", start: startPeer(peer) }]),
	...(kro === "" ? [] : [{ title: "kro 0.9.4, 20 workers, its rate limits raised", start: startKro(kro) }]),
];

// ── Behind Metacontroller ───────────────────────────────────────────────────────────────────────────────────────────

const runner = (name: string, namespace: string): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PatternRunner",
	metadata: { name, namespace },
	spec: { pattern: "keyvalue", backend: "memstore" },
});

const ourControllers = (origin: string) => REGISTRY.map((row) => controllerObject(row, { origin, features: {} }));

const trivialControllers = (origin: string): KubeObject[] => [
	{
		apiVersion: "metacontroller.k8s.io/v1alpha1",
		kind: "CompositeController",
		metadata: { name: "patternrunner" },
		spec: {
			generateSelector: true,
			resyncPeriodSeconds: 300,
			parentResource: { apiVersion: API_VERSION, resource: "patternrunners", ignoreStatusChanges: true },
			childResources: [
				{ apiVersion: "apps/v1", resource: "deployments", updateStrategy: { method: "InPlace" } },
				{ apiVersion: "v1", resource: "services", updateStrategy: { method: "InPlace" } },
			],
			hooks: { sync: { version: "v2", webhook: { url: `${origin}/sync`, timeout: "10s" } } },
		},
	},
];

const hooked =
	(
		metacontroller: string,
		script: string,
		controllersAt: (origin: string) => KubeObject[],
		...settings: readonly string[]
	): Contestant["start"] =>
	async (cluster) => {
		await installKinds(cluster.store);
		const port = await freePort();
		const server = await startOperator([
			`PORT=${port}`,
			"NODE_ENV=production",
			...settings,
			process.execPath,
			join(ROOT, script),
		]);
		const origin = `http://127.0.0.1:${port}`;
		const controllers = controllersAt(origin);
		let controller: Controller | undefined;
		const stop = async () => {
			await controller?.stop();
			await server.stop();
			// Whoever comes next has controllers of its own.
			if (metacontroller !== "") for (const object of controllers) await removed(cluster, object);
		};
		try {
			await eventually(() => fetch(`${origin}/readyz`).catch(() => Promise.reject(notYet())), STARTED_SECONDS);
			controller = await startController({
				cluster,
				controllers,
				environment: { METACONTROLLER: metacontroller },
				log: () => {},
				pace: PACE,
			});
			return { object: runner, stop };
		} catch (error) {
			await stop();
			throw error;
		}
	};

const STARTED_SECONDS = 60;
const notYet = () => new Error("it does not answer yet");

const removed = async ({ store }: Cluster, { apiVersion, kind, metadata }: KubeObject): Promise<void> =>
	store.delete(await store.resourceOf(apiVersion, kind), undefined, metadata.name);

// ── Programs of their own ───────────────────────────────────────────────────────────────────────────────────────────

/** A process with these variables and this command; ends with the benchmark. */
const startOperator = async (command: readonly string[]) => {
	const folder = await mkdtemp(join(tmpdir(), "prism-bench-"));
	const running = startProcess("operator", "env", command, join(folder, "log"));
	return {
		...running,
		stop: async () => {
			await running.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
};

/** The definitions in a folder crds beside a program. */
const installBeside = async ({ store }: Cluster, program: string): Promise<void> => {
	const files = globSync(join(dirname(program), "crds/*.yaml"));
	if (files.length === 0) throw new Error(`there are no CustomResourceDefinitions in ${dirname(program)}/crds`);
	for (const { object } of files.flatMap(readManifests)) await store.apply(object, { fieldManager: "bench" });
};

const startPeer =
	(program: string): Contestant["start"] =>
	async (cluster) => {
		await installBeside(cluster, program);
		const flags = ["--metrics-bind-address=0", "--health-probe-bind-address=0"];
		const operator = await startOperator([`KUBECONFIG=${cluster.kubeconfig}`, program, ...flags]);
		const object = (name: string, namespace: string) => ({
			apiVersion: "prism.io/v1alpha1",
			kind: "PrismPattern",
			metadata: { name, namespace },
			spec: {
				pattern: "keyvalue",
				backend: "memstore",
				image: "runner:v1",
				replicas: 1,
				service: { type: "ClusterIP", port: 8080 },
			},
		});
		return { object, stop: operator.stop };
	};

const KRO_FLAGS = [
	"--metrics-bind-address=0",
	"--health-probe-bind-address=0",
	"--dynamic-controller-concurrent-reconciles=20",
	"--dynamic-controller-rate-limiter-rate-limit=1000",
	"--dynamic-controller-rate-limiter-burst-limit=1000",
	"--client-qps=1000",
	"--client-burst=1000",
];

const startKro =
	(program: string): Contestant["start"] =>
	async (cluster) => {
		const { store } = cluster;
		await installBeside(cluster, program);
		const operator = await startOperator([`KUBECONFIG=${cluster.kubeconfig}`, program, ...KRO_FLAGS]);
		try {
			const graph = await eventually(() => store.apply(GRAPH, { fieldManager: "bench" }), STARTED_SECONDS);
			const resource = await store.resourceOf(graph.apiVersion, graph.kind);
			await eventually(async () => {
				const state = valueAt((await store.get(resource, undefined, graph.metadata.name))?.["status"], "state");
				if (state !== "Active") throw new Error(`its graph is ${String(state)}: ${await operator.lastLines()}`);
			}, STARTED_SECONDS);
		} catch (error) {
			await operator.stop();
			throw error;
		}
		const object = (name: string, namespace: string) => ({
			apiVersion: "kro.run/v1alpha1",
			kind: "BenchRunner",
			metadata: { name, namespace },
			spec: { name },
		});
		return { object, stop: operator.stop };
	};

const NAME = `\${schema.spec.name}`;

const GRAPH: KubeObject = {
	apiVersion: "kro.run/v1alpha1",
	kind: "ResourceGraphDefinition",
	metadata: { name: "benchrunner" },
	spec: {
		schema: { apiVersion: "v1alpha1", kind: "BenchRunner", spec: { name: "string" } },
		resources: [
			{
				id: "deployment",
				template: {
					apiVersion: "apps/v1",
					kind: "Deployment",
					metadata: { name: NAME },
					spec: {
						replicas: 1,
						selector: { matchLabels: { runner: NAME } },
						template: {
							metadata: { labels: { runner: NAME } },
							spec: { containers: [{ name: "runner", image: "runner:v1" }] },
						},
					},
				},
			},
			{
				id: "service",
				template: {
					apiVersion: "v1",
					kind: "Service",
					metadata: { name: NAME },
					spec: { selector: { runner: NAME }, ports: [{ name: "grpc", port: 8080 }] },
				},
			},
		],
	},
};
