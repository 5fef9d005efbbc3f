import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { applyCase, type Line, METACONTROLLER, startLine } from "./line.ts";

// Clusters that ask for something: load balancers, volumes made by hand, admission that allots users, quotas.

const TIMEOUT = 150_000;

const prism = (kind: string, namespace: string, name: string, spec: unknown): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name, namespace },
	spec,
});

/** The policy first: the API server enforces one some time after it has accepted it. */
const applyOpenShift = async (line: Line): Promise<void> => {
	const objects = readManifests(join(import.meta.dirname, "cases/c20-openshift.yaml")).map(({ object }) => object);
	for (const object of objects.filter(({ apiVersion }) => !apiVersion.startsWith("prism.io/")))
		await line.cluster.store.apply(object, { fieldManager: "test" });
	const pod = {
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name: "dry-run", namespace: "ocp" },
		spec: { securityContext: { fsGroup: 1 }, containers: [{ name: "main", image: "app:1" }] },
	};
	await eventually(async () => {
		const tried = line.cluster.store.apply(pod, { fieldManager: "test", dryRun: true });
		await expect(tried).rejects.toThrow("fsGroup is not an allowed group");
	});
	await applyCase(line, "c20-openshift");
};

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("clusters that ask for something", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER });
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const outside = {
		type: "LoadBalancer",
		externalTrafficPolicy: "Local",
		loadBalancerSourceRanges: ["203.0.113.0/24", "2001:db8::/32"],
		ipFamilyPolicy: "SingleStack",
		ipFamilies: ["IPv4"],
	};

	it("passes on how a Service is reached, and takes it back", { timeout: TIMEOUT }, async () => {
		await line.apply(prism("PrismStack", "lb", "dev", { proxy: { service: outside } }));
		await line.apply(
			prism("PatternRunner", "lb", "kv", {
				pattern: "keyvalue",
				backend: "memstore",
				service: { ...outside, port: 80 },
			}),
		);
		await line.apply(prism("PrismShard", "lb", "eu", { backends: ["postgres"], exposure: outside }));
		const services = ["dev-proxy", "kv", "prism-eu"];
		const specs = () => Promise.all(services.map(async (name) => (await line.get("Service", name, "lb"))["spec"]));
		await eventually(async () => {
			for (const spec of await specs()) expect(spec).toMatchObject(outside);
		});
		await pause(5000);
		const before = await Promise.all(services.map((name) => line.get("Service", name, "lb")));
		await pause(5000);
		const after = await Promise.all(services.map((name) => line.get("Service", name, "lb")));
		const versions = (all: KubeObject[]) => all.map(({ metadata }) => metadata.resourceVersion);
		expect(versions(after)).toEqual(versions(before));
		await line.edit("PrismStack", "dev", (spec) => ({ ...spec, proxy: {} }), "lb");
		await line.edit("PatternRunner", "kv", (spec) => ({ ...spec, service: { type: "NodePort" } }), "lb");
		await line.edit("PrismShard", "eu", (spec) => ({ ...spec, exposure: { ipFamilyPolicy: "PreferDualStack" } }), "lb");
		await eventually(async () => {
			const [proxy, runner, shard] = await specs();
			expect(proxy).toMatchObject({ type: "ClusterIP", ipFamilyPolicy: "SingleStack" });
			expect(runner).toMatchObject({ type: "NodePort", externalTrafficPolicy: "Cluster" });
			expect(shard).toMatchObject({ type: "ClusterIP", ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4"] });
			for (const spec of [proxy, runner, shard])
				expect(valueAt(spec, "loadBalancerSourceRanges"), JSON.stringify(spec)).toBeUndefined();
			for (const spec of [proxy, shard]) expect(valueAt(spec, "externalTrafficPolicy")).toBeUndefined();
		});
	});

	it("makes volumes without a class", { timeout: TIMEOUT }, async () => {
		await line.apply(
			prism("PrismShard", "static", "eu", { backends: ["postgres"], storage: { storageClassName: "" } }),
		);
		await eventually(async () => {
			const claim = await line.get("PersistentVolumeClaim", "data-prism-eu-0", "static");
			expect(valueAt(claim, "spec", "storageClassName")).toBe("");
		});
		const set = await line.get("StatefulSet", "prism-eu", "static");
		expect(recordsAt(set, "spec", "volumeClaimTemplates").map(({ spec }) => valueAt(spec, "storageClassName"))).toEqual(
			[""],
		);
		await pause(6000);
		expect((await line.get("StatefulSet", "prism-eu", "static")).metadata.generation).toBe(set.metadata.generation);
	});

	it("is told what to write for days, and for a fraction which field it is", { timeout: TIMEOUT }, async () => {
		const week = prism("PrismNamespace", "lb", "week", { backend: "memstore", ttl: "7d" });
		await expect(line.apply(week)).rejects.toThrow(/spec\.ttl: .*168h for 7 days/);
		const limits = { cpu: 0.5 };
		const half = prism("PatternRunner", "lb", "half", { pattern: "kv", backend: "m", resources: { limits } });
		await expect(line.apply(half)).rejects.toThrow(/spec\.resources\.limits\.cpu/);
	});

	const podSecurityOf = async (kind: string, name: string, namespace: string) =>
		valueAt(await line.get(kind, name, namespace), "spec", "template", "spec", "securityContext");

	it("leaves users and groups to a cluster that assigns them", { timeout: TIMEOUT }, async () => {
		await applyOpenShift(line);
		// Nothing but shards has a group by default, and nothing has a user.
		for (const [kind, name] of [
			["PrismStack", "os"],
			["PrismShard", "onull"],
			["PrismShard", "orange"],
		] as const)
			await line.untilReady(kind, name, "ocp").catch(async (error: unknown) => {
				// The probe connects to a redis that is not there.
				if (kind === "PrismShard") throw error;
				expect(valueAt(await line.get("Deployment", "os-proxy", "ocp"), "status", "readyReplicas")).toBe(1);
			});
		expect(await podSecurityOf("StatefulSet", "prism-onull", "ocp")).not.toHaveProperty("fsGroup");
		expect(await podSecurityOf("StatefulSet", "prism-orange", "ocp")).toHaveProperty("fsGroup", 1_000_630_000);
		expect(await podSecurityOf("StatefulSet", "prism-oshard", "ocp")).toHaveProperty("fsGroup", 65_532);
		await eventually(async () => {
			const ready = conditionOf(await line.get("PrismShard", "oshard", "ocp"), "Ready");
			expect(`${ready?.reason}`).toBe("ReplicaFailure");
		}, 60);
	});
});

