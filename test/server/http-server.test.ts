import { Server as TlsServer } from "node:https";
import { expect, test } from "vitest";
import { readTlsMaterial } from "../../server/certificates.ts";
import { createHttpServer } from "../../server/http-server.ts";
import { authority, first } from "./tls.ts";
import { toyApp, toyLimits, toyRow } from "./toy.ts";

test("timeouts stand: Fastify's own are 0 for a request, and 72 s of keep-alive, less than the caller's 90", () => {
	const { server } = toyApp(toyRow()).app;
	expect(server.requestTimeout).toBe(30_000);
	expect(server.headersTimeout).toBe(10_000);
	expect(server.keepAliveTimeout).toBeGreaterThan(90_000);
	expect(server.timeout).toBeGreaterThan(server.requestTimeout);
	expect(server.maxHeadersCount).toBe(100);
});

test.each([
	[1, 1000],
	[10, 10_000],
	[600, 10_000],
])("of %d s for a request, headers have %d ms", (requestTimeoutSeconds, headersTimeout) => {
	const server = createHttpServer({ ...toyLimits, requestTimeoutSeconds }, undefined, () => {});
	expect(server.headersTimeout).toBe(headersTimeout);
	expect(server.timeout).toBe(requestTimeoutSeconds * 1000 + 10_000);
	expect(server).not.toBeInstanceOf(TlsServer);
});

test.each([
	[[first.cert, first.key], false],
	[[first.cert, first.key, authority.cert], true],
])("clients are asked for a certificate if there are authorities", (files, requestCert) => {
	const server = createHttpServer(toyLimits, readTlsMaterial(files), () => {});
	expect(server).toBeInstanceOf(TlsServer);
	// Rejected with a response, not by the handshake.
	expect(server).toMatchObject({ requestCert, rejectUnauthorized: false });
});
