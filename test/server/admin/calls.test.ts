import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import type { NamespaceAssignment } from "../../../protos/gen/prism/control_plane.ts";
import type { AdminCall } from "../../../schemas/admin.ts";
import { assignment, partitionOf } from "../../../server/admin/messages.ts";
import { until } from "../started.ts";
import {
	about,
	adminOf,
	assign,
	create,
	type FakeProxy,
	fails,
	type Handler,
	hangs,
	info,
	refuses,
	revoke,
	startProxy,
	wireTo,
} from "./fake-proxy.ts";

// What becomes of calls: within a hook's time, after it, and among each other.

const BUDGET_MS = 5000;
const PENDING = { state: "pending" };

const failed = (failure: string) => ({ state: "failed", failure });
const SOME_TIME: unknown = expect.stringMatching(/Z$/);
const known = (record: unknown) => ({ state: "known", readAt: SOME_TIME, record });
const record = { digest: "d1", version: 1, owner: "test/shop/orders", status: "Active" };

async function prepare(
	...[options, adminOptions]: [Parameters<typeof startProxy>[0]?, Parameters<typeof adminOf>[1]?]
) {
	const proxy = await startProxy(options);
	const admin = adminOf([proxy], adminOptions);
	const execute = async (call: AdminCall, budgetMs = BUDGET_MS) => {
		const [result] = await admin.execute([call], budgetMs);
		expect(result?.call).toBe(call);
		return result?.outcome;
	};
	const ask = async (namespaceId = "orders", budgetMs = BUDGET_MS) => {
		const [answer] = await admin.ask([about(proxy, namespaceId)], budgetMs);
		return answer?.answer;
	};
	return { proxy, admin, execute, ask };
}

/** Has the next call wait until it is let go. */
function held<Request, Response>(
	works: Handler<Request, Response>,
	use: (handler: Handler<Request, Response>) => void,
): () => void {
	let release = () => {};
	use((...given) => {
		use(works);
		release = () => works(...given);
	});
	return () => release();
}

const heldAssign = ({ does }: FakeProxy) =>
	held(does.assign, (handler) => {
		does.assign = handler;
	});

const heldCreate = ({ does }: FakeProxy) =>
	held(does.create, (handler) => {
		does.create = handler;
	});

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
		proxy.records.set("orders", info("orders"));
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
		for (let index = 0; index < 25; index++) proxy.records.set(`n${index}`, info(`n${index}`));
		expect(await execute(assign(proxy))).toEqual({ state: "done", readBack: known(record) });
		expect(proxy.calls).toEqual(["assign orders v1", "list orders", "list orders 10", "list orders 20"]);
		proxy.calls.length = 0;
		const results = await admin.execute(
			Array.from({ length: 8 }, (_, index) => assign(proxy, `m${index}`)),
			BUDGET_MS,
		);
		for (const { outcome } of results) expect(outcome).toEqual({ state: "done", readBack: known(record) });
		expect(proxy.calls.filter((call) => call === "list").length).toBeLessThanOrEqual(3);
	});

	test.each([status.UNIMPLEMENTED, status.UNAVAILABLE])("and can't be read back (%s), is done", async (code) => {
		const { proxy, execute } = await prepare();
		proxy.does.list = (_request, reply) => reply(fails(code));
		expect(await execute(assign(proxy))).toEqual({ state: "done" });
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

	test("what the wire carries", async () => {
		const { proxy, execute } = await prepare();
		const config = {
			backends: { main: { backendType: "redis", connectionString: "redis://cache" } },
			patterns: { kv: { patternName: "keyvalue", settings: { ttl: "5" }, requiredInterfaces: ["kv"] } },
			auth: { enabled: true, provider: "oidc" },
			metadata: { owner: "test/shop/orders" },
		};
		let seen: NamespaceAssignment | undefined;
		proxy.does.assign = (request, reply) => {
			seen = request;
			reply(null, { success: true, message: "" });
		};
		await execute({ ...assign(proxy, "orders", 1_760_000_000_000_003), config });
		expect(seen).toEqual({
			namespace: "orders",
			partitionId: partitionOf("orders"),
			config: {
				backends: { main: { ...config.backends.main, credentials: {}, options: {} } },
				patterns: config.patterns,
				auth: { ...config.auth, options: {} },
				metadata: config.metadata,
			},
			version: 1_760_000_000_000_003,
			owner: "test/shop/orders",
		});
		expect(assignment({ ...assign(proxy), config: {} }).config).toEqual({
			backends: {},
			patterns: {},
			auth: undefined,
			metadata: {},
		});
		// Of CRC-32's own test vector, 0xCBF43926.
		expect(partitionOf("123456789")).toBe(0x26);
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
		[status.UNAVAILABLE, "Unreachable"],
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
		proxy.does.assign = (_request, reply) => {
			proxy.records.set("orders", info("orders", { configDigest: "d1" }));
			reply(fails(status.UNAVAILABLE));
		};
		expect(await execute(assign(proxy))).toEqual(failed("Unreachable"));
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
		{ reason: "version", second: { version: 2 } },
		{ reason: "digest", second: { digest: "d2" } },
		{ reason: "owner", second: { owner: "test/shop/users" } },
		{ reason: "verb", second: { verb: "assign" as const } },
	])("with another $reason is another call, which waits for its turn", async ({ second }) => {
		const { proxy, admin, execute } = await prepare();
		const release = heldCreate(proxy);
		expect(await execute(create(proxy), 50)).toEqual(PENDING);
		const later = admin.execute([{ ...create(proxy), ...second }], BUDGET_MS);
		await sleep(50);
		expect(proxy.calls).toEqual(["create orders v1"]);
		release();
		const [result] = await later;
		expect(result?.outcome).toMatchObject({ state: "done" });
		expect(proxy.calls).toHaveLength(4);
		expect(proxy.calls[1]).toBe("list orders");
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
		expect(proxy.records.get("orders")?.configVersion).toBe(3);
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
