import type { Logger } from "pino";

// Warnings of refusals. A stranger can cause them at any rate, so only some a second are written.

const LINES_A_SECOND = 20;

export type RefusalLog = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** `now` is in milliseconds. The first line after ones that were left out tells their number. */
export function createRefusalLog(log: Logger, now: () => number = () => performance.now()): RefusalLog {
	let second = 0;
	let written = 0;
	let omitted = 0;
	return (fields, message) => {
		const current = Math.floor(now() / 1000);
		if (current !== second) {
			second = current;
			written = 0;
		}
		if (written >= LINES_A_SECOND) {
			omitted++;
			return;
		}
		written++;
		log.warn({ ...fields, ...(omitted > 0 ? { omitted } : {}) }, message);
		omitted = 0;
	};
}
