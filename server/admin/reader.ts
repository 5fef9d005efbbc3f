import type { Time } from "../../kube/time.ts";
import type { Failed } from "../../schemas/admin.ts";
import type { Timing } from "./timing.ts";

// One thing that is read of a proxy, for all who want to know: one read at a time, whose end is remembered for a while.

export interface Read<Value> {
	/** When the read began: by the clock that never jumps, and by the one on the wall (milliseconds since 1970). */
	readonly began: number;
	readonly at: number;
	readonly value: Value;
}

/** A read that is under way, or comes next. */
export interface Waiting {
	/** When that for which it waits began. */
	readonly began: number;
	/** Whatever came of it. */
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
		/** What was read last, unless that began earlier. */
		latest: (since: number) => (latest !== undefined && latest.began >= since ? latest : undefined),
		/** Why the read failed that ended after somebody asked, or shortly before; none that ended before `since`. */
		failure: (asked: number, since = 0): Failed | undefined => {
			if (failed === undefined || failed.ended < since) return undefined;
			const memory = failed.why.failure === "Unimplemented" ? timing.unimplementedMs : timing.failedReadMs;
			return failed.ended >= asked - memory ? failed.why : undefined;
		},
		/** The end of a read that begins at these times or later: of the one under way, or of one that begins for it. */
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
