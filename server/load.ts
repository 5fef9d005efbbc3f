import { monitorEventLoopDelay } from "node:perf_hooks";
import { bodyBytesAtOnce, type Limits } from "./limits.ts";

// How much the server has to do, and when it is too much. A call counts from its headers to the end of its answer: a
// body that is still arriving holds memory, and its parsing will block all others.

export type Overload = "requests" | "bytes" | "event-loop";

export interface Load {
	/** Counts a call in, unless that would be too much. */
	readonly enter: (bodyBytes: number) => Overload | undefined;
	readonly leave: (bodyBytes: number) => void;
	readonly requests: () => number;
	readonly close: () => void;
}

const SAMPLE_MS = 250;
/** How often the delay is measured; part of every value of the histogram. */
const RESOLUTION_MS = 20;
const NANOSECONDS = 1e6;

export function createLoad(limits: Limits): Load {
	const bytesAtOnce = bodyBytesAtOnce(limits);
	const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
	let requests = 0;
	let bytes = 0;
	let delayed = false;
	delay.enable();
	const timer = setInterval(() => {
		delayed = delay.max / NANOSECONDS - RESOLUTION_MS > limits.eventLoopDelayMs;
		delay.reset();
	}, SAMPLE_MS).unref();

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
		requests: () => requests,
		close: () => {
			clearInterval(timer);
			delay.disable();
		},
	};
}
