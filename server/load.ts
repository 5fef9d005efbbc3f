import { BECOMES, bodyMemory, type Limits } from "./limits.ts";
import { systemTime } from "./time.ts";

// How much the server has to do, and when it is too much. A call counts from its headers to the end of its answer: a
// body that is still arriving holds memory, and its parsing will block all others.

export const OVERLOADS = ["requests", "bytes", "event-loop"] as const;
export type Overload = (typeof OVERLOADS)[number];

const SAMPLE_MS = 250;
/** How often the delay is measured, while anybody calls. */
const TICK_MS = 20;
/** How long after the last call it still is. */
const IDLE_MS = 2000;

export type Load = ReturnType<typeof createLoad>;

export function createLoad(limits: Limits) {
	const memory = bodyMemory(limits);
	let requests = 0;
	let bytes = 0;
	let delayed = false;
	let ticked = 0;
	let sampled = 0;
	let entered = 0;
	let longest = 0;
	let timer: NodeJS.Timeout | undefined;
	const rest = () => {
		clearInterval(timer);
		timer = undefined;
		delayed = false;
	};
	// Not by Node's histogram of delays: each time it is reset, it leaves out the first, and with it whatever blocks the
	// loop right after.
	const tick = () => {
		const now = systemTime.monotonic();
		longest = Math.max(longest, now - ticked - TICK_MS);
		ticked = now;
		if (now - sampled < SAMPLE_MS) return;
		delayed = longest > limits.eventLoopDelayMs;
		sampled = now;
		longest = 0;
		if (requests === 0 && now - entered > IDLE_MS) rest();
	};
	/** An idle server has nothing to measure, and 50 samples per second are most of its CPU time. */
	const measure = () => {
		entered = systemTime.monotonic();
		if (timer !== undefined) return;
		[ticked, sampled, longest] = [entered, entered, 0];
		timer = setInterval(tick, TICK_MS).unref();
	};

	const overload = (bodyBytes: number): Overload | undefined => {
		if (delayed) return "event-loop";
		if (requests >= limits.requests) return "requests";
		return BECOMES * (bytes + bodyBytes) > memory ? "bytes" : undefined;
	};
	return {
		/** Counts a call in, unless that would be too much. */
		enter: (bodyBytes: number): Overload | undefined => {
			measure();
			const cause = overload(bodyBytes);
			if (cause !== undefined) return cause;
			requests++;
			bytes += bodyBytes;
			return undefined;
		},
		leave: (bodyBytes: number) => {
			requests--;
			bytes -= bodyBytes;
		},
		/** Waits for work elsewhere. Meanwhile the call takes no place of another's; its body still does. */
		aside: async <Value>(work: Promise<Value>): Promise<Value> => {
			requests--;
			try {
				return await work;
			} finally {
				// It was let in already: it is not refused now, even if others have taken its place.
				requests++;
			}
		},
		close: rest,
	};
}
