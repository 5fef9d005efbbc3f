import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmulatedProxy } from "../../devcluster/proxy/service.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { LINES, type Line, RESYNC_SECONDS, startLine } from "./line.ts";

// Shards on the whole line: pods with volumes whose proxies are really there, and namespaces that are assigned to them.

const ROOT = join(import.meta.dirname, "../..");

const MUTATIONS = [
	"ControlPlane.CreateNamespace",
	"ControlPlane.AssignNamespace",
	"ControlPlane.RevokeNamespace",
] as const;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each(LINES)("shards: $line", (options) => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine(options);
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const manifests = (file: string) => readManifests(join(ROOT, "samples", file)).map(({ object }) => object);
	const proxyOf = (pod: string): EmulatedProxy => {
		const proxy = line.cluster.proxies?.proxy(`default/${pod}`);
		if (proxy === undefined) throw new Error(`${pod} does not run`);
		return proxy;
	};
	const changes = (pods: readonly string[]): number =>
		pods.flatMap((pod) => MUTATIONS.map((rpc) => proxyOf(pod).calls(rpc))).reduce((sum, count) => sum + count, 0);
	const namespace = (name: string, spec: Record<string, unknown>): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PrismNamespace",
		metadata: { name, namespace: "default" },
		spec,
	});
	const kubectl = async (...args: string[]): Promise<string> => {
		const { kubectl: program } = await testBinaries();
		const { stdout } = await promisify(execFile)(program, ["--kubeconfig", line.cluster.kubeconfig ?? "", ...args]);
		return stdout;
	};

	/** Whether a shard's figures are those of its two namespaces. */
	const isTold = ({ status }: KubeObject): boolean =>
		valueAt(status, "namespaces") === 2 && Number(valueAt(status, "aggregateMetrics", "totalRPS")) > 0;

	const applied: KubeObject[] = [];
	const LIVE = Array.from({ length: 5 }, (_, index) => `prism-playback-live-${index}`);

	it("makes the documents' shard and its namespaces Ready", { timeout: 120_000 }, async () => {
		const samples = [
			"adr-037-prismshard.yaml",
			"adr-037-prismnamespace-backend.yaml",
			"adr-037-prismnamespace-minimal.yaml",
		];
		for (const file of samples)
			for (const sample of manifests(`documents/${file}`)) applied.push(await line.apply(sample));
		for (const { kind, metadata } of applied) await line.untilReady(kind, metadata.name);
		for (const pod of LIVE)
			expect(
				proxyOf(pod)
					.store.list()
					.map(({ name }) => name),
			).toEqual(["my-namespace", "user-profiles"]);
		const { status } = await line.get("PrismNamespace", "user-profiles");
		expect(status).toMatchObject({ state: "Active", shard: "playback-live", health: "Healthy", prismInstances: LIVE });
		expect(proxyOf("prism-playback-live-0").store.get("user-profiles")?.config.backends).toEqual({
			postgres: {
				backendType: "postgres",
				connectionString: "postgres://db:5432/profiles",
				options: { pool_size: "20" },
			},
		});
	});

	it("is quiet for two resyncs while the figures move", { timeout: 60_000 }, async () => {
		const [shard, ...namespaces] = applied;
		if (shard === undefined) throw new Error("no shard");
		// A minute passes: as if the figures had been written long ago. A sync under way may overwrite that once.
		await eventually(async () => {
			const there = await line.get("PrismShard", "playback-live");
			if (!isTold(there) && isRecord(there["status"])) {
				const status = { ...there["status"], metricsUpdatedAt: "2026-01-01T00:00:00Z" };
				await line.cluster.store.updateStatus({ ...there, status });
				await pause(1.2 * RESYNC_SECONDS * 1000);
			}
			expect(isTold(await line.get("PrismShard", "playback-live"))).toBe(true);
		}, 40);
		// The real autoscaler looks every 15 s, and notes the first time that it has no metrics.
		if (options.name === "local")
			await eventually(async () => {
				const autoscaler = await line.get("HorizontalPodAutoscaler", "prism-playback-live");
				expect(conditionOf(autoscaler, "ScalingActive")?.status).toBe("False");
			}, 40);
		await pause(500);
		const others = async () => {
			const { [`PrismShard default/playback-live`]: _own, ...rest } = await line.versions([shard, ...namespaces]);
			return { rest, changes: changes(LIVE) };
		};
		const before = await others();
		const statuses: unknown[] = [];
		const informer = await line.cluster.informers.get(await line.resource("PrismShard"));
		const unsubscribe = informer.subscribe(({ object }) => statuses.push(object.metadata.resourceVersion));
		await pause(2.5 * RESYNC_SECONDS * 1000);
		unsubscribe();
		expect(await others()).toEqual(before);
		// The figures themselves may have been due once.
		expect(new Set(statuses).size).toBeLessThanOrEqual(2);
	});

	if (options.name === "local")
		it("shows itself to kubectl", { timeout: 60_000 }, async () => {
			const text = await kubectl("get", "prismshards");
			expect(text).toMatch(/^NAME +REPLICAS +NAMESPACES +RPS +P99 +READY +REASON +AGE/);
			expect(text).toMatch(/playback-live +5\/5 +2 +\d+ +\d+(\.\d+)?ms +True +ShardReady/);
			expect(await kubectl("get", "pns")).toMatch(
				/user-profiles +Active +playback-live +postgres +True +NamespaceReady/,
			);
			await kubectl("wait", "--for=condition=Ready", "prismshard/playback-live", "--timeout=10s");
		});

	it("fills a fresh volume, and leaves the others alone", { timeout: 60_000 }, async () => {
		const [first = "", ...others] = LIVE;
		const before = changes(others);
		await line.cluster.proxies?.restart(`default/${first}`, { freshVolume: true });
		await eventually(async () => expect(proxyOf(first).store.list()).toHaveLength(2), 60);
		expect(changes(others)).toBe(before);
	});

	it("scales without a jump, by hand and by an autoscaler that comes and goes", { timeout: 120_000 }, async () => {
		const shard = (replicas: number, autoscaling?: unknown): KubeObject => ({
			apiVersion: "prism.io/v1alpha1",
			kind: "PrismShard",
			metadata: { name: "elastic", namespace: "default" },
			spec: { replicas, backends: ["sqlite"], ...(autoscaling !== undefined && { autoscaling }) },
		});
		const replicas = async () => valueAt((await line.get("StatefulSet", "prism-elastic"))["spec"], "replicas");
		const scaleTo = async (count: number) => {
			await line.edit("StatefulSet", "prism-elastic", (spec) => ({ ...spec, replicas: count }));
			await pause(1.5 * RESYNC_SECONDS * 1000);
			expect(await replicas()).toBe(count);
		};
		await line.apply(shard(2));
		await line.untilReady("PrismShard", "elastic");
		const trace: unknown[] = [];
		const informer = await line.cluster.informers.get(await line.resource("StatefulSet"));
		const unsubscribe = informer.subscribe(({ object }) => {
			const count = valueAt(object["spec"], "replicas");
			if (object.metadata.name === "prism-elastic" && trace.at(-1) !== count) trace.push(count);
		});
		const hpa = { enabled: true, minReplicas: 2, maxReplicas: 6, targetRPS: 1000 };
		await line.apply(shard(2, hpa));
		await line.untilReady("PrismShard", "elastic");
		await scaleTo(4);
		await line.untilReady("PrismShard", "elastic");
		await scaleTo(3);
		await line.apply(shard(2));
		await line.untilReady("PrismShard", "elastic");
		// What the autoscaler left stays until spec.replicas is changed.
		expect(await replicas()).toBe(3);
		if (options.name === "local") {
			await kubectl("scale", "prismshard/elastic", "--replicas=4");
			await eventually(async () => expect(await replicas()).toBe(4));
			await line.untilReady("PrismShard", "elastic");
			expect(trace).toEqual([2, 4, 3, 4]);
		} else expect(trace).toEqual([2, 4, 3]);
		unsubscribe();
	});

	it("rolls pod by pod, and gets over an image that can't be pulled", { timeout: 90_000 }, async () => {
		const image = (tag: string) => (spec: Record<string, unknown>) => ({
			...spec,
			image: `ghcr.io/prism/prism-proxy:${tag}`,
		});
		await line.edit("PrismShard", "elastic", image("v1.1.0"));
		await line.untilReady("PrismShard", "elastic");
		await line.edit("PrismShard", "elastic", image("broken"));
		await eventually(async () => {
			const ready = conditionOf(await line.get("PrismShard", "elastic"), "Ready");
			expect(ready?.status).toBe("False");
			expect(ready?.message).toContain("not ready: prism-elastic-");
		}, 30);
		await line.edit("PrismShard", "elastic", image("v1.1.0"));
		await line.untilReady("PrismShard", "elastic");
	});

	it("moves its namespaces when it is deleted, and goes when none is left", { timeout: 120_000 }, async () => {
		for (const sample of manifests("shards.yaml")) await line.apply(sample);
		for (const name of ["cart-browse", "cart-checkout"]) await line.untilReady("PrismShard", name);
		await line.apply(namespace("baskets", { backend: "redis", pattern: "keyvalue", shard: { product: "cart" } }));
		await line.untilReady("PrismNamespace", "baskets");
		const home = String(valueAt((await line.get("PrismNamespace", "baskets"))["status"], "shard"));
		const other = home === "cart-browse" ? "cart-checkout" : "cart-browse";
		await line.cluster.store.delete(await line.resource("PrismShard"), "default", home);
		await eventually(async () => {
			const { status } = await line.get("PrismNamespace", "baskets");
			expect(status).toMatchObject({ shard: other, phase: "Active" });
		}, 30);
		await eventually(async () => {
			await expect(line.get("PrismShard", home)).rejects.toThrow("is not there");
		}, 60);
		expect(proxyOf(`prism-${other}-0`).store.get("baskets")?.owner).toBe("default/default/baskets");
	});

	it("stays while a namespace has nowhere to go, until it is forced", { timeout: 120_000 }, async () => {
		await line.cluster.store.delete(await line.resource("PrismShard"), "default", "playback-live");
		await eventually(async () => {
			const ready = conditionOf(await line.get("PrismShard", "playback-live"), "Ready");
			expect(ready).toMatchObject({ status: "False", reason: "NamespacesRemain" });
			expect(ready?.message).toContain("Namespaces left: 2");
		}, 40);
		const warning = conditionOf(await line.get("PrismNamespace", "user-profiles"), "Warning");
		expect(warning?.message).toContain("playback-live is draining");
		await line.annotate("PrismShard", "playback-live", { "prism.io/force-delete": "true" });
		await eventually(async () => {
			await expect(line.get("PrismShard", "playback-live")).rejects.toThrow("is not there");
		}, 60);
		const claims = await line.cluster.store.list(await line.resource("PersistentVolumeClaim"), "default");
		expect(claims.items.filter(({ metadata }) => metadata.name.startsWith("data-prism-playback-live-"))).toHaveLength(
			5,
		);
	});

	it("wrote no event about a failed sync", async () => {
		const failed = (await line.cluster.store.list(await line.resource("Event"))).items.filter(
			({ reason }) => reason === "SyncError",
		);
		expect(failed.map(({ message }) => (isRecord(message) ? "" : message))).toEqual([]);
	});
});
