import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { canLimitMemory, type MemoryCgroup, makeMemoryCgroup } from "../memory-cgroup.ts";
import { ARRIVAL_SECONDS, TOKEN } from "./message.ts";
import { findingsOfLog } from "./verdict.ts";
import { type Address, perform } from "./wire.ts";

// The server under attack, as it is seen from outside: its process, its memory, its health and its log.

export type Bug = "throws" | "tells" | "hangs" | "forgets" | "ends" | "hoards";

/** Longer than a request may take to arrive, and than a hook that asks proxies may take. */
export const HANG_MS = (ARRIVAL_SECONDS + 13) * 1000;
const HEALTH_EVERY_MS = 250;
/** What the chart lets a pod have. */
export const PEAK_MIB = 512;

export interface Memory {
	readonly heapBytes: number;
	readonly peakBytes: number;
}

export interface Server extends Address {
	readonly child: ChildProcess;
	/** undefined: this machine has no memory cgroups, so that nothing but our own measuring bounds the process. */
	readonly group: MemoryCgroup | undefined;
	/** undefined: it does not say. */
	readonly memory: () => Promise<Memory | undefined>;
	/** What was logged since it was last asked for. */
	readonly log: () => string;
	readonly stop: () => Promise<void>;
}

export const startServer = async (environment: Record<string, string>, proxy: string, bug = ""): Promise<Server> => {
	const folder = mkdtempSync(join(tmpdir(), "prism-fuzz-"));
	const tokens = join(folder, "tokens");
	writeFileSync(tokens, `${TOKEN}\n`, { mode: 0o600 });
	const child = fork(new URL("server.ts", import.meta.url), [proxy, bug], {
		env: { ...environment, PRISM_TOKEN_FILE: tokens },
		// The heap that Node would choose under the chart's limit.
		execArgv: ["--expose-gc", `--max-old-space-size=${PEAK_MIB / 2}`],
		stdio: ["ignore", "pipe", "pipe", "ipc"],
	});
	const group = canLimitMemory() ? makeMemoryCgroup(`prism-fuzz-${child.pid}`, PEAK_MIB * 1024 ** 2) : undefined;
	if (child.pid !== undefined) group?.add(child.pid);
	let written = "";
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding("utf8").on("data", (text: string) => {
			written += text;
		});
	}
	const [address] = (await once(child, "message")) as [Address];
	return {
		...address,
		child,
		group,
		log: () => {
			const end = written.lastIndexOf("\n") + 1;
			const text = written.slice(0, end);
			written = written.slice(end);
			return text;
		},
		memory: async () => {
			if (!child.connected) return undefined;
			const answered = once(child, "message", { signal: AbortSignal.timeout(HANG_MS) }).catch(() => []);
			child.send("memory");
			return ((await answered) as [Memory?])[0];
		},
		stop: async () => {
			if (child.exitCode === null && child.signalCode === null) {
				const exited = once(child, "exit");
				if (child.connected) child.send("close");
				const killing = setTimeout(() => child.kill("SIGKILL"), 3000);
				await exited;
				clearTimeout(killing);
			}
			await group?.remove();
			rmSync(folder, { recursive: true, force: true });
		},
	};
};

const HEALTH = Buffer.from("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");

/** As the kubelet does it: a connection for each question. */
export const watchHealth = (
	server: Server,
	signal: AbortSignal,
	find: (text: string) => void,
	starved: () => number,
) => {
	const seen = { asked: 0, slowestMs: 0 };
	const watch = async () => {
		while (!signal.aborted) {
			const asked = performance.now();
			const before = starved();
			const { replies } = await perform(server, [{ write: HEALTH }], 1, HANG_MS);
			if (signal.aborted) return;
			seen.asked++;
			seen.slowestMs = Math.max(seen.slowestMs, performance.now() - asked);
			const inTime = replies[0]?.status === 200 || starved() - before > HANG_MS / 5;
			if (!inTime) find(`/healthz is not answered within ${HANG_MS} ms`);
			await sleep(HEALTH_EVERY_MS);
		}
	};
	return { seen, ended: watch() };
};

export const readLog = async (server: Server, signal: AbortSignal, find: (text: string) => void): Promise<void> => {
	const read = () => {
		for (const text of findingsOfLog(server.log())) find(text);
	};
	while (!signal.aborted) {
		read();
		await sleep(200);
	}
	read();
};
