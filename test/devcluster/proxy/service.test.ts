import { status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { call, endAll, ORDERS, OWNER, started } from "./started.ts";

afterEach(endAll);

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
