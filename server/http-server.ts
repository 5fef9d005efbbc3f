import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TlsMaterial } from "./certificates.ts";
import type { Limits } from "./limits.ts";

// Limits of the socket: what is closed before there is a request.

/** Above the 90 s for which Metacontroller keeps an idle connection: the caller must be the side that closes first. */
const KEEP_ALIVE_MS = 100_000;
const HEADERS_TIMEOUT_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Additional time for the caller to read a response. */
const UNREAD_MS = 10_000;
/** Precision of the timeouts. */
const TIMEOUT_CHECK_MS = 1000;

/** Maximum size of request line and headers; Metacontroller sends about 300 bytes. */
const HEADER_BYTES = 16_384;
const HEADERS = 100;

export function createHttpServer(limits: Limits, tls: TlsMaterial | undefined, listener: RequestListener): Server {
	const requestTimeout = limits.requestTimeoutSeconds * 1000;
	const options: ServerOptions = {
		keepAliveTimeout: KEEP_ALIVE_MS,
		requestTimeout,
		headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeout),
		connectionsCheckingInterval: TIMEOUT_CHECK_MS,
		maxHeaderSize: HEADER_BYTES,
	};
	const server =
		tls === undefined
			? createServer(options, listener)
			: createTlsServer(
					{
						...options,
						...tls,
						handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
						requestCert: tls.ca !== undefined,
						// Rejected by our own check, with a response: the kubelet's probes have no certificate.
						rejectUnauthorized: false,
					},
					listener,
				);
	// Without progress in either direction: a caller that does not read its response would keep it forever. Later than the request
	// timeout, which sends a response.
	server.timeout = requestTimeout + UNREAD_MS;
	server.maxHeadersCount = HEADERS;
	return server;
}
