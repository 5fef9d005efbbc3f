import { createServer, type Socket } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";

// The port of a gRPC server on loopback, with the connections in our own hands: so that one can be reset in mid-call, and
// that a server which is stopped is gone at once, as one that was killed.

export interface Listener {
	/** Breaks the connection of this peer ("host:port" as gRPC names it). */
	reset(peer: string): void;
	/** From now on connections are refused. Resolves when the port is free. */
	close(): Promise<void>;
}

/** Rejects when the port is taken. */
export const listen = async (server: Server, port: number): Promise<Listener> => {
	const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
	const sockets = new Map<string, Socket>();
	const listener = createServer((socket) => {
		const peer = `${socket.remoteAddress}:${socket.remotePort}`;
		sockets.set(peer, socket);
		socket.on("close", () => sockets.delete(peer));
		// A caller that goes away in mid-call is everyday life.
		socket.on("error", () => {});
		injector.injectConnection(socket);
	});
	await new Promise<void>((resolve, reject) => {
		listener.once("error", reject);
		listener.listen(port, "127.0.0.1", resolve);
	});
	return {
		reset: (peer) => void sockets.get(peer)?.resetAndDestroy(),
		close() {
			const closed = new Promise<void>((resolve) => void listener.close(() => resolve()));
			for (const socket of sockets.values()) socket.destroy();
			server.forceShutdown();
			return closed;
		},
	};
};
