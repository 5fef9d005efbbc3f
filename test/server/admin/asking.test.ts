import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { timestampOf } from "../../../kube/time.ts";
import { until } from "../started.ts";
import { about, aboutInstance, adminOf, assign, fails, hangs, info, startProxy, wireTo } from "./fake-proxy.ts";

// What is answered to questions, and how often proxies are asked for it.

const BUDGET_MS = 5000;

const inSeconds = (seconds: number) => timestampOf(Date.now() + seconds * 1000);

/** RFC 3339 in seconds; typed, where Vitest's own is `any`. */
const SOME_TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

const known = (record: unknown) => ({ state: "known", readAt: SOME_TIME, record });

const record = { digest: "0123456789abcdef", version: 1, owner: "test/shop/orders", status: "Active" };
const unknown = (failure: string) => ({ state: "unknown", failure });

async function prepare(
	...[options, adminOptions]: [Parameters<typeof startProxy>[0]?, Parameters<typeof adminOf>[1]?]
) {
	const proxy = await startProxy(options);
	const admin = adminOf([proxy], adminOptions);
	const ask = async (namespaceId = "orders", after?: string, budgetMs = BUDGET_MS) => {
		const [answer] = await admin.ask([about(proxy, namespaceId, after)], budgetMs);
		return answer?.answer;
	};
	const askInstance = async (budgetMs = BUDGET_MS) => {
		const [answer] = await admin.ask([aboutInstance(proxy)], budgetMs);
		return answer?.answer;
	};
	return { proxy, admin, ask, askInstance };
}

describe("one listing", () => {
	test("answers everybody, over all its pages", async () => {
		const { proxy, admin } = await prepare({ pageSize: 100 });
		for (let index = 0; index < 250; index++) proxy.records.set(`n${index}`, info(`n${index}`));
		const questions = Array.from({ length: 500 }, (_, index) => about(proxy, `n${index}`));
		const answers = await admin.ask(questions, BUDGET_MS);
		expect(answers.map(({ question }) => question)).toEqual(questions);
		expect(
			answers
				.slice(0, 250)
				.every(({ answer }) => answer.state === "known" && "record" in answer && answer.record !== undefined),
		).toBe(true);
		expect(answers[250]?.answer).toEqual(known(undefined));
		expect(answers[0]?.answer).toEqual(known(record));
		expect(proxy.calls).toEqual(["list", "list 100", "list 200"]);
		await admin.ask(questions, BUDGET_MS);
		await admin.ask([aboutInstance(proxy)], BUDGET_MS);
		expect(proxy.calls).toEqual(["list", "list 100", "list 200", "metrics"]);
	});

	test("is read again when it is too old", async () => {
		const { proxy, ask } = await prepare({}, { timing: { listingMaxAgeMs: 100, staleForMs: 0 } });
		expect(await ask()).toEqual(known(undefined));
		proxy.records.set("orders", info("orders"));
		expect(await ask()).toEqual(known(undefined));
		await sleep(120);
		expect(await ask()).toEqual(known(record));
		expect(proxy.calls).toEqual(["list", "list"]);
	});

	test("is read again for who asks what is after it; one read for all of those", async () => {
		const { proxy, admin, ask } = await prepare();
		await ask();
		proxy.records.set("orders", info("orders"));
		const after = inSeconds(0);
		const answers = await admin.ask(
			Array.from({ length: 20 }, () => about(proxy, "orders", after)),
			BUDGET_MS,
		);
		for (const { answer } of answers) expect(answer).toEqual(known(record));
		expect(await ask("orders", inSeconds(-60))).toEqual(known(record));
		expect(proxy.calls).toEqual(["list", "list"]);
	});

	test("that is under way and began too early is followed by another", async () => {
		const { proxy, admin, ask } = await prepare();
		let answerFirst = () => {};
		const list = proxy.does.list;
		proxy.does.list = (request, reply, call) => {
			proxy.does.list = list;
			answerFirst = () => list(request, reply, call);
		};
		const early = ask();
		await until(() => proxy.calls.length === 1);
		const after = inSeconds(0);
		await sleep(1000 - (Date.now() % 1000));
		const late = admin.ask([about(proxy, "orders", after), about(proxy, "users", after)], BUDGET_MS);
		await sleep(50);
		expect(proxy.calls).toEqual(["list"]);
		answerFirst();
		expect(await early).toEqual(known(undefined));
		for (const { answer } of await late) expect(answer).toEqual(known(undefined));
		expect(proxy.calls).toEqual(["list", "list"]);
	});

	test("after a second begins when that is over; when that is too late, nothing is known, at once", async () => {
		const { proxy, ask } = await prepare();
		const after = inSeconds(0);
		const answer = await ask("orders", after);
		expect(answer).toEqual(known(undefined));
		expect(answer?.state === "known" && answer.readAt > after).toBe(true);
		expect(proxy.calls).toEqual(["list"]);
		// The API server's clock is ahead of ours, or this is no time at all.
		const began = performance.now();
		for (const never of [inSeconds(3600), "CANARY"]) {
			expect(await ask("orders", never)).toEqual(unknown("DeadlineExceeded"));
		}
		expect(performance.now() - began).toBeLessThan(1000);
		expect(proxy.calls).toEqual(["list"]);
	});

	test("of a store that the proxy has lost since is read again, once; what it says then is believed", async () => {
		const { proxy, admin } = await prepare();
		const { list } = proxy.does;
		const ask = async (storeId: string) => {
			const [answer] = await admin.ask([{ ...about(proxy), storeId }], BUDGET_MS);
			return answer?.answer;
		};
		proxy.records.set("orders", info("orders"));
		expect(await ask("store-1")).toEqual(known(record));
		proxy.does.list = (_request, reply) => reply(null, { namespaces: [], nextPageToken: "", storeId: "store-2" });
		expect(await ask("store-1")).toEqual(known(record));
		expect(proxy.calls).toEqual(["list"]);
		for (let turn = 0; turn < 3; turn++) expect(await ask("store-2")).toEqual(known(undefined));
		expect(proxy.calls).toEqual(["list", "list"]);
		// What is said may be behind what is read as well.
		for (let turn = 0; turn < 3; turn++) expect(await ask("store-1")).toEqual(known(undefined));
		expect(proxy.calls).toEqual(["list", "list", "list"]);
		proxy.does.list = list;
		for (let turn = 0; turn < 3; turn++) expect(await ask("store-3")).toEqual(known(record));
		expect(proxy.calls.length).toBe(4);
	});

	test("and what was read back after a call are gone with the store", async () => {
		const { proxy, admin } = await prepare();
		const ask = (storeId: string) => admin.ask([{ ...about(proxy), storeId }], BUDGET_MS);
		await ask("store-1");
		await admin.execute([assign(proxy)], BUDGET_MS);
		proxy.does.list = (_request, reply) => reply(null, { namespaces: [], nextPageToken: "", storeId: "store-2" });
		const [before] = await ask("store-1");
		expect(before?.answer).toMatchObject({ state: "known", record: { version: 1 } });
		const [after] = await ask("store-2");
		expect(after?.answer).toEqual(known(undefined));
	});

	test("of one Kubernetes namespace's credentials is not shown to another's", async () => {
		const { proxy, admin, ask } = await prepare();
		await ask();
		const other = { instance: { ...proxy.instance, namespace: "elsewhere" } };
		await admin.ask([about(other)], BUDGET_MS);
		expect(proxy.calls).toEqual(["list", "list"]);
	});
});

