import { startServed } from "./children.ts";
import { shootAt } from "./measure.ts";
import type { Part } from "./part.ts";
import { callNamed } from "./requests.ts";
import { figure, goals } from "./table.ts";

// What small requests wait while a large body is parsed: a process has one event loop.

const SMALL = "PatternRunner, small: memstore";
const LARGE = "PrismStack, largest: 100 patterns, 8 MiB";
const EVERY_MS = 1000;
const SECONDS = 10;
/** The goal: whoever waits longer than that notices. */
const LONGEST_MS = 50;

export const beside: Part = {
	name: "beside",
	run: async (progress) => {
		const server = await startServed("./subject.ts");
		const shot = { ...callNamed(SMALL), connections: 2, seconds: SECONDS };
		const { path, body } = callNamed(LARGE);
		const send = async () => {
			const headers = { "content-type": "application/json" };
			const reply = await fetch(`${server.url}${path}`, { method: "POST", headers, body });
			await reply.arrayBuffer();
		};
		try {
			await server.next(LARGE);
			await send();
			const alone = await shootAt(server, shot);
			const sending = setInterval(() => void send(), EVERY_MS);
			const both = await shootAt(server, shot);
			clearInterval(sending);
			progress(`p99 of small requests: ${figure(alone.p99Ms)} ms alone, ${figure(both.p99Ms)} ms beside large ones`);
			const what = (how: string) => `p99 of ${SMALL}, ${how}`;
			return goals([
				{ what: what("alone"), measured: `${figure(alone.p99Ms)} ms`, goal: "", met: undefined },
				{
					what: what("beside a body of 8 MiB a second"),
					measured: `${figure(both.p99Ms)} ms`,
					goal: `under ${LONGEST_MS} ms`,
					met: both.p99Ms < LONGEST_MS,
				},
			]);
		} finally {
			await server.stop();
		}
	},
};
