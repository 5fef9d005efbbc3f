import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { status } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../../../devcluster/cluster.ts";
import { isPod, isReady } from "../../../devcluster/controllers/workloads/shapes.ts";
import { createFleet, type Fleet } from "../../../devcluster/proxy/fleet.ts";
import { createProxyPods } from "../../../devcluster/proxy/pods.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { systemTime } from "../../../server/time.ts";
import type { TestCaller } from "./callers.ts";
import { call, endAll, ORDERS } from "./started.ts";

// Pods of the memory cluster that are really served, by the names that the cluster gives them.

const PATIENCE = { timeout: 10_000, interval: 20 };
const log: string[] = [];

let cluster: Cluster;
let fleet: Fleet;
beforeAll(async () => {
	cluster = await startCluster({
		clock: systemTime,
		name: "memory",
		environment: {},
		log: () => {},
		confirm: async () => false,
	});
	if (cluster.proxies === undefined) throw new Error("this cluster has no proxies");
	fleet = cluster.proxies;
	await cluster.startControllers({ log: (line) => void log.push(line) });
});
afterEach(endAll);
afterAll(() => cluster.stop());

const callerAt = async (address: string): Promise<TestCaller> => {
	await expect.poll(() => fleet.proxyAt(address), PATIENCE).toBeDefined();
	return call({ port: Number(fleet.resolve(address)?.split(":")[1]) });
};

const resource = (kind: string, apiVersion = "v1") => cluster.store.resourceOf(apiVersion, kind);
const getPod = async (name: string) => {
	const pod = await cluster.store.get(await resource("Pod"), "default", name);
	return isPod(pod) ? pod : undefined;
};
const remove = async (kind: string, name: string, apiVersion?: string) =>
	cluster.store.delete(await resource(kind, apiVersion), "default", name);
const untilReady = (name: string) =>
	expect
		.poll(async () => {
			const pod = await getPod(name);
			return pod !== undefined && isReady(pod);
		}, PATIENCE)
		.toBe(true);
const uidOf = async (name: string) => (await getPod(name))?.metadata.uid;
const untilReplaced = async (name: string, uid: string | undefined) => {
	await expect.poll(async () => [undefined, uid].includes(await uidOf(name)), PATIENCE).toBe(false);
	await untilReady(name);
};

const template = (app: string, annotations: Record<string, string> = {}) => ({
	metadata: { labels: { app }, annotations },
	spec: {
		containers: [
			{
				name: "prism-proxy",
				image: "ghcr.io/prism/prism-proxy:1",
				ports: [
					{ name: "grpc", containerPort: 8980 },
					{ name: "admin", containerPort: 8981 },
				],
				volumeMounts: [{ name: "store", mountPath: "/var/lib/prism" }],
			},
		],
	},
});

const shard = (name: string, spec: Record<string, unknown> = {}, annotations?: Record<string, string>): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "StatefulSet",
	metadata: { name, namespace: "default" },
	spec: {
		replicas: 2,
		podManagementPolicy: "Parallel",
		serviceName: name,
		selector: { matchLabels: { app: name } },
		template: template(name, annotations),
		volumeClaimTemplates: [
			{
				metadata: { name: "store" },
				spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
			},
		],
		...spec,
	},
});

const service = (name: string, selector: Record<string, string>, spec: Record<string, unknown> = {}): KubeObject => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: { name, namespace: "default" },
	spec: { selector, ports: [{ name: "admin", port: 8981, targetPort: "admin" }], ...spec },
});

const headless = (name: string, selector = { app: name }) =>
	service(name, selector, { clusterIP: "None", publishNotReadyAddresses: true });

