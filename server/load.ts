import { bodyBytesAtOnce, type Limits } from "./limits.ts";

// How much the server has to do, and when it is too much. A call counts from its headers to the end of its answer: a
// body that is still arriving holds memory, and its parsing will block all others.

export const OVERLOADS = ["requests", "bytes", "event-loop"] as const;
export type Overload = (typeof OVERLOADS)[number];

export interface Load {
	/** Counts a call in, unless that would be too much. */
	readonly enter: (bodyBytes: number) => Overload | undefined;
	readonly leave: (bodyBytes: number) => void;
	/** Waits for work elsewhere. Meanwhile the call takes no place of another's; its body still does. */
	readonly aside: <Value>(work: Promise<Value>) => Promise<Value>;
	readonly requests: () => number;
	readonly close: () => void;
}

const SAMPLE_MS = 250;
/** How often the delay is measured. */
const TICK_MS = 20;

export function createLoad(limits: Limits): Load {
	const bytesAtOnce = bodyBytesAtOnce(limits);
	let requests = 0;
	let bytes = 0;
	let delayed = false;
	let ticked = performance.now();
	let sampled = ticked;
	let longest = 0;
	// Not by Node's histogram of delays: each time it is reset, it leaves out the first, and with it whatever blocks the
	// loop right after.
	const timer = setInterval(() => {
		const now = performance.now();
		longest = Math.max(longest, now - ticked - TICK_MS);
		ticked = now;
		if (now - sampled < SAMPLE_MS) return;
		delayed = longest > limits.eventLoopDelayMs;
		sampled = now;
		longest = 0;
	}, TICK_MS).unref();

	const overload = (bodyBytes: number): Overload | undefined => {
		if (delayed) return "event-loop";
		if (requests >= limits.requests) return "requests";
		return bytes + bodyBytes > bytesAtOnce ? "bytes" : undefined;
	};
	return {
		enter: (bodyBytes) => {
			const cause = overload(bodyBytes);
			if (cause !== undefined) return cause;
			requests++;
			bytes += bodyBytes;
			return undefined;
		},
		leave: (bodyBytes) => {
			requests--;
			bytes -= bodyBytes;
		},
		aside: async (work) => {
			requests--;
			try {
				return await work;
			} finally {
				// It was let in already: it is not refused now, even if others have taken its place.
				requests++;
			}
		},
		requests: () => requests,
		close: () => {
			clearInterval(timer);
		},
	};
}
