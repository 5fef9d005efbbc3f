import { expect, test } from "vitest";
import { BUDGET_MS, known, prepare } from "./calls.ts";
import { about, aboutInstance, adminOf, assign, record, startProxy } from "./fake-proxy.ts";

test("answers and results are in the order of the questions and calls, of all proxies", async () => {
	const [one, two] = [await startProxy(), await startProxy()];
	one.keep("orders");
	const admin = adminOf([one, two]);
	const questions = [about(two), aboutInstance(one), about(one)];
	const answers = await admin.ask(questions, BUDGET_MS);
	expect(answers.map(({ question }) => question)).toEqual(questions);
	expect(answers[0]?.answer).toEqual(known(undefined));
	expect(answers[1]?.answer).toMatchObject({ namespaces: new Map([["orders", record.digest]]) });
	expect(answers[2]?.answer).toEqual(known(record));
	const calls = [assign(two, "users"), assign(one, "users", 2)];
	const results = await admin.execute(calls, BUDGET_MS);
	expect(results.map(({ call }) => call)).toEqual(calls);
	expect(results.map(({ outcome }) => outcome)).toMatchObject([
		{ state: "done", readBack: known(record) },
		{ state: "done", readBack: known({ ...record, version: 2 }) },
	]);
});

test("an answer to the token of one namespace is not one of another namespace", async () => {
	const { proxy, admin, ask } = await prepare();
	await ask();
	const elsewhere = { instance: { ...proxy.instance, namespace: "other" } };
	await admin.ask([about(elsewhere)], BUDGET_MS);
	expect(proxy.calls).toEqual(["list", "list"]);
	await ask();
	expect(proxy.calls).toHaveLength(2);
});

test("of more proxies than it knows at a time, the one that was used first is forgotten", async () => {
	const proxies = [await startProxy(), await startProxy()];
	const admin = adminOf(proxies, { bounds: { channels: 1 } });
	const [one, two] = proxies;
	if (one === undefined || two === undefined) throw new Error("two");
	for (const proxy of [one, one, two, one]) await admin.ask([about(proxy)], BUDGET_MS);
	expect([one.calls.length, two.calls.length]).toEqual([2, 1]);
});

test("after its end, calls fail without a call; a second end is the same one", async () => {
	const { proxy, admin, execute } = await prepare();
	const ended = admin.close();
	expect(admin.close()).toBe(ended);
	await ended;
	expect(await execute(assign(proxy))).toEqual({ state: "failed", failure: "Unreachable" });
	expect(proxy.calls).toEqual([]);
});
