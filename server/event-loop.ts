import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { systemTime } from "./time.ts";

// Webhook calls block the event loop: headers, parsing, validation, a hook. Hundreds can arrive at the same moment; without pauses in
// between, they would delay probes, timeouts and new connections until all of them are done.

/** How long work may run before the event loop polls its sockets again; a single piece of work can't be split. */
const TURN_MS = 5;
/**
 * Maximum time for which work is deferred while connections arrive. Node.js accepts one connection per loop iteration: with
 * work in between, a probe behind 500 callers would wait for 500 calls.
 */
const POSTPONED_MS = 100;

export type Turns = ReturnType<typeof createTurns>;

export function createTurns() {
	/** No call's: deferred work of one call can be work of another call, which must not appear as the first one's. */
	const asNobody = AsyncLocalStorage.snapshot();
	const begun: (() => void)[] = [];
	const waiting: (() => void)[] = [];
	let scheduled = false;
	let connected = false;
	let worked = 0;
	const schedule = () => {
		scheduled = begun.length + waiting.length > 0;
		if (scheduled) asNobody(setImmediate, run);
	};
	const run = () => {
		const now = systemTime.monotonic();
		if (connected && now - worked < POSTPONED_MS) {
			connected = false;
			return schedule();
		}
		try {
			do (begun.shift() ?? waiting.shift())?.();
			while (begun.length + waiting.length > 0 && systemTime.monotonic() < now + TURN_MS);
		} finally {
			worked = systemTime.monotonic();
			schedule();
		}
	};
	const add = (queue: (() => void)[], work: () => void) => {
		if (!scheduled) worked = systemTime.monotonic();
		queue.push(work);
		if (!scheduled) schedule();
	};
	return {
		/** Queues the server's requests, except those for `atOnce`. */
		wrap:
			(listener: RequestListener, atOnce: (request: IncomingMessage) => boolean): RequestListener =>
			(request, response) => {
				if (atOnce(request)) return listener(request, response);
				return add(waiting, () => {
					if (!response.destroyed) listener(request, response);
				});
			},
		/** Reports connections, which have priority over all work. */
		watch: (server: Server) => {
			server.on("connection", () => {
				connected = true;
			});
		},
		/** Continues a request that had its turn already: before requests that have not begun. */
		goOn: (work: () => void) => add(begun, work),
		/** The same for work with a result: many waiters of one result would otherwise all continue at the same moment. */
		result: <Value>(work: () => Value) =>
			new Promise<Value>((resolve, reject) => {
				add(begun, () => {
					try {
						resolve(work());
					} catch (error) {
						reject(error);
					}
				});
			}),
	};
}
