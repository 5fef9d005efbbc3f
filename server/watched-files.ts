import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

// Files that are read again when their content changes. By polling, not by watching: Kubernetes swaps a link to the
// folder of a Secret, other tools rename or rewrite, and some file systems send no events.

export interface WatchOptions<Value> {
	readonly paths: readonly string[];
	/** Combines the content of the files into one value; throws if it is invalid. */
	readonly read: (contents: readonly string[]) => Value;
	readonly everyMs: number;
	/** Called when a new value is in use; not for the first one. */
	readonly taken: () => void;
	/** Called once if a new state of the files is invalid; the previous value stays. */
	readonly refused: (error: unknown) => void;
}

export interface WatchedFiles<Value> {
	/** The last valid value. */
	readonly current: () => Value;
	/** Calls the listener with each new value, which is already the current one. An exception of the listener rejects the value. */
	readonly onChange: (listener: (value: Value) => void) => void;
	readonly close: () => void;
}

/** Throws if the files are invalid at startup. */
export async function watchFiles<Value>(options: WatchOptions<Value>): Promise<WatchedFiles<Value>> {
	let state = await stateOf(options.paths);
	let value = fitValue(state, options.read);
	const stop = new AbortController();
	const listeners: ((value: Value) => void)[] = [];

	const take = (next: FileState) => {
		const before = value;
		try {
			value = fitValue(next, options.read);
			for (const listener of listeners) listener(value);
			options.taken();
		} catch (error) {
			value = before;
			options.refused(error);
		}
	};
	const watch = async () => {
		let previous = state;
		while (!stop.signal.aborted) {
			await sleep(options.everyMs, undefined, { ref: false, signal: stop.signal });
			const seen = await stateOf(options.paths);
			// Accepted after two equal reads: a file can be half written, or a key newer than its certificate.
			if (seen.fingerprint !== state.fingerprint && seen.fingerprint === previous.fingerprint) {
				state = seen;
				take(seen);
			}
			previous = seen;
		}
	};
	watch().catch((error: unknown) => {
		if (!stop.signal.aborted) options.refused(error);
	});
	return {
		current: () => value,
		onChange: (listener) => void listeners.push(listener),
		close: () => stop.abort(),
	};
}

interface FileState {
	readonly fingerprint: string;
	readonly contents: readonly string[] | Error;
}

async function stateOf(paths: readonly string[]): Promise<FileState> {
	try {
		const contents = await Promise.all(paths.map((path) => readFile(path, "utf8")));
		return { fingerprint: JSON.stringify(contents), contents };
	} catch (error) {
		const failure = unreadable(error);
		return { fingerprint: failure.message, contents: failure };
	}
}

/** The text of a file; undefined: it does not exist. */
export async function readIfThere(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if (codeOf(error) === "ENOENT") return undefined;
		throw unreadable(error);
	}
}

/** Without the path: a misconfigured path can be a token. */
export const unreadable = (error: unknown): Error => new Error(`a file can't be read (${String(codeOf(error))})`);

/** The error code of Node.js. */
export const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

function fitValue<Value>({ contents }: FileState, read: (contents: readonly string[]) => Value): Value {
	if (contents instanceof Error) throw contents;
	return read(contents);
}
