import { codeOf } from "../server/watched-files.ts";

// Why a check failed: one of a few fixed reasons. The messages and properties of a library's errors are never reported, because they may
// contain the URL with its password.

/** The message of each reason. A failure is reported as this message, the reason and the address only. */
const SENTENCES = {
	NotChecked: "no check has ended yet",
	NameNotFound: "the host's name can't be resolved",
	Unreachable: "the connection is refused, or there is no route",
	ConnectionClosed: "the connection was closed before the check ended; perhaps the backend wants TLS",
	TimedOut: "the backend did not answer within the timeout",
	AuthenticationFailed: "the user name or the password is wrong or missing, or does not permit the check",
	CertificateRejected: "the backend's certificate is not of the given CA, is for another name, or has expired",
	CertificateUnreadable: "ca.crt, tls.crt or tls.key is missing or can't be read",
	HandshakeFailed: "TLS can't be agreed on; the backend offers none, or wants another client certificate",
	DatabaseNotFound: "the backend has no such database",
	NotServing: "the backend answers that it can't serve now",
	ProtocolError: "the backend's answer is not what this provider answers",
} as const;

export type Reason = keyof typeof SENTENCES;

export const REASONS: readonly Reason[] = Object.keys(SENTENCES).filter((key): key is Reason => key in SENTENCES);

export const sentenceOf = (reason: Reason): string => SENTENCES[reason];

export class ProbeError extends Error {
	override readonly name = "ProbeError";
	readonly reason: Reason;

	constructor(reason: Reason) {
		super(SENTENCES[reason]);
		this.reason = reason;
	}
}

/** The reason for one client's error. undefined: unknown, and the errors that it wraps are tried next. */
export type Interpreter = (error: Error) => Reason | undefined;

/** The reason for a thrown value: that of the first known error among the value, its causes and its nested errors. */
export function reasonOf(thrown: unknown, interpret: Interpreter = () => undefined): Reason {
	for (const error of nested(thrown)) {
		const reason = error instanceof ProbeError ? error.reason : (interpret(error) ?? reasonOfCode(error));
		if (reason !== undefined) return reason;
	}
	return "ProtocolError";
}

/** An error and the errors that it wraps, outermost first. Bounded, because an error may contain itself. */
function nested(thrown: unknown): Error[] {
	const found: Error[] = [];
	const waiting: unknown[] = [thrown];
	while (waiting.length > 0 && found.length < 32) {
		const error = waiting.shift();
		if (!(error instanceof Error) || found.includes(error)) continue;
		found.push(error);
		waiting.push(...(error instanceof AggregateError ? error.errors : []), error.cause);
	}
	return found;
}

const CODES: Readonly<Partial<Record<Reason, readonly string[]>>> = {
	NameNotFound: ["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME"],
	Unreachable: [
		"ECONNREFUSED",
		"EHOSTUNREACH",
		"EHOSTDOWN",
		"ENETUNREACH",
		"ENETDOWN",
		"EADDRNOTAVAIL",
		"EACCES",
		"EPERM",
	],
	ConnectionClosed: ["ECONNRESET", "ECONNABORTED", "EPIPE"],
	TimedOut: ["ETIMEDOUT"],
	HandshakeFailed: ["EPROTO"],
	CertificateRejected: [
		"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
		"UNABLE_TO_GET_ISSUER_CERT",
		"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
		"DEPTH_ZERO_SELF_SIGNED_CERT",
		"SELF_SIGNED_CERT_IN_CHAIN",
		"HOSTNAME_MISMATCH",
		"INVALID_CA",
		"INVALID_PURPOSE",
		"PATH_LENGTH_EXCEEDED",
		"ERR_TLS_CERT_ALTNAME_INVALID",
	],
};

const REASON_OF_CODE_PREFIX: readonly (readonly [prefix: string, reason: Reason])[] = [
	["CERT_", "CertificateRejected"],
	["CRL_", "CertificateRejected"],
	["ERR_SSL_", "HandshakeFailed"],
	["ERR_TLS_", "HandshakeFailed"],
];

/** The reason for an error code of Node, whichever library passes it on. */
function reasonOfCode(error: Error): Reason | undefined {
	const code = codeOf(error);
	if (typeof code !== "string") return undefined;
	// If the other side ends a TLS handshake, Node reports the same code as for any reset connection.
	if (code === "ECONNRESET" && error.message.includes("before secure TLS connection")) return "HandshakeFailed";
	return (
		REASONS.find((reason) => CODES[reason]?.includes(code)) ??
		REASON_OF_CODE_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1]
	);
}
