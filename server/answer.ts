import type { FastifyReply } from "fastify";
import type { Prepared, Row } from "../kube/hook.ts";
import type { Outside } from "../schemas/admin.ts";
import type { Context } from "../schemas/installation.ts";
import type { AppOptions, Parts } from "./app.ts";
import type { ServedCall } from "./call-history.ts";
import { consult, OFFLINE, type Surroundings } from "./hook-stages.ts";
import type { LargeBodies } from "./large-bodies/index.ts";
import { announcedBytes } from "./request-guard.ts";
import {
	type AnswerSummary,
	answerSummary,
	describeError,
	type HookAnswer,
	logAnswer,
	logFailure,
} from "./sync-log.ts";
import { systemTime } from "./time.ts";
import { answerFacts, subjectFacts } from "./tracing/calls.ts";
import { traced } from "./tracing/tracing.ts";

// Calls one hook, sends its response, and records the call in log, metrics, trace and history.

/** Parts of a hook without calls to proxies, for both types of controllers. */
export interface Concluding<Request> {
	readonly sync: (request: Request, context: Context) => HookAnswer;
	readonly finalize?: (request: Request, context: Context) => HookAnswer;
	readonly prepare?: (request: Request, context: Context) => Prepared<HookAnswer>;
}

/** Data from proxies, and the time that it took. */
interface FromProxies {
	readonly outside?: Outside | undefined;
	readonly outsideMs?: number | undefined;
}

/** A response that is ready to be sent. */
interface Answer {
	readonly body: string | Buffer;
	readonly bytes: number;
	/** Not the summary itself: an object can be uncountable. */
	readonly summary: () => AnswerSummary;
	/** For the call history. */
	readonly whole?: HookAnswer;
	/** Time in the hook, in milliseconds. */
	readonly ms: number;
}

/** One context for all stages of a call: they must see the same time. */
const contextOf = ({ clock, installation, revision, keys }: AppOptions): Context => ({
	now: clock(),
	installation,
	keys: keys?.() ?? [],
	...(revision !== undefined && { revision }),
});

const surroundingsOf = (
	{ parent }: Row,
	{ admin = OFFLINE }: AppOptions,
	{ turns, load, tracing, metrics }: Parts,
): Surroundings => ({
	admin,
	turns,
	load,
	tracing,
	staged: (stage, seconds) => metrics.staged(parent.kind, stage, seconds),
});

/** What becomes of one call: a response, or a failure. */
function createEnd(
	reply: FastifyReply,
	call: ServedCall,
	context: Context,
	{ log, history }: AppOptions,
	{ metrics, spans }: Parts,
) {
	const span = spans.of(reply.request.raw);
	span.tell(subjectFacts(call));
	// Metrics and logs must not turn a response into a failure.
	const tell = (telling: () => void) => {
		try {
			telling();
		} catch (error) {
			log.error({ failure: describeError(error) }, "cannot record a call");
		}
	};
	return {
		span,
		/** An exception of a hook is a bug of the operator: it never becomes a 4xx. */
		fail: (error: unknown, outside?: Outside) => {
			const errorId = logFailure(log, call, error);
			span.tell({ "prism.error_id": errorId });
			history?.keep(call, { context, outside, error, errorId });
			return reply.code(500).send({ error: `the hook failed; see the operator's log for error ${errorId}` });
		},
		send: ({ body, bytes, summary, whole, ms }: Answer, { outside, outsideMs }: FromProxies = {}) => {
			metrics.staged(call.parent.kind, "conclude", ms / 1000);
			tell(() => span.tell(answerFacts(summary())));
			tell(() => metrics.concluded({ object: call.parent, answer: summary(), outside }));
			tell(() => whole && history?.keep(call, { context, outside, answer: whole, ms }));
			tell(() =>
				logAnswer(log, call, summary(), {
					ms,
					...(outsideMs !== undefined && { outsideMs }),
					totalMs: reply.elapsedTime,
					bytesIn: announcedBytes(reply.request),
					bytesOut: bytes,
				}),
			);
			return reply.type("application/json; charset=utf-8").send(body);
		},
	};
}

