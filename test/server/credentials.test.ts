import type { IncomingMessage } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { Config } from "../../server/config.ts";
import { knowsCallers, openCredentials } from "../../server/credentials.ts";
import { createMetrics } from "../../server/metrics.ts";
import { RELOAD_MS, secretVolume, until } from "./started.ts";
import { expired, files, first, second } from "./tls.ts";
import { captureLog } from "./toy.ts";

const TOKEN = "CANARY-0123456789abcdef";
const TLS = { cert: "/cert", key: "/key", clientCa: undefined };
const NONE = { tokenFile: undefined, tls: undefined };

async function opened(config: Pick<Config, "tokenFile" | "tls">) {
	const captured = captureLog();
	const options = { log: captured.log, metrics: createMetrics([]), everyMs: RELOAD_MS };
	const credentials = await openCredentials(config, options);
	onTestFinished(credentials.close);
	return { credentials, captured };
}

const callWith = (authorization?: string) =>
	({ headers: { ...(authorization !== undefined && { authorization }) }, socket: {} }) as unknown as IncomingMessage;

test.each<[Partial<Pick<Config, "tokenFile" | "tls">>, boolean]>([
	[{}, false],
	[{ tls: TLS }, false],
	[{ tls: { ...TLS, clientCa: "/ca" } }, true],
	[{ tokenFile: "/token" }, true],
])("with %o, callers are authenticated: %s", (config, isKnown) => {
	expect(knowsCallers({ ...NONE, ...config })).toBe(isKnown);
});

test("without files anybody may call, and nothing can be signed", async () => {
	const { credentials } = await opened(NONE);
	expect(credentials.strange(callWith())).toBeUndefined();
	expect(credentials.keys()).toEqual([]);
	expect(credentials.tls).toBeUndefined();
});

test.each([
	["with the token", `Bearer ${TOKEN}`, undefined],
	["with another one", "Bearer 0123456789abcdef", "PRISM_ERR_NO_TOKEN"],
	["without one", undefined, "PRISM_ERR_NO_TOKEN"],
])("a caller %s", async (_, authorization, code) => {
	const { path } = secretVolume({ token: TOKEN });
	const { credentials } = await opened({ tokenFile: path("token"), tls: undefined });
	expect(credentials.strange(callWith(authorization))?.body.code).toBe(code);
	expect(credentials.keys()).toHaveLength(1);
});

test("a caller without a certificate is told that first", async () => {
	const { path } = secretVolume({ token: TOKEN, ...files(first, first.cert) });
	const tls = { cert: path("tls.crt"), key: path("tls.key"), clientCa: path("ca.crt") };
	const { credentials } = await opened({ tokenFile: path("token"), tls });
	expect(credentials.strange(callWith())?.body.code).toBe("PRISM_ERR_NO_CERTIFICATE");
});

test("an expired certificate is a warning, at the start and after a change", async () => {
	const { path, swap } = secretVolume(files(second));
	const { credentials, captured } = await opened({
		tokenFile: undefined,
		tls: { ...TLS, cert: path("tls.crt"), key: path("tls.key") },
	});
	const warnings = () => captured.lines("the server's certificate has expired");
	expect(credentials.tls?.cert).toBe(second.cert);
	expect(warnings()).toEqual([]);
	swap(files(expired));
	await until(() => warnings().length === 1);
});

test.each([
	["PRISM_TOKEN_FILE", { tokenFile: "/nowhere/CANARY", tls: undefined }],
	["PRISM_TLS_CERT_FILE", { tokenFile: undefined, tls: { ...TLS, cert: "/nowhere/CANARY" } }],
])("a file that can't be read is a problem of %s, without its path", async (variable, config) => {
	const failure = await opened(config).then(
		() => "",
		(error: Error) => error.message,
	);
	expect(failure).toContain(variable);
	expect(failure).not.toContain("CANARY");
});
