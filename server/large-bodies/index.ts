import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import type { Row } from "../../kube/hook.ts";
import type { Outside } from "../../schemas/admin.ts";
import { Refusal } from "../rejected-request.ts";
import { describeError, type ErrorDescription } from "../sync-log.ts";
import { type Begun, type Concluded, handedOver, type LargeCall, type Reply, type ThreadStep } from "./messages.ts";

// Large bodies in a thread of their own: a body of 8 MiB keeps a thread busy for a tenth of a second, and all small calls would wait.
// The thread is started by the first large body, and ends when there was none for a while, because its heap keeps its size. How many
// bodies wait for it is limited by the load of the server (server/load.ts).

/** Size from which a body is handled in the thread, in bytes; smaller ones are done within milliseconds. */
export const LARGE = 512 * 1024;

const IDLE_MS = 60_000;
/** A step that takes longer never ends. Long, because it includes the start of the thread, on a processor that others use, too. */
const STUCK_MS = 300_000;
/** Share of the heap of the process that the thread may have, too: in 512 MiB, both are never full at once. */
const HEAP_SHARE = 0.75;
const MIB = 1024 * 1024;

/** Not a hook that changes something at proxies: it has one more stage, and its bodies are small. */
export const isForThread = ({ outside }: Row): boolean => outside !== "asks and tells";

export interface LargeBodiesOptions {
	/** The module that the thread runs. */
	readonly entry: URL;
	readonly log: Logger;
	readonly idleMs?: number;
	readonly stuckMs?: number;
	readonly heapMib?: number;
}

export interface LargeCallInThread extends Begun {
	readonly conclude: (outside: Outside | undefined) => Promise<Concluded>;
	/** Instead of `conclude`. */
	readonly drop: () => void;
}

export type LargeBodies = ReturnType<typeof createLargeBodies>;

export function createLargeBodies({
	entry,
	log,
	idleMs = IDLE_MS,
	stuckMs = STUCK_MS,
	...options
}: LargeBodiesOptions) {
	const heapMib = options.heapMib ?? Math.floor((HEAP_SHARE * getHeapStatistics().heap_size_limit) / MIB);
	let thread: Thread | undefined;
	let calls = 0;
	let idle: NodeJS.Timeout | undefined;
	let id = 0;

	const started = (): Thread => {
		const current = startThread({ entry, heapMib, stuckMs, ended });
		thread = current;
		return current;
	};
	const ended = (which: Thread, failure: unknown) => {
		if (thread === which) thread = undefined;
		log.error({ failure: describeError(failure) }, "the thread for large bodies ended");
	};
	const end = async () => {
		clearTimeout(idle);
		const last = thread;
		thread = undefined;
		await last?.end();
	};
	const enters = () => {
		calls++;
		clearTimeout(idle);
	};
	const leaves = () => {
		calls--;
		if (calls === 0) idle = setTimeout(() => void end(), idleMs).unref();
	};
	return {
		/** Throws a `Refusal`, or what the hook threw. */
		begin: async (call: LargeCall): Promise<LargeCallInThread> => {
			const its = thread ?? started();
			const own = id++;
			enters();
			try {
				const begun = await its.result({ id: own, begin: call }, handedOver(call.bytes));
				if (!("questions" in begun)) throw new Error("the thread for large bodies answered another step");
				return {
					...begun,
					conclude: async (outside) => {
						try {
							const concluded = await its.result({ id: own, conclude: outside });
							if (!("body" in concluded)) throw new Error("the thread for large bodies answered another step");
							return concluded;
						} finally {
							leaves();
						}
					},
					drop: () => {
						its.send({ id: own, drop: true });
						leaves();
					},
				};
			} catch (error) {
				leaves();
				throw error;
			}
		},
		close: end,
	};
}

interface ThreadOptions extends Required<Pick<LargeBodiesOptions, "entry" | "heapMib" | "stuckMs">> {
	/** It ended by itself. */
	readonly ended: (thread: Thread, failure: unknown) => void;
}

interface Waiting {
	readonly resolve: (reply: Begun | Concluded) => void;
	readonly reject: (error: unknown) => void;
	readonly stuck: NodeJS.Timeout;
}

type Thread = ReturnType<typeof startThread>;

function startThread({ entry, heapMib, stuckMs, ended }: ThreadOptions) {
	const worker = new Worker(entry, { name: "large-bodies", resourceLimits: { maxOldGenerationSizeMb: heapMib } });
	// The sockets of its calls keep the process running.
	worker.unref();
	const waiting = new Map<number, Waiting>();
	let cause: unknown;
	let isEnding = false;

	const taken = (id: number): Waiting | undefined => {
		const step = waiting.get(id);
		waiting.delete(id);
		clearTimeout(step?.stuck);
		return step;
	};
	worker.on("message", ({ id, ...reply }: Reply) => {
		const step = taken(id);
		if ("refusal" in reply) step?.reject(new Refusal(reply.refusal.code, reply.refusal.details));
		else if ("failure" in reply) step?.reject(thrown(reply.failure));
		else step?.resolve(reply);
	});
	worker.on("error", (error) => {
		cause = error;
	});
	worker.on("exit", () => {
		const failure = cause ?? new Error("the thread for large bodies was ended");
		for (const id of waiting.keys()) taken(id)?.reject(failure);
		if (!isEnding) ended(thread, failure);
	});
	const thread = {
		send: (step: ThreadStep) => worker.postMessage(step, []),
		result: (step: ThreadStep, handOver: ArrayBuffer[] = []) =>
			new Promise<Begun | Concluded>((resolve, reject) => {
				const stuck = setTimeout(() => {
					cause = new Error(`the thread for large bodies was busy for ${stuckMs / 1000} s`);
					void worker.terminate();
				}, stuckMs).unref();
				waiting.set(step.id, { resolve, reject, stuck });
				worker.postMessage(step, handOver);
			}),
		end: async () => {
			isEnding = true;
			await worker.terminate();
		},
	};
	return thread;
}

/** As it was thrown in the thread: with the name and the frames by which the log knows it. */
const thrown = ({ name, message, stack }: ErrorDescription): Error =>
	Object.assign(new Error(message), { name, stack: `${name}\n${stack}` });
