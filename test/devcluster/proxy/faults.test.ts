import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { createFaults, type Fault, setNamedFault, USUAL_DIALECT } from "../../../devcluster/proxy/faults.ts";
import { contentHash } from "../../../kube/object.ts";
import { systemTime } from "../../../server/time.ts";
import { createManualClock } from "../../clock.ts";
import { CONFIG } from "./callers.ts";
import { call, endAll, ORDERS, OWNER, started } from "./started.ts";

afterEach(endAll);

const ALL_WELL = { success: true, message: "" };
const UNAVAILABLE = { code: status.UNAVAILABLE };

describe("a fault", () => {
	test("slow: does it in the end, also when nobody waits for it any more", async () => {
		const clock = createManualClock();
		const { proxy, caller } = await started({ clock });
		proxy.faults.set("*", { kind: "slow", ms: 3_000 });
		const impatient = call(proxy, { deadlineMs: 100 });
		await expect(impatient.assign(ORDERS)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
		const patient = caller.list();
		await expect.poll(() => proxy.calls("AdminService.ListNamespaces")).toBe(1);
		expect(proxy.store.list()).toEqual([]);
		await clock.advance(3_000);
		expect((await patient).namespaces).toHaveLength(1);
	});

	test("slow, and stopped meanwhile: nothing happens later", async () => {
		const clock = createManualClock();
		const { proxy, caller } = await started({ clock });
		proxy.faults.set("*", { kind: "slow", ms: 3_000 });
		const cut = caller.assign(ORDERS);
		cut.catch(() => {});
		await expect.poll(() => proxy.calls("ControlPlane.AssignNamespace")).toBe(1);
		await proxy.stop();
		await expect(cut).rejects.toMatchObject(UNAVAILABLE);
		await clock.advance(3_000);
		expect(proxy.store.list()).toEqual([]);
	});

	test("hanging: no answer, nothing done", async () => {
		const { proxy } = await started();
		proxy.faults.set("*", { kind: "hanging" });
		const caller = call(proxy, { deadlineMs: 200 });
		await expect(caller.assign(ORDERS)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
		expect(proxy.store.list()).toEqual([]);
	});

	test.each([status.UNAVAILABLE, status.FAILED_PRECONDITION, status.RESOURCE_EXHAUSTED])(
		"status %i: nothing done",
		async (code) => {
			const { proxy, caller } = await started();
			proxy.faults.set("ControlPlane.AssignNamespace", { kind: "status", code, details: "electing a leader" });
			await expect(caller.assign(ORDERS)).rejects.toMatchObject({ code, details: "electing a leader" });
			expect((await caller.list()).namespaces).toEqual([]);
		},
	);

	test.each(["ControlPlane", "AdminService"] as const)("a server without %s", async (service) => {
		const { proxy, caller } = await started();
		proxy.faults.set(service, { kind: "status", code: status.UNIMPLEMENTED });
		const calls = { ControlPlane: () => caller.assign(ORDERS), AdminService: () => caller.list() };
		const other = service === "ControlPlane" ? "AdminService" : "ControlPlane";
		await expect(calls[service]()).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
		await expect(calls[other]()).resolves.toBeDefined();
	});

	test("refusing: says no, and lists as ever", async () => {
		const { proxy, caller } = await started();
		await caller.assign(ORDERS);
		proxy.faults.set("*", { kind: "refusing", message: "over quota" });
		const no = { success: false, message: "over quota" };
		expect(await caller.assign({ ...ORDERS, version: 6 })).toEqual(no);
		expect(await caller.create({ ...ORDERS, namespace: "new" })).toMatchObject(no);
		expect(await caller.revoke(ORDERS)).toMatchObject(no);
		expect(await caller.heartbeat({})).toMatchObject(no);
		expect((await caller.list()).namespaces).toMatchObject([{ name: "orders", configVersion: 5 }]);
	});

	test("reset in mid-call: nothing done, and other connections live on", async () => {
		const { proxy, caller } = await started();
		const other = call(proxy);
		await other.list();
		proxy.faults.set("*", { kind: "hanging" }, 1);
		const waiting = other.list();
		waiting.catch(() => {});
		await expect.poll(() => proxy.calls("AdminService.ListNamespaces")).toBe(2);
		proxy.faults.set("ControlPlane", { kind: "reset" }, 1);
		await expect(caller.assign(ORDERS)).rejects.toMatchObject(UNAVAILABLE);
		expect(proxy.store.list()).toEqual([]);
		expect(await caller.assign(ORDERS)).toEqual(ALL_WELL);
		const settled = await Promise.race([waiting.catch(() => "cut off"), other.metrics().then(() => "lives on")]);
		expect(settled).toBe("lives on");
	});

	test.each([
		["unavailable", status.UNAVAILABLE],
		["reset", status.UNAVAILABLE],
		["hanging", status.DEADLINE_EXCEEDED],
	] as const)("committed, then %s: done, and never told", async (afterwards, code) => {
		const { proxy } = await started();
		proxy.faults.set("ControlPlane", { kind: "committed", afterwards });
		const caller = call(proxy, { deadlineMs: 500 });
		await expect(caller.create(ORDERS)).rejects.toMatchObject({ code });
		expect((await caller.list()).namespaces).toMatchObject([{ name: "orders", configDigest: contentHash(CONFIG) }]);
		proxy.faults.clear();
		expect(await caller.create(ORDERS)).toMatchObject({ success: false, message: "already exists" });
		expect(await caller.assign(ORDERS)).toEqual(ALL_WELL);
	});

	test("lying: says yes and does nothing, and lists digests that are not so", async () => {
		const { proxy, caller } = await started();
		await caller.assign(ORDERS);
		proxy.faults.set("*", { kind: "lying" });
		expect(await caller.assign({ ...ORDERS, namespace: "new" })).toEqual(ALL_WELL);
		expect(await caller.create({ ...ORDERS, namespace: "new" })).toMatchObject(ALL_WELL);
		expect(await caller.revoke(ORDERS)).toMatchObject(ALL_WELL);
		const { namespaces } = await caller.list();
		expect(namespaces.map(({ name }) => name)).toEqual(["orders"]);
		expect(namespaces[0]?.configDigest).toMatch(/^[0-9a-f]{16}$/);
		expect(namespaces[0]?.configDigest).not.toBe(contentHash(CONFIG));
		expect(proxy.store.list()).toHaveLength(1);
	});

	test("half-applying: the digest shows it, and a repetition mends it", async () => {
		const { proxy, caller } = await started();
		proxy.faults.set("ControlPlane", { kind: "halfApplying" });
		expect(await caller.assign(ORDERS)).toEqual(ALL_WELL);
		const { metadata: _, ...kept } = CONFIG;
		expect((await caller.list()).namespaces).toMatchObject([{ configDigest: contentHash(kept), configVersion: 5 }]);
		proxy.faults.clear("ControlPlane");
		await caller.assign(ORDERS);
		expect((await caller.list()).namespaces).toMatchObject([{ configDigest: contentHash(CONFIG) }]);
	});

	test("wiped and tampered with while it runs", async () => {
		const { proxy, caller } = await started();
		await caller.assign(ORDERS);
		const { storeId } = await caller.list();
		proxy.store.tamper("orders", { config: {} });
		expect((await caller.list()).namespaces).toMatchObject([{ configDigest: contentHash({}), owner: OWNER }]);
		proxy.store.wipe();
		const wiped = await caller.list();
		expect(wiped.namespaces).toEqual([]);
		expect(wiped.storeId).not.toBe(storeId);
	});
});

describe("a proxy that knows the design only", () => {
	test("tells nothing beyond it, and heeds no filter", async () => {
		const { proxy, caller } = await started();
		await caller.assign(ORDERS);
		await caller.assign({ ...ORDERS, namespace: "other" });
		proxy.faults.speak("design");
		const { namespaces, storeId } = await caller.list({ name: "orders" });
		expect(namespaces.map(({ name }) => name)).toEqual(["orders", "other"]);
		expect(namespaces[0]).toMatchObject({ configDigest: "", configVersion: 0, owner: "", status: 1 });
		expect(namespaces[0]?.metrics).toMatchObject({ keyCount: 0, connections: 0, p99LatencyMs: 0 });
		expect(namespaces[0]?.metrics?.requestsPerSecond).toBeGreaterThan(0);
		expect(storeId).toBe("");
		expect(await caller.metrics()).toEqual({ requestsPerSecond: 0, p99LatencyMs: 0 });
		expect(await caller.backendStatus("postgres")).toEqual({ available: false, message: "" });
	});

	test("asks for no owner and no version", async () => {
		const { proxy, caller } = await started();
		await caller.assign(ORDERS);
		proxy.faults.speak("design");
		expect(await caller.assign({ ...ORDERS, owner: "cluster/b/x", version: 1 })).toEqual(ALL_WELL);
		expect(await caller.revoke({ namespace: "orders", owner: "cluster/c/y", version: 1 })).toMatchObject(ALL_WELL);
		expect(await caller.create({ ...ORDERS, version: 9 })).toMatchObject(ALL_WELL);
		expect(await caller.create(ORDERS)).toMatchObject({ success: false, message: "already exists" });
		expect(proxy.store.get("orders")).toMatchObject({ owner: "", version: 0, config: CONFIG });
		const { namespace } = await caller.createByHand({ name: "new", quota: { maxRps: 5, burstSize: 9 } });
		expect(namespace?.quota).toMatchObject({ maxRps: 5, burstSize: 0 });
	});
});

describe("a control plane with the manners of the one that exists", () => {
	const plane = async () => {
		const { proxy, caller } = await started({ kind: "controlPlane" });
		await caller.register({ proxyId: "shop-proxy-0", address: "a:1" });
		return { proxy, caller };
	};

	test("creates once more over what is there, whoever asks, and keeps the metadata only", async () => {
		const { proxy, caller } = await plane();
		const placed = { assignedProxy: "shop-proxy-0", message: "Namespace created successfully", success: true };
		expect(await caller.create(ORDERS)).toMatchObject(placed);
		expect(proxy.store.get("orders")).toMatchObject({ owner: "", version: 0, config: { metadata: CONFIG.metadata } });
		expect(proxy.store.get("orders")?.config).toEqual({ metadata: CONFIG.metadata });
		const theirs = { ...ORDERS, owner: "cluster/other/x", version: 1, config: { metadata: { owner: "theirs" } } };
		expect(await caller.create(theirs)).toMatchObject(placed);
		expect(proxy.store.get("orders")?.config).toEqual({ metadata: { owner: "theirs" } });
	});

	test("acknowledges assignments and revocations, and does nothing", async () => {
		const { proxy, caller } = await plane();
		await caller.create(ORDERS);
		expect(await caller.assign({ ...ORDERS, config: {} })).toEqual({
			success: true,
			message: "Namespace assignment acknowledged",
		});
		expect(await caller.revoke({ namespace: "never-was" })).toMatchObject({
			success: true,
			message: "Namespace revocation not yet implemented",
		});
		await caller.revoke({ ...ORDERS, namespace: "orders" });
		expect(proxy.store.get("orders")?.config).toEqual({ metadata: CONFIG.metadata });
	});

	test("can't be read back, and takes nothing before a proxy is registered", async () => {
		const { proxy, caller } = await started({ kind: "controlPlane" });
		await expect(caller.list()).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
		await expect(caller.metrics()).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
		await expect(caller.create(ORDERS)).rejects.toMatchObject({
			code: status.FAILED_PRECONDITION,
			details: expect.stringMatching(/^no proxy assigned to partition \d+$/) as unknown,
		});
		proxy.faults.speak("extended");
		proxy.faults.clear();
		expect(proxy.faults.dialect()).toBe("prism-admin");
	});
});

describe("faults", () => {
	const hanging: Fault = { kind: "hanging" };
	const reset: Fault = { kind: "reset" };

	test("the narrowest scope decides, then the next one", () => {
		const faults = createFaults();
		faults.set("*", hanging);
		faults.set("ControlPlane", reset);
		faults.set("ControlPlane.Heartbeat", { kind: "lying" }, 2);
		const kinds = () => faults.next("ControlPlane.Heartbeat")?.kind;
		expect([kinds(), kinds(), kinds()]).toEqual(["lying", "lying", "reset"]);
		expect(faults.next("AdminService.GetMetrics")).toBe(hanging);
		faults.clear("*");
		expect(faults.next("AdminService.GetMetrics")).toBeUndefined();
		expect(kinds()).toBe("reset");
		faults.clear();
		expect(kinds()).toBeUndefined();
	});

	test.each([
		["slow", "slow"],
		["hanging", "hanging"],
		["unavailable", "status"],
		["not-ready", "status"],
		["unauthenticated", "status"],
		["refusing", "refusing"],
		["committed-then-failed", "committed"],
		["reset", "reset"],
		["lying", "lying"],
		["half-applying", "halfApplying"],
		["admin-only", "status"],
	])("by the name %s", (name, kind) => {
		const faults = createFaults();
		setNamedFault(faults, name);
		expect(faults.next("ControlPlane.AssignNamespace")?.kind).toBe(kind);
		setNamedFault(faults, undefined);
		expect(faults.next("ControlPlane.AssignNamespace")).toBeUndefined();
	});

	test("by the names of what it lacks", () => {
		const faults = createFaults();
		setNamedFault(faults, "control-plane-only");
		expect(faults.next("AdminService.ListNamespaces")).toMatchObject({ code: status.UNIMPLEMENTED });
		setNamedFault(faults, "design-only");
		expect(faults.dialect()).toBe("design");
		expect(faults.next("AdminService.ListNamespaces")).toBeUndefined();
		expect(() => setNamedFault(faults, "constructor")).toThrow(/^there is no fault "constructor": slow, hanging, /);
		expect(faults.dialect()).toBe("extended");
		setNamedFault(faults, "prism-admin");
		expect(faults.dialect()).toBe("prism-admin");
		setNamedFault(faults, "extended");
		expect(faults.dialect()).toBe("extended");
	});

	test("a control plane that speaks something else is as usual when nothing is wrong any more", () => {
		const faults = createFaults(USUAL_DIALECT.controlPlane);
		setNamedFault(faults, "extended");
		expect(faults.dialect()).toBe("extended");
		setNamedFault(faults, undefined);
		expect(faults.dialect()).toBe("prism-admin");
	});
});

test("what comes over the wire empty is not kept", async () => {
	const { proxy, caller } = await started({ clock: systemTime });
	await caller.assign({ namespace: "bare", version: 1 });
	await caller.assign({ ...ORDERS, config: { ...CONFIG, auth: { enabled: false } } });
	expect(proxy.store.get("bare")?.config).toEqual({});
	expect(proxy.store.get("orders")?.config.auth).toEqual({ enabled: false, provider: "" });
});
