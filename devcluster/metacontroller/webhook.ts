import type { Static, TSchema } from "@sinclair/typebox";
import { unlessAborted } from "../controllers/activity.ts";
import type { Webhook } from "./controllers.ts";
import { readEnvelope } from "./envelope.ts";
import { messageOf } from "./objects.ts";
import type { Runtime } from "./runtime.ts";

// One call of a hook: what is sent, and which answers count. For development and tests only.

export interface HookReply {
	readonly status: number;
	/** The body as text: only the text shows whether a field comes twice. */
	readonly body: string;
	/** The header Retry-After. */
	readonly retryAfter?: string;
}

/** Sends `body` as JSON. It shares the objects of the caches: who is called in-process must not change them. */
export type HookCall = (url: string, body: unknown, timeoutMs: number) => Promise<HookReply>;

/** 429: the hook asks for a pause. Not an error of the sync. */
export class TooManyRequests extends Error {
	readonly afterMs: number;
	constructor(afterMs: number) {
		super(`the hook asks to be called again after ${afterMs} ms`);
		this.name = "TooManyRequests";
		this.afterMs = afterMs;
	}
}

/** Over HTTP. The timeout is on the machine's clock, as the network is. */
export const httpCall =
	(signal: AbortSignal): HookCall =>
	async (url, body, timeoutMs) => {
		const response = await fetch(url, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(body),
			signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
		});
		const retryAfter = response.headers.get("retry-after");
		return { status: response.status, body: await response.text(), ...(retryAfter !== null && { retryAfter }) };
	};

/** The hook's answer, or an error with the cause. */
export const callHook = async <Schema extends TSchema>(
	{ call, clock, stats, signal }: Pick<Runtime, "call" | "clock" | "stats" | "signal">,
	{ url, timeoutMs, strict }: Webhook,
	request: unknown,
	schema: Schema,
): Promise<Static<Schema>> => {
	stats.hookCalls += 1;
	const reply = await unlessAborted(signal, call(url, request, timeoutMs)).catch((cause: unknown) => {
		throw new Error(`cannot call ${url}: ${messageOf(cause)}`, { cause });
	});
	if (reply.status === 429) throw new TooManyRequests(delayOf(reply.retryAfter, clock.now()));
	if (reply.status !== 200) throw new Error(`unsupported status code: ${reply.status} body: ${reply.body}`);
	try {
		return readEnvelope(reply.body, schema, strict);
	} catch (cause) {
		throw new Error(`cannot read the answer of ${url}: ${messageOf(cause)}`, { cause });
	}
};

/** Seconds or a date. Without either there is no delay at all, and the key spins: so does Metacontroller's. */
const delayOf = (retryAfter: string | undefined, now: number): number => {
	if (retryAfter === undefined) return 0;
	if (/^[+-]?\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
	const at = Date.parse(retryAfter);
	return Number.isNaN(at) ? 0 : Math.ceil((at - now) / 1000) * 1000;
};
