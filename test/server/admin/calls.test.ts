import { setTimeout as sleep } from "node:timers/promises";
import { Metadata, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import type { AdminCall } from "../../../schemas/admin.ts";
import { BUDGET_MS, failed, known, prepare } from "./calls.ts";
import {
	about,
	adminOf,
	assign,
	create,
	fails,
	hangs,
	info,
	record,
	refuses,
	revoke,
	startProxy,
	wireTo,
} from "./fake-proxy.ts";

// What becomes of calls within a hook's time.

describe("a call that is done", () => {
	test.each([
		{ make: create, made: "create orders v1", outcome: { assignedProxy: "prism-shard-9" } },
		{ make: assign, made: "assign orders v1", outcome: {} },
	])("$made is read back at once", async ({ make, made, outcome }) => {
		const { proxy, execute } = await prepare();
		expect(await execute(make(proxy))).toEqual({ state: "done", ...outcome, readBack: known(record) });
		expect(proxy.calls).toEqual([made, "list orders"]);
	});

	test("a revoked namespace is read back as missing", async () => {
		const { proxy, execute } = await prepare();
		proxy.keep("orders");
		expect(await execute(revoke(proxy))).toEqual({ state: "done", readBack: known(undefined) });
		expect(proxy.calls).toEqual(["revoke orders v1", "list orders"]);
	});

	test("answers the next question without another read", async () => {
		const { proxy, execute, ask } = await prepare();
		expect(await ask()).toEqual(known(undefined));
		await execute(assign(proxy));
		expect(await ask()).toEqual(known(record));
		await execute(revoke(proxy));
		expect(await ask()).toEqual(known(undefined));
		expect(proxy.calls.filter((call) => call === "list")).toHaveLength(1);
	});

	test("on a server that lists all whatever it is asked: read to the page with it, later by the shared listing", async () => {
		const { proxy, admin, execute } = await prepare({ pageSize: 10 });
		const { list } = proxy.does;
		proxy.does.list = (request, reply, call) => list({ ...request, name: "" }, reply, call);
		for (let index = 0; index < 25; index++) proxy.keep(`n${index}`);
		expect(await execute(assign(proxy))).toEqual({ state: "done", readBack: known(record) });
		expect(proxy.calls).toEqual(["assign orders v1", "list orders", "list orders …", "list orders …"]);
		proxy.calls.length = 0;
		const results = await admin.execute(
			Array.from({ length: 8 }, (_, index) => assign(proxy, `m${index}`)),
			BUDGET_MS,
		);
		for (const { outcome } of results) expect(outcome).toEqual({ state: "done", readBack: known(record) });
		expect(proxy.calls.filter((call) => call === "list").length).toBeLessThanOrEqual(3);
	});

	test("and is not read back for once, is done", async () => {
		const { proxy, execute } = await prepare();
		proxy.does.list = (_request, reply) => reply(fails(status.UNAVAILABLE));
		expect(await execute(assign(proxy))).toEqual({ state: "done" });
	});

	test("and can't be read back, is done, and is to be made again after a while", async () => {
		const { proxy, execute, ask } = await prepare({}, { timing: { remindMs: 4000 } });
		proxy.does.list = (_request, reply) => reply(fails(status.UNIMPLEMENTED));
		expect(await execute(assign(proxy))).toEqual({ state: "done", remindInSeconds: 4 });
		expect(await ask()).toEqual({ state: "unverifiable", remindInSeconds: expect.any(Number) as unknown });
		expect(await execute(revoke(proxy))).toEqual({ state: "done" });
	});

	test("with words that take it back, is done with those, without credentials", async () => {
		const { proxy, execute } = await prepare();
		proxy.does.list = (_request, reply) => reply(fails(status.UNIMPLEMENTED));
		proxy.does.revoke = (_request, reply) =>
			reply(null, { success: true, message: "not implemented at redis://me:secret@db", revokedAt: 1 });
		expect(await execute(revoke(proxy))).toEqual({ state: "done", reservation: "not implemented at redis://db" });
		proxy.does.revoke = (_request, reply) => reply(null, { success: true, message: "Namespace noted", revokedAt: 1 });
		expect(await execute(revoke(proxy))).toEqual({ state: "done" });
	});

	test("names the proxy that was chosen, or else the instance", async () => {
		const { proxy, execute } = await prepare();
		const ids: string[] = [];
		const works = proxy.does.revoke;
		proxy.does.revoke = (request, reply, call) => {
			ids.push(request.proxyId);
			works(request, reply, call);
		};
		await execute({ ...revoke(proxy), proxyId: "shop-proxy-1" });
		await execute(revoke(proxy));
		expect(ids).toEqual(["shop-proxy-1", about(proxy).instance.name]);
	});

	test("and is refused because it was made before, is an assignment", async () => {
		const { proxy, execute } = await prepare();
		const refusal = { success: false, message: "exists", assignedPartition: 0, assignedProxy: "" };
		proxy.does.create = (_request, reply) => reply(null, refusal);
		expect(await execute(create(proxy))).toEqual({ state: "refused", message: "exists" });
		const again = { ...create(proxy), again: true } as AdminCall;
		expect(await execute(again)).toEqual({ state: "done", readBack: known(record) });
		expect(proxy.calls.filter((call) => call.startsWith("assign"))).toEqual(["assign orders v1"]);
	});

	test("and takes too long to be read back, is done; the next question finds it", async () => {
		const { proxy, execute, ask } = await prepare();
		const { list } = proxy.does;
		proxy.does.list = (request, reply, call) => setTimeout(() => list(request, reply, call), 300);
		expect(await execute(assign(proxy), 150)).toEqual({ state: "done" });
		await sleep(300);
		expect(await ask()).toEqual(known(record));
	});

	test("and is read back as nonsense, is done, and nothing is believed of it", async () => {
		const { proxy, execute, ask } = await prepare();
		proxy.does.list = (_request, reply) =>
			reply(null, { namespaces: [info("orders"), info("orders")], nextPageToken: "", storeId: "" });
		expect(await execute(assign(proxy))).toEqual({ state: "done" });
		expect(await ask()).toEqual({ state: "unknown", failure: "BadAnswer" });
	});

	test("an assigned proxy that is no name is left out", async () => {
		const { proxy, execute } = await prepare();
		proxy.does.create = (_request, reply) =>
			reply(null, { success: true, message: "", assignedPartition: 0, assignedProxy: "x\ny" });
		expect(await execute(create(proxy))).toEqual({ state: "done", readBack: known(undefined) });
	});
});

describe("a call that is not done", () => {
	test("is refused in the server's words, and not read back", async () => {
		const { proxy, execute } = await prepare();
		proxy.does.assign = refuses("owned by\nredis://u:CANARY@x");
		expect(await execute(assign(proxy))).toEqual({ state: "refused", message: "owned by redis://x" });
		expect(proxy.calls).toEqual(["assign orders v1"]);
	});

	test.each([
		[status.CANCELLED, "Unreachable"],
		[status.FAILED_PRECONDITION, "NotReady"],
		[status.UNAUTHENTICATED, "Unauthenticated"],
		[status.UNIMPLEMENTED, "Unimplemented"],
		[status.INVALID_ARGUMENT, "Rejected"],
		[status.RESOURCE_EXHAUSTED, "Overloaded"],
		[status.UNKNOWN, "BadAnswer"],
	])("%s is %s, and is not repeated", async (code, failure) => {
		const { proxy, execute } = await prepare();
		for (const [make, method] of [
			[create, "create"],
			[assign, "assign"],
			[revoke, "revoke"],
		] as const) {
			proxy.does[method] = (_request: unknown, reply: (error: object) => void) => reply(fails(code));
			expect(await execute(make(proxy))).toEqual(failed(failure));
		}
		expect(proxy.calls).toEqual(["create orders v1", "assign orders v1", "revoke orders v1"]);
	});

	test("a server that answers UNAVAILABLE, or has no leader, is quoted; without credentials", async () => {
		const { proxy, execute } = await prepare();
		for (const [code, details, words] of [
			[status.UNAVAILABLE, "no leader elected", "UNAVAILABLE: no leader elected"],
			[status.UNAVAILABLE, "", "UNAVAILABLE"],
			[status.UNAVAILABLE, "dial redis://u:CANARY@x:1", "UNAVAILABLE: dial redis://x:1"],
			[status.FAILED_PRECONDITION, "not the leader", "FAILED_PRECONDITION: not the leader"],
			[status.INTERNAL, "failed to propose to raft: timeout", "INTERNAL: failed to propose to raft: timeout"],
		] as const) {
			proxy.does.create = (_request, reply) => reply(fails(code, details));
			expect(await execute(create(proxy))).toEqual({ ...failed("Unavailable"), words });
		}
		// With headers before the trailers, as a server does that has begun to answer.
		proxy.does.create = (_request, reply, call) => {
			call.sendMetadata(new Metadata());
			reply(fails(status.UNAVAILABLE, "no leader elected"));
		};
		expect(await execute(create(proxy))).toEqual({ ...failed("Unavailable"), words: "UNAVAILABLE: no leader elected" });
	});

	test("nobody there", async () => {
		const { proxy, execute } = await prepare();
		proxy.stop();
		expect(await execute(assign(proxy))).toEqual(failed("Unreachable"));
	});

	test("a connection that is reset in the middle: nothing is sent twice", async () => {
		const proxy = await startProxy();
		const wire = await wireTo(proxy);
		const admin = adminOf([wire]);
		proxy.does.create = () => wire.cut();
		const [result] = await admin.execute([create(proxy)], BUDGET_MS);
		expect(result?.outcome).toEqual(failed("Unreachable"));
		await sleep(300);
		expect(proxy.calls).toEqual(["create orders v1"]);
	});

	test("one that was committed, and then failed: the next question finds out", async () => {
		const { proxy, execute, ask } = await prepare();
		expect(await ask()).toEqual(known(undefined));
		proxy.faults.set("ControlPlane.AssignNamespace", { kind: "committed", afterwards: "unavailable" });
		expect(await execute(assign(proxy))).toMatchObject(failed("Unavailable"));
		expect(await ask("users")).toEqual(known(undefined));
		expect(proxy.calls.filter((call) => call === "list")).toHaveLength(1);
		expect(await ask()).toEqual(known(record));
		expect(proxy.calls.filter((call) => call === "list")).toHaveLength(2);
	});

	test("one that hangs ends at its own deadline", async () => {
		const { proxy, execute } = await prepare({}, { timing: { callDeadlineMs: 100, createDeadlineMs: 250 } });
		proxy.does.assign = hangs;
		proxy.does.create = hangs;
		expect(await execute(assign(proxy))).toEqual(failed("DeadlineExceeded"));
		const began = performance.now();
		expect(await execute(create(proxy))).toEqual(failed("DeadlineExceeded"));
		expect(performance.now() - began).toBeGreaterThan(240);
	});
});
