import type { Server } from "node:http";
import { Server as TlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TlsMaterial } from "./certificates.ts";

// Keep-alive connections, and how they are closed without failing a call.

/**
 * How long callers may still use connections that are to be closed: a call that is sent at the moment of the close fails. Each response
 * asks them to reconnect, and so to another replica, or with another certificate. A connection that is unused until then is
 * closed.
 */
export const LEAVING_MS = 5000;

/** Objects that exist until they close, such as connections or responses. */
export function trackOpen<Item extends object>() {
	const open = new Set<Item>();
	let none: (() => void) | undefined;
	return {
		open: open as ReadonlySet<Item>,
		add: (item: Item, until: { once: (event: "close", listener: () => void) => unknown }) => {
			open.add(item);
			until.once("close", () => {
				open.delete(item);
				if (open.size === 0) none?.();
			});
		},
		/** Resolves when there are none. */
		gone: async () => {
			if (open.size === 0) return;
			const { promise, resolve } = Promise.withResolvers<void>();
			none = resolve;
			await promise;
		},
	};
}

/**
 * Uses new certificates, and returns which connections were opened under earlier ones: they are closed after their next response. So a
 * client of a removed CA can make at most one more call.
 */
export function useCertificates(
	server: Server,
	onCertificates: (listener: (tls: TlsMaterial) => void) => void,
): (socket: Socket) => boolean {
	if (!(server instanceof TlsServer)) return () => false;
	let current = new Set<Socket>();
	const busy = new Set<Socket>();
	server.on("secureConnection", (socket) => {
		current.add(socket);
		socket.once("close", () => current.delete(socket));
	});
	server.on("request", ({ socket }, response) => {
		busy.add(socket);
		response.once("close", () => {
			busy.delete(socket);
			// The response had begun before, without the close header.
			if (!current.has(socket) && !socket.destroyed) endUnlessUsed(socket);
		});
	});
	onCertificates((tls) => {
		server.setSecureContext(tls);
		const earlier = current;
		current = new Set();
		for (const socket of earlier) if (!busy.has(socket)) endUnlessUsed(socket);
	});
	return (socket) => !current.has(socket);
}

/** A request that arrives in time clears this timeout: Node.js sets that of requests instead. */
const endUnlessUsed = (socket: Socket) => void socket.setTimeout(LEAVING_MS);

/**
 * Returns a function that marks a connection as authenticated.
 *
 * At the limit, a new connection replaces the oldest idle one that never carried an authenticated request: a thousand idle connections
 * must not keep out kubelet and Metacontroller. If there is no such connection, the new one is closed.
 */
export function limitConnections(server: Server, most: number, dropped: () => void) {
	// By address, because a TLS connection is another object before and after its handshake.
	const open = new Set<string>();
	const idleStrangers = new Map<string, Socket>();
	const knownOnes = new Set<string>();
	server.on("connection", (socket) => {
		const address = addressOf(socket);
		if (open.size >= most) {
			const [oldest] = idleStrangers;
			dropped();
			if (oldest === undefined) {
				socket.destroy();
				return;
			}
			forget(oldest[0]);
			oldest[1].destroy();
		}
		open.add(address);
		idleStrangers.set(address, socket);
		socket.once("close", () => forget(address));
	});
	const forget = (address: string) => {
		open.delete(address);
		idleStrangers.delete(address);
		knownOnes.delete(address);
	};
	server.on("request", ({ socket }, response) => {
		const address = addressOf(socket);
		idleStrangers.delete(address);
		response.once("close", () => {
			if (open.has(address) && !knownOnes.has(address)) idleStrangers.set(address, socket);
		});
	});
	return (socket: Socket) => void knownOnes.add(addressOf(socket));
}

const addressOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/** Where a server listens. */
export function tcpAddress(address: AddressInfo | string | null): AddressInfo {
	if (typeof address === "object" && address !== null) return address;
	throw new Error("cannot tell the port: the server does not listen on TCP");
}
