import { describe, expect, it } from "vitest";
import { type Connection, keepConnection } from "../../probe/connection.ts";
import { ProbeError, type Reason } from "../../probe/errors.ts";

type Step = Reason | "ok" | "hangs";
const settled = (step: Step): Promise<void> =>
	step === "ok" ? Promise.resolve() : step === "hangs" ? new Promise(() => {}) : Promise.reject(new ProbeError(step));

/** A checker whose connections open and answer as the steps say, by host, in order; and what it did. */
const checking = (hosts: Readonly<Record<string, readonly Step[]>>) => {
	const log: string[] = [];
	const left = new Map(Object.entries(hosts).map(([host, steps]) => [host, [...steps]]));
	const lost = new Set<string>();
	const checker = keepConnection(
		{ provider: "redis", endpoints: Object.keys(hosts).map((host) => ({ host, port: 1 })), timeoutMs: 1 },
		{
			interpret: () => undefined,
			connect: (_, { host }): Connection => ({
				open: async () => log.push(`open ${host}`),
				check: () => settled(left.get(host)?.shift() ?? "ok"),
				close: () => log.push(`close ${host}`),
				lost: () => lost.has(host),
			}),
		},
	);
	const check = (signal = new AbortController().signal) =>
		checker.check(signal).then(
			() => "ok",
			(error: unknown) => (error instanceof ProbeError ? error.reason : error),
		);
	return { log, lost, check, close: () => checker.close() };
};

describe("a kept connection", () => {
	it("is opened once for several checks, and closed at the end", async () => {
		const { log, check, close } = checking({ a: [] });
		expect([await check(), await check()]).toEqual(["ok", "ok"]);
		await close();
		expect(log).toEqual(["open a", "close a"]);
	});

	it.each<[string, Step[], string[], string[]]>([
		["was closed between two checks", ["ok", "ConnectionClosed", "ok"], ["ok", "ok"], ["open a", "close a", "open a"]],
		["answers that it can't serve", ["ok", "NotServing"], ["ok", "NotServing"], ["open a", "close a"]],
		[
			"can't be opened",
			["Unreachable", "Unreachable"],
			["Unreachable", "Unreachable"],
			["open a", "close a", "open a", "close a"],
		],
	])("%s", async (_, steps, outcomes, done) => {
		const { log, check } = checking({ a: steps });
		expect([await check(), await check()]).toEqual(outcomes);
		expect(log).toEqual(done);
	});

	it("that the backend closed is opened again before the check", async () => {
		const { log, lost, check } = checking({ a: [] });
		await check();
		lost.add("a");
		expect(await check()).toBe("ok");
		expect(log).toEqual(["open a", "close a", "open a"]);
	});

	it("is one to the first endpoint that answers; the error is that of the first one", async () => {
		const some = checking({ a: ["Unreachable"], b: [] });
		expect(await some.check()).toBe("ok");
		expect(some.log).toEqual(["open a", "close a", "open b"]);
		const none = checking({ a: ["Unreachable"], b: ["NotServing"] });
		expect(await none.check()).toBe("Unreachable");
	});

	it("is closed at the timeout, and the next check begins with the next endpoint", async () => {
		const { log, check } = checking({ a: ["hangs"], b: [] });
		const abort = new AbortController();
		const hanging = check(abort.signal);
		await new Promise(setImmediate);
		abort.abort();
		expect(await hanging).toBe("TimedOut");
		expect(await check()).toBe("ok");
		expect(log).toEqual(["open a", "close a", "open b"]);
	});
});
