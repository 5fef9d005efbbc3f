import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";

// A process that ends when we end, however we end.

export interface Process {
	/** Resolves with a sentence when the process has ended, wanted or not. */
	readonly ended: Promise<string>;
	/** Asks it to end, makes it end after a few seconds, and waits for that. */
	stop(): Promise<void>;
	/** The last lines of what it wrote. */
	lastLines(): Promise<string>;
}

/**
 * The shell between us and the process holds our end of a pipe: when we are gone, be it by SIGKILL, its `read` returns
 * and it ends the process. Orderly stops take the same way, by closing the pipe.
 */
const GUARD = `exec 3<&0
"$@" 3<&- </dev/null & child=$!
{ read -r line <&3
kill -TERM $child
n=0
while kill -0 $child && [ $n -lt 30 ]; do sleep 0.1; n=$((n + 1)); done
kill -KILL $child
} 2>/dev/null & guard=$!
exec 3<&-
wait $child
code=$?
kill $guard 2>/dev/null
exit $code`;

export const startProcess = (name: string, command: string, args: readonly string[], logFile: string): Process => {
	const log = openSync(logFile, "a");
	const child: ChildProcess = spawn("sh", ["-c", GUARD, name, command, ...args], {
		stdio: ["pipe", log, log],
		// In a process group of its own, or Ctrl-C would end the API server before those who still talk to it.
		detached: true,
	});
	closeSync(log);
	const ended = new Promise<string>((resolve) => {
		child.once("error", (error) => resolve(`cannot start ${name}: ${error.message}`));
		child.once("exit", (code) => resolve(`${name} ended with code ${code}`));
	});
	// The pipe breaks when the process ends by itself: `ended` reports that.
	child.stdin?.on("error", () => {});
	return {
		ended,
		async stop() {
			child.stdin?.end();
			await ended;
		},
		async lastLines() {
			const text = await readFile(logFile, "utf8").catch(() => "");
			return text.trimEnd().split("\n").slice(-15).join("\n");
		},
	};
};
