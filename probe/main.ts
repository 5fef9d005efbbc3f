import closeWithGrace from "close-with-grace";
import { type Logger, pino, stdTimeFunctions } from "pino";
import { tcpAddress } from "../server/connections.ts";
import { describeError } from "../server/sync-log.ts";
import { systemTime } from "../server/time.ts";
import { createApp, reportOf } from "./app.ts";
import { describeBackend } from "./backend.ts";
import { createChecker } from "./checker.ts";
import type { ProbeConfig } from "./config.ts";
import { createMetrics } from "./metrics.ts";
import { createProbe } from "./probe.ts";

// The probe's process: socket, clock, signals, orderly shutdown.

export interface RunOptions {
	readonly log?: Logger;
	/** Address to listen on. Default: all, because the kubelet connects from outside the pod. */
	readonly host?: string;
	/** Whether the process belongs to the probe alone: then SIGTERM and SIGINT end it, and libraries may not write to its output. */
	readonly ownProcess?: boolean;
}

export interface RunningProbe {
	readonly port: number;
	/** Aborts requests in flight and stops listening. Further calls wait for the first. */
	close(): Promise<void>;
}

export async function runProbe(
	config: ProbeConfig,
	{ log = createLog(config), host, ownProcess = false }: RunOptions = {},
): Promise<RunningProbe> {
	const subject = describeBackend(config.backend);
	const metrics = createMetrics(config.backend.provider);
	const checker = await createChecker(config.backend);
	const probe = createProbe({
		checker,
		clock: systemTime,
		intervalMs: config.intervalMs,
		timeoutMs: config.timeoutMs,
		onCheck: metrics.observeCheck,
		onVerdict: (verdict) => log.info(reportOf(verdict, subject), "verdict"),
	});
	const app = createApp({ subject, verdict: probe.verdict, metrics });
	await app.ready();
	const port = await listen(app.server, config.port, host);
	// Only from here on: before, the caller may print why it cannot start.
	if (ownProcess) silenceLibraries();
	log.info({ port, subject, intervalMs: config.intervalMs, timeoutMs: config.timeoutMs }, "probing");
	probe.start();

	let closing: Promise<void> | undefined;
	const close = () => {
		closing ??= Promise.all([probe.stop(), app.close()]).then(() => log.info("stopped"));
		return closing;
	};
	if (ownProcess) {
		closeWithGrace({ delay: STOP_BOUND_MS, logger: false }, async ({ signal, err }) => {
			if (err !== undefined) log.fatal({ failure: withoutMessage(err) }, "unexpected error");
			if (signal !== undefined) log.info({ signal }, "asked to stop");
			await close();
		});
	}
	return { port, close };
}

const STOP_BOUND_MS = 5000;

const createLog = ({ logLevel }: ProbeConfig): Logger => pino({ level: logLevel, timestamp: stdTimeFunctions.isoTime });

/** Without a host, Node listens on all addresses of both families, or of the one that exists; Fastify's listen does not. */
function listen(server: ReturnType<typeof createApp>["server"], port: number, host?: string): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, ...(host !== undefined && { host }) }, () => {
			server.off("error", reject);
			resolve(tcpAddress(server.address()).port);
		});
	});
}

/** A client library's message may quote the URL. */
function withoutMessage(error: unknown): { name: string; stack: string } {
	const { name, stack } = describeError(error);
	return { name, stack };
}

/** Client libraries, such as nats, print errors that they cannot return. The errors may contain credentials. */
function silenceLibraries(): void {
	Object.assign(console, { debug: ignore, log: ignore, info: ignore, warn: ignore, error: ignore });
	process.removeAllListeners("warning");
}

const ignore = () => {};
