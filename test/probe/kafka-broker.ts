import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { ServerTls } from "./scenarios.ts";

// A Kafka broker as far as a probe sees one: ApiVersions, SASL/PLAIN, and Metadata without topics. The layouts are those
// of https://kafka.apache.org/protocol, in the versions that are offered here; a client picks the highest it knows.
//
//   request   INT32 length, INT16 api key, INT16 api version, INT32 correlation id, INT16 + bytes client id,
//             from the version on that is "flexible": tagged fields; then the body
//   response  INT32 length, INT32 correlation id, in flexible versions (but never ApiVersions): tagged fields; the body
//
// In flexible versions lengths are unsigned varints of length + 1, and each structure ends with its tagged fields.

const API_VERSIONS = 18;
const METADATA = 3;
const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;

/** Key and versions that are offered: one each, but for the request that a client begins with in the version it likes. */
const OFFERED: readonly (readonly [key: number, min: number, max: number])[] = [
	[METADATA, 12, 12],
	[SASL_HANDSHAKE, 1, 1],
	[API_VERSIONS, 1, 3],
	[SASL_AUTHENTICATE, 2, 2],
];

const SASL_AUTHENTICATION_FAILED = 58;
const UNSUPPORTED_SASL_MECHANISM = 33;

const NO_TAGGED_FIELDS = Buffer.of(0);
const int16 = (value: number) => {
	const bytes = Buffer.alloc(2);
	bytes.writeInt16BE(value);
	return bytes;
};
const int32 = (value: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeInt32BE(value);
	return bytes;
};
/** Everything here is shorter than the 127 that one byte of a varint holds. */
const compactLength = (length: number) => Buffer.of(length + 1);
const compactString = (text: string) => Buffer.concat([compactLength(text.length), Buffer.from(text)]);
const COMPACT_NULL = Buffer.of(0);
const string = (text: string) => Buffer.concat([int16(text.length), Buffer.from(text)]);

/** ApiVersions: error code, array of (key, min, max), throttle time; in v3 compact, and with tagged fields. */
const apiVersions = (version: number) => {
	const isFlexible = version >= 3;
	const tagged = isFlexible ? NO_TAGGED_FIELDS : Buffer.alloc(0);
	return Buffer.concat([
		int16(0),
		isFlexible ? compactLength(OFFERED.length) : int32(OFFERED.length),
		...OFFERED.flatMap(([key, min, max]) => [int16(key), int16(min), int16(max), tagged]),
		int32(0),
		tagged,
	]);
};

/** Metadata v12: throttle time, brokers (node id, host, port, rack, tagged), cluster id, controller id, topics, tagged. */
const metadata = (port: number, brokers: number) =>
	Buffer.concat([
		int32(0),
		compactLength(brokers),
		...Array.from({ length: brokers }, (_, node) => [
			int32(node),
			compactString("127.0.0.1"),
			int32(port),
			COMPACT_NULL,
			NO_TAGGED_FIELDS,
		]).flat(),
		compactString("a-cluster"),
		int32(0),
		compactLength(0),
		NO_TAGGED_FIELDS,
	]);

/** SaslHandshake v1, not flexible: error code, array of mechanisms. */
const saslHandshake = (mechanism: string) =>
	Buffer.concat([int16(mechanism === "PLAIN" ? 0 : UNSUPPORTED_SASL_MECHANISM), int32(1), string("PLAIN")]);

/** SaslAuthenticate v2: error code, error message, auth bytes, session lifetime, tagged. */
const saslAuthenticate = (accepted: boolean) =>
	Buffer.concat([
		int16(accepted ? 0 : SASL_AUTHENTICATION_FAILED),
		// What a real broker might say; a probe must not repeat it.
		accepted ? COMPACT_NULL : compactString("CANARY: authentication failed"),
		compactLength(0),
		int32(0),
		int32(0),
		NO_TAGGED_FIELDS,
	]);

export interface BrokerOptions {
	readonly port: number;
	readonly username: string;
	readonly password: string;
	readonly tls?: ServerTls | undefined;
	/** How many brokers the metadata lists. */
	readonly brokers?: number;
}

interface Request {
	readonly key: number;
	readonly version: number;
	readonly correlationId: number;
	readonly body: Buffer;
}

export async function startBroker(options: BrokerOptions): Promise<{ stop: () => Promise<void> }> {
	const sockets = new Set<Socket>();
	const serve = (socket: Socket) => {
		sockets.add(socket);
		socket.on("error", () => {}).on("close", () => sockets.delete(socket));
		converse(socket, options);
	};
	const server: Server = options.tls === undefined ? createServer(serve) : createTlsServer(secured(options.tls), serve);
	server.on("tlsClientError", () => {});
	await once(server.listen(options.port, "127.0.0.1"), "listening");
	return {
		stop: async () => {
			server.close();
			for (const socket of sockets) socket.destroy();
			await once(server, "close");
		},
	};
}

const secured = ({ certificates: { ca, cert, key }, mutual }: ServerTls) => ({
	ca: readFileSync(ca),
	cert: readFileSync(cert),
	key: readFileSync(key),
	requestCert: mutual,
	rejectUnauthorized: mutual,
});

function converse(socket: Socket, options: BrokerOptions): void {
	let received = Buffer.alloc(0);
	let authenticated = false;
	const answer = ({ key, version, body }: Request): Buffer | undefined => {
		if (key === API_VERSIONS) return apiVersions(version);
		if (key === SASL_HANDSHAKE) return saslHandshake(body.subarray(2).toString());
		if (key === SASL_AUTHENTICATE) {
			// Compact bytes: \0 user \0 password.
			const [, user, password] = body
				.subarray(1, body[0] ?? 1)
				.toString()
				.split("\0");
			authenticated = user === options.username && password === options.password;
			return Buffer.concat([NO_TAGGED_FIELDS, saslAuthenticate(authenticated)]);
		}
		if (key === METADATA && authenticated)
			return Buffer.concat([NO_TAGGED_FIELDS, metadata(options.port, options.brokers ?? 1)]);
		return undefined;
	};
	socket.on("data", (chunk) => {
		received = Buffer.concat([received, chunk]);
		while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
			const end = 4 + received.readInt32BE(0);
			const request = requestIn(received.subarray(4, end));
			received = received.subarray(end);
			const body = request && answer(request);
			// As a broker does with what it can't read, or what comes before it knows who asks.
			if (request === undefined || body === undefined) return socket.destroy();
			socket.write(Buffer.concat([int32(4 + body.length), int32(request.correlationId), body]));
		}
		return undefined;
	});
}

function requestIn(frame: Buffer): Request | undefined {
	const key = frame.readInt16BE(0);
	const version = frame.readInt16BE(2);
	if (!OFFERED.some(([offered, min, max]) => offered === key && min <= version && version <= max)) return undefined;
	const clientIdEnd = 10 + Math.max(0, frame.readInt16BE(8));
	// No client sends tagged fields here: one byte that counts them.
	const isFlexible = key !== SASL_HANDSHAKE && !(key === API_VERSIONS && version < 3);
	const body = frame.subarray(isFlexible ? clientIdEnd + 1 : clientIdEnd);
	return { key, version, correlationId: frame.readInt32BE(4), body };
}
