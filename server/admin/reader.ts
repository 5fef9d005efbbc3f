import type { Time } from "../../kube/time.ts";
import type { Failed } from "../../schemas/admin.ts";
import type { Timing } from "./timing.ts";

// A cached read from a proxy, shared by all callers: one read at a time, whose result is kept for a while.

export interface Read<Value> {
	/** Start of the read: by the monotonic clock, and by the system clock (milliseconds since 1970). */
	readonly began: number;
	readonly at: number;
	readonly value: Value;
}

/** A read in progress, or the next one. */
export interface Waiting {
	/** Start of the operation that it waits for. */
	readonly began: number;
	/** Resolves with any result. */
	readonly ended: Promise<void>;
}

interface UnderWay extends Waiting {
	readonly at: number;
}

export type Reader<Value> = ReturnType<typeof createReader<Value>>;

export function createReader<Value>(
	read: (before: Value | undefined) => Promise<Value>,
	failureOf: (error: unknown) => Failed,
	timing: Pick<Timing, "failedReadMs" | "unimplementedMs">,
	time: Pick<Time, "now" | "monotonic">,
) {
	let latest: Read<Value> | undefined;
	let failed: { readonly why: Failed; readonly ended: number } | undefined;
	let current: UnderWay | undefined;
	let next: Promise<void> | undefined;

	const run = async (began: number, at: number) => {
		try {
			latest = { began, at, value: await read(latest?.value) };
			failed = undefined;
		} catch (error) {
			failed = { why: failureOf(error), ended: time.monotonic() };
		} finally {
			current = undefined;
		}
	};
	const begin = (): UnderWay => {
		const began = time.monotonic();
		const at = time.now();
		current = { began, at, ended: Promise.resolve().then(() => run(began, at)) };
		return current;
	};
	return {
		/** The last result, unless its read began earlier. */
		latest: (since: number) => (latest !== undefined && latest.began >= since ? latest : undefined),
		/** Error of a read that ended after the request, or shortly before; none that ended before `since`. */
		failure: (asked: number, since = 0): Failed | undefined => {
			if (failed === undefined || failed.ended < since) return undefined;
			const memory = failed.why.failure === "Unimplemented" ? timing.unimplementedMs : timing.failedReadMs;
			return failed.ended >= asked - memory ? failed.why : undefined;
		},
		/** Resolves when a read ends that began at these times or later; starts one if necessary. */
		wait: (began: number, at: number): Waiting => {
			if (current === undefined) return begin();
			if (current.began >= began && current.at >= at) return current;
			next ??= current.ended.then(() => {
				next = undefined;
				return (current ?? begin()).ended;
			});
			return { began: current.began, ended: next };
		},
		isIdle: () => current === undefined,
	};
}
