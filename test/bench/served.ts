import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

// The side of a server that is measured in a process of its own: it is told by its parent what comes next, and tells what
// it took.

export type ToServer = { readonly next: unknown } | { readonly cost: true } | { readonly collect: true };

export interface Cost {
	/** Processor time of the process so far, in milliseconds. */
	readonly cpuMs: number;
	readonly heapBytes: number;
	readonly rssBytes: number;
	/** The most that it ever was. */
	readonly mostRssBytes: number;
}

export type FromServer = { readonly port: number } | { readonly ready: unknown } | Cost;

const costNow = (): Cost => {
	const { user, system } = process.cpuUsage();
	const { heapUsed, rss } = process.memoryUsage();
	const { maxRSS } = process.resourceUsage();
	return { cpuMs: (user + system) / 1000, heapBytes: heapUsed, rssBytes: rss, mostRssBytes: maxRSS * 1024 };
};

/** Does as the parent says, until that one ends. What `next` answers goes back to it. */
export const obey = (port: number, next: (message: unknown) => unknown): void => {
	const tell = (message: FromServer) => process.send?.(message);
	process.on("disconnect", () => process.exit());
	process.on("message", (message: ToServer) => {
		if ("next" in message) {
			void Promise.resolve(next(message.next)).then((ready) => tell({ ready }));
			return;
		}
		if ("collect" in message) globalThis.gc?.();
		tell(costNow());
	});
	tell({ port });
};

/** Listens on loopback first. */
export const serve = (server: Server, next: (message: unknown) => unknown): void => {
	server.keepAliveTimeout = 100_000;
	server.listen(0, "127.0.0.1", () => obey((server.address() as AddressInfo).port, next));
};