describe("a budget that is over", () => {
	test("is an answer, while the read goes on for the next one", async () => {
		const { proxy, ask } = await prepare();
		const { list } = proxy.does;
		proxy.does.list = (request, reply, call) => setTimeout(() => list(request, reply, call), 300);
		const began = performance.now();
		expect(await ask("orders", undefined, 100)).toEqual(unknown("DeadlineExceeded"));
		expect(performance.now() - began).toBeLessThan(290);
		await sleep(300);
		expect(await ask("orders", undefined, 0)).toEqual(known(undefined));
		expect(proxy.calls).toEqual(["list"]);
	});

	test("who comes late to a read that hangs does not wait as long again", async () => {
		const { proxy, ask } = await prepare();
		proxy.does.list = hangs;
		expect(await ask("orders", undefined, 200)).toEqual(unknown("DeadlineExceeded"));
		const began = performance.now();
		for (let count = 0; count < 100; count++) await ask(`n${count}`, undefined, 200);
		expect(performance.now() - began).toBeLessThan(200);
		expect(proxy.calls).toEqual(["list"]);
	});

	test("a proxy that was found dead is waited for less, until it answers again", async () => {
		const timing = { readDeadlineMs: 50, failedReadMs: 1, doubtfulBudgetMs: 100, openMs: 1 };
		const { proxy, ask } = await prepare({}, { timing });
		const { list } = proxy.does;
		proxy.does.list = hangs;
		expect(await ask()).toEqual(unknown("DeadlineExceeded"));
		await sleep(10);
		proxy.does.list = (request, reply, call) => setTimeout(() => list(request, reply, call), 40);
		const began = performance.now();
		await ask("orders", undefined, 20_000);
		expect(performance.now() - began).toBeLessThan(1000);
		await until(async () => (await ask())?.state === "known");
	});
});

