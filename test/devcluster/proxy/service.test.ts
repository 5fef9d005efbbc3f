import { crc32 } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { createFaults } from "../../../devcluster/proxy/faults.ts";
import { contentHash } from "../../../kube/object.ts";
import { systemTime } from "../../../server/time.ts";
import { DIALECTS } from "../../dialects.ts";
import { CONFIG } from "./callers.ts";
import { call, endAll, ORDERS, OWNER, started } from "./started.ts";

afterEach(endAll);

describe("prism.ControlPlane", () => {
	test("assigns, and tells the digest that a hook computes of the same configuration", async () => {
		const { caller } = await started();
		expect(await caller.assign(ORDERS)).toEqual({ success: true, message: "" });
		const { namespaces } = await caller.list();
		expect(namespaces).toMatchObject([
			{ name: "orders", configDigest: contentHash(CONFIG), configVersion: 5, owner: OWNER },
		]);
	});

	test("versions as large as a creation time in microseconds survive", async () => {
		const { caller } = await started();
		const version = 1_790_000_000 * 1_000_000 + 12;
		await caller.assign({ ...ORDERS, version });
		expect((await caller.list()).namespaces[0]?.configVersion).toBe(version);
		expect(await caller.assign({ ...ORDERS, version: version - 1 })).toEqual({
			success: false,
			message: "stale version",
		});
	});

	test("refuses in its answer, with status OK", async () => {
		const { caller } = await started();
		await caller.assign(ORDERS);
		const other = { ...ORDERS, owner: "cluster/other/orders", version: 9 };
		const message = "namespace orders belongs to another owner";
		expect(await caller.assign(other)).toEqual({ success: false, message });
		expect(await caller.revoke(other)).toEqual({ success: false, message, revokedAt: 0 });
		expect(await caller.revoke({ ...ORDERS, version: 4 })).toMatchObject({ success: false, message: "stale version" });
		expect(await caller.create(ORDERS)).toMatchObject({ success: false, message: "already exists" });
		expect((await caller.list()).namespaces).toMatchObject([{ configVersion: 5, owner: OWNER }]);
	});

	test("creates, saying where; a proxy keeps it itself", async () => {
		const { proxy, caller } = await started();
		expect(await caller.create({ ...ORDERS, principal: "ann" })).toEqual({
			success: true,
			message: "",
			assignedPartition: crc32("orders") % 256,
			assignedProxy: "prism-orders-0",
		});
		expect(proxy.store.get("orders")).toMatchObject({ createdBy: "ann", owner: OWNER, version: 5 });
	});

	test("revokes as often as one likes, and remembers the version", async () => {
		const { caller } = await started();
		await caller.assign(ORDERS);
		for (const _ of [1, 2]) {
			const answer = await caller.revoke({ namespace: "orders", owner: OWNER, version: 6 });
			expect(answer.success).toBe(true);
			expect(Math.abs(answer.revokedAt - Date.now() / 1000)).toBeLessThan(5);
		}
		expect((await caller.list()).namespaces).toEqual([]);
		expect(await caller.assign(ORDERS)).toEqual({ success: false, message: "stale version" });
	});

	test("an empty name is nobody's", async () => {
		const { caller } = await started();
		await expect(caller.assign({ ...ORDERS, namespace: "" })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
	});
});

describe.each(DIALECTS)("a control plane that speaks %s", (dialect) => {
	const plane = () => started({ kind: "controlPlane", name: "prism-admin", faults: createFaults(dialect) });

	test("is not ready while no proxy is registered", async () => {
		const { proxy, caller } = await plane();
		await expect(caller.create(ORDERS)).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
		expect(proxy.store.list()).toEqual([]);
	});

	test("divides the partitions, and gives a proxy that registers what is its own", async () => {
		const { proxy, caller } = await plane();
		await caller.register({ proxyId: "proxy-0", address: "proxy-0.svc:8981" });
		await caller.register({ proxyId: "proxy-1", address: "proxy-1.svc:8981" });
		const partition = crc32("orders") % 256;
		const assignedProxy = partition < 128 ? "proxy-0" : "proxy-1";
		const created = await caller.create(ORDERS);
		expect(created).toMatchObject({ success: true, assignedPartition: partition, assignedProxy });
		const both = await Promise.all(["proxy-0", "proxy-1"].map((proxyId) => caller.register({ proxyId })));
		expect(both.map(({ partitionRanges }) => partitionRanges)).toEqual([
			[{ start: 0, end: 127 }],
			[{ start: 128, end: 255 }],
		]);
		const given = both.map(({ initialNamespaces }) => initialNamespaces.map(({ namespace }) => namespace));
		expect(given).toEqual(assignedProxy === "proxy-0" ? [["orders"], []] : [[], ["orders"]]);
		const kept = dialect === "extended" ? CONFIG : { metadata: CONFIG.metadata };
		expect(proxy.store.get("orders")).toMatchObject({ digest: contentHash(kept) });
	});

	test("knows by their heartbeat those who registered", async () => {
		const { caller } = await plane();
		expect(await caller.heartbeat({ proxyId: "proxy-0" })).toMatchObject({ success: false });
		await caller.register({ proxyId: "proxy-0" });
		expect(await caller.heartbeat({ proxyId: "proxy-0" })).toMatchObject({ success: true, message: "" });
	});
});

describe("prism.admin.v1.AdminService", () => {
	const names = (count: number) => Array.from({ length: count }, (_, index) => `ns-${String(index).padStart(3, "0")}`);

	test("lists page by page, steady while namespaces come and go", async () => {
		const { proxy, caller } = await started();
		for (const name of names(25)) proxy.store.put({ name, config: {}, version: 1, owner: "" }, "");
		const seen: string[] = [];
		let pageToken = "";
		do {
			const answer = await caller.list({ pageSize: 10, pageToken });
			seen.push(...answer.namespaces.map(({ name }) => name));
			({ nextPageToken: pageToken } = answer);
			proxy.store.remove("ns-000", "");
		} while (pageToken !== "");
		expect(seen).toEqual(names(25));
		await expect(caller.list({ pageToken: "?" })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
		await expect(caller.list({ pageSize: -1 })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
	});

	test("a page that is exactly full is the last one", async () => {
		const { proxy, caller } = await started();
		for (const name of names(10)) proxy.store.put({ name, config: {}, version: 1, owner: "" }, "");
		expect((await caller.list({ pageSize: 10 })).nextPageToken).toBe("");
	});

	test("lists one by its name, and always which store it is", async () => {
		const { proxy, caller } = await started();
		for (const name of names(3)) proxy.store.put({ name, config: {}, version: 1, owner: "" }, "");
		const storeId = proxy.store.id();
		expect(await caller.list({ name: "ns-001" })).toMatchObject({ namespaces: [{ name: "ns-001" }], storeId });
		expect(await caller.list({ name: "ns" })).toEqual({ namespaces: [], nextPageToken: "", storeId });
	});

	test("tells status, time and figures that move", async () => {
		let now = Date.parse("2026-01-01T00:00:00Z");
		const { proxy, caller } = await started({ clock: { ...systemTime, now: () => now } });
		await caller.assign(ORDERS);
		proxy.store.tamper("orders", { status: "disabled" });
		const before = (await caller.list()).namespaces[0];
		expect(before?.status).toBe(3);
		expect(before?.metrics?.keyCount).toBeGreaterThan(0);
		expect(before?.metrics?.p99LatencyMs).toBeGreaterThan(0);
		expect(await caller.metrics()).toEqual({
			requestsPerSecond: before?.metrics?.requestsPerSecond,
			p99LatencyMs: before?.metrics?.p99LatencyMs,
		});
		now += 150_000;
		expect((await caller.list()).namespaces[0]?.metrics).not.toEqual(before?.metrics);
		expect(await caller.backendStatus("postgres")).toEqual({ available: true, message: "" });
		expect(await caller.backendStatus("kafka")).toMatchObject({ available: false });
	});

	test("an administrator's hand: creates what is nobody's, changes and deletes what is anybody's", async () => {
		const { proxy } = await started();
		const caller = call(proxy, { user: "root" });
		const quota = { maxRps: 100, burstSize: 200 };
		const { namespace } = await caller.createByHand({ name: "orders", description: "by hand", quota });
		expect(namespace).toMatchObject({ name: "orders", description: "by hand", owner: "", quota });
		await expect(caller.createByHand({ name: "orders" })).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
		expect(await caller.assign(ORDERS)).toMatchObject({ success: false });
		const updated = await caller.updateByHand({ name: "orders", description: "changed" });
		expect(updated.namespace).toMatchObject({ description: "changed", quota });
		expect(proxy.store.history("orders").map(({ by }) => by)).toEqual(["root", "root"]);
		await caller.deleteByHand({ name: "orders" });
		await expect(caller.deleteByHand({ name: "orders" })).rejects.toMatchObject({ code: status.NOT_FOUND });
		await expect(caller.updateByHand({ name: "orders" })).rejects.toMatchObject({ code: status.NOT_FOUND });
		await caller.assign(ORDERS);
		await caller.deleteByHand({ name: "orders" });
		expect(await caller.assign(ORDERS)).toMatchObject({ success: true });
	});
});

test("the token must be right, where there is one", async () => {
	const { proxy, caller } = await started({ token: "s3cret" });
	await expect(caller.assign(ORDERS)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
	await expect(call(proxy, { token: "wrong" }).list()).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
	expect(await call(proxy, { token: "s3cret" }).assign(ORDERS)).toMatchObject({ success: true });
	proxy.requireToken("next");
	await expect(call(proxy, { token: "s3cret" }).list()).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
	proxy.requireToken(undefined);
	expect((await caller.list()).namespaces).toHaveLength(1);
});

test("calls are counted and shown, also those that come to nothing", async () => {
	const seen: unknown[] = [];
	const { proxy, caller } = await started({ onCall: (rpc, request) => void seen.push([rpc, request]) });
	proxy.faults.set("ControlPlane", { kind: "status", code: status.UNAVAILABLE }, 1);
	await expect(caller.assign(ORDERS)).rejects.toMatchObject({ code: status.UNAVAILABLE });
	await caller.assign(ORDERS);
	expect(proxy.calls("ControlPlane.AssignNamespace")).toBe(2);
	expect(proxy.calls("AdminService.ListNamespaces")).toBe(0);
	const shown = ["ControlPlane.AssignNamespace", expect.objectContaining({ namespace: "orders", owner: OWNER })];
	expect(seen).toEqual([shown, shown]);
});
