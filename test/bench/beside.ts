import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { startServed } from "./children.ts";
import type { Part, Progress } from "./part.ts";
import { callNamed } from "./requests.ts";
import { figure, goals } from "./table.ts";

// What small requests wait while a large body is handled. They are sent at a fixed rate, and each counts from the moment at which it
// is due: senders that wait for an answer before they send again would hardly notice that all others wait, too.

const SMALL = "PatternRunner, small: memstore";
const LARGE = "PrismStack, largest: 100 patterns, 8 MiB";
const SMALL_EVERY_MS = 10;
const LARGE_EVERY_MS = 1000;
const SECONDS = 10;
/** The goal: whoever waits longer than that notices. */
const LONGEST_MS = 50;

export const beside: Part = {
	name: "beside",
	run: async (progress) => {
		const oneThread = await waits({ THREAD: "none" }, "in one thread", progress);
		const ownThread = await waits({}, "in a thread of its own", progress);
		const what = (how: string) => `p99 of ${SMALL}, ${how}`;
		const told = (ms: number) => `${figure(ms)} ms`;
		return goals([
			{ what: what("alone"), measured: told(ownThread.alone), goal: "", met: undefined },
			{
				what: what("beside a body of 8 MiB a second, all in one thread"),
				measured: told(oneThread.both),
				goal: "",
				met: undefined,
			},
			{
				what: what("beside a body of 8 MiB a second"),
				measured: told(ownThread.both),
				goal: `under ${LONGEST_MS} ms`,
				met: ownThread.both < LONGEST_MS,
			},
		]);
	},
};

const waits = async (environment: Readonly<Record<string, string>>, how: string, progress: Progress) => {
	const server = await startServed("./subject.ts", environment);
	const pool = new Pool(server.url, { connections: 50 });
	const sent = async (name: string) => {
		const { path, body } = callNamed(name);
		const large = Buffer.from(body);
		return async () => {
			const headers = { "content-type": "application/json" };
			const reply = await pool.request({ method: "POST", path, headers, body: large });
			await reply.body.arrayBuffer();
			if (reply.statusCode !== 200) throw new Error(`${path}: ${reply.statusCode}`);
		};
	};
	try {
		await server.next(LARGE);
		const [small, large] = [await sent(SMALL), await sent(LARGE)];
		for (let warm = 0; warm < 300; warm += 1) await small();
		for (let warm = 0; warm < 10; warm += 1) await large();
		const alone = await p99Of(small);
		const underWay: Promise<void>[] = [];
		const sending = setInterval(() => underWay.push(large()), LARGE_EVERY_MS);
		const both = await p99Of(small);
		clearInterval(sending);
		await Promise.all(underWay);
		progress(`${how}: p99 of small requests ${figure(alone)} ms alone, ${figure(both)} ms beside large ones`);
		return { alone, both };
	} finally {
		await pool.destroy();
		await server.stop();
	}
};

const p99Of = async (send: () => Promise<void>): Promise<number> => {
	const took: number[] = [];
	const began = performance.now();
	const all: Promise<void>[] = [];
	for (let due = began; due < began + SECONDS * 1000; due += SMALL_EVERY_MS) {
		await sleep(Math.max(0, due - performance.now()));
		all.push(send().then(() => void took.push(performance.now() - due)));
	}
	await Promise.all(all);
	return took.toSorted((left, right) => left - right)[Math.floor(took.length * 0.99)] ?? Number.NaN;
};