describe("a proxy that does not answer", () => {
	test.each([
		{ code: status.UNAVAILABLE, answer: unknown("Unreachable") },
		{ code: status.FAILED_PRECONDITION, answer: unknown("NotReady") },
		{ code: status.PERMISSION_DENIED, answer: unknown("Unauthenticated") },
		{ code: status.INTERNAL, answer: unknown("BadAnswer") },
		{ code: status.UNIMPLEMENTED, answer: { state: "unverifiable" } },
	])("$code is $answer", async ({ code, answer }) => {
		const { proxy, ask, askInstance } = await prepare();
		proxy.does.list = (_request, reply) => reply(fails(code));
		expect(await ask()).toEqual(answer);
		expect(await askInstance()).toEqual(answer);
	});

	test("is asked once for a thousand namespaces, and again after a while", async () => {
		const { proxy, admin, ask } = await prepare({}, { timing: { failedReadMs: 300 } });
		proxy.does.list = (_request, reply) => reply(fails(status.UNAVAILABLE));
		const questions = Array.from({ length: 1000 }, (_, index) => about(proxy, `n${index}`));
		for (const { answer } of await admin.ask(questions, BUDGET_MS)) expect(answer).toEqual(unknown("Unreachable"));
		await admin.ask(questions, BUDGET_MS);
		expect(proxy.calls).toEqual(["list"]);
		await sleep(310);
		expect(await ask()).toEqual(unknown("Unreachable"));
		expect(proxy.calls).toEqual(["list", "list"]);
	});

	test("after an answer: that is not believed for longer because of it", async () => {
		const { proxy, ask } = await prepare({}, { timing: { listingMaxAgeMs: 50, staleForMs: 0 } });
		expect(await ask()).toEqual(known(undefined));
		proxy.does.list = (_request, reply) => reply(fails(status.UNAVAILABLE));
		await sleep(60);
		expect(await ask()).toEqual(unknown("Unreachable"));
	});

	test("after an answer that is not very old: that answers, also for who does not want to wait long", async () => {
		const { proxy, ask } = await prepare(
			{},
			{ timing: { listingMaxAgeMs: 50, staleForMs: 2000, doubtfulBudgetMs: 20 } },
		);
		proxy.records.set("orders", info("orders"));
		expect(await ask()).toEqual(known(record));
		const { list } = proxy.does;
		proxy.does.list = (_request, reply) => reply(fails(status.UNAVAILABLE));
		await sleep(60);
		expect(await ask()).toEqual(known(record));
		expect(proxy.calls).toEqual(["list", "list"]);
		// What was not read since is not known, and what has another cause than a bad moment is told.
		expect(await ask("orders", inSeconds(0))).toEqual(unknown("Unreachable"));
		proxy.does.list = (_request, reply) => reply(fails(status.UNAUTHENTICATED));
		await sleep(1100);
		expect(await ask()).toEqual(unknown("Unauthenticated"));
		proxy.does.list = list;
		await sleep(1100);
		expect(await ask()).toEqual(known(record));
		proxy.does.list = hangs;
		await sleep(60);
		const began = performance.now();
		expect(await ask()).toEqual(known(record));
		expect(performance.now() - began).toBeLessThan(500);
		await sleep(2050);
		expect(await ask("orders", undefined, 50)).toEqual(unknown("DeadlineExceeded"));
	});

	test("nobody there, and no such address", async () => {
		const { proxy, admin, ask } = await prepare();
		proxy.stop();
		expect(await ask()).toEqual(unknown("Unreachable"));
		for (const address of ["unix:///CANARY", "a b:1", "x", "dns://1.2.3.4/x:1", "x:1/y"]) {
			const [answer] = await admin.ask([about({ instance: { ...proxy.instance, address } })], BUDGET_MS);
			expect(answer?.answer).toEqual(unknown("Unreachable"));
		}
	});

	test("a connection that is reset in the middle", async () => {
		const proxy = await startProxy();
		const wire = await wireTo(proxy);
		const admin = adminOf([wire], { timing: { failedReadMs: 1 } });
		proxy.does.list = () => wire.cut();
		const [cut] = await admin.ask([about(proxy)], BUDGET_MS);
		expect(cut?.answer).toEqual(unknown("Unreachable"));
	});

	test("what is not implemented is not asked for again, for a while", async () => {
		const { proxy, ask, askInstance } = await prepare({}, { timing: { unimplementedMs: 300, failedReadMs: 1 } });
		const { list } = proxy.does;
		proxy.does.list = (_request, reply) => reply(fails(status.UNIMPLEMENTED));
		for (let count = 0; count < 3; count++) expect(await ask()).toEqual({ state: "unverifiable" });
		expect(await ask("orders", inSeconds(0))).toEqual({ state: "unverifiable" });
		expect(await askInstance()).toEqual({ state: "unverifiable" });
		proxy.does.list = list;
		await sleep(310);
		expect(await ask()).toEqual(known(undefined));
		expect(proxy.calls.filter((call) => call === "list")).toHaveLength(2);
	});
});

