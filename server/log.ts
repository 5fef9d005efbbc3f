import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import type { Config } from "./config.ts";

// One line of JSON per event, on standard output. Lines are buffered for a moment: writing each one needs a system call per sync,
// which takes as long as the hook. The buffer is flushed when the process exits, and at once after a
// fatal line.

const GATHERED_BYTES = 4096;
const GATHERED_MS = 100;
const STANDARD_OUTPUT = 1;

/** `fields` are in every line. */
export const createLog = (
	{ logLevel, tracing }: Pick<Config, "logLevel" | "tracing">,
	fields: () => Readonly<Record<string, string>>,
	destination?: DestinationStream,
): Logger =>
	pino(
		{
			level: logLevel,
			timestamp: stdTimeFunctions.isoTime,
			...(tracing !== undefined && { mixin: () => ({ ...fields() }) }),
		},
		destination ??
			pino.destination({
				dest: STANDARD_OUTPUT,
				sync: false,
				minLength: GATHERED_BYTES,
				periodicFlush: GATHERED_MS,
			}),
	);
