import { errors, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { NatsConnectionImpl, setTransportFactory } from "@nats-io/transport-node/lib/nats-base-client.js";
import { NodeTransport, nodeResolveHost } from "@nats-io/transport-node/lib/node_transport.js";
import { type BackendEndpoint, describeEndpoint, type ProbedBackend } from "./backend.ts";
import type { Connection } from "./connection.ts";
import { ProbeError, type Reason } from "./errors.ts";
import type { ClientTls } from "./tls.ts";

// NATS: CONNECT, then PING and PONG.

/**
 * The client's transport. If the client gives up connecting to a server that sends nothing, the original transport never closes its socket
 * (3.4.0): each check would leak one.
 */
class Transport extends NodeTransport {
	override async close(error?: Error): Promise<void> {
		await super.close(error);
		this.done = true;
		this.socket?.destroy();
	}
}

/** The client's own connect function, with our transport. */
function connectNats(options: NodeConnectionOptions): Promise<NatsConnection> {
	setTransportFactory({ factory: () => new Transport(), dnsResolveFn: nodeResolveHost });
	return NatsConnectionImpl.connect(options);
}

export function connect(backend: ProbedBackend, endpoint: BackendEndpoint, tls: ClientTls | undefined): Connection {
	let connection: NatsConnection | undefined;
	let lost = false;
	let closed = false;
	return {
		async open() {
			const opened = await connectNats(optionsOf(backend, endpoint, tls));
			connection = opened;
			void opened.closed().finally(() => {
				lost = true;
			});
			if (closed) letGo(opened);
		},
		async check() {
			if (connection === undefined) throw new ProbeError("ConnectionClosed");
			await connection.flush();
			// A flush ends without an error if the connection closes meanwhile.
			if (connection.isClosed()) throw new ProbeError("ConnectionClosed");
		},
		// A client that is connecting has nothing to close: it gives up after its own timeout.
		close() {
			closed = true;
			if (connection !== undefined) letGo(connection);
		},
		lost: () => lost,
	};
}

function optionsOf(
	backend: ProbedBackend,
	endpoint: BackendEndpoint,
	tls: ClientTls | undefined,
): NodeConnectionOptions {
	const { timeoutMs } = backend;
	return {
		servers: [describeEndpoint(endpoint)],
		...credentialsOf(backend),
		timeout: timeoutMs,
		reconnect: false,
		ignoreClusterUpdates: true,
		// The system's resolver knows the cluster's search domains; the client's own resolver does not.
		resolve: false,
		// null, not undefined: with undefined, the client uses TLS if the server offers it, but trusts no certificate authority.
		tls: tls ?? null,
	};
}

/** A single credential is a token, as in nats://token@host. */
function credentialsOf({ username, password }: ProbedBackend): Pick<NodeConnectionOptions, "user" | "pass" | "token"> {
	if (username !== undefined && password !== undefined) return { user: username, pass: password };
	const token = username ?? password;
	return token === undefined ? {} : { token };
}

function letGo(connection: NatsConnection): void {
	connection.close().catch(() => {});
}

export function interpret(error: Error): Reason | undefined {
	if (error instanceof errors.AuthorizationError) return "AuthenticationFailed";
	if (error instanceof errors.UserAuthenticationExpiredError) return "AuthenticationFailed";
	if (error instanceof errors.PermissionViolationError) return "AuthenticationFailed";
	if (error instanceof errors.TimeoutError) return "TimedOut";
	if (error instanceof errors.ClosedConnectionError) return "ConnectionClosed";
	if (error instanceof errors.ProtocolError && /maximum.{0,40}connections exceeded/i.test(error.message))
		return "NotServing";
	if (!(error instanceof errors.ConnectionError) || error.cause !== undefined) return undefined;
	return error.message.includes("does not support 'tls'") ? "HandshakeFailed" : "ConnectionClosed";
}
