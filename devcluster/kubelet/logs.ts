import type { Clock } from "../../kube/time.ts";

// What the containers of this machine's pods have written, for `kubectl logs`.

export interface LogLine {
	/** RFC 3339 with milliseconds. */
	readonly time: string;
	readonly text: string;
}

export interface ContainerLog {
	readonly write: (text: string) => void;
	lines(): readonly LogLine[];
	/** Calls the reader with each further line; returns the way to stop that. */
	follow(reader: (line: LogLine) => void): () => void;
}

/** Older lines are forgotten. */
const MOST_LINES = 2_000;

export const createContainerLog = (clock: Clock): ContainerLog => {
	const lines: LogLine[] = [];
	const readers = new Set<(line: LogLine) => void>();
	return {
		write(text) {
			const line = { time: new Date(clock.now()).toISOString(), text };
			lines.push(line);
			if (lines.length > MOST_LINES) lines.shift();
			for (const read of readers) read(line);
		},
		lines: () => lines,
		follow(reader) {
			readers.add(reader);
			return () => void readers.delete(reader);
		},
	};
};
