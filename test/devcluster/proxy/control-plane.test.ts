import { crc32 } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { createFaults } from "../../../devcluster/proxy/faults.ts";
import { contentHash } from "../../../kube/object.ts";
import { DIALECTS } from "../../dialects.ts";
import { CONFIG } from "./callers.ts";
import { endAll, ORDERS, OWNER, started } from "./started.ts";

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
