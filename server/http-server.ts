import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TlsMaterial } from "./certificates.ts";
import type { Limits } from "./limits.ts";

// The socket's side of the limits: what is cut before there is a request.

/** Above the 90 s for which Metacontroller keeps an idle connection: the side that closes first must be the caller. */
const KEEP_ALIVE_MS = 100_000;
const HEADERS_TIMEOUT_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How much longer than a request's arrival its answer may go without being read. */
const UNREAD_MS = 10_000;
/** How late the timeouts may be noticed. */
const TIMEOUT_CHECK_MS = 1000;

/** Bytes of a request's first line and headers together; Metacontroller sends some 300. */
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
						// Refused by us, with an answer: the kubelet's probes have no certificate.
						rejectUnauthorized: false,
					},
					listener,
				);
	// Without progress in either direction: a caller that doesn't read its answer would hold it for ever. Later than the
	// timeout of the request, which answers.
	server.timeout = requestTimeout + UNREAD_MS;
	server.maxHeadersCount = HEADERS;
	return server;
}
