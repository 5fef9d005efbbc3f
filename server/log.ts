import { type Logger, pino, stdTimeFunctions } from "pino";

// One line of JSON per event, on standard output. Lines are gathered for a moment: to write each by itself is a call of the
// system per sync, and takes as long as the hook. What is gathered is written when the process ends, and at once when it
// is fatal.

const GATHERED_BYTES = 4096;
const GATHERED_MS = 100;
const STANDARD_OUTPUT = 1;

export const createLog = (level: string): Logger =>
	pino(
		{ level, timestamp: stdTimeFunctions.isoTime },
		pino.destination({
			dest: STANDARD_OUTPUT,
			sync: false,
			minLength: GATHERED_BYTES,
			periodicFlush: GATHERED_MS,
		}),
	);
