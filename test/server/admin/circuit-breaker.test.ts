import { setTimeout as sleep } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import type { Admin } from "../../../server/admin/admin.ts";
import { createBreaker } from "../../../server/admin/circuit-breaker.ts";
import { createAdminMetrics } from "../../../server/admin/metrics.ts";
import { systemTime } from "../../../server/time.ts";
import { until } from "../started.ts";
import { captureLog } from "../toy.ts";
import { about, adminOf, assign, breaks, type FakeProxy, fails, hangs, startProxy, wireTo } from "./fake-proxy.ts";

// A proxy that is dead is left alone, and costs the others nothing.

const BUDGET_MS = 5000;

describe("a breaker", () => {
	const breakerOf = (openMs: number) => {
		const changes: string[] = [];
		const breaker = createBreaker({
			failures: 3,
			openMs,
			longestOpenMs: 4 * openMs,
			opened: () => changes.push("opened"),
			failedAgain: () => changes.push("failed again"),
			unavailable: () => changes.push("unavailable"),
			closed: () => changes.push("closed"),
			time: systemTime,
		});
		const fail = (times = 1) => {
			for (let count = 0; count < times; count++) if (breaker.refusal() === undefined) breaker.ended("Unreachable");
		};
		return { breaker, changes, fail };
	};

	test("opens after failures in a row only", () => {
		const { breaker, changes, fail } = breakerOf(10_000);
		fail(2);
		breaker.ended(undefined);
		fail(2);
		breaker.ended("Rejected");
		fail(2);
		expect(breaker.refusal()).toBeUndefined();
		breaker.ended("DeadlineExceeded");
		expect(breaker.refusal()).toBe("DeadlineExceeded");
		expect(changes).toEqual(["opened"]);
	});

	test("stays closed for one that answers that it is unavailable, and tells every third time", () => {
		const { breaker, changes } = breakerOf(10_000);
		for (const failure of ["Unavailable", "Unimplemented", "Unavailable", "Unavailable", "Unavailable"] as const) {
			expect(breaker.refusal()).toBeUndefined();
			breaker.ended(failure);
		}
		expect(breaker.isDoubtful()).toBe(false);
		breaker.ended(undefined);
		breaker.ended("Unavailable");
		breaker.ended("Unavailable");
		expect(changes).toEqual(["unavailable"]);
	});

	test("lets one call through after a while, whose end decides", async () => {
		const { breaker, changes, fail } = breakerOf(20);
		fail(3);
		await sleep(40);
		expect([breaker.refusal(), breaker.refusal(), breaker.refusal()]).toEqual([
			undefined,
			"Unreachable",
			"Unreachable",
		]);
		breaker.ended("Unreachable");
		expect(breaker.refusal()).toBeDefined();
		await sleep(80);
		expect(breaker.refusal()).toBeUndefined();
		breaker.ended("NotReady");
		expect([breaker.refusal(), breaker.refusal()]).toEqual([undefined, undefined]);
		expect(changes).toEqual(["opened", "failed again", "closed"]);
	});

	test("late failures of calls from before change nothing; a late answer closes it", () => {
		const { breaker, changes, fail } = breakerOf(10_000);
		fail(3);
		breaker.ended("DeadlineExceeded");
		expect(breaker.refusal()).toBeDefined();
		breaker.ended(undefined);
		expect(breaker.refusal()).toBeUndefined();
		expect(changes).toEqual(["opened", "closed"]);
	});
});

describe("a dead proxy", () => {
	test("is not dialled any more; it is found when it comes back", async () => {
		const registry = new Registry();
		const proxy = await startProxy();
		const captured = captureLog();
		const options = { log: captured.log, metrics: createAdminMetrics(registry), timing: { openMs: 200 } };
		const admin = adminOf([proxy], options);
		const { assign: works } = proxy.does;
		proxy.does.assign = breaks;
		const outcome = async (version: number) =>
			(await admin.execute([assign(proxy, "orders", version)], BUDGET_MS))[0]?.outcome;
		for (let version = 1; version <= 3; version++) {
			expect(await outcome(version)).toEqual({ state: "failed", failure: "Unreachable" });
		}
		expect(await outcome(4)).toEqual({ state: "failed", failure: "Unreachable" });
		const [answer] = await admin.ask([about(proxy)], BUDGET_MS);
		expect(answer?.answer).toEqual({ state: "unknown", failure: "Unreachable" });
		expect(proxy.calls).toHaveLength(3);
		expect(await registry.metrics()).toMatch(/prism_operator_admin_calls_total\{[^}]*code="CircuitOpen"\} /);
		expect(await registry.metrics()).toContain("prism_operator_admin_breakers_open 1");
		proxy.does.assign = works;
		await until(async () => (await outcome(5))?.state === "done");
		expect(await registry.metrics()).toContain("prism_operator_admin_breakers_open 0");
		const proxyName = { proxy: proxy.instance.address };
		expect(captured.lines("circuit breaker open: a proxy does not answer")).toMatchObject([proxyName]);
		expect(captured.lines("circuit breaker closed")).toMatchObject([proxyName]);
		expect(captured.text()).not.toContain("CANARY");
		proxy.stop();
		for (let version = 6; version <= 8; version++) await outcome(version);
		expect(await registry.metrics()).toContain("prism_operator_admin_breakers_open 1");
		await admin.close();
		expect(await registry.metrics()).toContain("prism_operator_admin_breakers_open 0");
	});

	test.each([
		[status.FAILED_PRECONDITION, { failure: "NotReady" }],
		[status.UNAVAILABLE, { failure: "Unavailable", words: "UNAVAILABLE: no leader elected" }],
	])("an answer that is no good does not count: %s", async (code, failed) => {
		const proxy = await startProxy();
		const admin = adminOf([proxy]);
		const details = code === status.UNAVAILABLE ? "no leader elected" : undefined;
		proxy.does.assign = (_request, reply) => reply(fails(code, details));
		for (let version = 1; version <= 10; version++) {
			const [result] = await admin.execute([assign(proxy, "orders", version)], BUDGET_MS);
			expect(result?.outcome).toEqual({ state: "failed", ...failed });
		}
		expect(proxy.calls).toHaveLength(10);
	});

	// As behind the Service of several control planes, of which one is cut off from the leader.
	test("that answers that it is unavailable is called over another connection after three times", async () => {
		const proxy = await startProxy();
		const wire = await wireTo(proxy);
		const admin = adminOf([wire]);
		proxy.does.assign = (_request, reply) => reply(fails(status.UNAVAILABLE, "no leader elected"));
		for (let version = 1; version <= 7; version++) await admin.execute([assign(proxy, "orders", version)], BUDGET_MS);
		expect(wire.opened()).toBe(3);
	});

	// As behind the Service of several control planes, of which one is frozen.
	test.each([0, 2])(
		"behind a connection that swallows everything, and %i further ones, is reached over another",
		async (further) => {
			const proxy = await startProxy();
			const wire = await wireTo(proxy);
			const places = new Map([[proxy.instance.address, wire.port]]);
			const timing = {
				readDeadlineMs: 100,
				failedReadMs: 1,
				openMs: 20,
				longestOpenMs: 40,
				listingMaxAgeMs: 1,
				staleForMs: 0,
			};
			const admin = adminOf([], { resolve: (address) => `127.0.0.1:${places.get(address)}`, timing });
			const state = async () => (await admin.ask([about(proxy)], BUDGET_MS))[0]?.answer.state;
			await until(async () => (await state()) === "known");
			wire.swallow(further);
			await sleep(5);
			for (let count = 0; count < 3; count++) {
				expect(await state()).toBe("unknown");
				await sleep(5);
			}
			await until(async () => (await state()) === "known");
			expect(wire.opened()).toBeGreaterThan(1 + further);
		},
	);
});