describe("a shard's pods", () => {
	beforeAll(async () => {
		await cluster.store.create(headless("shard"));
		await cluster.store.create(shard("shard"));
	});
	const address = (index: number) => `shard-${index}.shard.default.svc:8981`;

	test("are served each by its own name", async () => {
		await untilReady("shard-0");
		await untilReady("shard-1");
		await (await callerAt(address(0))).assign(ORDERS);
		expect((await (await callerAt(address(0))).list()).namespaces).toMatchObject([{ name: "orders" }]);
		expect((await (await callerAt(address(1))).list()).namespaces).toEqual([]);
		expect(fleet.resolve(address(0).replace(".svc:", ".svc.cluster.local:"))).toBe(fleet.resolve(address(0)));
	});

	test.each([
		["another port", "shard-0.shard.default.svc:8980"],
		["another namespace", "shard-0.shard.other.svc:8981"],
		["another Service", "shard-0.other.default.svc:8981"],
		["no such pod", "shard-2.shard.default.svc:8981"],
		["no name of the cluster's", "example.com:8981"],
		["a pod with a name is not called by its address", "10-244-0-1.shard.default.svc:8981"],
	])("%s leads nowhere", (_, wrong) => {
		expect(fleet.resolve(wrong)).toBeUndefined();
		expect(fleet.proxyAt(wrong)).toBeUndefined();
	});

	test("that come back know their namespaces, at the same address", async () => {
		const before = await (await callerAt(address(0))).list();
		const [uid, resolved] = [await uidOf("shard-0"), fleet.resolve(address(0))];
		await remove("Pod", "shard-0");
		await untilReplaced("shard-0", uid);
		const after = await (await callerAt(address(0))).list();
		expect(after).toMatchObject({ namespaces: [{ name: "orders" }], storeId: before.storeId });
		expect(fleet.resolve(address(0))).toBe(resolved);
	});

	test("with a fresh volume know none", async () => {
		const before = await (await callerAt(address(0))).list();
		const uid = await uidOf("shard-0");
		await remove("PersistentVolumeClaim", "store-shard-0");
		await remove("Pod", "shard-0");
		await untilReplaced("shard-0", uid);
		const after = await (await callerAt(address(0))).list();
		expect(after.namespaces).toEqual([]);
		expect(after.storeId).not.toBe(before.storeId);
	});

	test("that are scaled away are gone", async () => {
		const caller = await callerAt(address(1));
		const live = await cluster.store.get(await resource("StatefulSet", "apps/v1"), "default", "shard");
		await cluster.store.update({ ...shard("shard"), ...live, spec: { ...Object(live?.["spec"]), replicas: 1 } });
		await expect.poll(() => fleet.resolve(address(1)), PATIENCE).toBeUndefined();
		await expect(caller.list()).rejects.toMatchObject({ code: status.UNAVAILABLE });
		expect(fleet.proxyAt(address(0))).toBeDefined();
	});
});

describe.each([
	{ title: "its usual dialect", stack: "dev", annotations: {}, isReal: true },
	{ title: "the strict one", stack: "strict", annotations: { "local.prism.io/proxy": "extended" }, isReal: false },
])("a stack's pods, with a control plane in $title", ({ stack, annotations, isReal }) => {
	const proxyLabels = { app: `${stack}-proxy`, stack };
	const adminLabels = { app: `${stack}-admin`, stack, component: "admin" };
	const deployment = (name: string, pod: Record<string, unknown>, labels: Record<string, string>): KubeObject => ({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name, namespace: "default" },
		spec: {
			replicas: 1,
			selector: { matchLabels: labels },
			template: { metadata: { labels, annotations }, spec: pod },
		},
	});
	const podOf = async (app: string) => {
		const { items } = await cluster.store.list(await resource("Pod"), "default");
		return items.filter(isPod).find(({ metadata }) => metadata.labels?.["app"] === app);
	};

	test("are called by their address, and registered with the control plane behind its Service", async () => {
		const { proxy, admin } = { proxy: `${stack}-proxy`, admin: `${stack}-admin` };
		await cluster.store.create(deployment(proxy, template("").spec, proxyLabels));
		const containers = [{ name: "prism-admin", image: "admin:1", ports: [{ name: "grpc", containerPort: 9000 }] }];
		await cluster.store.create(deployment(admin, { containers }, adminLabels));
		await cluster.store.create(
			service(admin, { app: admin }, { ports: [{ name: "grpc", port: 8982, targetPort: "grpc" }] }),
		);
		await expect.poll(async () => (await podOf(proxy))?.status?.podIP, PATIENCE).toBeDefined();
		const pod = await podOf(proxy);
		const own = `${pod?.status?.podIP?.replaceAll(".", "-")}.${proxy}-headless.default.svc:8981`;
		await untilReady(pod?.metadata.name ?? "");
		expect(fleet.resolve(own)).toBeUndefined();
		await cluster.store.create(headless(`${proxy}-headless`, proxyLabels));
		await (await callerAt(own)).assign(ORDERS);
		expect((await (await callerAt(own)).list()).namespaces).toMatchObject([{ name: "orders" }]);

		const plane = await callerAt(`${admin}.default.svc:8982`);
		expect(fleet.resolve(`${admin}.default.svc:9000`)).toBeUndefined();
		const answer = await plane.create(ORDERS);
		expect(answer).toMatchObject({ success: true, assignedProxy: pod?.metadata.name });
		if (isReal) await expect(plane.list()).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
		else expect((await plane.list()).namespaces).toMatchObject([{ name: "orders" }]);

		await remove("Deployment", proxy, "apps/v1");
		await expect.poll(() => fleet.resolve(own), PATIENCE).toBeUndefined();
		const late = plane.create({ ...ORDERS, namespace: "late" });
		// The one that exists never forgets a proxy.
		if (isReal) expect(await late).toMatchObject({ assignedProxy: pod?.metadata.name });
		else await expect(late).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
	});
});

