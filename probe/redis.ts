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

// Redis, and what speaks like it: AUTH, SELECT, PING.

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
		// Understood by every version, and nothing sent that a user's permissions might not cover.
		RESP: 2,
		disableClientInfo: true,
	});
	let connected = false;
	let closed = false;
	let lost = false;
	client.on("error", () => {
		lost = true;
	});
	// Before this event the client has no hold on its socket: destroyed earlier, it would connect all the same, for nobody.
	client.on("connect", () => {
		connected = true;
		if (closed) client.destroy();
	});
	return {
		open: () => client.connect(),
		check: async () => {
			if ((await client.ping()) !== "PONG") throw new ProbeError("ProtocolError");
		},
		// One that still connects gives up by itself after the timeout.
		close: () => {
			closed = true;
			if (connected && client.isOpen) client.destroy();
		},
		lost: () => lost,
	};
}

/** First words of Redis' error replies; "ERR" is too general to be here. */
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
	// Before ACLs (Redis 6) a wrong password is an ERR, and so is a password where none is set.
	if (/^ERR (invalid password|(Client sent )?AUTH)/.test(message)) return "AuthenticationFailed";
	return REASON_OF_WORD[message.split(" ", 1)[0] ?? ""] ?? "ProtocolError";
}
