import type { Logger } from "pino";
import { sha256Hex } from "../kube/hash.ts";
import { describeObject, recordsAt, valueAt } from "../kube/object.ts";
import { redactedText } from "../kube/redaction.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { CompositeResponse, CustomizeResponse, DecoratorResponse } from "../schemas/metacontroller.ts";

// One line per webhook call, of names and numbers that are listed here. Bodies contain credentials and are never logged, not even
// in part.

export interface HookCall {
	/** Path of the webhook, as in the controller's URL. */
	readonly hook: string;
	readonly parent: KubeObject;
}

export type HookAnswer = CompositeResponse | DecoratorResponse | CustomizeResponse;

/** A response with the numbers of its objects instead of them. */
export interface AnswerSummary extends Pick<DecoratorResponse, "status" | "finalized"> {
	readonly children?: number;
	readonly attachments?: number;
	/** Of a customize hook. */
	readonly rules?: number;
}

export const answerSummary = (answer: HookAnswer): AnswerSummary => {
	if ("relatedResources" in answer) return { rules: answer.relatedResources.length };
	const { status, finalized } = answer;
	const objects =
		"children" in answer ? { children: answer.children.length } : { attachments: answer.attachments.length };
	return { ...objects, ...(status !== undefined && { status }), ...(finalized !== undefined && { finalized }) };
};

/** Duration and sizes of one call. */
export interface CallCost {
	/** Time in the hook, in milliseconds. */
	readonly ms: number;
	/** Time in calls to proxies, in milliseconds; only for hooks that make them. */
	readonly outsideMs?: number;
	/** Time since the request line, including the arrival of the body, in milliseconds. */
	readonly totalMs: number;
	/** Size of the request body; unknown for chunked bodies. */
	readonly bytesIn: number | undefined;
	/** Size of the answer's body. */
	readonly bytesOut: number;
}

export function logAnswer(log: Logger, call: HookCall, answer: AnswerSummary, cost: CallCost): void {
	log.info(
		{
			...subject(call),
			...outcome(answer),
			...cost,
			ms: tenths(cost.ms),
			...(cost.outsideMs !== undefined && { outsideMs: tenths(cost.outsideMs) }),
			totalMs: tenths(cost.totalMs),
		},
		"hook answered",
	);
}

/** Location of an exception: frames further out differ between calls of one hook. */
const TELLING_FRAMES = 3;

/** Logs an exception of a hook; returns an ID that is the same at every retry, so that the Event stays one Event. */
export function logFailure(log: Logger, call: HookCall, error: unknown): string {
	const failure = describeError(error);
	const place = failure.stack.split("\n").slice(0, TELLING_FRAMES).join("\n");
	const errorId = sha256Hex(`${failure.name}\n${place}`).slice(0, 8);
	log.error({ ...subject(call), errorId, failure }, "hook failed");
	return errorId;
}

export type ErrorDescription = ReturnType<typeof describeError>;

/**
 * An error without additional properties: Node's errors can repeat their input ("input" of an
 * invalid URL, with its password), and a SyntaxError of JSON.parse quotes it in the message.
 */
export function describeError(error: unknown) {
	if (!(error instanceof Error)) return { name: typeof error, message: "not an Error", stack: "" };
	const message = error instanceof SyntaxError ? "(left out: it quotes its input)" : redactedText(error.message);
	const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
	return { name: error.name, message, stack: frames.join("\n") };
}

const subject = ({ hook, parent }: HookCall) => ({
	hook,
	object: describeObject(parent),
	generation: parent.metadata.generation,
});

/** A response in words and numbers. */
export const outcome = ({ status, finalized, children, attachments, rules }: AnswerSummary) => {
	const ready = recordsAt(status, "conditions").find(({ type }) => type === "Ready");
	return {
		rules,
		children,
		attachments,
		phase: wordAt(status, "phase"),
		ready: wordAt(ready, "status"),
		reason: wordAt(ready, "reason"),
		// Another revision: its changes are left unchanged.
		operator: wordAt(status, "operator", "revision"),
		finalized,
	};
};

const wordAt = (value: unknown, ...path: readonly string[]): string | undefined => {
	const found = valueAt(value, ...path);
	return typeof found === "string" ? found : undefined;
};

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
