import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TlsMaterial } from "./certificates.ts";
import {
	HANDSHAKE_TIMEOUT_MS,
	HEADER_BYTES,
	HEADERS,
	HEADERS_TIMEOUT_MS,
	KEEP_ALIVE_MS,
	type Limits,
	TIMEOUT_CHECK_MS,
	UNREAD_MS,
} from "./limits.ts";

// The socket's side of the limits: what is cut before there is a request.

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
	server.maxConnections = limits.connections;
	server.maxHeadersCount = HEADERS;
	return server;
}