describe("an installation for clusters that assign users, groups and quotas", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({
			name: "local",
			metacontroller: METACONTROLLER,
			environment: { PRISM_FS_GROUP: "none", PRISM_DEFAULT_LIMITS: "cpu=200m,memory=256Mi" },
		});
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	it("has no group on any pod", { timeout: TIMEOUT }, async () => {
		await applyOpenShift(line);
		for (const name of ["oshard", "onull", "orange"]) await line.untilReady("PrismShard", name, "ocp");
		const set = await line.get("StatefulSet", "prism-oshard", "ocp");
		expect(valueAt(set, "spec", "template", "spec", "securityContext")).not.toHaveProperty("fsGroup");
	});

	const resourcesOf = (workload: KubeObject): Record<string, unknown> =>
		Object.fromEntries(
			["containers", "initContainers"]
				.flatMap((list) => recordsAt(workload, "spec", "template", "spec", list))
				.map(({ name, resources }) => [String(name), resources]),
		);

	it("gets all pods past a quota on limits", { timeout: TIMEOUT }, async () => {
		for (const name of ["c33-misc", "c33b-probe-quota"]) await applyCase(line, name);
		await line.untilReady("PrismShard", "quotaed", "misc");
		await line.untilReady("PrismStack", "empties", "misc");
		// Its redis is not there, but it runs.
		await eventually(async () => {
			const probe = await line.get("Deployment", "pq-probe", "misc");
			expect(valueAt(probe, "status", "replicas")).toBe(1);
		}, 60);
		const own = { requests: { cpu: "10m", memory: "16Mi" }, limits: { cpu: "100m", memory: "64Mi" } };
		expect(resourcesOf(await line.get("StatefulSet", "prism-quotaed", "misc"))).toMatchObject({
			"plugin-inproc": own,
			"plugin-side": { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "200m", memory: "256Mi" } },
		});
		expect(resourcesOf(await line.get("Deployment", "pq-probe", "misc"))).toEqual({
			probe: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "200m", memory: "192Mi" } },
		});
	});

	it("lets a probe have resources of its own, and an autoscaler something to act on", {
		timeout: TIMEOUT,
	}, async () => {
		const resources = { requests: { cpu: "20m" }, limits: { cpu: "40m" } };
		const health = { enabled: true, resources };
		const connection = { url: "redis://r:6379" };
		await line.apply(prism("BackendConfig", "quiet", "own", { type: "cache", connection, healthCheck: health }));
		await eventually(async () =>
			expect(resourcesOf(await line.get("Deployment", "own-probe", "quiet"))).toEqual({
				probe: { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "40m", memory: "256Mi" } },
			}),
		);
		const autoscaling = { minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 };
		await line.apply(prism("PatternRunner", "quiet", "hpa", { pattern: "keyvalue", backend: "memstore", autoscaling }));
		await line.untilReady("PatternRunner", "hpa", "quiet");
		const warning = conditionOf(await line.get("PatternRunner", "hpa", "quiet"), "Warning");
		expect(warning?.message ?? "").not.toContain("request no cpu");
	});
});
