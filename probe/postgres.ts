import { Socket } from "node:net";
import { Client, DatabaseError } from "pg";
import type { BackendEndpoint, ProbedBackend } from "./backend.ts";
import type { Connection } from "./connection.ts";
import { ProbeError, type Reason } from "./errors.ts";
import type { ClientTls } from "./tls.ts";

// PostgreSQL and compatible databases: SELECT 1.

/** As in libpq: the default database has the user's name. */
const DEFAULT_USER = "postgres";

export function connect(
	backend: ProbedBackend,
	{ host, port }: BackendEndpoint,
	tls: ClientTls | undefined,
): Connection {
	const { username = DEFAULT_USER, password = "", database = username } = backend;
	// Our own socket, so that we can destroy it: the client's end() waits for a server that may not answer.
	const socket = new Socket();
	const client = new Client({
		host,
		port,
		user: username,
		// Never undefined: the client would read ~/.pgpass and PGPASSWORD.
		password: () => password,
		database,
		application_name: "prism-operator-probe",
		ssl: tls ?? false,
		stream: () => socket,
		keepAlive: true,
	});
	let lost = false;
	client.on("error", () => {
		lost = true;
	});
	client.on("end", () => {
		lost = true;
	});
	return {
		open: () => client.connect(),
		check: async () => {
			const { rows } = await client.query<unknown[]>({ text: "SELECT 1", rowMode: "array" });
			if (rows.length !== 1) throw new ProbeError("ProtocolError");
		},
		close: () => {
			socket.destroy();
		},
		lost: () => lost,
	};
}

/** Reasons by SQLSTATE prefix, the longest prefix first. */
const REASON_OF_STATE: readonly (readonly [prefix: string, reason: Reason])[] = [
	["28", "AuthenticationFailed"],
	["42501", "AuthenticationFailed"],
	["3D", "DatabaseNotFound"],
	["53", "NotServing"],
	["57P", "NotServing"],
	["55000", "NotServing"],
];

export function interpret(error: Error): Reason | undefined {
	if (error instanceof DatabaseError) {
		const state = error.code ?? "";
		return REASON_OF_STATE.find(([prefix]) => state.startsWith(prefix))?.[1] ?? "ProtocolError";
	}
	// The client's own errors have no class and no code.
	if (error.message.startsWith("SASL")) return "AuthenticationFailed";
	if (error.message.startsWith("The server does not support SSL")) return "HandshakeFailed";
	if (error.message.startsWith("Connection terminated")) return "ConnectionClosed";
	if (error.message.includes("Client has encountered a connection error")) return "ConnectionClosed";
	return undefined;
}
