import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

// Programs that development and tests need: where they are kept, and how they are run.

export type Environment = Readonly<Record<string, string | undefined>>;
export type Log = (message: string) => void;

export interface Report {
	readonly line: Log;
	/** How far something has come: on a terminal the newest message replaces the one before. */
	readonly progress: Log;
}

/** A program cannot be had or run. The message has the remedy, so no stack is printed. */
export class ProgramError extends Error {}

/** Does the work of a command; returns its exit code. */
export const exitCodeOf = async (work: () => Promise<void>): Promise<number> => {
	try {
		await work();
		return 0;
	} catch (error) {
		console.error(error instanceof ProgramError ? `error: ${error.message}` : error);
		return 1;
	}
};

export const cachePath = (environment: Environment, ...names: readonly string[]): string =>
	join(environment["XDG_CACHE_HOME"] || join(environment["HOME"] || homedir(), ".cache"), "prism-operator", ...names);

export const isExecutable = (path: string): Promise<boolean> =>
	access(path, constants.X_OK).then(
		() => true,
		() => false,
	);

/** Runs a program to its end; what it wrote to both streams, in order. */
export const run = (command: string, args: readonly string[], cwd: string, env: Environment) =>
	new Promise<{ code: number; output: string }>((resolve) => {
		const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding("utf8").on("data", (text: string) => {
				output += text;
			});
		}
		child.once("error", (error) => resolve({ code: 127, output: error.message }));
		child.once("close", (code) => resolve({ code: code ?? 1, output }));
	});
