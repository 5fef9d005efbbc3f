import { isIPv6, type Socket } from "node:net";
import closeWithGrace from "close-with-grace";
import type { Logger } from "pino";
import type { Row } from "../kube/hook.ts";
import { revisionOf } from "../kube/revision-handoff.ts";
import { openAdminCredentials } from "./admin/credentials.ts";
import { createAdmin } from "./admin/index.ts";
import { absoluteAddress, clusterDomain } from "./admin/names.ts";
import { within } from "./admin/timing.ts";
import { createApp } from "./app.ts";
import { createCallHistory } from "./call-history.ts";
import { type Config, isLoopback } from "./config.ts";
import { LEAVING_MS, tcpAddress, trackOpen, useCertificates } from "./connections.ts";
import { knowsCallers, openCredentials } from "./credentials.ts";
import { type Dashboard, startDashboard } from "./dashboard/index.ts";
import { createLargeBodies } from "./large-bodies/index.ts";
import { createLog } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { describeError } from "./sync-log.ts";
import { systemTime, timestamp } from "./time.ts";
import { NO_TRACING, type Tracing } from "./tracing/tracing.ts";

// The process of the webhook server: socket, clock, signals, and graceful shutdown.

export interface ServerOptions {
	readonly log?: Logger;
	/** Version of the program; part of the revision that children and statuses contain. */
	readonly release?: string;
	/** Whether SIGTERM and SIGINT close the server and end the process. */
	readonly handleSignals?: boolean;
	/** Poll interval of the files of tokens and certificates, in milliseconds. */
	readonly reloadMs?: number;
	/** The module of the thread for large bodies, with the same rows; undefined: no such thread. */
	readonly largeBodies?: URL;
	/** host:port to connect to for the cluster address of a proxy's admin API. For emulated proxies. */
	readonly resolve?: (address: string) => string | undefined;
}

const RELOAD_MS = 2000;
/** Maximum wait at shutdown for the export of the last spans. */
const SHORTEST_FLUSH_MS = 1000;
const LONGEST_FLUSH_MS = 5000;

export interface RunningServer {
	/** Base of the webhook URLs, without a trailing slash. */
	readonly url: string;
	readonly address: string;
	readonly port: number;
	/** URL of the dashboard; undefined: disabled. */
	readonly dashboardUrl: string | undefined;
	/** Completes requests in flight, within the grace period, then stops listening. Further calls wait for the first one. */
	close(): Promise<void>;
}

