import type { AddressInfo } from "node:net";
import closeWithGrace from "close-with-grace";
import { type Logger, pino, stdTimeFunctions } from "pino";
import type { Row } from "../kube/hook.ts";
import { createApp } from "./app.ts";
import type { Config } from "./config.ts";
import { describeError } from "./sync-log.ts";

// The process side of the webhooks: a socket, a clock, signals, and an orderly end.

export interface ServerOptions {
	readonly log?: Logger;
	/** Whether SIGTERM and SIGINT close the server and end the process. */
	readonly handleSignals?: boolean;
}

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
	{ log = createLog(config), handleSignals = false }: ServerOptions = {},
): Promise<RunningServer> {
	let closing: Promise<void> | undefined;
	const app = createApp({
		rows,
		installation: config.installation,
		clock: now,
		log,
		limits: config.limits,
		ready: () => closing === undefined,
	});

	const inFlight = new Set<object>();
	let drained: (() => void) | undefined;
	app.addHook("onRequest", ({ raw }, reply, done) => {
		inFlight.add(raw);
		reply.raw.once("close", () => {
			inFlight.delete(raw);
			if (inFlight.size === 0) drained?.();
		});
		done();
	});

	const url = await app.listen({ host: config.host, port: config.port });
	const { address, port } = tcpAddress(app.server.address());
	if (!isLoopback(address)) {
		log.warn(
			{ address, port },
			"listening beyond loopback: callers are not authenticated, whoever reaches it can call",
		);
	}

	const shutDown = async () => {
		log.info({ inFlight: inFlight.size }, "shutting down");
		app.server.closeIdleConnections();
		const deadline = setTimeout(() => app.server.closeAllConnections(), config.shutdownGraceSeconds * 1000);
		if (inFlight.size > 0) {
			// The socket still listens: /readyz tells that nothing new should come, and what comes is answered.
			await new Promise<void>((resolve) => {
				drained = resolve;
			});
		}
		app.server.close();
		// Nothing is in flight: these are connections that never carried a request, which close() alone would wait for.
		app.server.closeAllConnections();
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

const createLog = ({ logLevel }: Config): Logger => pino({ level: logLevel, timestamp: stdTimeFunctions.isoTime });

const now = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

function tcpAddress(address: AddressInfo | string | null): AddressInfo {
	if (typeof address === "object" && address !== null) return address;
	throw new Error("cannot tell the port: the server does not listen on TCP");
}

const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.");

const describeProblem = (problem: unknown) => (typeof problem === "string" ? problem : describeError(problem));
