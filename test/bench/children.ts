import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Cost, FromServer, ToServer } from "./served.ts";

// Servers that are measured, each in a process of its own: they must not share a core's caches, heap or event loop with
// who measures.

export interface Served {
	readonly port: number;
	readonly url: string;
	/** What it is to serve from now on. */
	next(message: unknown): Promise<unknown>;
	cost(): Promise<Cost>;
	/** The same once all garbage is gone. */
	settledCost(): Promise<Cost>;
	stop(): Promise<void>;
}

const BUILT_WITHIN_MS = 120_000;

export const startServed = async (
	file: string,
	environment: Readonly<Record<string, string>> = {},
): Promise<Served> => {
	const path = fileURLToPath(new URL(file, import.meta.url));
	const child = fork(path, [], {
		execArgv: ["--expose-gc"],
		env: { ...process.env, NODE_ENV: "production", ...environment },
		// Its log is written, as in production, and not kept.
		stdio: ["ignore", "ignore", "inherit", "ipc"],
		serialization: "advanced",
	});
	const told = await answerOf(child);
	const port = "port" in told ? told.port : 0;
	const asked = async (message: ToServer): Promise<FromServer> => {
		child.send(message);
		return answerOf(child);
	};
	const costOf = async (message: ToServer): Promise<Cost> => {
		const answer = await asked(message);
		if (!("cpuMs" in answer)) throw new Error(`${file} told something else than its cost`);
		return answer;
	};
	return {
		port,
		url: `http://127.0.0.1:${port}`,
		next: async (message) => {
			const answer = await asked({ next: message });
			return "ready" in answer ? answer.ready : undefined;
		},
		cost: () => costOf({ cost: true }),
		settledCost: () => costOf({ collect: true }),
		stop: async () => {
			const ended = once(child, "exit");
			child.disconnect();
			await ended;
		},
	};
};

const answerOf = async (child: ChildProcess): Promise<FromServer> => {
	const ended = new AbortController();
	const gone = once(child, "exit", { signal: ended.signal }).then(() => {
		throw new Error("a server that was to be measured ended");
	});
	const late = AbortSignal.timeout(BUILT_WITHIN_MS);
	try {
		const [message] = (await Promise.race([once(child, "message", { signal: late }), gone])) as [FromServer];
		return message;
	} finally {
		gone.catch(() => {});
		ended.abort();
	}
};