describe("annotations", () => {
	const annotate = async (name: string, annotations: Record<string, string>) => {
		const pod = await getPod(name);
		if (pod === undefined) throw new Error(`there is no pod ${name}`);
		await cluster.store.update({ ...pod, metadata: { ...pod.metadata, annotations } });
	};

	test("say what is wrong with a pod's admin API, from its template or later", async () => {
		await cluster.store.create(headless("faulty"));
		await cluster.store.create(shard("faulty", { replicas: 1 }, { "local.prism.io/proxy": "refusing" }));
		const caller = await callerAt("faulty-0.faulty.default.svc:8981");
		const refusal = { success: false, message: "refused, as its pod's annotation asks for" };
		expect(await caller.assign(ORDERS)).toEqual(refusal);
		await untilReady("faulty-0");
		await annotate("faulty-0", { "local.prism.io/proxy": "unavailable" });
		await expect.poll(() => caller.list().catch(({ code }) => code as unknown), PATIENCE).toBe(status.UNAVAILABLE);
		await annotate("faulty-0", {});
		await expect.poll(() => caller.assign(ORDERS).catch(() => undefined), PATIENCE).toMatchObject({ success: true });
		expect(log).toEqual([]);
		await annotate("faulty-0", { "local.prism.io/proxy": "sulking" });
		await expect
			.poll(() => log.splice(0), PATIENCE)
			.toEqual([expect.stringMatching(/^default\/faulty-0: there is no fault "sulking": slow, /)]);
		expect(await caller.assign(ORDERS)).toMatchObject({ success: true });
	});

	test("let a pod fail as ever: then nobody answers for it", async () => {
		await cluster.store.create(headless("failing"));
		await cluster.store.create(shard("failing", { replicas: 1 }));
		const address = "failing-0.failing.default.svc:8981";
		const caller = await callerAt(address);
		await caller.assign(ORDERS);
		await annotate("failing-0", { "local.prism.io/fail": "crash" });
		await expect.poll(() => fleet.resolve(address), PATIENCE).toBeUndefined();
		await expect(caller.list()).rejects.toMatchObject({ code: status.UNAVAILABLE });
		await annotate("failing-0", {});
		expect((await (await callerAt(address)).list()).namespaces).toHaveLength(1);
	});

	test("an unready pod is reached only where unready addresses are published", async () => {
		const spec = { replicas: 1 };
		await cluster.store.create(headless("unready"));
		await cluster.store.create(service("unready-behind", { app: "unready" }));
		await cluster.store.create(shard("unready", spec, { "local.prism.io/fail": "unready" }));
		await callerAt("unready-0.unready.default.svc:8981");
		expect(fleet.resolve("unready-behind.default.svc:8981")).toBeUndefined();
		await annotate("unready-0", {});
		await expect.poll(() => fleet.resolve("unready-behind.default.svc:8981"), PATIENCE).toBeDefined();
	});
});

test("a proxy that cannot start, as when its port is taken meanwhile, is started again", async () => {
	const lines: string[] = [];
	const real = createFleet({ clock: systemTime });
	let failures = 2;
	const start: Fleet["start"] = async (member) => {
		if (failures === 0) return real.start(member);
		failures -= 1;
		throw new Error("listen EADDRINUSE");
	};
	const { informers } = cluster;
	const pods = createProxyPods({
		fleet: { ...real, start },
		clock: systemTime,
		services: await informers.get(await resource("Service")),
		slices: await informers.get(await resource("EndpointSlice", "discovery.k8s.io/v1")),
		claims: await informers.get(await resource("PersistentVolumeClaim")),
	});
	const pod = { apiVersion: "v1", kind: "Pod", ...template("late") };
	const late = { ...pod, metadata: { ...pod.metadata, name: "late", namespace: "default", uid: "late" } };
	if (!isPod(late)) throw new Error("this is a pod");
	let changes = 0;
	const running = pods
		.runner((line) => void lines.push(line))
		.run(
			late,
			() => {
				changes += 1;
			},
			() => {},
		);
	await expect.poll(() => running?.isReady(), PATIENCE).toBe(true);
	expect(changes).toBe(1);
	expect(lines).toEqual(Array.from({ length: 2 }, () => "cannot run default/late: listen EADDRINUSE"));
	running?.stop();
	await real.close();
});

test("a cluster whose ADMIN_DIALECT is not known does not start", async () => {
	const other = startCluster({
		clock: systemTime,
		name: "memory",
		environment: { ADMIN_DIALECT: "sulking" },
		log: () => {},
		confirm: async () => false,
	});
	await expect(other).rejects.toThrow("cannot use ADMIN_DIALECT=sulking: allowed are extended, design, prism-admin");
});

test("a cluster that ends leaves neither a proxy nor a file behind", async () => {
	const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("prism-proxies-"));
	const before = new Set(folders());
	const other = await startCluster({
		clock: systemTime,
		name: "memory",
		environment: {},
		log: () => {},
		confirm: async () => false,
	});
	await other.startControllers();
	await other.store.create(headless("shard"));
	await other.store.create(shard("shard"));
	const address = "shard-0.shard.default.svc:8981";
	await expect.poll(() => other.proxies?.proxyAt(address), PATIENCE).toBeDefined();
	const own = folders().filter((name) => !before.has(name));
	const caller = call({ port: Number(other.proxies?.resolve(address)?.split(":")[1]) });
	await caller.list();
	await other.stop();
	await expect(caller.list()).rejects.toMatchObject({ code: status.UNAVAILABLE });
	expect(own.filter((name) => existsSync(`${tmpdir()}/${name}`))).toEqual([]);
});
