import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { BUDGET_MS, failed, heldAssign, heldCreate, known, PENDING, prepare } from "../server/admin/calls.ts";
import { adminOf, assign, create, hangs, record, revoke, startProxy } from "../server/admin/fake-proxy.ts";
import { until } from "../server/started.ts";

// What becomes of calls after a hook's time, and among each other.

describe("a call that takes longer than the hook has", () => {
	test("is pending, and done once; the next question finds it", async () => {
		const { proxy, execute, ask } = await prepare();
		const release = heldAssign(proxy);
		expect(await execute(assign(proxy), 50)).toEqual(PENDING);
		release();
		await until(async () => (await ask())?.state === "known");
		expect(await ask()).toEqual(known(record));
		expect(proxy.calls).toEqual(["assign orders v1", "list orders"]);
	});

	test("is joined by who asks for the same meanwhile", async () => {
		const { proxy, admin, execute } = await prepare();
		const release = heldCreate(proxy);
		expect(await execute(create(proxy), 50)).toEqual(PENDING);
		const joined = admin.execute([create(proxy), create(proxy)], BUDGET_MS);
		await sleep(50);
		release();
		const done = { state: "done", assignedProxy: "prism-shard-9", readBack: known(record) };
		expect((await joined).map(({ outcome }) => outcome)).toEqual([done, done]);
		expect(proxy.calls).toEqual(["create orders v1", "list orders"]);
	});

	test.each([
		{ reason: "version", second: { version: 2 }, outcome: { state: "done" } },
		{ reason: "digest", second: { digest: "d2" }, outcome: { state: "done" } },
		{ reason: "owner", second: { owner: "test/shop/users" }, outcome: { state: "refused" } },
		{ reason: "verb", second: { verb: "create" as const }, outcome: { state: "refused" } },
	])("with another $reason is another call, which waits for its turn", async ({ second, outcome }) => {
		const { proxy, admin, execute } = await prepare();
		const release = heldAssign(proxy);
		expect(await execute(assign(proxy), 50)).toEqual(PENDING);
		const later = admin.execute([{ ...assign(proxy), ...second }], BUDGET_MS);
		await sleep(50);
		expect(proxy.calls).toEqual(["assign orders v1"]);
		release();
		const [result] = await later;
		expect(result?.outcome).toMatchObject(outcome);
		expect(proxy.calls.slice(1, 3)).toEqual(["list orders", expect.stringMatching(/^(?:assign|create) orders/)]);
	});

	test("calls for one namespace are never two at a time, and keep their order; others don't wait", async () => {
		const { proxy, admin } = await prepare();
		const release = heldAssign(proxy);
		const calls = [assign(proxy, "orders", 1), revoke(proxy, "orders", 2), assign(proxy, "orders", 3)];
		const results = admin.execute(calls, BUDGET_MS);
		await until(() => proxy.calls.length === 1);
		const [other] = await admin.execute([assign(proxy, "users")], BUDGET_MS);
		expect(other?.outcome).toMatchObject({ state: "done" });
		release();
		expect((await results).map(({ outcome }) => outcome.state)).toEqual(["done", "done", "done"]);
		expect(proxy.calls.filter((call) => !call.startsWith("list"))).toEqual([
			"assign orders v1",
			"assign users v1",
			"revoke orders v2",
			"assign orders v3",
		]);
		expect(proxy.store.get("orders")?.version).toBe(3);
	});

	test("while it is under way, nothing is believed of its namespace, and all of others", async () => {
		const { proxy, execute, ask } = await prepare();
		await ask();
		const release = heldAssign(proxy);
		expect(await execute(assign(proxy), 50)).toEqual(PENDING);
		expect(await ask("orders", 50)).toEqual({ state: "unknown", failure: "DeadlineExceeded" });
		expect(await ask("users", 50)).toEqual(known(undefined));
		const question = ask();
		release();
		expect(await question).toEqual(known(record));
	});

	test("and fails: the next hook is told why, once, and the one after has it made again", async () => {
		const { proxy, execute } = await prepare({}, { timing: { callDeadlineMs: 150 } });
		const { assign: works } = proxy.does;
		proxy.does.assign = hangs;
		expect(await execute(assign(proxy), 50)).toEqual(PENDING);
		await sleep(200);
		proxy.does.assign = works;
		expect(await execute(assign(proxy))).toEqual(failed("DeadlineExceeded"));
		expect(proxy.calls).toEqual(["assign orders v1"]);
		expect(await execute(assign(proxy))).toMatchObject({ state: "done" });
		expect(proxy.calls).toEqual(["assign orders v1", "assign orders v1", "list orders"]);
	});

	const slowRefusal = async (timing = {}) => {
		const prepared = await prepare({}, { timing });
		const { proxy, execute } = prepared;
		proxy.does.assign = (_request, reply) => setTimeout(() => reply(null, { success: false, message: "no" }), 100);
		expect(await execute(assign(proxy), 20)).toEqual(PENDING);
		await sleep(200);
		proxy.does.assign = (_request, reply) => reply(null, { success: true, message: "" });
		return prepared;
	};

	test("and is refused: the same", async () => {
		const { proxy, execute } = await slowRefusal();
		expect(await execute(assign(proxy))).toEqual({ state: "refused", message: "no" });
		expect(await execute(assign(proxy))).toMatchObject({ state: "done" });
	});

	test("its end is forgotten after a while, and when another call changed the namespace", async () => {
		const late = await slowRefusal({ keptOutcomeMs: 1 });
		expect(await late.execute(assign(late.proxy))).toMatchObject({ state: "done" });
		const overtaken = await slowRefusal();
		await overtaken.execute(revoke(overtaken.proxy, "orders", 2));
		expect(await overtaken.execute(assign(overtaken.proxy))).toMatchObject({ state: "done" });
	});

	test("and is done: who asks again has it made again, for its effect was not there", async () => {
		const { proxy, execute, ask } = await prepare();
		const release = heldAssign(proxy);
		expect(await execute(assign(proxy), 50)).toEqual(PENDING);
		release();
		await until(async () => (await ask("orders", 50))?.state === "known");
		expect(await execute(assign(proxy))).toMatchObject({ state: "done" });
		expect(proxy.calls.filter((call) => call === "assign orders v1")).toHaveLength(2);
	});

	test("and whose answer comes after the deadline: failed, and the next question finds it", async () => {
		const { proxy, execute, ask } = await prepare({}, { timing: { callDeadlineMs: 100 } });
		const release = heldAssign(proxy);
		expect(await execute(assign(proxy))).toEqual(failed("DeadlineExceeded"));
		release();
		await sleep(20);
		expect(await ask()).toEqual(known(record));
	});
});

