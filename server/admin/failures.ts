import { status } from "@grpc/grpc-js";
import { ADMIN_FAILURES, type AdminFailure } from "../../schemas/admin.ts";

// What can go wrong with a call, as one of a few words. The texts of gRPC's errors hold addresses, ports and times: a
// condition with one would change at every sync, so that none of them leaves this file.

export class AdminError extends Error {
	override readonly name = "AdminError";
	readonly failure: AdminFailure;

	constructor(failure: AdminFailure) {
		super(`cannot call the proxy: it ${ADMIN_FAILURES[failure]}`);
		this.failure = failure;
	}
}

const FAILURES: Readonly<Partial<Record<number, AdminFailure>>> = {
	[status.CANCELLED]: "Unreachable",
	[status.INVALID_ARGUMENT]: "Rejected",
	[status.DEADLINE_EXCEEDED]: "DeadlineExceeded",
	[status.PERMISSION_DENIED]: "Unauthenticated",
	[status.RESOURCE_EXHAUSTED]: "Overloaded",
	[status.FAILED_PRECONDITION]: "NotReady",
	[status.ABORTED]: "NotReady",
	[status.OUT_OF_RANGE]: "Rejected",
	[status.UNIMPLEMENTED]: "Unimplemented",
	[status.UNAVAILABLE]: "Unreachable",
	[status.UNAUTHENTICATED]: "Unauthenticated",
};

export function errorOf({ code, details }: { readonly code: number; readonly details: string }): AdminError {
	// Our own side stopped reading; the code is the one of a server that is busy.
	if (FAILURES[code] === "Overloaded" && details.startsWith("Received message larger"))
		return new AdminError("BadAnswer");
	return new AdminError(FAILURES[code] ?? "BadAnswer");
}

/** Whether it tells that the proxy, or the way to it, is down: an answer of any kind is none of these. */
export const isTransport = (failure: AdminFailure): boolean =>
	failure === "Unreachable" || failure === "DeadlineExceeded";

// ── Refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

const LONGEST_MESSAGE = 200;
/** Of a longer text only so much is looked at. */
const LONGEST_TEXT = 2000;
/** What a credential is introduced by: its name, or the scheme of an Authorization header. */
const INTRODUCTION =
	/(?:(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|(?:api|access|private|account)[ _.-]?key)[\w.-]*\\*["'`]? ?[=:]+>? ?|[?&;,][\w.-]*key[\w.-]*=|\b(?:bearer|basic) )/;
/** Up to its closing quote, if it has an opening one; otherwise a word, less further parameters behind it. */
const CREDENTIAL =
	/(?:(?:bearer|basic) )?(?:\\*"(?:[^"\\]|\\.)*"?|\\*'(?:[^'\\]|\\.)*'?|\\*`[^`]*`?|(?:(?![&;,][\w.-]+[=:])[^ ])+)/;
const INTRODUCED = new RegExp(`(${INTRODUCTION.source})(${CREDENTIAL.source})`, "gi");

/** A server's words as one line that may stand in a condition: short, without control characters and credentials. */
export function refusalMessage(text: string): string {
	const start = text.slice(0, LONGEST_TEXT);
	const words = start
		.replaceAll(/\s+/g, " ")
		// Format characters too: they can turn the direction of a line.
		.replaceAll(/[\p{Cc}\p{Cf}]/gu, "")
		.trim()
		.split(" ");
	// A word that was cut may be a URL whose credentials can't be told any more.
	const whole = start.length < text.length ? words.slice(0, -1) : words;
	const message = withoutCredentials(whole.join(" "), text.slice(LONGEST_TEXT)).toWellFormed();
	if (message === "") return "no reason is given";
	const characters = Array.from(message);
	if (characters.length <= LONGEST_MESSAGE) return message;
	return `${characters.slice(0, LONGEST_MESSAGE - 1).join("")}…`;
}

/** `rest` is what follows the line, and is not shown. */
function withoutCredentials(line: string, rest: string): string {
	// What ends a URL's credentials stays to be seen, also where a part of them reads as a credential of its own.
	const marked = line.replace(
		INTRODUCED,
		(_, introduction: string, credential: string) => `${introduction}${credential.includes("@") ? "…@" : "…"}`,
	);
	return withoutUserinfo(marked, rest).replaceAll("…@", "…").split(" ").map(withoutLogin).join(" ").trim();
}

/** A password may hold any character, even an unescaped slash or space: all goes, up to the last "@". */
function withoutUserinfo(line: string, rest: string): string {
	const scheme = line.indexOf("://");
	if (scheme === -1) return line;
	const at = rest.includes("@") ? line.length : line.lastIndexOf("@");
	return at < scheme ? line : `${line.slice(0, scheme + 3)}${line.slice(at + 1)}`;
}

/** A word that begins with a name and a password, as bob:secret@db:5432. */
function withoutLogin(word: string): string {
	const at = word.lastIndexOf("@");
	return word.slice(0, Math.max(at, 0)).includes(":") ? word.slice(at + 1) : word;
}
