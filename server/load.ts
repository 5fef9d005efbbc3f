import { BECOMES, bodyMemory, type Limits } from "./limits.ts";
import { systemTime } from "./time.ts";

// Load of the server, and overload. A call counts from its headers to the end of its response: a body that is still arriving uses
// memory, and its parsing will block all other calls.

export const OVERLOADS = ["requests", "bytes", "event-loop"] as const;
export type Overload = (typeof OVERLOADS)[number];

const SAMPLE_MS = 250;
/** Interval of delay samples while there are calls. */
const TICK_MS = 20;
/** Time after the last call for which sampling continues. */
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
	// Not with Node's histogram of delays: after each reset, it omits the first sample, and with it a block of the loop right
	// after the reset.
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
		/** Admits a call, unless the server is overloaded. */
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
		/** Waits for work outside the process. Meanwhile, the call does not count; its body still does. */
		aside: async <Value>(work: Promise<Value>): Promise<Value> => {
			requests--;
			try {
				return await work;
			} finally {
				// The call was admitted already, so it is not rejected now, even if others use its slot.
				requests++;
			}
		},
		close: rest,
	};
}
