import {
	ClientClosedError,
	ConnectionTimeoutError,
	createClient,
	DisconnectsClientError,
	ErrorReply,
	SocketClosedUnexpectedlyError,
} from "@redis/client";
import type { BackendEndpoint, ProbedBackend } from "./backend.ts";
import type { Connection } from "./connection.ts";
import { ProbeError, type Reason } from "./errors.ts";
import type { ClientTls } from "./tls.ts";

// Redis and compatible servers: AUTH, SELECT, PING.

export function connect(
	backend: ProbedBackend,
	{ host, port }: BackendEndpoint,
	tls: ClientTls | undefined,
): Connection {
	const { username, password, database, timeoutMs } = backend;
	const common = { host, port, connectTimeout: timeoutMs, reconnectStrategy: false } as const;
	const client = createClient({
		socket: tls === undefined ? common : { ...common, ...tls, tls: true },
		...(username !== undefined && { username }),
		...(password !== undefined && { password }),
		...(database !== undefined && { database: Number(database) }),
		// Every version supports RESP 2, and it needs no command that the user's permissions may exclude.
		RESP: 2,
		disableClientInfo: true,
	});
	let connected = false;
	let closed = false;
	let lost = false;
	client.on("error", () => {
		lost = true;
	});
	// Before this event, the client cannot close its socket: if it is destroyed earlier, it connects nevertheless, and the connection leaks.
	client.on("connect", () => {
		connected = true;
		if (closed) client.destroy();
	});
	return {
		open: () => client.connect(),
		check: async () => {
			if ((await client.ping()) !== "PONG") throw new ProbeError("ProtocolError");
		},
		// A client that is connecting gives up after its own timeout.
		close: () => {
			closed = true;
			if (connected && client.isOpen) client.destroy();
		},
		lost: () => lost,
	};
}

/** First words of Redis error replies. "ERR" is absent: it is too general. */
const REASON_OF_WORD: Readonly<Record<string, Reason>> = {
	WRONGPASS: "AuthenticationFailed",
	NOAUTH: "AuthenticationFailed",
	NOPERM: "AuthenticationFailed",
	DENIED: "AuthenticationFailed",
	LOADING: "NotServing",
	MASTERDOWN: "NotServing",
	CLUSTERDOWN: "NotServing",
	MISCONF: "NotServing",
	BUSY: "NotServing",
};

export function interpret(error: Error): Reason | undefined {
	if (error instanceof ConnectionTimeoutError) return "TimedOut";
	if (error instanceof SocketClosedUnexpectedlyError) return "ConnectionClosed";
	if (error instanceof ClientClosedError || error instanceof DisconnectsClientError) return "ConnectionClosed";
	if (!(error instanceof ErrorReply)) return undefined;
	const { message } = error;
	if (message.startsWith("ERR DB index") || message.startsWith("ERR invalid DB index")) return "DatabaseNotFound";
	if (message.startsWith("ERR max number of clients")) return "NotServing";
	// Before ACLs (Redis 6), a wrong password and a password without a configured one are both an ERR.
	if (/^ERR (invalid password|(Client sent )?AUTH)/.test(message)) return "AuthenticationFailed";
	return REASON_OF_WORD[message.split(" ", 1)[0] ?? ""] ?? "ProtocolError";
}
