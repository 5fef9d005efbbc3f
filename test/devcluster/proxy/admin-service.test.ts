import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { systemTime } from "../../../server/time.ts";
import { call, endAll, ORDERS, started } from "./started.ts";

afterEach(endAll);

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

describe("a server of the design, without our additions", () => {
	test("lists no owner, version, digest and store, and all whatever name it is asked for", async () => {
		const { proxy, caller } = await started();
		await caller.assign(ORDERS);
		await caller.assign({ ...ORDERS, namespace: "users" });
		proxy.faults.speak("design");
		const { namespaces, storeId } = await caller.list({ name: "users" });
		expect(storeId).toBe("");
		expect(namespaces).toMatchObject([
			{ name: "orders", owner: "", configVersion: 0, configDigest: "", metrics: { keyCount: 0 } },
			{ name: "users" },
		]);
		expect(await caller.metrics()).toEqual({ requestsPerSecond: 0, p99LatencyMs: 0 });
		expect(await caller.backendStatus("postgres")).toEqual({ available: false, message: "" });
	});
});
