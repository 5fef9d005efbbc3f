import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { until } from "../started.ts";
import { about, aboutInstance, adminOf, assign, startProxy, wireTo } from "./fake-proxy.ts";

// Connections to proxies: how many, for how long, and where they lead.

const BUDGET_MS = 5000;

describe("a channel", () => {
	test("is one for all calls to an address", async () => {
		const proxy = await startProxy();
		const wire = await wireTo(proxy);
		const admin = adminOf([wire]);
		await admin.ask([about(proxy), aboutInstance(proxy)], BUDGET_MS);
		await admin.execute(
			Array.from({ length: 50 }, (_, index) => assign(proxy, `n${index}`)),
			BUDGET_MS,
		);
		expect(wire.opened()).toBe(1);
		await admin.close();
		await until(() => wire.connections() === 0);
	});

	test("is closed when nobody used it for a while, and opened again by the next call", async () => {
		const proxy = await startProxy();
		const wire = await wireTo(proxy);
		const admin = adminOf([wire], { timing: { idleMs: 100 } });
		await admin.ask([about(proxy)], BUDGET_MS);
		expect(wire.connections()).toBe(1);
		await until(() => wire.connections() === 0);
		proxy.keep("orders");
		const [answer] = await admin.ask([about(proxy)], BUDGET_MS);
		expect(answer?.answer).toMatchObject({ state: "known", record: { status: "Active" } });
		expect(wire.opened()).toBe(2);
	});

	test("that is used stays", async () => {
		const proxy = await startProxy();
		const wire = await wireTo(proxy);
		const admin = adminOf([wire], { timing: { idleMs: 100 } });
		proxy.does.assign = (_request, reply) => setTimeout(() => reply(null, { success: true, message: "" }), 300);
		const [result] = await admin.execute([assign(proxy)], BUDGET_MS);
		expect(result?.outcome).toMatchObject({ state: "done" });
		expect(wire.opened()).toBe(1);
	});

	test("is found again after the proxy was gone", async () => {
		const proxy = await startProxy();
		const wire = await wireTo(proxy);
		const admin = adminOf([wire], { timing: { listingMaxAgeMs: 1, staleForMs: 0, failedReadMs: 1 } });
		await admin.ask([about(proxy)], BUDGET_MS);
		wire.cut();
		await sleep(20);
		await until(async () => (await admin.ask([about(proxy)], BUDGET_MS))[0]?.answer.state === "known");
		expect(wire.opened()).toBe(2);
	});

	test("there are so many: the one that was not used for the longest time makes room", async () => {
		const proxies = await Promise.all([startProxy(), startProxy(), startProxy()]);
		const wires = await Promise.all(proxies.map(wireTo));
		const admin = adminOf(wires, { bounds: { channels: 2 }, timing: { listingMaxAgeMs: 0, staleForMs: 0 } });
		const [first, second, third] = wires;
		if (first === undefined || second === undefined || third === undefined) throw new Error("three");
		for (const wire of [first, second, first, third]) await admin.ask([about(wire)], BUDGET_MS);
		await until(() => second.connections() === 0);
		expect([first.connections(), third.connections()]).toEqual([1, 1]);
	});

	test("there are so many: when all are in use, another proxy is busy", async () => {
		const proxies = await Promise.all([startProxy(), startProxy()]);
		const admin = adminOf(proxies, { bounds: { channels: 1 } });
		const [first, second] = proxies;
		if (first === undefined || second === undefined) throw new Error("two");
		first.does.assign = (_request, reply) => setTimeout(() => reply(null, { success: true, message: "" }), 100);
		const results = await admin.execute([assign(first), assign(second)], BUDGET_MS);
		expect(results[0]?.outcome).toMatchObject({ state: "done" });
		expect(results[1]?.outcome).toEqual({ state: "failed", failure: "Overloaded" });
	});
});

describe("an address that is really elsewhere", () => {
	test("is what the proxy is called by", async () => {
		const proxy = await startProxy();
		await adminOf([proxy]).ask([about(proxy)], BUDGET_MS);
		expect(proxy.hosts).toEqual([proxy.instance.address]);
	});

	test("may move", async () => {
		const { instance } = await startProxy();
		const places = [await startProxy(), await startProxy()];
		let port = places[0]?.port;
		const admin = adminOf([], { resolve: () => `127.0.0.1:${port}`, timing: { listingMaxAgeMs: 0, staleForMs: 0 } });
		await admin.ask([about({ instance })], BUDGET_MS);
		port = places[1]?.port;
		await admin.ask([about({ instance })], BUDGET_MS);
		for (const { calls } of places) expect(calls[0]).toBe("list");
	});

	test("is an exception: without one, the name itself is looked up", async () => {
		const proxy = await startProxy();
		const instance = { ...proxy.instance, address: `localhost:${proxy.port}` };
		const [answer] = await adminOf([], { resolve: () => undefined }).ask([about({ instance })], BUDGET_MS);
		expect(answer?.answer).toMatchObject({ state: "known" });
		expect(proxy.hosts).toEqual([`localhost:${proxy.port}`]);
	});
});
