import { createServer } from "node:net";

// Ports for programs that need one as an argument. Taken from below the range that systems give to outgoing connections and to
// those who ask for any port: one that is free now is then still free when the program comes to listen on it.

const FIRST = 20_000;
const COUNT = 10_000;

/** A free port of 127.0.0.1. */
export const freePort = async (tries = 100): Promise<number> => {
	const port = FIRST + Math.floor(Math.random() * COUNT);
	if (await isFree(port)) return port;
	if (tries === 0) throw new Error(`cannot find a free port from ${FIRST} to ${FIRST + COUNT - 1}`);
	return freePort(tries - 1);
};

/** Whether this port of 127.0.0.1 is free. */
export const isFree = (port: number) =>
	new Promise<boolean>((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});