/** Reads what a hook needs from proxies, then continues with the hook. */
type Consulted = (context: Context, goOn: (known: FromProxies & Computing) => FastifyReply) => Promise<FastifyReply>;

interface Computing {
	readonly compute: () => HookAnswer;
}

export const consultedBy =
	(
		prepare: (context: Context) => Prepared<HookAnswer>,
		row: Row,
		hook: "sync" | "finalize",
		options: AppOptions,
		parts: Parts,
	): Consulted =>
	async (context, goOn) => {
		const began = systemTime.monotonic();
		const prepared = prepare(context);
		const outside = await consult(prepared, surroundingsOf(row, options, parts));
		const outsideMs = systemTime.monotonic() - began;
		return parts.turns.result(() => goOn({ outside, outsideMs, compute: () => prepared[hook](outside) }));
	};

/** Calls a hook whose request has been parsed. */
export function answer(
	reply: FastifyReply,
	call: ServedCall,
	options: AppOptions,
	parts: Parts,
	/** For a hook without calls to proxies, which responds in one step. */
	atOnce: (context: Context) => HookAnswer,
	consulted?: Consulted,
) {
	const context = contextOf(options);
	const { span, fail, send } = createEnd(reply, call, context, options, parts);
	const conclude = ({ compute, ...known }: FromProxies & Computing) => {
		const began = systemTime.monotonic();
		const stage = parts.tracing.begin("conclude");
		let whole: HookAnswer;
		let body: string;
		try {
			whole = compute();
			body = JSON.stringify(whole);
		} catch (error) {
			stage.end("failed");
			return fail(error, known.outside);
		}
		stage.end();
		const ms = systemTime.monotonic() - began;
		return send({ body, bytes: Buffer.byteLength(body), summary: () => answerSummary(whole), whole, ms }, known);
	};
	// In the turn of the call that owns the work; without one, in no call's.
	const own: typeof conclude = (known) => span.within(() => conclude(known));
	if (consulted === undefined) return own({ compute: () => atOnce(context) });
	return span.within(() => consulted(context, own).catch((error: unknown) => fail(error)));
}

// ── In the thread for large bodies ──────────────────────────────────────────────────────────────────────────────────

/** A body that is not parsed yet. */
export class LargeBody {
	readonly bytes: Buffer;
	constructor(bytes: Buffer) {
		this.bytes = bytes;
	}
}

/** Has the thread for large bodies call a hook. */
export function answerLarge(
	reply: FastifyReply,
	{ row, path, bytes, largeBodies }: LargeCallTo,
	options: AppOptions,
	parts: Parts,
): Promise<FastifyReply> {
	return parts.spans.of(reply.request.raw).within(async () => {
		const context = contextOf(options);
		const { parent, questions, conclude, drop } = await largeBodies.begin({ path, bytes, context });
		const { fail, send } = createEnd(reply, { hook: path, parent }, context, options, parts);
		const began = systemTime.monotonic();
		let outside: Outside | undefined;
		try {
			outside = row.prepare && (await consult({ questions }, surroundingsOf(row, options, parts)));
		} catch (error) {
			drop();
			return fail(error);
		}
		const outsideMs = row.prepare && systemTime.monotonic() - began;
		try {
			const { body, summary, ms } = await traced(parts.tracing.begin("conclude"), () => conclude(outside));
			const bytesOut = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
			return send({ body: bytesOut, bytes: body.byteLength, summary: () => summary, ms }, { outside, outsideMs });
		} catch (error) {
			return fail(error, outside);
		}
	});
}

interface LargeCallTo {
	readonly row: Row;
	readonly path: string;
	readonly bytes: Buffer;
	readonly largeBodies: LargeBodies;
}