export async function startServer(
	config: Config,
	rows: readonly Row[],
	{
		log: givenLog,
		release = "dev",
		handleSignals = false,
		reloadMs = RELOAD_MS,
		resolve,
		largeBodies: entry,
	}: ServerOptions = {},
): Promise<RunningServer> {
	let closing: Promise<void> | undefined;
	let dashboard: Dashboard | undefined;
	let tracing: Tracing = NO_TRACING;
	const log = givenLog ?? createLog(config, () => tracing.logFields());
	const metrics = createMetrics(rows);
	metrics.measureProcess();
	tracing = await startTracing(config, log, metrics);
	const reloading = { log, metrics, everyMs: reloadMs };
	const credentials = await openCredentials(config, reloading);
	const adminCredentials = await openAdminCredentials(config.admin, reloading).catch((error: unknown) => {
		credentials.close();
		throw error;
	});
	const domain = await clusterDomain(config.admin.clusterDomain);
	const admin = createAdmin({
		log,
		credentials: adminCredentials,
		metrics: metrics.admin,
		tracing,
		resolve: (address) => resolve?.(address) ?? absoluteAddress(address, domain),
		timing: { remindMs: 1000 * config.admin.reminderSeconds },
	});
	const history =
		config.dashboard && createCallHistory({ limits: config.dashboard, log, clock: () => systemTime.now() });
	// The history keeps whole calls, which the thread does not return.
	const largeBodies = entry && !history ? createLargeBodies({ entry, log }) : undefined;
	const revision = revisionOf(release, config.installation);
	const app = createApp({
		rows,
		installation: config.installation,
		revision,
		clock: () => timestamp(),
		log,
		limits: config.limits,
		ready: () => closing === undefined,
		strange: credentials.strange,
		keys: credentials.keys,
		tls: credentials.tls,
		metrics,
		metricsAccess: config.metrics,
		admin,
		history,
		tracing,
		largeBodies,
	});
	app.addHook("onClose", async () => {
		credentials.close();
		await dashboard?.close();
		await largeBodies?.close();
		await admin.close();
	});
	const isStale = useCertificates(app.server, credentials.onCertificates);
	app.addHook("onSend", ({ raw }, reply, _payload, done) => {
		if (isStale(raw.socket)) reply.header("connection", "close");
		done();
	});

	const connections = trackOpen<Socket>();
	app.server.on("connection", (socket) => connections.add(socket, socket));
	const inFlight = trackOpen();
	app.server.on("request", (request, response) => inFlight.add(request, response));
	/** Node's own method keeps connections with an incomplete handshake open, and waits for them. */
	const endConnections = () => {
		for (const socket of connections.open) socket.destroy();
	};

	try {
		const { clusterId } = config.installation;
		if (config.dashboard && history)
			dashboard = await startDashboard({ port: config.dashboard.port, history, clusterId, log });
		await app.listen({ host: config.host, port: config.port });
	} catch (error) {
		await app.close();
		throw error;
	}
	const dashboardUrl = dashboard?.url;
	const { address, port } = tcpAddress(app.server.address());
	const url = urlOf(config, { address, port });
	// Another revision in the status of an object shows that another process wrote it.
	log.info({ revision }, "what this operator changes is signed with its revision");
	if (!knowsCallers(config)) warnOfStrangers(log, { address, port });

	const shutDown = async (leavingMs: number) => {
		const end = systemTime.monotonic() + config.shutdownGraceSeconds * 1000;
		log.info({ inFlight: inFlight.open.size }, "shutting down");
		const deadline = setTimeout(endConnections, config.shutdownGraceSeconds * 1000);
		if (leavingMs > 0) await within(systemTime, connections.gone(), leavingMs);
		app.server.closeIdleConnections();
		// The socket still listens: /readyz reports that no new requests should come, and new ones are answered.
		await inFlight.gone();
		app.server.close();
		// Nothing is in flight: these connections never carried a request, and close() alone would wait for them.
		endConnections();
		await app.close();
		clearTimeout(deadline);
		// Last, because calls to proxies end with the app.
		await tracing.close(Math.min(LONGEST_FLUSH_MS, Math.max(SHORTEST_FLUSH_MS, end - systemTime.monotonic())));
		log.info("shut down");
	};

	const close = (leavingMs = 0) => {
		closing ??= Promise.resolve().then(() => shutDown(leavingMs));
		return closing;
	};

	const closeOptions = {
		// The grace period is enforced above; this limit is for a shutdown that hangs.
		delay: (config.shutdownGraceSeconds + 5) * 1000,
		logger: { error: (problem: unknown) => log.error({ problem: describeProblem(problem) }, "cannot shut down well") },
	};
	const signals = handleSignals
		? closeWithGrace(closeOptions, async ({ signal, err }) => {
				if (err !== undefined) log.fatal({ failure: describeError(err) }, "unexpected error");
				if (signal !== undefined) log.info({ signal }, "asked to stop");
				await close(signal === undefined ? 0 : Math.min(LEAVING_MS, config.shutdownGraceSeconds * 500));
			})
		: undefined;
	return {
		url,
		address,
		port,
		dashboardUrl,
		close: () => {
			signals?.uninstall();
			return close();
		},
	};
}

async function startTracing({ tracing }: Config, log: Logger, metrics: Metrics): Promise<Tracing> {
	if (tracing === undefined) return NO_TRACING;
	// Loaded only here: without tracing, it costs nothing.
	const { openTracing } = await import("./tracing/sdk.ts");
	const opened = await openTracing(tracing, { log, counted: metrics.spans });
	log.info({ collector: new URL(tracing.url).host, sampler: tracing.sampler }, "traces are sent");
	return opened;
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
	log.warn(
		listening,
		"listening beyond loopback: callers are not authenticated, every client that reaches it can call",
	);
}

const describeProblem = (problem: unknown) => (typeof problem === "string" ? problem : describeError(problem));
