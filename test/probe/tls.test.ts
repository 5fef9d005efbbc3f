import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PeerCertificate } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTls } from "../../probe/tls.ts";

const ENDPOINT = { host: "cache.example.com", port: 1 };
const CERTIFICATE = {
	subject: { CN: "cache.example.com" },
	subjectaltname: "DNS:cache.example.com",
} as PeerCertificate;

describe("the settings of a connection", () => {
	it("are none without TLS", async () => expect(await readTls(undefined, ENDPOINT)).toBeUndefined());

	it.each([
		["nothing", ENDPOINT.host, undefined, false, ENDPOINT.host],
		["authority", ENDPOINT.host, undefined, true, ENDPOINT.host],
		["name", ENDPOINT.host, "other.example.com", true, "other.example.com"],
		// TLS allows no address as a server name.
		["name", "192.0.2.1", undefined, true, undefined],
	] as const)("that verify %s of %s, named %s", async (verify, host, serverName, rejectUnauthorized, servername) => {
		const tls = await readTls({ verify, ...(serverName !== undefined && { serverName }) }, { host, port: 1 });
		expect(tls).toMatchObject({ rejectUnauthorized });
		expect(tls?.servername).toBe(servername);
	});

	it.each([
		["name", undefined, true],
		["name", "other.example.com", false],
		["authority", "other.example.com", true],
	] as const)("check the name of the certificate: %s, %s", async (verify, serverName, isValid) => {
		const tls = await readTls({ verify, ...(serverName !== undefined && { serverName }) }, ENDPOINT);
		expect(tls?.checkServerIdentity("ignored", CERTIFICATE) === undefined).toBe(isValid);
	});
});

describe("certificates that can't be used", () => {
	let directory = "";
	beforeAll(() => {
		directory = mkdtempSync(join(tmpdir(), "prism-tls-"));
	});
	afterAll(() => rmSync(directory, { recursive: true, force: true }));

	it.each([
		["none", {}],
		["an authority that is not PEM", { "ca.crt": "text" }],
		["a certificate without its key", { "ca.crt": "-----BEGIN CERTIFICATE-----", "tls.crt": "x" }],
	])("%s", async (_, files) => {
		for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
		await expect(readTls({ verify: "name", directory }, ENDPOINT)).rejects.toMatchObject({
			reason: "CertificateUnreadable",
		});
	});
});
