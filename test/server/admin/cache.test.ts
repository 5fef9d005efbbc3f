import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { timestampOf } from "../../../kube/time.ts";
import type { NamespaceRecord } from "../../../schemas/admin.ts";
import { createCache, type Reads } from "../../../server/admin/cache.ts";
import { AdminError, failedAs } from "../../../server/admin/failures.ts";
import { packed } from "../../../server/admin/records.ts";
import { TIMING } from "../../../server/admin/timing.ts";
import { createManualClock } from "../../clock.ts";
import { unknown } from "./calls.ts";

const BUDGET_MS = 2000;
const ORDERS = { namespaceId: "orders" };
const record = (version: number): NamespaceRecord => ({ version, owner: "o", status: "Active", digest: `d${version}` });

/** A proxy whose store holds one namespace, and fails as it is told to. */
function proxied() {
	const clock = createManualClock();
	const proxy = { version: 1, storeId: "s1", reads: 0, failure: undefined as AdminError | undefined, slowMs: 0 };
	const read = async <Value>(make: () => Value): Promise<Value> => {
		proxy.reads++;
		const { failure } = proxy;
		if (proxy.slowMs > 0) await new Promise<void>((resolve) => void clock.after(proxy.slowMs, resolve));
		if (failure !== undefined) throw failure;
		return make();
	};
	const reads: Reads = {
		all: () =>
			read(() => ({
				storeId: proxy.storeId,
				tells: true,
				records: packed(new Map([["orders", record(proxy.version)]])),
			})),
		one: () => read(() => ({ record: record(proxy.version), storeId: proxy.storeId, ignoresName: false })),
		metrics: async () => ({ requestsPerSecond: 3, p99LatencyMs: 4 }),
		failureOf: (error) => (error instanceof AdminError ? failedAs(error) : { failure: "BadAnswer" }),
		isDoubtful: () => false,
	};
	const time = { ...clock, monotonic: clock.now, random: () => 0 };
	const cache = createCache(reads, TIMING, time);
	/** The answer, within what time it takes. */
	const ask = async (question: object = {}) => {
		const answer = cache.namespace({ ...ORDERS, ...question }, BUDGET_MS);
		await clock.advance(BUDGET_MS);
		return answer;
	};
	return { clock, proxy, cache, ask };
}
const known = (version: number) => ({ state: "known", record: record(version) });

test("a listing answers until it is too old", async () => {
	const { clock, proxy, cache, ask } = proxied();
	expect(await ask()).toMatchObject(known(1));
	proxy.version = 2;
	await clock.advance(TIMING.listingMaxAgeMs - BUDGET_MS);
	expect(await ask()).toMatchObject(known(1));
	expect(await ask()).toMatchObject(known(2));
	expect(proxy.reads).toBe(2);
	expect(cache.isIdle()).toBe(true);
});

test.each([
	["Unreachable", known(1)],
	["Overloaded", known(1)],
	["NotReady", known(1)],
	["Unauthenticated", unknown("Unauthenticated")],
	["Unimplemented", { state: "unverifiable" }],
] as const)("after %s, an older listing may do", async (failure, answer) => {
	const { clock, proxy, ask } = proxied();
	await ask();
	proxy.failure = new AdminError(failure);
	await clock.advance(TIMING.listingMaxAgeMs);
	expect(await ask()).toMatchObject(answer);
	await clock.advance(TIMING.staleForMs);
	expect(await ask()).toMatchObject(failure === "Unimplemented" ? answer : unknown(failure));
});

test("a read that takes longer than the budget leaves nothing known, or what was known before", async () => {
	const { clock, proxy, ask } = proxied();
	proxy.slowMs = 10_000;
	expect(await ask()).toEqual(unknown("DeadlineExceeded"));
	await clock.advance(10_000);
	expect(await ask()).toMatchObject(known(1));
	await clock.advance(TIMING.listingMaxAgeMs);
	expect(await ask()).toMatchObject(known(1));
});

test("what is asked after a second is read after its end, or not at all", async () => {
	const { clock, proxy, ask } = proxied();
	await ask();
	proxy.version = 2;
	expect(await ask({ after: timestampOf(clock.now()) })).toMatchObject(known(2));
	expect(await ask({ after: timestampOf(clock.now() + 60_000) })).toEqual(unknown("DeadlineExceeded"));
	expect(await ask({ after: "never" })).toEqual(unknown("DeadlineExceeded"));
});

test.each([
	["a store that is another one now", { storeId: "s2" }],
	["a proxy that has changed since", { changedAt: "2026-01-01T00:05:00Z" }],
])("what is asked of %s is read again, once", async (_, question) => {
	const { proxy, ask } = proxied();
	await ask();
	Object.assign(proxy, { version: 2, storeId: "s2" });
	expect(await ask(question)).toMatchObject(known(2));
	expect(await ask(question)).toMatchObject(known(2));
	expect(proxy.reads).toBe(2);
});

test("while a call changes a namespace nothing is known of it; afterwards it is what was read back", async () => {
	const { clock, proxy, cache, ask } = proxied();
	await ask();
	const change = cache.changing("orders");
	const states: string[] = [];
	void cache.namespace(ORDERS, BUDGET_MS).then(({ state }) => states.push(state));
	expect(await ask()).toEqual(unknown("DeadlineExceeded"));
	expect(states).toEqual(["unknown"]);
	expect(await cache.namespace({ namespaceId: "users" }, BUDGET_MS)).toMatchObject({ record: undefined });
	proxy.version = 2;
	change.ended();
	expect(await cache.readBack("orders")).toMatchObject(known(2));
	change.settled();
	await turn();
	expect(await ask()).toMatchObject(known(2));
	expect(proxy.reads).toBe(2);
	await clock.advance(2 * TIMING.listingMaxAgeMs + TIMING.staleForMs);
	cache.sweep();
	proxy.version = 3;
	expect(await ask()).toMatchObject(known(3));
});

test("an instance is told by its listing, what was read back since, and its metrics", async () => {
	const { clock, proxy, cache } = proxied();
	const instance = async () => {
		const answer = cache.instance({}, BUDGET_MS);
		await clock.advance(100);
		return answer;
	};
	expect(await instance()).toMatchObject({
		state: "known",
		storeId: "s1",
		namespaces: new Map([["orders", "d1"]]),
		metrics: { requestsPerSecond: 3, p99LatencyMs: 4 },
	});
	proxy.version = 2;
	await cache.readBack("orders");
	expect(await instance()).toMatchObject({ namespaces: new Map([["orders", "d2"]]) });
	proxy.failure = new AdminError("Unimplemented");
	await clock.advance(TIMING.instanceMaxAgeMs);
	expect(await instance()).toEqual({ state: "unverifiable" });
});
