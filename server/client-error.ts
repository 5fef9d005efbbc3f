import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { RefusalBody } from "./refusal.ts";
import type { RefusalLog } from "./refusal-log.ts";

// What is not even HTTP, or does not arrive in time. Fastify's own handler logs the error, and with it `rawPacket`:
// the bytes that came, credentials included.

const STATUS_OF: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/** Codes of errors of a handshake, after which nothing can be answered. */
const OF_TLS = /^ERR_(SSL|TLS)_/;

/** Answers the HTTP status, if one was sent. */
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
	// What comes after an answer is the same failure's echo.
	if (code === "ECONNRESET" || socket.destroyed || socket.writableEnded) return undefined;
	const status = STATUS_OF[code] ?? 400;
	warn({ status, code }, "connection refused");
	const body = JSON.stringify({ error: "the request can't be read" } satisfies RefusalBody);
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
			`Content-Length: ${body.length}\r\n\r\n${body}`,
		() => socket.destroy(),
	);
	return status;
}
