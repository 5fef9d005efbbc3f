import { status } from "@grpc/grpc-js";
import { redactedText } from "../../kube/redaction.ts";
import { REDACTED } from "../../kube/redaction-rules.ts";
import type { AdminFailure, Failed } from "../../schemas/admin.ts";
import { ADMIN_FAILURE_TEXTS } from "../../schemas/messages/admin.ts";

// What can go wrong with a call, as one of a few words. The texts of gRPC's own errors hold addresses, ports and times: a
// condition with one would change at every sync, so that none of them leaves this file.

export class AdminError extends Error {
	override readonly name = "AdminError";
	readonly failure: AdminFailure;
	/** As in `Failed`. */
	readonly words: string | undefined;
	/** Whether no call was made: the failure is that of the last one, and the proxy's breaker is open. */
	readonly remembered: boolean;

	constructor(
		failure: AdminFailure,
		{ remembered = false, words }: { readonly remembered?: boolean; readonly words?: string } = {},
	) {
		super(`cannot call the proxy: it ${ADMIN_FAILURE_TEXTS[failure]}`);
		this.failure = failure;
		this.words = words;
		this.remembered = remembered;
	}
}

export const failedAs = ({ failure, words }: AdminError): Failed => ({
	failure,
	...(words !== undefined && { words }),
});

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

export interface GrpcStatus {
	/** As it came over the wire: not every number has a name. */
	readonly code: number;
	readonly details: string;
	/** Whether the server sent it. Otherwise it is gRPC's own, of a connection that could not be made, or broke. */
	readonly isServers: boolean;
}

export function errorOf({ code, details, isServers }: GrpcStatus): AdminError {
	// Our own side stopped reading; the code is the one of a server that is busy.
	if (FAILURES[code] === "Overloaded" && details.startsWith("Received message larger"))
		return new AdminError("BadAnswer");
	if (isServers && (UNAVAILABLE.includes(code) || lacksLeader(code, details))) {
		const message = details === "" ? "" : `: ${refusalMessage(details)}`;
		return new AdminError("Unavailable", { words: `${status[code]}${message}` });
	}
	return new AdminError(FAILURES[code] ?? "BadAnswer");
}

const UNAVAILABLE: readonly number[] = [status.UNAVAILABLE];

/** Statuses that members of a Raft cluster also send for other causes than a missing majority: only the message shows it. */
const OF_RAFT: readonly number[] = [status.FAILED_PRECONDITION, status.ABORTED, status.INTERNAL, status.UNKNOWN];
const LEADER = /\b(?:leader(?:ship)?|quorum|raft)\b/i;

const lacksLeader = (code: number, details: string): boolean =>
	OF_RAFT.includes(code) && LEADER.test(details.slice(0, LONGEST_TEXT));

/** Whether the proxy, or the network path to it, is down: any response shows the opposite, UNAVAILABLE too. */
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
