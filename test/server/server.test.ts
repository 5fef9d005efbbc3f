import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { readConfig } from "../../server/config.ts";
import { type RunningServer, startServer } from "../../server/server.ts";
import { until } from "./started.ts";
import { answer, captureLog, MIB, syncBody, toyRow } from "./toy.ts";

// The process side, over real sockets.

const opened: RunningServer[] = [];
afterEach(async () => {
	await Promise.all(opened.splice(0).map((server) => server.close()));
});

async function start(env: Record<string, string> = {}) {
	const captured = captureLog();
	const config = readConfig({ PORT: "0", SHUTDOWN_GRACE_SECONDS: "5", ...env });
	const server = await startServer(config, [toyRow().row], { log: captured.log });
	opened.push(server);
	return { server, captured };
}

const post = (url: string, body: string) =>
	fetch(`${url}/toy/sync`, { method: "POST", headers: { "content-type": "application/json" }, body });

const responseTo = (request: ClientRequest): Promise<IncomingMessage> =>
	new Promise((resolve, reject) => {
		request.once("response", resolve).once("error", reject);
	});

/** A request whose body has arrived by half: `rest` sends the other half, `reply` waits for the answer. */
function halfSent(server: RunningServer) {
	const body = JSON.stringify(syncBody());
	const request = httpRequest(`${server.url}/toy/sync`, {
		method: "POST",
		agent: new Agent({ keepAlive: true }),
		headers: { "content-type": "application/json", "content-length": body.length },
	});
	const replied = responseTo(request).then(async (response) => ({
		status: response.statusCode,
		headers: response.headers,
		text: await readText(response),
	}));
	request.write(body.slice(0, 50));
	return { reply: replied, rest: () => request.end(body.slice(50)) };
}

