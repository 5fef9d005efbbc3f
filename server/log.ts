import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import type { Config } from "./config.ts";

/** One JSON object a line, on standard output. `fields` are those that every line tells, besides its own. */
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
		destination ?? pino.destination(1),
	);
