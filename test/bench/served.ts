import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { BenchCall } from "./requests.ts";

// The side of a server that is measured in a process of its own: it is told by its parent what comes next, and tells what
// it took.

export type ToServer = { readonly next: string } | { readonly cost: true } | { readonly collect: true };

export interface Cost {
	/** Processor time of the process so far, in milliseconds. */
	readonly cpuMs: number;
	readonly heapBytes: number;
	readonly rssBytes: number;
}

export type FromServer = { readonly port: number } | { readonly ready: string } | Cost;

const costNow = (): Cost => {
	const { user, system } = process.cpuUsage();
	const { heapUsed, rss } = process.memoryUsage();
	return { cpuMs: (user + system) / 1000, heapBytes: heapUsed, rssBytes: rss };
};

/** Listens on loopback, and goes on until the parent ends. */
export const serve = (server: Server, next: (name: string) => void): void => {
	const tell = (message: FromServer) => process.send?.(message);
	process.on("disconnect", () => process.exit());
	process.on("message", (message: ToServer) => {
		if ("next" in message) {
			next(message.next);
			tell({ ready: message.next });
			return;
		}
		if ("collect" in message) globalThis.gc?.();
		tell(costNow());
	});
	server.keepAliveTimeout = 100_000;
	server.listen(0, "127.0.0.1", () => tell({ port: (server.address() as AddressInfo).port }));
};

export const answersNow = (calls: ReadonlyMap<string, BenchCall>, name: string): unknown => {
	const call = calls.get(name);
	if (call === undefined) throw new Error(`there is no call ${name}`);
	return call.compute(JSON.parse(call.body));
};