describe("over HTTP", () => {
	test("a body of exactly 16 MiB is served, one byte more is 413", async () => {
		const { server, captured } = await start();
		const empty = JSON.stringify(syncBody({ padding: "" })).length;
		const sized = (bytes: number) => JSON.stringify(syncBody({ padding: "x".repeat(bytes - empty) }));
		const served = await post(server.url, sized(16 * MIB));
		expect(served.status).toBe(200);
		expect(await served.json()).toEqual(answer);
		// Large bodies come one at a time.
		const isIdle = async () => /calls_in_flight 0$/m.test(await (await fetch(`${server.url}/metrics`)).text());
		await until(isIdle);
		// Sent in chunks: without a length, the limit is met only while reading.
		const refused = await fetch(`${server.url}/toy/sync`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: new Blob([sized(16 * MIB + 1)]).stream(),
			duplex: "half",
		}).catch(() => undefined);
		// The connection may be closed before the client has read the response: then the log alone has it.
		expect(refused?.status ?? 413).toBe(413);
		await until(() => captured.lines("request refused").length > 0);
		expect(captured.lines("request refused")).toMatchObject([{ status: 413 }]);
		expect((await post(server.url, sized(5000))).status).toBe(200);
	});

	test("a length above the limit is refused before the body comes", async () => {
		const { server } = await start();
		const request = httpRequest(`${server.url}/toy/sync`, {
			method: "POST",
			headers: { "content-type": "application/json", "content-length": 16 * MIB + 1 },
		});
		request.flushHeaders();
		expect((await responseTo(request)).statusCode).toBe(413);
		request.on("error", () => {});
		request.destroy();
	});

	test("what is not JSON is 400, and the server goes on", async () => {
		const { server } = await start();
		expect((await post(server.url, '{"parent":')).status).toBe(400);
		expect((await post(server.url, `${"[".repeat(10_000)}${"]".repeat(10_000)}`)).status).toBe(400);
		expect((await post(server.url, JSON.stringify(syncBody()))).status).toBe(200);
	});

	test("a request that does not arrive in time is 408", async () => {
		const { server } = await start({ REQUEST_TIMEOUT_SECONDS: "1" });
		const { reply } = halfSent(server);
		expect((await reply).status).toBe(408);
	});

	test("a connection on which nothing is sent is closed, and refused nothing", async () => {
		const { server, captured } = await start({ REQUEST_TIMEOUT_SECONDS: "1" });
		expect(await readText(connect(server.port, server.address))).toBe("");
		expect(captured.lines("connection refused")).toEqual([]);
		const metrics = await (await fetch(`${server.url}/metrics`)).text();
		expect(metrics).not.toMatch(/refused[^\n]*408[^\n]* [1-9]/);
	});

	test("what is not HTTP is 400, and its bytes are not logged", async () => {
		const { server, captured } = await start({ LOG_LEVEL: "trace" });
		const socket = connect(server.port, server.address);
		socket.write("POST /toy/sync HTTP/1.1\r\nno header CANARY\r\n\r\n");
		const reply = await readText(socket);
		expect(reply).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
		expect(reply).toContain('{"code":"PRISM_ERR_UNREADABLE","error":"the request can\'t be read"}');
		expect(captured.lines("connection refused")).toEqual([
			expect.objectContaining({ status: 400, code: "HPE_INVALID_HEADER_TOKEN" }),
		]);
		expect(captured.text()).not.toContain("CANARY");
		expect(captured.text()).not.toContain("rawPacket");
	});

	test("a whole URL in the place of a path is 404, and what it says of its user is not logged", async () => {
		const { server, captured } = await start();
		const socket = connect(server.port, server.address);
		socket.write("GET http://user:CANARY@elsewhere/toy/sync HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
		expect(await readText(socket)).toMatch(/^HTTP\/1.1 404 /);
		expect(captured.lines("request refused")).toEqual([expect.objectContaining({ path: "no path", status: 404 })]);
		expect(captured.text()).not.toContain("CANARY");
	});

	test("a caller that goes away leaves nothing behind", async () => {
		const { server } = await start();
		const socket = connect(server.port, server.address);
		await once(socket, "connect");
		socket.write(
			"POST /toy/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
		);
		await sleep(100);
		socket.destroy();
		const began = performance.now();
		await server.close();
		expect(performance.now() - began).toBeLessThan(3000);
	});

	test("the clock is RFC 3339 in seconds", async () => {
		const toys = toyRow();
		const server = await startServer(readConfig({ PORT: "0" }), [toys.row], { log: captureLog().log });
		opened.push(server);
		await post(server.url, JSON.stringify(syncBody()));
		expect(toys.contexts[0]?.now).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
		expect(Math.abs(Date.parse(toys.contexts[0]?.now ?? "") - Date.now())).toBeLessThan(5000);
	});
});

describe("listening", () => {
	test("on loopback by default, without a warning", async () => {
		const { server, captured } = await start();
		expect(server.address).toBe("127.0.0.1");
		expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
		expect(captured.text()).not.toContain("not authenticated");
		expect(captured.text()).toContain("listening on loopback only");
	});

	test("beyond loopback with a warning, when anonymous callers are allowed", async () => {
		const { captured } = await start({ HOST: "0.0.0.0", PRISM_ALLOW_ANONYMOUS: "true" });
		expect(captured.text()).toContain("callers are not authenticated");
	});

	test("a port that is taken is an error of the start", async () => {
		const { server } = await start();
		await expect(start({ PORT: String(server.port) })).rejects.toThrow(/EADDRINUSE/);
	});
});

/** A server in a process of its own, which handles signals. */
async function spawned(env: Record<string, string> = {}) {
	const program = `
		import { readConfig } from "./server/config.ts";
		import { startServer } from "./server/server.ts";
		const { url } = await startServer(readConfig({ PORT: "0", ...process.env }), [], { handleSignals: true });
		console.log("handles signals at " + url + "\\n");
	`;
	const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
		cwd: new URL("../..", import.meta.url),
		env,
	});
	let output = "";
	const url = await new Promise<string>((resolve) => {
		child.stdout.on("data", (chunk) => {
			output += String(chunk);
			const [, found] = /handles signals at (\S+)\n/.exec(output) ?? [];
			if (found !== undefined) resolve(found);
		});
	});
	return { child, url, output: () => output };
}

