import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../server/started.ts";
import { MIB, syncBody, toy } from "../server/toy.ts";

// What nobody should send. Through all of it the server lives, its memory stays within a bound, and /healthz answers
// within 100 ms: that is measured from a process of its own, less the time for which the machine had no processor for it.

/** Above what the server held after its first calls: what may arrive at once, and twice as much again for garbage. */
const MEMORY_BOUND = 3 * 64 * MIB + 64 * MIB;
const HEALTH_MS = 100;

interface Health {
	/** Milliseconds, without the ones in which the machine had no processor for the server, or stood still. */
	readonly slowest: number;
	readonly answered: number;
	readonly failed: number;
}

const children: ChildProcess[] = [];
let server: { url: string; address: string; port: number };
let serving: ChildProcess;
let probing: ChildProcess;
let peakAtFirst: number;

async function spawn(args: string[], env: Record<string, string> = {}): Promise<[ChildProcess, unknown]> {
	const child = fork(new URL("../server/abused.ts", import.meta.url), args, { env: { ...process.env, ...env } });
	children.push(child);
	const [ready] = (await once(child, "message")) as unknown[];
	return [child, ready];
}

async function ask<Answer>(child: ChildProcess, question: string): Promise<Answer> {
	const answered = once(child, "message");
	child.send(question);
	return ((await answered) as [Answer])[0];
}

const text = (change: Record<string, unknown> = {}) => JSON.stringify(syncBody(change));

const post = (body: string) => send(server, "/toy/sync", { body });

/** The body in chunks of 64 KiB and without a length; answers the status, unless the connection was cut first. */
function postInChunks(body: string): Promise<number | undefined> {
	return new Promise((resolve) => {
		const sending = request(`${server.url}/toy/sync`, {
			method: "POST",
			agent: false,
			headers: { "content-type": "application/json", "transfer-encoding": "chunked" },
		});
		sending.once("error", () => resolve(undefined));
		sending.once("response", (response) => resolve(response.resume().statusCode));
		for (let at = 0; at < body.length; at += 65_536) sending.write(body.slice(at, at + 65_536));
		sending.end();
	});
}

/** A call by bare bytes, which costs this process less than a client would; answers the status line's beginning. */
async function rawly(bytes: string): Promise<string> {
	const socket = connect(server.port, server.address);
	socket.on("error", () => {});
	socket.write(bytes);
	return (await readText(socket).catch(() => "")).slice(0, "HTTP/1.1 408".length);
}

/** Sends `head` at once, and then a byte every 100 ms; answers the status that comes in the end. */
async function slowly(head: string): Promise<string> {
	const socket: Socket = connect(server.port, server.address);
	socket.on("error", () => {});
	socket.write(head);
	const drip = setInterval(() => socket.write("x"), 100);
	const reply = await readText(socket).catch(() => "");
	clearInterval(drip);
	return reply.slice(0, "HTTP/1.1 408".length);
}

const times = <Result>(count: number, make: () => Promise<Result>): Promise<Result[]> =>
	Promise.all(Array.from({ length: count }, make));

const whole = (body: string) => `${HEAD}connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

const HEAD = "POST /toy/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

beforeAll(async () => {
	const [child, ready] = await spawn([], { PORT: "0", REQUEST_TIMEOUT_SECONDS: "2", SHUTDOWN_GRACE_SECONDS: "1" });
	serving = child;
	server = ready as typeof server;
	for (let warm = 0; warm < 30; warm++) await times(50, () => rawly(whole(text())));
	[probing] = await spawn([server.url, String(serving.pid)]);
	await sleep(300);
	({ peakBytes: peakAtFirst } = await ask<{ peakBytes: number }>(serving, "memory"));
	await ask(probing, "health");
}, 60_000);

afterAll(async () => {
	for (const child of children.toReversed()) {
		if (child.exitCode !== null) continue;
		child.send("close");
		await once(child, "exit");
	}
});

const spec = (json: string) => text({ parent: { ...toy, spec: "SPEC" } }).replace('"SPEC"', () => json);

describe("while health is asked for all the time", () => {
	test.each([
		{
			reason: "20 MiB, ten times",
			abuse: () => times(10, () => rawly(whole("x".repeat(20 * MIB)))),
			// A caller that still writes when the connection is closed may not read the answer.
			expected: ["HTTP/1.1 413", ""],
		},
		{
			reason: "20 MiB without a length, ten times",
			abuse: () => times(10, () => postInChunks("x".repeat(20 * MIB))),
			// 408: there was no room for more of it in time.
			expected: [408, 413, 429, undefined],
		},
		{
			reason: "15 MiB with a character that makes two bytes of each, four times",
			// Read whole, where it is let in: 15 MiB take their time.
			healthMs: 3000,
			abuse: () =>
				times(4, async () => {
					const body = spec(JSON.stringify(`€${"x".repeat(15 * MIB)}`));
					return rawly(`${HEAD}connection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
				}),
			expected: ["HTTP/1.1 200", "HTTP/1.1 429", ""],
		},
		{
			reason: "10,000 nested lists",
			abuse: () => times(20, async () => (await post(spec("[".repeat(10_000) + "]".repeat(10_000)))).status),
			expected: [200],
		},
		{
			reason: "16 MiB of opening brackets",
			abuse: async () => [(await post("[".repeat(16 * MIB))).status],
			expected: [400],
		},
		{
			reason: "a million entries that are wrong",
			abuse: async () => [(await post(text({ children: { a: "E" } }).replace('"E"', `[${"0,".repeat(1e6)}0]`))).status],
			expected: [400],
		},
		{
			reason: "50 bodies that come slowly",
			abuse: () => times(50, () => slowly(`${HEAD}content-length: 1000\r\n\r\n{`)),
			expected: ["HTTP/1.1 408"],
		},
		{
			reason: "50 headers that come slowly",
			abuse: () => times(50, () => slowly(`${HEAD}x-slow: `)),
			expected: ["HTTP/1.1 408"],
		},
		{
			reason: "headers without end",
			abuse: () => times(20, () => slowly(`${HEAD}${`x-long: ${"x".repeat(1000)}\r\n`.repeat(30)}`)),
			expected: ["HTTP/1.1 431"],
		},
		{
			reason: "500 connections at once",
			abuse: () => times(500, () => rawly(whole(text()))),
			expected: ["HTTP/1.1 200", "HTTP/1.1 429"],
		},
		{
			reason: "100 connections with 1 MiB each",
			// Bodies that are fine, and have to be read: 10 ms each, and garbage.
			healthMs: 1000,
			abuse: () => times(100, () => rawly(whole(spec(JSON.stringify("x".repeat(MIB)))))),
			expected: ["HTTP/1.1 200", "HTTP/1.1 429"],
		},
	])("$reason", { retry: 3, timeout: 60_000 }, async ({ abuse, expected, healthMs = HEALTH_MS }) => {
		await ask(probing, "health");
		const replies: readonly unknown[] = await abuse();
		await sleep(50);
		const health = await ask<Health>(probing, "health");
		const { peakBytes } = await ask<{ peakBytes: number }>(serving, "memory");
		for (const reply of new Set(replies)) expect(expected).toContain(reply);
		expect(health.failed).toBe(0);
		expect(health.answered).toBeGreaterThan(0);
		expect(health.slowest).toBeLessThan(healthMs);
		expect(peakBytes - peakAtFirst).toBeLessThan(MEMORY_BOUND);
		expect(serving.exitCode).toBe(null);
		expect((await post(text())).status).toBe(200);
	});
});
