import { status } from "@grpc/grpc-js";
import { redactedText } from "../../kube/redaction.ts";
import { REDACTED } from "../../kube/redaction-rules.ts";
import type { AdminFailure } from "../../schemas/admin.ts";
import { ADMIN_FAILURE_TEXTS } from "../../schemas/rendering/admin.ts";

// Failures of calls as a few fixed words. gRPC's messages contain addresses, ports and times, so a condition with one would change at
// every sync: no message leaves this file.

export class AdminError extends Error {
	override readonly name = "AdminError";
	readonly failure: AdminFailure;
	/** Whether no call was made: the failure is that of the last call, and the circuit breaker is open. */
	readonly remembered: boolean;

	constructor(failure: AdminFailure, { remembered = false } = {}) {
		super(`cannot call the proxy: it ${ADMIN_FAILURE_TEXTS[failure]}`);
		this.failure = failure;
		this.remembered = remembered;
	}
}

const FAILURES: Readonly<Partial<Record<number, AdminFailure>>> = {
	[status.CANCELLED]: "Unreachable",
	[status.INVALID_ARGUMENT]: "Rejected",
	[status.DEADLINE_EXCEEDED]: "DeadlineExceeded",
	[status.PERMISSION_DENIED]: "Unauthenticated",
	[status.RESOURCE_EXHAUSTED]: "Overloaded",
	[status.FAILED_PRECONDITION]: "NotReady",
	[status.ABORTED]: "Overloaded",
	[status.OUT_OF_RANGE]: "Rejected",
	[status.UNIMPLEMENTED]: "Unimplemented",
	[status.UNAVAILABLE]: "Unreachable",
	[status.UNAUTHENTICATED]: "Unauthenticated",
};

export function errorOf({ code, details }: { readonly code: number; readonly details: string }): AdminError {
	// This client stopped reading; the code is that of a busy server.
	if (FAILURES[code] === "Overloaded" && details.startsWith("Received message larger"))
		return new AdminError("BadAnswer");
	return new AdminError(FAILURES[code] ?? "BadAnswer");
}

/** Whether the proxy, or the network path to it, is down: any response shows the opposite. */
export const isTransport = (failure: AdminFailure): boolean =>
	failure === "Unreachable" || failure === "DeadlineExceeded";

// ── Refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

const LONGEST_MESSAGE = 200;
/** Maximum length of text that is scanned. */
const LONGEST_TEXT = 16_384;

/** A server's message as one line for a condition: short, without control characters and credentials. */
export function refusalMessage(text: string): string {
	const start = text.slice(0, LONGEST_TEXT).replaceAll(NOT_SHOWN, "");
	// A truncated word can be a URL whose credentials are no longer recognizable.
	const whole = text.length <= LONGEST_TEXT ? start : start.slice(0, Math.max(0, start.search(/\s\S*$/)));
	// The end of a password with spaces can be beyond the scanned text.
	const end = text.includes("@", LONGEST_TEXT) ? " @" : "";
	const message = redactedText(whole + end)
		.replace(/ @$/, "")
		.replaceAll("REDACTED@redacted", REDACTED)
		.replaceAll("REDACTED@", "")
		.replaceAll(REDACTED, "…")
		.replaceAll(/\s+/g, " ")
		.trim()
		.toWellFormed();
	if (message === "") return "no reason is given";
	const characters = Array.from(message);
	if (characters.length <= LONGEST_MESSAGE) return message;
	return `${characters.slice(0, LONGEST_MESSAGE - 1).join("")}…`;
}

/**
 * Words in a successful response that contradict the success; `undefined`: none. Only for display, not for decisions.
 */
export const reservationOf = (text: string): string | undefined =>
	RESERVATION.test(text.slice(0, LONGEST_TEXT)) ? refusalMessage(text) : undefined;

const RESERVATION = /\b(?:not|un(?:implemented|supported)|ignored|partial(?:ly)?)\b/i;

/** Control characters, and format characters that can change the text direction. Spaces stay for now. */
const NOT_SHOWN = /[^\P{Cc}\s]|\p{Cf}/gu;