describe("an answer that makes no sense", () => {
	test("of one namespace says nothing of the others", async () => {
		const { proxy, ask, askInstance } = await prepare();
		const { list } = proxy.does;
		proxy.does.list = (request, _reply, call) =>
			list(
				request,
				(error, response) =>
					_reply(
						error,
						response && { ...response, namespaces: [...response.namespaces, ...response.namespaces.slice(0, 1)] },
					),
				call,
			);
		proxy.records.set("twice", info("twice"));
		proxy.records.set("orders", info("orders"));
		expect(await ask("twice")).toEqual(unknown("BadAnswer"));
		expect(await ask()).toEqual(known(record));
		expect(await ask("missing")).toEqual(known(undefined));
		expect(await askInstance()).toEqual(unknown("BadAnswer"));
	});

	test.each([
		{ reason: "a number beyond all bounds", change: { configVersion: 2 ** 60 } },
		{ reason: "more than 32 MiB", change: { description: "x".repeat(33 * 1024 * 1024) } },
		{ reason: "no name", change: { name: "" } },
	])("$reason says nothing at all", async ({ change }) => {
		const { proxy, ask } = await prepare();
		proxy.records.set("orders", info("orders", change));
		expect(await ask("users")).toEqual(unknown("BadAnswer"));
	});
});

describe("an instance", () => {
	const instance = (change: object) => ({
		state: "known",
		readAt: SOME_TIME,
		storeId: "store-1",
		namespaces: new Map(),
		...change,
	});

	test("tells its store, its namespaces' digests and its metrics", async () => {
		const { proxy, askInstance } = await prepare();
		proxy.records.set("orders", info("orders"));
		proxy.records.set("users", info("users", { configDigest: "" }));
		const namespaces = new Map([
			["orders", "0123456789abcdef"],
			["users", ""],
		]);
		expect(await askInstance()).toEqual(
			instance({ namespaces, metrics: { requestsPerSecond: 12, p99LatencyMs: 3.5 } }),
		);
	});

	test("that tells no metrics, or not in time, is known all the same", async () => {
		for (const does of [status.UNIMPLEMENTED, status.UNAVAILABLE, undefined]) {
			const { proxy, askInstance } = await prepare();
			proxy.does.metrics = (_request, reply) => does !== undefined && reply(fails(does));
			expect(await askInstance(does === undefined ? 300 : BUDGET_MS)).toEqual(instance({}));
		}
	});

	test("whose metrics make no sense is not known", async () => {
		const { proxy, askInstance } = await prepare();
		proxy.does.metrics = (_request, reply) => reply(null, { requestsPerSecond: Number.NaN, p99LatencyMs: 1 });
		expect(await askInstance()).toEqual(unknown("BadAnswer"));
	});

	test("whose server knows only the published design has no store, no digests, and no zeros for metrics", async () => {
		const { proxy, askInstance } = await prepare({ storeId: "" });
		proxy.records.set("orders", info("orders", { configDigest: "", configVersion: 0, owner: "" }));
		proxy.does.metrics = (_request, reply) => reply(null, { requestsPerSecond: 0, p99LatencyMs: 0 });
		expect(await askInstance()).toStrictEqual({
			state: "known",
			readAt: SOME_TIME,
			namespaces: new Map([["orders", ""]]),
		});
	});

	test("shows what was read back since its listing", async () => {
		const { proxy, admin, askInstance } = await prepare();
		await askInstance();
		await admin.execute([assign(proxy)], BUDGET_MS);
		expect(await askInstance()).toMatchObject({ namespaces: new Map([["orders", "d1"]]) });
		expect(proxy.calls.filter((call) => call === "list")).toHaveLength(1);
	});
});

test("after its end, the client knows nothing", async () => {
	const { proxy, admin, ask } = await prepare();
	await ask();
	await admin.close();
	await admin.close();
	expect(await ask()).toEqual(unknown("Unreachable"));
	const [result] = await admin.execute([assign(proxy)], BUDGET_MS);
	expect(result?.outcome).toEqual({ state: "failed", failure: "Unreachable" });
	expect(proxy.calls).toEqual(["list"]);
});
