import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import type { RefusalBody } from "./refusal.ts";

// What is not even HTTP, or does not arrive in time. Fastify's own handler logs the error, and with it `rawPacket`:
// the bytes that came, credentials included.

const STATUS_OF: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

export function refuseConnection({ code }: NodeJS.ErrnoException, socket: Socket, log: Logger): void {
	if (code === "ECONNRESET" || socket.destroyed) return;
	const status = STATUS_OF[code ?? ""] ?? 400;
	log.warn({ status, code }, "connection refused");
	const body = JSON.stringify({ error: "the request can't be read" } satisfies RefusalBody);
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
			`Content-Length: ${body.length}\r\n\r\n${body}`,
		() => socket.destroy(),
	);
}