describe("shutdown", () => {
	test("finishes what is in flight, is unready meanwhile, and still answers", async () => {
		const { server, captured } = await start();
		const { reply, rest } = halfSent(server);
		await sleep(100);
		const closed = server.close();
		await sleep(50);
		const ready = await fetch(`${server.url}/readyz`);
		expect(ready.status).toBe(503);
		const late = await post(server.url, JSON.stringify(syncBody()));
		expect(late.status).toBe(200);
		expect(late.headers.get("connection")).toBe("close");
		rest();
		expect(await reply).toMatchObject({ status: 200, headers: { connection: "close" }, text: JSON.stringify(answer) });
		await closed;
		expect(captured.lines("shut down")).toHaveLength(1);
		await expect(fetch(`${server.url}/readyz`)).rejects.toThrow();
	});

	test("closes idle connections and ones that were never used, at once", async () => {
		const { server } = await start();
		const agent = new Agent({ keepAlive: true });
		const request = httpRequest(`${server.url}/healthz`, { agent });
		request.end();
		(await responseTo(request)).resume();
		const unused = connect(server.port, server.address);
		await once(unused, "connect");
		await sleep(50);
		const began = performance.now();
		await Promise.all([server.close(), once(unused, "close")]);
		expect(performance.now() - began).toBeLessThan(2000);
	});

	test("cuts what outlasts the grace", async () => {
		const { server } = await start({ SHUTDOWN_GRACE_SECONDS: "1" });
		const { reply } = halfSent(server);
		const cut = expect(reply).rejects.toThrow(/socket hang up|ECONNRESET/);
		await sleep(100);
		const began = performance.now();
		await server.close();
		expect(performance.now() - began).toBeGreaterThan(800);
		expect(performance.now() - began).toBeLessThan(4000);
		await cut;
	});

	test("asked twice, happens once", async () => {
		const { server, captured } = await start();
		await Promise.all([server.close(), server.close()]);
		await server.close();
		expect(captured.lines("shutting down")).toHaveLength(1);
	});

	test("by a signal, lets callers use the connections that they keep for a while, and tells them to come anew", async () => {
		const { child, url, output } = await spawned({ SHUTDOWN_GRACE_SECONDS: "4" });
		const agents = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
		const ask = async (agent: Agent | undefined) => {
			// A probe's connection is not kept, whatever it asks for; a caller's is.
			const request = httpRequest(`${url}/none`, { agent });
			request.end();
			const response = await responseTo(request);
			await readText(response);
			return { status: response.statusCode, reused: request.reusedSocket, connection: response.headers.connection };
		};
		const [busy, idle] = agents;
		await Promise.all([ask(busy), ask(idle)]);
		child.kill("SIGTERM");
		const exited = once(child, "exit");
		const began = performance.now();
		await sleep(300);
		expect(await ask(busy)).toEqual({ status: 404, reused: true, connection: "close" });
		expect(await ask(busy)).toEqual({ status: 404, reused: false, connection: "close" });
		expect(await exited).toEqual([0, null]);
		// Half of the grace: one connection was never used again.
		expect(performance.now() - began).toBeGreaterThan(1500);
		expect(output()).toContain("shut down");
		for (const agent of agents) agent.destroy();
	});

	test.each(["SIGTERM", "SIGINT"] as const)("%s ends the process with 0", async (signal) => {
		const { child, output } = await spawned();
		child.kill(signal);
		await once(child, "exit");
		expect(child.exitCode).toBe(0);
		expect(output()).toContain(`"signal":"${signal}"`);
		expect(output()).toContain("shut down");
	});
});
