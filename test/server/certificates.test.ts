import { once } from "node:events";
import { Agent } from "node:https";
import { connect as connectTcp } from "node:net";
import { text as readText } from "node:stream/consumers";
import { connect, type TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { errorBody } from "../../server/errors.ts";
import type { RunningServer } from "../../server/server.ts";
import { ConfigError } from "../../server/settings.ts";
import type { Identity } from "./authority.ts";
import { call, secretVolume, send, start, until } from "./started.ts";
import {
	authority,
	client,
	expired,
	files,
	first,
	handshake,
	other,
	second,
	shown,
	startTls,
	stranger,
	trusting,
	wrongPurpose,
} from "./tls.ts";

// TLS, and callers that are known by certificates.

describe("a server with a certificate", () => {
	test("speaks TLS 1.3 and 1.2, and nothing earlier", async () => {
		const { server } = await startTls(files(first));
		expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
		expect((await call(server, undefined, trusting)).status).toBe(200);
		for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
			const socket = await handshake(server, { minVersion: version, maxVersion: version });
			expect(socket.getProtocol()).toBe(version);
			socket.destroy();
		}
		const old = handshake(server, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
		await expect(old).rejects.toThrow(/alert protocol version/);
	});

	test("closes what speaks plain HTTP, or nothing sensible, and goes on", async () => {
		const { server, captured } = await startTls(files(first));
		for (const bytes of ["GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", "\u0016\u0003\u0001CANARY\u0000\u0000"]) {
			const socket = connectTcp(server.port, server.address);
			socket.end(bytes);
			await readText(socket).catch(() => {});
		}
		await until(() => captured.lines("connection refused").length > 0);
		expect(captured.lines("connection refused")[0]).toMatchObject({ code: "ERR_SSL_HTTP_REQUEST" });
		expect(captured.text()).not.toContain("CANARY");
		expect((await call(server, undefined, trusting)).status).toBe(200);
	});

	test("shuts down at once, whatever connections there are", async () => {
		const { server } = await startTls(files(first));
		connectTcp(server.port, server.address).on("error", () => {});
		const agent = new Agent({ keepAlive: true });
		await send(server, "/healthz", { ...trusting, agent });
		await handshake(server);
		const began = performance.now();
		await server.close();
		expect(performance.now() - began).toBeLessThan(1500);
	});

	test("warns when it has expired", async () => {
		const { captured } = await startTls(files(expired));
		expect(captured.lines("the server's certificate has expired")).toHaveLength(1);
	});
});

describe("files that are not fit at the start", () => {
	test.each([
		{
			reason: "an empty certificate",
			content: files({ ...first, cert: "" }),
			cause: "the certificate's file has no certificate",
		},
		{
			reason: "a certificate that is none",
			content: files({ ...first, cert: first.cert.replace(/\n[^\n]{20}/, "\nCANARY") }),
			cause: "a certificate can't be read",
		},
		{ reason: "a key that is none", content: files({ ...first, key: "CANARY" }), cause: "the key can't be read" },
		{
			reason: "another's key",
			content: files({ ...first, key: second.key }),
			cause: "the key is not the certificate's",
		},
		{
			reason: "no authority: all public ones would count",
			content: files(first, ""),
			cause: "the authorities' file has no certificate",
		},
		{
			reason: "an authority that is none",
			content: files(first, first.key),
			cause: "the authorities' file has no certificate",
		},
	])("$reason", async ({ content, cause }) => {
		const starting = startTls(content);
		await expect(starting).rejects.toThrow(ConfigError);
		await expect(starting).rejects.toThrow(new RegExp(`: ${cause}$`));
	});

	test("no file", async () => {
		const starting = start({ PRISM_TLS_CERT_FILE: "/CANARY", PRISM_TLS_KEY_FILE: "/CANARY" });
		await expect(starting).rejects.toThrow(
			new ConfigError([
				"PRISM_TLS_CERT_FILE, PRISM_TLS_KEY_FILE or PRISM_TLS_CLIENT_CA_FILE: a file can't be read (ENOENT)",
			]),
		);
	});
});

describe("callers known by certificates", () => {
	const refusal = errorBody("PRISM_ERR_NO_CERTIFICATE");

	test.each([
		{ reason: "no certificate", identity: {}, status: 403 },
		{ reason: "another authority's", identity: stranger, status: 403 },
		{ reason: "a server's", identity: wrongPurpose, status: 403 },
		{ reason: "the right one", identity: client, status: 200 },
	])("$reason: $status", async ({ identity, status }) => {
		const { server } = await startTls(files(first, authority.cert));
		const response = await call(server, undefined, { ...trusting, ...identity });
		expect(response.status).toBe(status);
		if (status !== 200) expect(JSON.parse(response.text)).toEqual(refusal);
	});

	test("probes need none: the kubelet has none", async () => {
		const { server } = await startTls(files(first, authority.cert), { PRISM_METRICS: "authenticated" });
		expect((await send(server, "/healthz", trusting)).status).toBe(200);
		expect((await send(server, "/readyz", trusting)).status).toBe(200);
		expect((await send(server, "/metrics", trusting)).status).toBe(403);
		expect((await send(server, "/metrics", { ...trusting, ...client })).status).toBe(200);
	});

	test("a token does not stand in for the certificate, nor the certificate for the token", async () => {
		const token = "0123456789abcdef";
		const volume = secretVolume({ token });
		const { server } = await startTls(files(first, authority.cert), { PRISM_TOKEN_FILE: volume.path("token") });
		expect((await call(server, token, trusting)).status).toBe(403);
		expect((await call(server, undefined, { ...trusting, ...client })).status).toBe(401);
		expect((await call(server, token, { ...trusting, ...client })).status).toBe(200);
	});

	/** Status of a call over a session that continues the one before, and whether it really did. */
	async function resumed(server: RunningServer, identity: Partial<Identity>, version: "TLSv1.2" | "TLSv1.3") {
		const options = { ...trusting, ...identity, minVersion: version, maxVersion: version };
		const ask = async (socket: TLSSocket) => {
			socket.write("GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
			return (await readText(socket)).slice(9, 12);
		};
		const earlier = connect({ host: server.address, port: server.port, ...options });
		const session = once(earlier, "session");
		await once(earlier, "secureConnect");
		const before = await ask(earlier);
		const [ticket] = (await session) as [Buffer];
		const resume = async () => {
			const later = await handshake(server, { ...options, session: ticket });
			return { reused: later.isSessionReused(), status: await ask(later) };
		};
		return { before, resume };
	}

	test.each(["TLSv1.2", "TLSv1.3"] as const)("a session that is resumed with %s is judged anew", async (version) => {
		const { server, swap } = await startTls(files(first, authority.cert), { PRISM_METRICS: "authenticated" });
		for (const [identity, status] of [
			[{}, "403"],
			[stranger, "403"],
			[client, "200"],
		] as const) {
			const { before, resume } = await resumed(server, identity, version);
			expect(before).toBe(status);
			expect(await resume()).toEqual({ reused: true, status });
		}
		const { resume } = await resumed(server, client, version);
		swap(files(second, other.cert));
		await until(async () => (await shown(server)) === "second");
		expect(await resume()).toEqual({ reused: false, status: "403" });
		expect((await call(server, undefined, { ...trusting, ...stranger })).status).toBe(200);
	});
});
