import type { Server } from "node:http";
import { Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import type { TlsMaterial } from "./certificates.ts";

// Connections that callers keep, and how they are brought to an end without failing a call.

/**
 * How long callers may still use connections that are to end: a call that is sent at the moment at which its connection is
 * closed fails. Each answer tells them to come anew, and so elsewhere, or by another certificate. What nobody has used by
 * then is closed.
 */
export const LEAVING_MS = 5000;

export interface Connections {
	/** Ends all of them; Node's own leaves those whose handshake is not complete, and waits for them. */
	readonly close: () => void;
	/** Resolves when there is none, or after so many milliseconds. */
	readonly gone: (atMostMs: number) => Promise<void>;
}

export function trackConnections(server: Server): Connections {
	const sockets = new Set<Socket>();
	let none: (() => void) | undefined;
	server.on("connection", (socket) => {
		sockets.add(socket);
		socket.once("close", () => {
			sockets.delete(socket);
			if (sockets.size === 0) none?.();
		});
	});
	return {
		close: () => {
			for (const socket of sockets) socket.destroy();
		},
		gone: async (atMostMs) => {
			if (sockets.size === 0) return;
			const { promise, resolve } = Promise.withResolvers<void>();
			none = resolve;
			const timer = setTimeout(resolve, atMostMs);
			await promise;
			clearTimeout(timer);
		},
	};
}

/**
 * Puts other certificates into use, and answers which connections were made under earlier ones: their next answer is to be
 * their last. Who was let in under an authority that is gone has to come in again, after one more call at the most.
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
			// Its answer had begun before, and could not say that it was the last.
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

/** A request that comes in time ends this timeout: Node sets that of requests in its place. */
const endUnlessUsed = (socket: Socket) => void socket.setTimeout(LEAVING_MS);
