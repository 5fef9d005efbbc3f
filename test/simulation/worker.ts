import { parentPort, workerData } from "node:worker_threads";
import { BUGS } from "./bugs.ts";
import { runSeed } from "./seeds.ts";

// Plays the seeds that it is told, one after the other.

const { bug } = workerData as { bug: string | undefined };
const port = parentPort;
if (port === null) throw new Error("this is a worker's file");

const planted = BUGS.find(({ name }) => name === bug);
port.on("message", (seed: number) => {
	const rows = planted?.rows();
	runSeed(seed, rows === undefined ? {} : { rows }).then(
		(outcome) => port.postMessage({ seed, outcome }),
		(error: unknown) =>
			port.postMessage({ seed, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
	);
});
port.postMessage({});
