import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { ERRORS, type ErrorCode, errorBody } from "./errors.ts";
import type { RefusalLog } from "./rejected-request-log.ts";

// Requests that are not HTTP, or do not arrive in time. Fastify's default handler logs the error with `rawPacket`: the
// received bytes, including credentials.

const CODE_OF: Readonly<Record<string, ErrorCode>> = {
	ERR_HTTP_REQUEST_TIMEOUT: "PRISM_ERR_TOO_SLOW",
	HPE_HEADER_OVERFLOW: "PRISM_ERR_LARGE_HEADERS",
};

/** Error codes of TLS handshakes, after which no response is possible. */
const OF_TLS = /^ERR_(SSL|TLS)_/;

/** Returns the HTTP status, if one was sent. */
export function refuseConnection(
	{ code = "" }: NodeJS.ErrnoException,
	socket: Socket,
	warn: RefusalLog,
): number | undefined {
	if (OF_TLS.test(code)) {
		warn({ code }, "connection refused");
		socket.destroy();
		return undefined;
	}
	// Errors after a response are repetitions of the same failure.
	if (code === "ECONNRESET" || socket.destroyed || socket.writableEnded) return undefined;
	// A spare connection of a caller's pool: without a request, there is nothing to reject.
	if (code === "ERR_HTTP_REQUEST_TIMEOUT" && socket.bytesRead === 0) {
		socket.destroy();
		return undefined;
	}
	const answer = errorBody(CODE_OF[code] ?? "PRISM_ERR_UNREADABLE");
	const { status } = ERRORS[answer.code];
	warn({ status, code }, "connection refused");
	const body = JSON.stringify(answer);
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
			`Content-Length: ${body.length}\r\n\r\n${body}`,
		() => socket.destroy(),
	);
	return status;
}
