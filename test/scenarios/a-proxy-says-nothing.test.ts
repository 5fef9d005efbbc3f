import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { BUDGET_MS, inSeconds, known, prepare, unknown } from "../server/admin/asking.ts";
import { about, adminOf, breaks, fails, hangs, info, record, startProxy, wireTo } from "../server/admin/fake-proxy.ts";

// What is answered of a proxy that says nothing, or nothing that makes sense.

describe("a proxy that does not answer", () => {
	test.each([
		{ code: status.CANCELLED, answer: unknown("Unreachable") },
		{
			code: status.UNAVAILABLE,
			answer: { ...unknown("Unavailable"), words: expect.stringMatching(/^UNAVAILABLE: .+/) as unknown },
		},
		{ code: status.FAILED_PRECONDITION, answer: unknown("NotReady") },
		{ code: status.PERMISSION_DENIED, answer: unknown("Unauthenticated") },
		{ code: status.INTERNAL, answer: unknown("BadAnswer") },
		{ code: status.UNIMPLEMENTED, answer: { state: "unverifiable" } },
	])("$code is $answer", async ({ code, answer }) => {
		const { proxy, ask, askInstance } = await prepare();
		proxy.does.list = (_request, reply) => reply(fails(code));
		expect(await ask()).toMatchObject(answer);
		expect(await askInstance()).toEqual(answer);
	});

	test("is asked once for a thousand namespaces, and again after a while", async () => {
		const { proxy, admin, ask } = await prepare({}, { timing: { failedReadMs: 300 } });
		proxy.does.list = breaks;
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
		proxy.does.list = breaks;
		await sleep(60);
		expect(await ask()).toEqual(unknown("Unreachable"));
	});

	test("after an answer that is not very old: that answers, also for who does not want to wait long", async () => {
		const { proxy, ask } = await prepare(
			{},
			{ timing: { listingMaxAgeMs: 50, staleForMs: 2000, doubtfulBudgetMs: 20 } },
		);
		proxy.keep("orders");
		expect(await ask()).toEqual(known(record));
		const { list } = proxy.does;
		proxy.does.list = breaks;
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
		for (let count = 0; count < 3; count++) expect(await ask()).toMatchObject({ state: "unverifiable" });
		expect(await ask("orders", inSeconds(0))).toMatchObject({ state: "unverifiable" });
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
						response && { ...response, namespaces: [...response.namespaces, ...response.namespaces.slice(-1)] },
					),
				call,
			);
		proxy.keep("twice");
		proxy.keep("orders");
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
		proxy.does.list = (_request, reply) =>
			reply(null, { namespaces: [info("orders", change)], nextPageToken: "", storeId: "store-1" });
		expect(await ask("users")).toEqual(unknown("BadAnswer"));
	});
});
