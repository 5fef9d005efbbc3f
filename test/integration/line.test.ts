import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readManifests } from "../../cli/manifests.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { isRecord } from "../../kube/object.ts";
import { type Cluster, pictureOf, startCluster } from "../../local/cluster.ts";
import { type Controller, startController } from "../../local/controller.ts";
import type { Resource } from "../../local/store.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { ensureNamespaces, eventually, installKinds, pause } from "./installed.ts";

// The whole line: a manifest is applied, the hooks are called over HTTP, children appear and become ready, the stack says
// so. Over memory and over the real API server, and with the real Metacontroller when METACONTROLLER names it.

const ROOT = join(import.meta.dirname, "../..");
const METACONTROLLER = process.env["METACONTROLLER"] ?? "";
const LINES = [
	{ line: "memory, stand-in", name: "memory", metacontroller: "" },
	{ line: "kube-apiserver, stand-in", name: "local", metacontroller: "" },
	...(METACONTROLLER === ""
		? []
		: [{ line: "kube-apiserver, real Metacontroller", name: "local", metacontroller: METACONTROLLER } as const]),
] as const;

/** Seconds between two syncs of an object to which nothing happened: short, so that quiet can be waited for. */
const RESYNC_SECONDS = 2;

describe.each(LINES)("$line", ({ name, metacontroller }) => {
	let cluster: Cluster;
	let server: RunningServer;
	let controller: Controller;
	let kinds: Record<string, Resource>;
	let calls = 0;
	let runner: KubeObject["metadata"] = { name: "none" };

	beforeAll(async () => {
		if (name === "local") await testBinaries();
		cluster = await startCluster({ name, environment: process.env, log: () => {}, confirm: async () => false });
		await installKinds(cluster.store);
		await cluster.startStandIns();
		const log = pino(
			{ level: "info" },
			{
				write: () => {
					calls += 1;
				},
			},
		);
		server = await startServer({ ...readConfig({}), port: 0 }, REGISTRY, { log });
		const controllers = REGISTRY.map((row) => {
			const object = controllerObject(row, { origin: server.url, features: readConfig({}).installation });
			return { ...object, spec: { ...(object["spec"] as object), resyncPeriodSeconds: RESYNC_SECONDS } };
		});
		controller = await startController({
			cluster,
			controllers,
			environment: { METACONTROLLER: metacontroller },
			log: () => {},
		});
		kinds = Object.fromEntries(
			await Promise.all(
				[
					["prism.io/v1alpha1", "PrismStack"],
					["prism.io/v1alpha1", "PatternRunner"],
					["prism.io/v1alpha1", "BackendConfig"],
					["apps/v1", "Deployment"],
					["v1", "Service"],
					["v1", "ConfigMap"],
					["v1", "Event"],
				].map(
					async ([apiVersion = "", kind = ""]) => [kind, await cluster.store.resourceOf(apiVersion, kind)] as const,
				),
			),
		);
	}, CLUSTER_TIMEOUT);

	afterAll(async () => {
		await controller?.stop();
		await server?.close();
		await cluster?.stop();
	}, 60_000);

	const get = async (kind: string, objectName: string, namespace = "default"): Promise<KubeObject> => {
		const resource = kinds[kind];
		const found = resource && (await cluster.store.get(resource, namespace, objectName));
		if (found === undefined) throw new Error(`${kind} ${namespace}/${objectName} is not there`);
		return found;
	};

	const apply = async (object: KubeObject) => {
		const { status: _status, ...rest } = object;
		const namespace = object.metadata.namespace ?? "default";
		await ensureNamespaces(cluster.store, [namespace]);
		return cluster.store.apply({ ...rest, metadata: { ...object.metadata, namespace } }, { fieldManager: "test" });
	};

	const untilReady = (kind: string, objectName: string, namespace = "default") =>
		eventually(async () => {
			const object = await get(kind, objectName, namespace);
			const ready = conditionOf(object, "Ready");
			expect(`${ready?.status} ${ready?.message}`).toMatch(/^True/);
			expect(ready?.observedGeneration).toBe(object.metadata.generation);
			return object;
		}, 60);

	/** resourceVersion of everything that the given objects own, and of themselves. */
	const versions = async (roots: readonly KubeObject[]): Promise<Record<string, string>> => {
		const picture = await pictureOf(cluster, roots);
		const below = (object: KubeObject): KubeObject[] => [object, ...picture.owned(object).flatMap(below)];
		return Object.fromEntries(
			picture
				.roots()
				.flatMap(below)
				.map(({ kind, metadata }) => [
					`${kind} ${metadata.namespace}/${metadata.name}`,
					metadata.resourceVersion ?? "",
				]),
		);
	};

	/** Requests so far that would change an object of a kind that a hook answers for; memory counts none. */
	const writes = async (): Promise<number> => {
		if (cluster.kubeconfig === undefined) return 0;
		const { kubectl } = await testBinaries();
		const { stdout } = await promisify(execFile)(
			kubectl,
			["--kubeconfig", cluster.kubeconfig, "get", "--raw", "/metrics"],
			{
				maxBuffer: 64 * 1024 * 1024,
			},
		);
		const resources = REGISTRY.flatMap(({ parent, children }) => [
			parent.plural,
			...children.map(({ resource }) => resource),
		]);
		const lines = stdout.split("\n").filter((text) => {
			const [, resource = ""] = /^apiserver_request_total\{.*resource="([^"]*)"/.exec(text) ?? [];
			return resources.includes(resource) && /verb="(POST|PUT|PATCH|APPLY|DELETE)"/.test(text);
		});
		return lines.map((text) => Number(text.split(" ").at(-1))).reduce((sum, count) => sum + count, 0);
	};

	const samples = [
		"quickstart.yaml",
		"documents/memo-036-prismstack-prism-production.yaml",
		"documents/memo-036-prismstack-prism-dev.yaml",
		"documents/memo-036-prismstack-prism-nats.yaml",
		"documents/memo-036-prismstack-prism-multi-backend.yaml",
		"documents/memo-036-patternrunner-keyvalue-memstore-001.yaml",
		"documents/memo-036-backendconfig-nats-production.yaml",
	]
		.flatMap((file) => readManifests(join(ROOT, "samples", file)))
		.map(({ object }) => object);

	it("drives every sample to Ready, then is quiet for two resyncs", { timeout: 180_000 }, async () => {
		const applied: KubeObject[] = [];
		for (const [index, sample] of samples.entries()) {
			// Patterns become objects of their own names, which the documents' stacks share: each gets a namespace.
			const namespace = index === 0 ? "default" : `sample-${index}`;
			const spec: unknown = JSON.parse(JSON.stringify(sample["spec"]).replaceAll('"prism-system"', `"${namespace}"`));
			applied.push(await apply({ ...sample, metadata: { ...sample.metadata, namespace }, spec }));
		}
		runner = applied.find(({ kind }) => kind === "PatternRunner")?.metadata ?? runner;
		for (const { kind, metadata } of applied) await untilReady(kind, metadata.name, metadata.namespace);
		await pause(1000);
		const before = await versions(applied);
		expect(Object.keys(before).length).toBeGreaterThan(60);
		const callsBefore = calls;
		const writesBefore = await writes();
		await pause(2.5 * RESYNC_SECONDS * 1000);
		expect(calls - callsBefore).toBeGreaterThanOrEqual(2 * applied.length);
		expect(await versions(applied)).toEqual(before);
		// A write that changes nothing leaves no new version; the API server counts it all the same.
		expect(await writes()).toBe(writesBefore);
	});

	it("never says Ready for an edit that is not carried out yet, and rolls it out", { timeout: 60_000 }, async () => {
		const stack = await get("PrismStack", "prism-dev");
		const spec = stack["spec"] as Record<string, Record<string, unknown>>;
		const edited = await cluster.store.update({
			...stack,
			spec: { ...spec, proxy: { ...spec["proxy"], image: "ghcr.io/prism/prism-proxy:v1.1.0" } },
		});
		const claims: string[] = [];
		const done = await eventually(async () => {
			const now = await get("PrismStack", "prism-dev");
			const ready = conditionOf(now, "Ready");
			if (ready?.observedGeneration === edited.metadata.generation) claims.push(ready?.status ?? "none");
			expect(claims.at(-1)).toBe("True");
			return now;
		}, 30);
		expect(claims.at(0)).toBe("False");
		expect(conditionOf(done, "Reconciling")).toBeUndefined();
		const deployment = await get("Deployment", "prism-dev-proxy");
		expect(JSON.stringify(deployment["spec"])).toContain("prism-proxy:v1.1.0");
	});

	it("brings a deleted child back, and undoes a hand-made edit", { timeout: 60_000 }, async () => {
		const { metadata } = await get("Service", "prism-dev-proxy");
		const services = kinds["Service"];
		if (services === undefined) throw new Error("no services");
		await cluster.store.delete(services, "default", "prism-dev-proxy");
		await eventually(async () => expect((await get("Service", "prism-dev-proxy")).metadata.uid).not.toBe(metadata.uid));

		const deployment = await get("Deployment", "keyvalue-memstore");
		await cluster.store.update({ ...deployment, spec: { ...(deployment["spec"] as object), replicas: 4 } });
		await eventually(async () =>
			expect((await get("Deployment", "keyvalue-memstore"))["spec"]).toMatchObject({ replicas: 1 }),
		);
		await untilReady("PrismStack", "prism-dev");
	});

	it("says what is wrong with a rollout that fails, and recovers", { timeout: 60_000 }, async () => {
		const object = await get("PatternRunner", runner.name, runner.namespace);
		const spec = object["spec"] as Record<string, unknown>;
		await cluster.store.update({ ...object, spec: { ...spec, image: "ghcr.io/prism/keyvalue-runner:broken" } });
		await eventually(async () => {
			const ready = conditionOf(await get("PatternRunner", runner.name, runner.namespace), "Ready");
			expect(ready?.status).toBe("False");
			expect(ready?.message).toContain(`Deployment ${runner.name}`);
		});
		const failing = await get("PatternRunner", runner.name, runner.namespace);
		await cluster.store.update({ ...failing, spec });
		await untilReady("PatternRunner", runner.name, runner.namespace);
	});

	it("keeps the children of an object whose spec can't be carried out, and says why", { timeout: 60_000 }, async () => {
		const object = await get("PatternRunner", runner.name, runner.namespace);
		const before = await get("Deployment", runner.name, runner.namespace);
		const spec = object["spec"] as Record<string, unknown>;
		await cluster.store.update({ ...object, spec: { ...spec, backendConfig: { name: "b", namespace: "elsewhere" } } });
		await eventually(async () => {
			const stalled = conditionOf(await get("PatternRunner", runner.name, runner.namespace), "Stalled");
			expect(stalled?.reason).toBe("CrossNamespaceReference");
		});
		const after = await get("Deployment", runner.name, runner.namespace);
		expect(after.metadata.uid).toBe(before.metadata.uid);
		expect(after["spec"]).toEqual(before["spec"]);
	});

	it("never makes the count of pods jump when autoscaling is switched on and off", { timeout: 90_000 }, async () => {
		const deployments = kinds["Deployment"];
		if (deployments === undefined) throw new Error("no deployments");
		const scaled = (autoscaling?: unknown) =>
			cluster.store.apply(
				{
					apiVersion: "prism.io/v1alpha1",
					kind: "PatternRunner",
					metadata: { name: "scaled", namespace: "default" },
					spec: {
						pattern: "keyvalue",
						backend: "memstore",
						replicas: 3,
						...(autoscaling !== undefined && { autoscaling }),
					},
				},
				{ fieldManager: "test" },
			);
		const replicas = async () => {
			const { spec } = await get("Deployment", "scaled");
			return isRecord(spec) ? spec["replicas"] : undefined;
		};
		/** What an autoscaler does. */
		const scaleTo = async (count: number) => {
			await eventually(async () => {
				const deployment = await get("Deployment", "scaled");
				await cluster.store.update({ ...deployment, spec: { ...(deployment["spec"] as object), replicas: count } });
			});
			await pause(1.5 * RESYNC_SECONDS * 1000);
		};
		const hpa = { minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 80 };

		await scaled();
		await untilReady("PatternRunner", "scaled");
		const trace: unknown[] = [];
		const informer = await cluster.informers.get(deployments);
		const unsubscribe = informer.subscribe(({ object }) => {
			const { spec } = object;
			if (object.metadata.name === "scaled" && isRecord(spec) && trace.at(-1) !== spec["replicas"])
				trace.push(spec["replicas"]);
		});
		for (const count of [7, 5]) {
			await scaled(hpa);
			await untilReady("PatternRunner", "scaled");
			expect(await replicas()).toBe(3);
			await scaleTo(count);
			expect(await replicas()).toBe(count);
			await scaled();
			await eventually(async () => expect(await replicas()).toBe(3));
			await untilReady("PatternRunner", "scaled");
		}
		unsubscribe();
		expect(trace).toEqual([3, 7, 3, 5, 3]);
	});

	it("tells of a child whose name belongs to somebody else, and leaves that object alone", {
		timeout: 60_000,
	}, async () => {
		const theirs = {
			apiVersion: "v1",
			kind: "ConfigMap",
			metadata: { name: "taken-config", namespace: "default" },
			data: { a: "1" },
		};
		const stored = await cluster.store.create(theirs);
		await cluster.store.apply(
			{
				apiVersion: "prism.io/v1alpha1",
				kind: "PatternRunner",
				metadata: { name: "taken", namespace: "default" },
				spec: { pattern: "keyvalue", backend: "memstore", config: { ttl: "1h" } },
			},
			{ fieldManager: "test" },
		);
		// Half a minute passes: as if the child had been missed for long. A sync under way may overwrite that once.
		await eventually(async () => {
			const taken = await get("PatternRunner", "taken");
			const ready = conditionOf(taken, "Ready");
			const { status } = taken;
			if (ready?.reason !== "NameTaken" && isRecord(status) && Array.isArray(status["missing"])) {
				const missing = [{ kind: "ConfigMap", name: "taken-config", since: "2026-01-01T00:00:00Z" }];
				await cluster.store.updateStatus({ ...taken, status: { ...status, missing } });
				await pause(1.2 * RESYNC_SECONDS * 1000);
			}
			expect(ready?.reason).toBe("NameTaken");
			expect(ready?.message).toContain("kubectl get configmap taken-config -n default -o yaml");
		}, 30);
		expect((await get("ConfigMap", "taken-config")).metadata.resourceVersion).toBe(stored.metadata.resourceVersion);
	});

	it("leaves nothing behind when a stack is deleted", { timeout: 60_000 }, async () => {
		const stacks = kinds["PrismStack"];
		if (stacks === undefined) throw new Error("no stacks");
		await cluster.store.delete(stacks, "default", "prism-dev", { propagationPolicy: "Background" });
		await eventually(async () => {
			for (const kind of ["PrismStack", "PatternRunner", "BackendConfig", "Deployment", "Service", "ConfigMap"]) {
				const resource = kinds[kind];
				const left = resource === undefined ? [] : (await cluster.store.list(resource, "default")).items;
				const ours = left.filter(
					({ metadata }) => metadata.labels?.["stack"] === "prism-dev" || metadata.name === "prism-dev",
				);
				expect(ours.map(({ metadata }) => metadata.name)).toEqual([]);
			}
		}, 30);
	});

	it("wrote no event about a failed sync", async () => {
		const events = kinds["Event"];
		if (events === undefined) throw new Error("no events");
		const failed = (await cluster.store.list(events)).items.filter(({ reason }) => reason === "SyncError");
		expect(failed.map(({ message }) => (isRecord(message) ? "" : message))).toEqual([]);
	});
});
