import type { Logger } from "pino";
import { systemTime } from "./time.ts";

// Warnings about rejected requests. An unauthenticated client can cause them at any rate, so at most one per minute and code is logged.

const EVERY_MS = 60_000;

export type RefusalLog = (
	fields: Readonly<Record<string, unknown>> & { readonly code: string },
	message: string,
) => void;

/** `now` is in milliseconds. A line has the number of similar ones that were omitted since the previous line. */
export function createRefusalLog(log: Logger, now: () => number = () => systemTime.monotonic()): RefusalLog {
	// Codes are the server's own: a few dozen.
	const sorts = new Map<string, { written: number; omitted: number }>();
	return (fields, message) => {
		const sort = `${message} ${fields.code}`;
		const last = sorts.get(sort);
		if (last !== undefined && now() - last.written < EVERY_MS) {
			last.omitted++;
			return;
		}
		const omitted = last?.omitted ?? 0;
		log.warn({ ...fields, ...(omitted > 0 && { omitted }) }, message);
		sorts.set(sort, { written: now(), omitted: 0 });
	};
}
