import type { Logger } from "pino";
import { sha256Hex } from "../kube/hash.ts";
import { describeObject, recordsAt, valueAt } from "../kube/object.ts";
import { redactedText } from "../kube/redaction.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { CompositeResponse, CustomizeResponse, DecoratorResponse } from "../schemas/metacontroller.ts";

// One line per call of a hook. Lines are made of names and numbers that are listed here; bodies hold credentials and
// are never logged, neither whole nor in part.

export interface HookCall {
	/** Path of the hook, as the controller object names it. */
	readonly hook: string;
	readonly parent: KubeObject;
}

export type HookAnswer = CompositeResponse | DecoratorResponse | CustomizeResponse;

/** What one call took. */
export interface CallCost {
	/** Time in the hook, in milliseconds. */
	readonly ms: number;
	/** Time in calls to proxies, in milliseconds; only for hooks that make them. */
	readonly outsideMs?: number;
	/** Time since the request's first line, its body's arrival included, in milliseconds. */
	readonly totalMs: number;
	/** Size of the request's body; unknown when it came in chunks. */
	readonly bytesIn: number | undefined;
	/** Size of the answer's body. */
	readonly bytesOut: number;
}

export function logAnswer(log: Logger, call: HookCall, answer: HookAnswer, cost: CallCost): void {
	log.info(
		{
			...subject(call),
			...("relatedResources" in answer ? { rules: answer.relatedResources.length } : outcome(answer)),
			...cost,
			ms: tenths(cost.ms),
			...(cost.outsideMs !== undefined && { outsideMs: tenths(cost.outsideMs) }),
			totalMs: tenths(cost.totalMs),
		},
		"hook answered",
	);
}

/** Where an error was thrown, and by whom; frames further out differ between calls of one hook. */
const TELLING_FRAMES = 3;

/** Logs a hook's exception; answers an id that stays the same at every retry, so that the Event stays one Event. */
export function logFailure(log: Logger, call: HookCall, error: unknown): string {
	const failure = describeError(error);
	const place = failure.stack.split("\n").slice(0, TELLING_FRAMES).join("\n");
	const errorId = sha256Hex(`${failure.name}\n${place}`).slice(0, 8);
	log.error({ ...subject(call), errorId, failure }, "hook failed");
	return errorId;
}

/**
 * An error without what it carries along: Node's errors have properties that repeat their input ("input" of an
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

/** Summary of a response, in words and numbers. */
export const outcome = (answer: CompositeResponse | DecoratorResponse) => {
	const { status, finalized } = answer;
	const ready = recordsAt(status, "conditions").find(({ type }) => type === "Ready");
	return {
		children: "children" in answer ? answer.children.length : undefined,
		attachments: "children" in answer ? undefined : answer.attachments.length,
		phase: wordAt(status, "phase"),
		ready: wordAt(ready, "status"),
		reason: wordAt(ready, "reason"),
		// Another one than this: what that one made is left as it is.
		operator: wordAt(status, "operator", "revision"),
		finalized,
	};
};

const wordAt = (value: unknown, ...path: readonly string[]): string | undefined => {
	const found = valueAt(value, ...path);
	return typeof found === "string" ? found : undefined;
};

const tenths = (ms: number): number => Math.round(ms * 10) / 10;
