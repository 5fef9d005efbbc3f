import { status } from "@grpc/grpc-js";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { AdminCall } from "../../../schemas/admin.ts";
import { createAdminMetrics } from "../../../server/admin/metrics.ts";
import { captureLog } from "../toy.ts";
import { failed, known, prepare, unknown } from "./calls.ts";
import { assign, breaks, create, fails, record, refuses, revoke } from "./fake-proxy.ts";

const SECONDS: unknown = expect.any(Number);

test("the breaker of a dead proxy is logged and counted while it is open", async () => {
	const captured = captureLog();
	const registry = new Registry();
	const { proxy, execute } = await prepare(
		{},
		{
			log: captured.log,
			metrics: createAdminMetrics(registry),
			bounds: { failures: 2 },
			timing: { openMs: 50, longestOpenMs: 50 },
		},
	);
	const open = async () =>
		(await registry.getSingleMetric("prism_operator_admin_breakers_open")?.get())?.values[0]?.value;
	const works = proxy.does.assign;
	proxy.does.assign = breaks;
	for (let version = 1; version <= 3; version++) {
		expect(await execute(assign(proxy, "orders", version))).toEqual(failed("Unreachable"));
	}
	expect(proxy.calls.filter((call) => call.startsWith("assign"))).toHaveLength(2);
	expect(await open()).toBe(1);
	expect(captured.lines("circuit breaker open: a proxy does not answer")).toMatchObject([
		{ level: 40, proxy: proxy.instance.address },
	]);
	proxy.does.assign = works;
	await expect.poll(() => execute(assign(proxy, "orders", 4))).toMatchObject({ state: "done" });
	expect(await open()).toBe(0);
	expect(captured.lines("circuit breaker closed")).toHaveLength(1);
});

test.each<[string, (call: AdminCall) => AdminCall, readonly string[]]>([
	["as itself the first time", (call) => call, ["create orders v1"]],
	[
		"as an assignment the second time",
		(call) => ({ ...call, again: true }) as AdminCall,
		["create orders v1", "assign orders v1"],
	],
])("a creation that is refused is sent %s", async (_, change, sent) => {
	const { proxy, execute } = await prepare();
	proxy.does.create = (_request, reply) =>
		reply(null, { success: false, message: "exists", assignedPartition: 0, assignedProxy: "" });
	await execute(change(create(proxy)));
	expect(proxy.calls.filter((call) => !call.startsWith("list"))).toEqual(sent);
});

test("a refused call is not read back", async () => {
	const { proxy, execute } = await prepare();
	proxy.does.assign = refuses("no");
	expect(await execute(assign(proxy))).toEqual({ state: "refused", message: "no" });
	expect(proxy.calls).toEqual(["assign orders v1"]);
});

test("a proxy that can't be read back is reminded of an assignment, not of a revocation", async () => {
	const { proxy, execute, ask } = await prepare({}, { timing: { remindMs: 60_000 } });
	proxy.does.list = (_request, reply) => reply(fails(status.UNIMPLEMENTED));
	const done = await execute(assign(proxy));
	expect(done).toMatchObject({ state: "done", remindInSeconds: SECONDS });
	expect(await ask()).toMatchObject({ state: "unverifiable", remindInSeconds: SECONDS });
	expect(await ask()).not.toMatchObject({ remindInSeconds: 0 });
	expect(await execute(revoke(proxy))).toEqual({ state: "done" });
});

test("pages that take longer than a listing may are not read on", async () => {
	const { proxy, ask } = await prepare({ pageSize: 1 }, { timing: { readDeadlineMs: 100 } });
	proxy.keep("a", "b", "c", "orders");
	expect(await ask()).toEqual(known(record));
	const slow = await prepare({ pageSize: 1 }, { timing: { readDeadlineMs: 100 } });
	slow.proxy.keep("a", "b", "c", "orders");
	const { list } = slow.proxy.does;
	slow.proxy.does.list = (...given) => setTimeout(() => list(...given), 60);
	expect(await slow.ask()).toEqual(unknown("DeadlineExceeded"));
	expect(slow.proxy.calls.length).toBeLessThan(4);
});
