import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { errorBody } from "../../server/errors.ts";
import { ConfigError } from "../../server/settings.ts";
import { carriesToken, readTokens } from "../../server/tokens.ts";
import { call, RELOAD_MS, secretVolume, send, start, until } from "./started.ts";
import { answer, MIB, toyRow } from "./toy.ts";

// Who may call hooks over a server that knows its callers by a token.

const OLD = "CANARY-old-0123456789";
const NEW = "CANARY-new-0123456789";

async function startWithTokens(tokens: string, env: Record<string, string> = {}) {
	const volume = secretVolume({ token: tokens });
	const started = await start({ PRISM_TOKEN_FILE: volume.path("token"), LOG_LEVEL: "trace", ...env });
	return { ...started, replace: (text: string) => volume.swap({ token: text }), volume };
}

const refusal = errorBody("PRISM_ERR_NO_TOKEN");

describe("a token file", () => {
	test.each([
		{ reason: "one token", text: OLD, tokens: 1 },
		{ reason: "a line's end", text: `${OLD}\n`, tokens: 1 },
		{ reason: "two, with the ends of another system", text: `\r\n  ${OLD}\r\n\r\n${NEW}\r\n`, tokens: 2 },
		{ reason: "16 characters", text: "CANARY7890123456", tokens: 1 },
	])("$reason is fine", ({ text, tokens }) => {
		const { digests, keys } = readTokens(text);
		expect(digests).toHaveLength(tokens);
		expect(new Set(keys).size).toBe(tokens);
		for (const key of keys) expect(text).not.toContain(key);
	});

	test.each([
		{ reason: "empty", text: "", message: "the file has no token" },
		{ reason: "blank", text: " \n\t\n", message: "the file has no token" },
		{ reason: "15 characters", text: "CANARY789012345", message: "a token is shorter than 16 characters" },
		{
			reason: "a short one beside a good one",
			text: `${OLD}\nCANARY`,
			message: "a token is shorter than 16 characters",
		},
		{ reason: "three", text: `${OLD}\n${NEW}\n${OLD}x`, message: "the file has more than 2 tokens" },
		{
			reason: "a space within",
			text: "CANARY CANARY CANARY",
			message: "a token has other characters than printable ASCII",
		},
		{ reason: "an umlaut", text: "CANARYCANARYCANÄRY", message: "a token has other characters than printable ASCII" },
	])("$reason is refused", ({ text, message }) => {
		expect(() => readTokens(text)).toThrow(new Error(message));
	});

	test.each([
		{ reason: "empty", content: "", cause: "the file has no token" },
		{ reason: "with a short token", content: "CANARY", cause: "a token is shorter than 16 characters" },
	])("$reason at the start is an error of the configuration", async ({ content, cause }) => {
		const starting = startWithTokens(content);
		await expect(starting).rejects.toThrow(ConfigError);
		await expect(starting).rejects.toThrow(`cannot read the configuration: PRISM_TOKEN_FILE: ${cause}`);
	});

	test("that is none, but the token itself, is not quoted", async () => {
		const starting = start({ PRISM_TOKEN_FILE: OLD });
		await expect(starting).rejects.toThrow(new ConfigError(["PRISM_TOKEN_FILE: a file can't be read (ENOENT)"]));
	});
});

describe("an Authorization header", () => {
	const tokens = readTokens(`${OLD}\n${NEW}`);
	test.each([
		{ header: `Bearer ${OLD}`, known: true },
		{ header: `bearer ${NEW}`, known: true },
		{ header: `BEARER   ${NEW} `, known: true },
		{ header: undefined, known: false },
		{ header: "", known: false },
		{ header: "Bearer", known: false },
		{ header: "Bearer ", known: false },
		{ header: OLD, known: false },
		{ header: `Basic ${OLD}`, known: false },
		{ header: `Bearer ${OLD}x`, known: false },
		{ header: `Bearer ${OLD.slice(0, -1)}`, known: false },
		{ header: `Bearer ${OLD.toLowerCase()}`, known: false },
		{ header: `Bearer ${OLD} ${NEW}`, known: false },
		{ header: `Bearer ${OLD},${NEW}`, known: false },
		{ header: `x Bearer ${OLD}`, known: false },
		{ header: `Bearer ${OLD}\n${NEW}`, known: false },
	])("$header: $known", ({ header, known }) => {
		expect(carriesToken(header, tokens)).toBe(known);
	});
});

