import type { Server } from "node:http";
import { Server as TlsServer } from "node:https";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import closeWithGrace from "close-with-grace";
import type { Logger } from "pino";
import type { Row } from "../kube/hook.ts";
import { openAdminCredentials } from "./admin/credentials.ts";
import { createAdmin } from "./admin/index.ts";
import { createApp } from "./app.ts";
import type { TlsMaterial } from "./certificates.ts";
import { type Config, isLoopback } from "./config.ts";
import { knowsCallers, openCredentials } from "./credentials.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { describeError } from "./sync-log.ts";

// The process side of the webhooks: a socket, a clock, signals, and an orderly end.

export interface ServerOptions {
	readonly log?: Logger;
	/** Whether SIGTERM and SIGINT close the server and end the process. */
	readonly handleSignals?: boolean;
	/** How often the files of tokens and certificates are read, in milliseconds. */
	readonly reloadMs?: number;
	/** host:port at which a proxy's admin API really is, by its address inside the cluster. For emulated proxies. */
	readonly resolve?: (address: string) => string | undefined;
}

const RELOAD_MS = 2000;

export interface RunningServer {
	/** Base of the hooks' URLs, without a trailing slash. */
	readonly url: string;
	readonly address: string;
	readonly port: number;
	/** Ends what is in flight, within the configured grace, then stops listening. Further calls wait for the first. */
	close(): Promise<void>;
}

export async function startServer(
	config: Config,
	rows: readonly Row[],
	{ log = createLog(config.logLevel), handleSignals = false, reloadMs = RELOAD_MS, resolve }: ServerOptions = {},
): Promise<RunningServer> {
	let closing: Promise<void> | undefined;
	const metrics = createMetrics(rows);
	metrics.measureProcess();
	const reloading = { log, metrics, everyMs: reloadMs };
	const credentials = await openCredentials(config, reloading);
	const adminCredentials = await openAdminCredentials(config.admin, reloading).catch((error: unknown) => {
		credentials.close();
		throw error;
	});
	const admin = createAdmin({ log, credentials: adminCredentials, metrics: metrics.admin, resolve });
	const app = createApp({
		rows,
		installation: config.installation,
		clock: now,
		log,
		limits: config.limits,
		ready: () => closing === undefined,
		strange: credentials.strange,
		tls: credentials.tls,
		metrics,
		metricsAccess: config.metrics,
		admin,
	});
	app.addHook("onClose", async () => {
		credentials.close();
		await admin.close();
	});
	const isStale = useCertificates(app.server, credentials.onCertificates);
	app.addHook("onSend", ({ raw }, reply, _payload, done) => {
		if (isStale(raw.socket)) reply.header("connection", "close");
		done();
	});

	const closeAllConnections = trackConnections(app.server);
	const inFlight = new Set<object>();
	let drained: (() => void) | undefined;
	app.server.on("request", (request, response) => {
		inFlight.add(request);
		response.once("close", () => {
			inFlight.delete(request);
			if (inFlight.size === 0) drained?.();
		});
	});

	try {
		await app.listen({ host: config.host, port: config.port });
	} catch (error) {
		await app.close();
		throw error;
	}
	const { address, port } = tcpAddress(app.server.address());
	const url = urlOf(config, { address, port });
	if (!knowsCallers(config)) warnOfStrangers(log, { address, port });

	const shutDown = async () => {
		log.info({ inFlight: inFlight.size }, "shutting down");
		app.server.closeIdleConnections();
		const deadline = setTimeout(closeAllConnections, config.shutdownGraceSeconds * 1000);
		if (inFlight.size > 0) {
			// The socket still listens: /readyz tells that nothing new should come, and what comes is answered.
			await new Promise<void>((done) => {
				drained = done;
			});
		}
		app.server.close();
		// Nothing is in flight: these are connections that never carried a request, which close() alone would wait for.
		closeAllConnections();
		await app.close();
		clearTimeout(deadline);
		log.info("shut down");
	};

	const close = () => {
		closing ??= Promise.resolve().then(shutDown);
		return closing;
	};

	if (!handleSignals) return { url, address, port, close };

	const signals = closeWithGrace(
		{
			// The grace is ours to keep; this bound is for a shutdown that hangs.
			delay: (config.shutdownGraceSeconds + 5) * 1000,
			logger: {
				error: (problem: unknown) => log.error({ problem: describeProblem(problem) }, "cannot shut down well"),
			},
		},
		async ({ signal, err }) => {
			if (err !== undefined) log.fatal({ failure: describeError(err) }, "unexpected error");
			if (signal !== undefined) log.info({ signal }, "asked to stop");
			await close();
		},
	);
	return {
		url,
		address,
		port,
		close: () => {
			signals.uninstall();
			return close();
		},
	};
}

const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

function tcpAddress(address: AddressInfo | string | null): AddressInfo {
	if (typeof address === "object" && address !== null) return address;
	throw new Error("cannot tell the port: the server does not listen on TCP");
}

function urlOf({ tls }: Config, { address, port }: { address: string; port: number }): string {
	const host = isIPv6(address) ? `[${address}]` : address;
	return `${tls === undefined ? "http" : "https"}://${host}:${port}`;
}

function warnOfStrangers(log: Logger, listening: { address: string; port: number }): void {
	if (isLoopback(listening.address)) {
		log.info(listening, "listening on loopback only: there is no token, nor an authority, to know callers by");
		return;
	}
	log.warn(listening, "listening beyond loopback: callers are not authenticated, whoever reaches it can call");
}

/** What ends all connections; Node's own leaves those whose handshake is not complete, and waits for them. */
function trackConnections(server: Server): () => void {
	const sockets = new Set<Socket>();
	server.on("connection", (socket) => {
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
	});
	return () => {
		for (const socket of sockets) socket.destroy();
	};
}

/** Puts other certificates into use, and answers which connections were made under earlier ones. */
function useCertificates(
	server: Server,
	onCertificates: (listener: (tls: TlsMaterial) => void) => void,
): (socket: Socket) => boolean {
	if (!(server instanceof TlsServer)) return () => false;
	let current = new WeakSet<Socket>();
	server.on("secureConnection", (socket) => current.add(socket));
	onCertificates((tls) => {
		server.setSecureContext(tls);
		// Who was let in under an authority that is gone has to come in again.
		current = new WeakSet();
		server.closeIdleConnections();
	});
	return (socket) => !current.has(socket);
}

const describeProblem = (problem: unknown) => (typeof problem === "string" ? problem : describeError(problem));