// ── One of ten ──────────────────────────────────────────────────────────────────────────────────────────────────────

const NAMESPACES = 20;

/** What a hook does: asks for its namespace, and assigns it once in a while. */
async function sync(admin: Admin, proxy: FakeProxy, version: number): Promise<void> {
	const id = `n${version % NAMESPACES}`;
	const [answer] = await admin.ask([about(proxy, id)], 800);
	if (answer?.answer.state === "unknown" || version % 7 !== 0) return;
	await admin.execute([assign(proxy, id, version)], 700);
}

/** How many hooks of healthy proxies are answered by so many workers, who take what comes, of whichever proxy it is. */
async function throughput(admin: Admin, proxies: readonly FakeProxy[], dead: FakeProxy, ms: number): Promise<number> {
	const end = performance.now() + ms;
	let next = 0;
	let served = 0;
	const work = async () => {
		while (performance.now() < end) {
			const turn = next++;
			const proxy = proxies[turn % proxies.length];
			if (proxy === undefined) return;
			await sync(admin, proxy, turn);
			// The caller's own work. It leaves the processor idle most of the time, so that other tests don't matter.
			await sleep(10);
			if (proxy !== dead) served++;
		}
	};
	await Promise.all(Array.from({ length: 10 }, work));
	return served;
}

describe("one dead proxy of ten", () => {
	test.each([
		{ reason: "that hangs", does: hangs },
		{
			reason: "that can't be reached",
			does: breaks,
		},
	])(
		"$reason leaves the others nine tenths of what they do without it",
		async ({ does }) => {
			const ten = async () => {
				const proxies = await Promise.all(Array.from({ length: 10 }, () => startProxy()));
				for (const { keep } of proxies) {
					for (let index = 0; index < NAMESPACES; index++) keep(`n${index}`);
				}
				const [first] = proxies;
				if (first === undefined) throw new Error("ten");
				const admin = adminOf(proxies, { timing: { listingMaxAgeMs: 500, staleForMs: 0 } });
				return { first, measure: (ms: number) => throughput(admin, proxies, first, ms) };
			};
			const subject = await ten();
			// Ten others, all well, at the same time: whatever else the machine has to do, it takes from both.
			const control = await ten();
			const measure = (ms: number) => Promise.all([subject.measure(ms), control.measure(ms)]);
			await measure(500);
			Object.assign(subject.first.does, { list: does, assign: does });
			// The moment at which it is found out: whoever asks at that time waits once for as long as a hook may.
			await measure(1500);
			const [served, expected] = await measure(6000);
			expect(served / expected).toBeGreaterThan(0.9);
		},
		40_000,
	);

	test("with workers of their own, the others notice nothing at all", async () => {
		const proxies = await Promise.all(Array.from({ length: 4 }, () => startProxy()));
		const [dead, ...healthy] = proxies;
		if (dead === undefined) throw new Error("four");
		const admin = adminOf(proxies);
		Object.assign(dead.does, { list: hangs, assign: hangs });
		const stuck = throughput(admin, [dead], dead, 1500);
		const slowest = { ms: 0 };
		for (let turn = 0; turn < 200; turn++) {
			const proxy = healthy[turn % healthy.length];
			if (proxy === undefined) continue;
			const began = performance.now();
			await sync(admin, proxy, turn);
			slowest.ms = Math.max(slowest.ms, performance.now() - began);
		}
		expect(slowest.ms).toBeLessThan(500);
		await stuck;
	});
});
