import { AuthenticationError, Base, NetworkError, ProtocolError, TimeoutError, UserError } from "@platformatic/kafka";
import type { BackendEndpoint, ProbedBackend } from "./backend.ts";
import type { Connection } from "./connection.ts";
import { ProbeError, type Reason } from "./errors.ts";
import type { ClientTls } from "./tls.ts";

// Kafka: ApiVersions, SASL if there are credentials, and the cluster's metadata without topics.

export function connect(backend: ProbedBackend, endpoint: BackendEndpoint, tls: ClientTls | undefined): Connection {
	const { username, password, mechanism = "PLAIN", timeoutMs } = backend;
	const client = new Base({
		clientId: "prism-operator-probe",
		bootstrapBrokers: [{ ...endpoint }],
		retries: 0,
		connectTimeout: timeoutMs,
		requestTimeout: timeoutMs,
		...(tls !== undefined && { tls: { ...tls } }),
		...(username !== undefined && { sasl: { mechanism, username, password: password ?? "" } }),
	});
	// A connection may emit several errors, but its pool handles only the first.
	client.connections.on("connecting", ({ connection }) => connection.on("error", () => {}));
	let opened = false;
	const check = async () => {
		const { brokers } = await client.metadata({ topics: [], forceUpdate: true });
		if (brokers.size === 0) throw new ProbeError("NotServing");
	};
	return {
		// The client connects with the first request.
		open: async () => {
			await check();
			opened = true;
		},
		check,
		close: () => {
			client.close().catch(() => {});
		},
		lost: () => opened && !client.isConnected(),
	};
}

export function interpret(error: Error): Reason | undefined {
	// The client also throws this error if the connection ends during authentication: then the cause is a network error.
	if (error instanceof AuthenticationError && !(error.cause instanceof NetworkError)) return "AuthenticationFailed";
	if (error instanceof TimeoutError) return "TimedOut";
	if (error instanceof ProtocolError) return reasonOfAnswer(String(error["apiId"]));
	if (error instanceof NetworkError && error.cause === undefined) return "ConnectionClosed";
	if (error instanceof UserError && error.message.includes("TLS")) return "HandshakeFailed";
	return undefined;
}

function reasonOfAnswer(name: string): Reason {
	if (/SASL|AUTHORIZATION_FAILED/.test(name)) return "AuthenticationFailed";
	if (/NOT_AVAILABLE|LOAD_IN_PROGRESS|NOT_CONTROLLER|THROTTLING/.test(name)) return "NotServing";
	return "ProtocolError";
}
