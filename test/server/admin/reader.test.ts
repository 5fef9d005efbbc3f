import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { TRAFFIC } from "../../hooks/namespace-proxies.ts";
import { until } from "../started.ts";
import { BUDGET_MS, inSeconds, known, prepare, SOME_TIME, unknown } from "./asking.ts";
import { about, aboutInstance, assign, breaks, fails, hangs, record } from "./fake-proxy.ts";

// What is answered to questions, and how often proxies are asked for it.

describe("one listing", () => {
	test("answers everybody, over all its pages", async () => {
		const { proxy, admin } = await prepare({ pageSize: 100 });
		for (let index = 0; index < 250; index++) proxy.keep(`n${index}`);
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
		expect(proxy.calls).toEqual(["list", "list …", "list …"]);
		await admin.ask(questions, BUDGET_MS);
		await admin.ask([aboutInstance(proxy)], BUDGET_MS);
		expect(proxy.calls).toEqual(["list", "list …", "list …", "metrics"]);
	});

	test("is read again when it is too old", async () => {
		const { proxy, ask } = await prepare({}, { timing: { listingMaxAgeMs: 1000, staleForMs: 0 } });
		expect(await ask()).toEqual(known(undefined));
		proxy.keep("orders");
		expect(await ask()).toEqual(known(undefined));
		await sleep(1020);
		expect(await ask()).toEqual(known(record));
		expect(proxy.calls).toEqual(["list", "list"]);
	});

	test("is read again for who asks what is after it; one read for all of those", async () => {
		const { proxy, admin, ask } = await prepare();
		await ask();
		proxy.keep("orders");
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
		proxy.keep("orders");
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

	test("from before the proxy changed is read again, once, without waiting for any clock", async () => {
		const { proxy, admin } = await prepare();
		const ask = async (changedAt?: string) => {
			const [answer] = await admin.ask([{ ...about(proxy), ...(changedAt !== undefined && { changedAt }) }], 800);
			return answer?.answer;
		};
		proxy.keep("orders");
		expect(await ask()).toEqual(known(record));
		proxy.store.wipe();
		expect(await ask()).toEqual(known(record));
		// Told of by an operator whose clock is ahead.
		const changedAt = inSeconds(3600);
		for (let turn = 0; turn < 3; turn++) expect(await ask(changedAt)).toEqual(known(undefined));
		expect(proxy.calls).toEqual(["list", "list"]);
		// Who goes by an older roster is told what is known since.
		expect(await ask(inSeconds(60))).toEqual(known(undefined));
		expect(await ask()).toEqual(known(undefined));
		expect(proxy.calls).toEqual(["list", "list"]);
	});

	test("from before the proxy fell silent is not believed, as it would be for one that fails once", async () => {
		const { proxy, admin, ask } = await prepare({}, { timing: { listingMaxAgeMs: 0, failedReadMs: 0 } });
		proxy.keep("orders");
		await ask();
		proxy.does.list = breaks;
		expect(await ask()).toEqual(known(record));
		const [answer] = await admin.ask([{ ...about(proxy), changedAt: inSeconds(0) }], BUDGET_MS);
		expect(answer?.answer).toEqual(unknown("Unreachable"));
	});

	test("from before it changed says nothing of the instance as a whole either", async () => {
		const { proxy, admin, askInstance } = await prepare();
		proxy.keep("orders");
		expect(await askInstance()).toMatchObject({ namespaces: new Map([["orders", record.digest]]) });
		proxy.store.wipe();
		const [answer] = await admin.ask([{ ...aboutInstance(proxy), changedAt: inSeconds(0) }], BUDGET_MS);
		expect(answer?.answer).toMatchObject({ namespaces: new Map() });
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

describe("an instance", () => {
	const instance = (change: object) => ({
		state: "known",
		readAt: SOME_TIME,
		storeId: "store-1",
		namespaces: new Map(),
		...change,
	});

	test("tells its store, its namespaces' digests and its metrics", async () => {
		const { proxy, askInstance } = await prepare({ figures: () => TRAFFIC });
		proxy.keep("orders", "users");
		const namespaces = new Map(["orders", "users"].map((name) => [name, record.digest]));
		const { requestsPerSecond, p99LatencyMs } = TRAFFIC;
		expect(await askInstance()).toEqual(
			instance({ namespaces, metrics: { requestsPerSecond: 2 * requestsPerSecond, p99LatencyMs } }),
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
		const { proxy, askInstance } = await prepare();
		proxy.faults.speak("design");
		proxy.keep("orders");
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
		expect(await askInstance()).toMatchObject({ namespaces: new Map([["orders", record.digest]]) });
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
