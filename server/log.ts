import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import type { Config } from "./config.ts";

// One line of JSON per event, on standard output. Lines are gathered for a moment: to write each by itself is a call of the
// system per sync, and takes as long as the hook. What is gathered is written when the process ends, and at once when it
// is fatal.

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