describe("a call", () => {
	test("with the token is served", async () => {
		const { server } = await startWithTokens(OLD);
		expect(await call(server, OLD)).toMatchObject({ status: 200, text: JSON.stringify(answer) });
	});

	test.each([
		{ reason: "no token", token: undefined },
		{ reason: "a wrong token", token: "CANARY-wrong-01234567" },
		{ reason: "the token and more", token: `${OLD}x` },
	])("with $reason is 401", async ({ token }) => {
		const { server, captured } = await startWithTokens(OLD);
		const { status, headers, text } = await call(server, token);
		expect(status).toBe(401);
		expect(headers["www-authenticate"]).toBe('Bearer realm="prism-operator"');
		expect(JSON.parse(text)).toEqual(refusal);
		expect(captured.lines("request refused")).toEqual([
			expect.objectContaining({ method: "POST", path: "/toy/sync", status: 401, ...refusal }),
		]);
		expect(captured.text()).not.toContain("CANARY");
	});

	test("a stranger learns nothing of paths, methods, bodies and limits", async () => {
		const { server } = await startWithTokens(OLD, { BODY_LIMIT_BYTES: "1024" });
		for (const [path, options] of [
			["/", {}],
			["/toy/sync", {}],
			["/toy/nothing", { body: "{}" }],
			["/healthz", { body: "{}" }],
			["/%68ealthz/../toy/sync", { body: "{}" }],
			["/toy/sync", { body: "{" }],
			["/toy/sync", { body: "x".repeat(2000) }],
			["/toy/sync", { body: "{}", headers: { "content-type": "text/plain" } }],
		] as const) {
			const { status, text } = await send(server, path, options);
			expect({ status, text }, path).toEqual({ status: 401, text: JSON.stringify(refusal) });
		}
		const knows = { headers: { authorization: `Bearer ${OLD}` } };
		expect((await send(server, "/nothing", knows)).status).toBe(404);
		expect((await send(server, "/toy/sync", knows)).status).toBe(405);
	});

	test("probes need no token", async () => {
		const { server } = await startWithTokens(OLD);
		expect((await send(server, "/healthz")).status).toBe(200);
		expect((await send(server, "/readyz?x=1")).status).toBe(200);
		expect((await send(server, "/readyz", { method: "HEAD" })).status).toBe(200);
	});

	test.each([
		{ access: "anonymous", stranger: 200, known: 200 },
		{ access: "authenticated", stranger: 401, known: 200 },
		{ access: "off", stranger: 401, known: 404 },
	])("/metrics, when they are $access", async ({ access, stranger, known }) => {
		const { server } = await startWithTokens(OLD, { PRISM_METRICS: access });
		expect((await send(server, "/metrics")).status).toBe(stranger);
		expect((await send(server, "/metrics", { headers: { authorization: `Bearer ${OLD}` } })).status).toBe(known);
	});
});

describe("a rotation, while the server runs", () => {
	const accepted = async (server: { url: string }) => {
		const statuses = [];
		for (const token of [OLD, NEW]) statuses.push((await call(server, token)).status);
		return statuses.join();
	};

	test("old, both, new", async () => {
		const { server, captured, replace } = await startWithTokens(OLD);
		expect(await accepted(server)).toBe("200,401");
		replace(`${OLD}\n${NEW}\n`);
		await until(async () => (await accepted(server)) === "200,200");
		replace(NEW);
		await until(async () => (await accepted(server)) === "401,200");
		expect(captured.lines("reloaded, and in use")).toHaveLength(2);
		expect(captured.text()).not.toContain("CANARY");
	});

	test.each([
		{ reason: "empty", content: { token: "" }, cause: "the file has no token" },
		{ reason: "short", content: { token: "CANARY" }, cause: "a token is shorter than 16 characters" },
		{ reason: "gone", content: {}, cause: "a file can't be read (ENOENT)" },
	])("a file that becomes $reason leaves the last good tokens, with one error", async ({ content, cause }) => {
		const { server, captured, volume } = await startWithTokens(`${OLD}\n${NEW}`);
		volume.swap(content);
		const message = "cannot reload: the previous content stays in use";
		await until(() => captured.lines(message).length > 0);
		expect(await accepted(server)).toBe("200,200");
		expect((await call(server, "CANARY")).status).toBe(401);
		await sleep(5 * RELOAD_MS);
		expect(captured.lines(message)).toEqual([expect.objectContaining({ level: 50, what: "tokens", cause })]);
		expect(captured.text()).not.toContain("CANARY");
		volume.swap({ token: NEW });
		await until(async () => (await accepted(server)) === "401,200");
	});
});

test("a token is never logged, whatever becomes of the request that carries it", async () => {
	const { server, captured, replace } = await startWithTokens(OLD);
	const headers = { authorization: `Bearer ${OLD}` };
	await call(server, OLD);
	await call(server, NEW);
	await send(server, `/toy/sync?token=${OLD}`, { body: "{", headers });
	await send(server, "/toy/sync", { body: "x".repeat(17 * MIB), headers }).catch(() => {});
	await send(server, "/toy/sync", { body: JSON.stringify({ parent: OLD }), headers: { ...headers, "x-token": OLD } });
	for (const head of [`Bearer ${OLD}\r\nno header`, `Bearer ${OLD}${"x".repeat(20_000)}`, `Bearer ${OLD}`]) {
		const socket = connect(server.port, server.address);
		socket.write(`POST /toy/sync HTTP/1.1\r\nhost: x\r\nauthorization: ${head}\r\ncontent-length: 5\r\n\r\n`);
		if (head.endsWith(OLD)) setTimeout(() => socket.destroy(), 50);
		await readText(socket).catch(() => {});
	}
	replace(`${OLD}\n${NEW}\n${OLD}`);
	await until(() => captured.text().includes("the file has more than 2 tokens"));
	expect(captured.text().split("\n").length).toBeGreaterThan(8);
	expect(captured.text()).not.toContain("CANARY");
});

test("hooks sign by keys of the tokens that hold now, and no log has them", async () => {
	const toy = toyRow();
	const volume = secretVolume({ token: `${OLD}\n${NEW}` });
	const env = { PRISM_TOKEN_FILE: volume.path("token"), LOG_LEVEL: "trace" };
	const { server, captured } = await start(env, [toy.row]);
	const keysOfCall = async () => {
		await call(server, NEW);
		return toy.contexts.at(-1)?.keys ?? [];
	};
	const before = await keysOfCall();
	expect(before).toEqual(readTokens(`${OLD}\n${NEW}`).keys);
	volume.swap({ token: NEW });
	await until(async () => (await keysOfCall()).length === 1);
	expect(await keysOfCall()).toEqual(before.slice(1));
	for (const key of before) expect(captured.text()).not.toContain(key);
});
