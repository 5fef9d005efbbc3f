import { errors, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { NatsConnectionImpl, setTransportFactory } from "@nats-io/transport-node/lib/nats-base-client.js";
import { NodeTransport, nodeResolveHost } from "@nats-io/transport-node/lib/node_transport.js";
import { type Backend, describeEndpoint, type Endpoint } from "./backend.ts";
import type { Checker } from "./checker.ts";
import { type Connection, keepConnection } from "./connection.ts";
import { ProbeError, type Reason } from "./errors.ts";
import type { ClientTls } from "./tls.ts";

// NATS: CONNECT, then PING and PONG.

export const natsChecker = (backend: Backend): Checker =>
	keepConnection(backend, { connect: (endpoint, tls) => connect(backend, endpoint, tls), interpret });

/**
 * The client's transport, which keeps its socket for ever when it gives up connecting to a server that says nothing
 * (3.4.0): one more at each check.
 */
class Transport extends NodeTransport {
	override async close(error?: Error): Promise<void> {
		await super.close(error);
		this.done = true;
		this.socket?.destroy();
	}
}

/** What the client's own connect does, over our transport. */
function connectNats(options: NodeConnectionOptions): Promise<NatsConnection> {
	setTransportFactory({ factory: () => new Transport(), dnsResolveFn: nodeResolveHost });
	return NatsConnectionImpl.connect(options);
}

function connect(backend: Backend, endpoint: Endpoint, tls: ClientTls | undefined): Connection {
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
			// A flush that a closed connection interrupts ends like one that was answered.
			if (connection.isClosed()) throw new ProbeError("ConnectionClosed");
		},
		// While it connects, there is nothing to close yet: the client gives up by itself after the timeout.
		close() {
			closed = true;
			if (connection !== undefined) letGo(connection);
		},
		lost: () => lost,
	};
}

function optionsOf(backend: Backend, endpoint: Endpoint, tls: ClientTls | undefined): NodeConnectionOptions {
	const { timeoutMs } = backend;
	return {
		servers: [describeEndpoint(endpoint)],
		...credentialsOf(backend),
		timeout: timeoutMs,
		reconnect: false,
		ignoreClusterUpdates: true,
		// By the system's resolver, which knows the search domains of a cluster; the client's own does not.
		resolve: false,
		// null, and not left out: it would turn to TLS by itself where the server offers it, and then trust nobody.
		tls: tls ?? null,
	};
}

/** A single credential is a token, as in nats://token@host. */
function credentialsOf({ username, password }: Backend): Pick<NodeConnectionOptions, "user" | "pass" | "token"> {
	if (username !== undefined && password !== undefined) return { user: username, pass: password };
	const token = username ?? password;
	return token === undefined ? {} : { token };
}

function letGo(connection: NatsConnection): void {
	connection.close().catch(() => {});
}

function interpret(error: Error): Reason | undefined {
	if (error instanceof errors.AuthorizationError) return "AuthenticationFailed";
	if (error instanceof errors.UserAuthenticationExpiredError) return "AuthenticationFailed";
	if (error instanceof errors.PermissionViolationError) return "AuthenticationFailed";
	if (error instanceof errors.TimeoutError) return "TimedOut";
	if (error instanceof errors.ClosedConnectionError) return "ConnectionClosed";
	if (error instanceof errors.ProtocolError && /maximum.*connections exceeded/i.test(error.message))
		return "NotServing";
	if (!(error instanceof errors.ConnectionError) || error.cause !== undefined) return undefined;
	return error.message.includes("does not support 'tls'") ? "HandshakeFailed" : "ConnectionClosed";
}