describe("too much at once", () => {
	test("so many calls to one proxy run at a time, so many wait, and the rest is told that it is busy", async () => {
		const bounds = { callsOfProxy: 3, waitingForProxy: 4 };
		const { proxy, admin } = await prepare({}, { bounds });
		let underWay = 0;
		let most = 0;
		proxy.does.assign = (_request, reply) => {
			most = Math.max(most, ++underWay);
			setTimeout(() => {
				underWay--;
				reply(null, { success: true, message: "" });
			}, 30);
		};
		const calls = Array.from({ length: 10 }, (_, index) => assign(proxy, `n${index}`));
		const outcomes = (await admin.execute(calls, BUDGET_MS)).map(({ outcome }) => outcome);
		expect(most).toBe(3);
		expect(outcomes.filter(({ state }) => state === "done")).toHaveLength(7);
		expect(outcomes.slice(7)).toEqual([failed("Overloaded"), failed("Overloaded"), failed("Overloaded")]);
	});

	test("who waits too long for a turn is told that it is busy", async () => {
		const { proxy, admin } = await prepare({}, { bounds: { callsOfProxy: 1 }, timing: { queueMs: 50 } });
		proxy.does.assign = (_request, reply) => setTimeout(() => reply(null, { success: true, message: "" }), 200);
		const results = await admin.execute([assign(proxy, "a"), assign(proxy, "b")], BUDGET_MS);
		expect(results.map(({ outcome }) => outcome.state)).toEqual(["done", "failed"]);
		expect(results[1]?.outcome).toEqual(failed("Overloaded"));
	});

	test("all proxies together have a bound too", async () => {
		const proxies = await Promise.all([startProxy(), startProxy()]);
		const admin = adminOf(proxies, { bounds: { callsOfAll: 2, waitingForAll: 1 } });
		for (const { does } of proxies) {
			does.assign = (_request, reply) => setTimeout(() => reply(null, { success: true, message: "" }), 50);
		}
		const calls = proxies.flatMap((proxy) => [assign(proxy, "a"), assign(proxy, "b")]);
		const outcomes = (await admin.execute(calls, BUDGET_MS)).map(({ outcome }) => outcome);
		expect(outcomes.filter(({ state }) => state === "done")).toHaveLength(3);
		expect(outcomes).toContainEqual(failed("Overloaded"));
	});

	test("calls for one namespace", async () => {
		const { proxy, admin } = await prepare();
		proxy.does.assign = hangs;
		const calls = Array.from({ length: 6 }, (_, index) => assign(proxy, "orders", index + 1));
		const outcomes = (await admin.execute(calls, 50)).map(({ outcome }) => outcome);
		expect(outcomes).toEqual([PENDING, PENDING, PENDING, PENDING, failed("Overloaded"), failed("Overloaded")]);
	});
});

describe("the end", () => {
	test("waits for what is under way", async () => {
		const { proxy, admin, execute } = await prepare({}, { timing: { closeMs: 3000 } });
		const release = heldAssign(proxy);
		expect(await execute(assign(proxy), 50)).toEqual(PENDING);
		const closed = admin.close();
		setTimeout(release, 100);
		await closed;
		expect(proxy.calls).toEqual(["assign orders v1", "list orders"]);
	});

	test("but not for ever", async () => {
		const { proxy, admin } = await prepare();
		proxy.does.assign = hangs;
		const result = admin.execute([assign(proxy)], BUDGET_MS);
		await until(() => proxy.calls.length === 1);
		const began = performance.now();
		await admin.close();
		expect((await result)[0]?.outcome).toEqual(failed("Unreachable"));
		expect(performance.now() - began).toBeLessThan(1000);
	});
});
