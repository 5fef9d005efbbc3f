import type { IncomingMessage } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { type FastifyReply, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import { hookPath, isComposite, type Row } from "../kube/hook.ts";
import type { Installation } from "../schemas/installation.ts";
import { CompositeRequest, CustomizeRequest, DecoratorRequest } from "../schemas/metacontroller.ts";
import type { Admin } from "./admin/admin.ts";
import { answer, answerLarge, type Concluding, consultedBy, LargeBody } from "./answer.ts";
import { knownParts, parseBody } from "./body.ts";
import type { CallHistory } from "./call-history.ts";
import type { TlsMaterial } from "./certificates.ts";
import { refuseConnection } from "./client-error.ts";
import { checkedParent, compileEnvelope } from "./envelope.ts";
import { errorBody } from "./errors.ts";
import { createTurns, type Turns } from "./event-loop.ts";
import { createHttpServer } from "./http-server.ts";
import { isForThread, LARGE, type LargeBodies } from "./large-bodies/index.ts";
import type { Limits } from "./limits.ts";
import { createLoad, type Load } from "./load.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { type Refusal, refusalOf } from "./rejected-request.ts";
import { createRefusalLog, type RefusalLog } from "./rejected-request-log.ts";
import { guard, pathOf } from "./request-guard.ts";
import { describeError } from "./sync-log.ts";
import { type CallSpans, createCallSpans } from "./tracing/calls.ts";
import { NO_TRACING, type Tracing } from "./tracing/tracing.ts";
import type { MetricsAccess } from "./variables.ts";

// The webhooks as a Fastify instance that does not listen: one POST route per hook of each row.

export interface AppOptions {
	readonly rows: readonly Row[];
	readonly installation: Installation;
	/** undefined: the operator writes no stamps, as if it were alone. */
	readonly revision?: string;
	/** Called for each request, because they can be rotated; undefined: nothing can be signed. */
	readonly keys?: () => readonly string[];
	/** RFC 3339 in seconds, UTC. */
	readonly clock: () => string;
	readonly log: Logger;
	readonly limits: Limits;
	/** Called for each request; after it returns false, /readyz returns 503 and connections are not kept alive. */
	readonly ready?: () => boolean;
	/** Why a request may not call webhooks; absent: any client may. */
	readonly strange?: (request: IncomingMessage) => Refusal | undefined;
	readonly tls?: TlsMaterial | undefined;
	readonly metrics?: Metrics;
	readonly metricsAccess?: MetricsAccess;
	/** The client of proxies for hooks that call them; undefined: no reads and no calls. */
	readonly admin?: Admin;
	/** Stores calls for the dashboard; undefined: no call is stored. */
	readonly history?: CallHistory | undefined;
	/** undefined: no tracing. */
	readonly tracing?: Tracing;
	/** The thread for large bodies of the same rows; undefined: they are handled like others. */
	readonly largeBodies?: LargeBodies | undefined;
}

export type App = ReturnType<typeof createInstance>;

export function createApp(options: AppOptions) {
	const tracing = options.tracing ?? NO_TRACING;
	const parts: Parts = {
		tracing,
		spans: createCallSpans(tracing),
		metrics: options.metrics ?? createMetrics(options.rows),
		warn: createRefusalLog(options.log),
		turns: createTurns(),
		load: createLoad(options.limits),
	};
	const app = createInstance(options, parts);
	readJson(app, options, parts);
	guard(app, { ready: always, strange: () => undefined, ...options, ...parts });
	refuse(app, options, parts);
	answerProbes(app, options);
	if (options.metricsAccess !== "off") answerMetrics(app, parts);
	for (const row of options.rows) serveRow(app, row, options, parts);
	return app;
}

/** Shared by the routes and the guard. */
export interface Parts {
	readonly metrics: Metrics;
	readonly warn: RefusalLog;
	readonly turns: Turns;
	readonly load: Load;
	readonly tracing: Tracing;
	readonly spans: CallSpans;
}

const createInstance = ({ log, limits, tls }: AppOptions, { metrics, warn, turns }: Parts) =>
	fastify({
		loggerInstance: log,
		logController: new LogController({ disableRequestLogging: true }),
		bodyLimit: limits.bodyBytes,
		serverFactory: (listener) => {
			const server = createHttpServer(limits, tls, turns.wrap(listener, isProbe));
			turns.watch(server);
			return server;
		},
		// A call that arrives while the server closes is served like any other.
		return503OnClosing: false,
		clientErrorHandler: (error, socket) => {
			const status = refuseConnection(error, socket, warn);
			if (status !== undefined) metrics.refused(status);
		},
		// Raw, because the types of this reply do not accept a body.
		frameworkErrors: (_error, _request, { raw }) => {
			metrics.refused(400);
			raw.writeHead(400, { "content-type": "application/json" });
			raw.end(JSON.stringify({ error: "the request's path can't be read" }));
		},
	})
		.withTypeProvider<TypeBoxTypeProvider>()
		.setValidatorCompiler((route: Parameters<typeof compileEnvelope>[0]) => {
			const check = compileEnvelope(route);
			return (body: unknown) => (body instanceof LargeBody ? { value: body } : check(body));
		});

/** Bodies are JSON, parsed by our own parser. */
function readJson(app: App, { rows, largeBodies }: AppOptions, { metrics, turns }: Parts): void {
	const parts = knownParts();
	const forThread = new Set(largeBodies && rows.filter(isForThread).flatMap(concludingPaths));
	app.removeAllContentTypeParsers();
	app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, ({ routeOptions }, bytes, done) => {
		const labels = metrics.hookAt(routeOptions.url);
		if (labels !== undefined) metrics.received(labels, bytes.length);
		if (bytes.length > LARGE && forThread.has(routeOptions.url ?? "")) return done(null, new LargeBody(bytes));
		return turns.goOn(() => {
			let body: unknown;
			try {
				body = parseBody(bytes, parts);
			} catch (error) {
				return done(error instanceof Error ? error : new Error("cannot read the body"));
			}
			return done(null, body);
		});
	});
}

function refuse(app: App, { log }: AppOptions, { metrics, warn, spans }: Parts): void {
	app.setErrorHandler((error, request, reply) =>
		spans.of(request.raw).within(() => {
			const path = pathOf(request);
			const refusal = refusalOf(error);
			if (refusal === undefined) {
				log.error({ path, failure: describeError(error) }, "request failed");
				return reply.code(500).send(errorBody("PRISM_ERR_FAILED"));
			}
			metrics.refused(refusal.status);
			warn({ method: request.method, path, status: refusal.status, ...refusal.body }, "request refused");
			return reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
		}),
	);
}

function answerProbes(app: App, { ready = always }: AppOptions): void {
	app.get("/healthz", () => ({ alive: true }));
	app.get("/readyz", (_request, reply) => reply.code(ready() ? 200 : 503).send({ ready: ready() }));
}

function answerMetrics(app: App, { metrics }: Parts): void {
	app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}

// No route has a response schema: it would silently drop the fields of a child that it does not declare.
function serveRow(app: App, row: Row, options: AppOptions, parts: Parts): void {
	const bodies = {
		composite: { schema: { body: CompositeRequest } },
		decorator: { schema: { body: DecoratorRequest } },
	};
	if (isComposite(row))
		serveConcluding(row, row, (path, serve) => void app.post(path, bodies.composite, serve), options, parts);
	else serveConcluding(row, row, (path, serve) => void app.post(path, bodies.decorator, serve), options, parts);
	const { customize } = row;
	if (customize === undefined) return;
	const path = hookPath(row, "customize");
	app.post(path, { schema: { body: CustomizeRequest } }, ({ body }, reply) =>
		answer(reply, { hook: path, parent: checkedParent(row, body.parent) }, options, parts, () =>
			customize(body, options.installation),
		),
	);
}

function serveConcluding<Request extends CompositeRequest | DecoratorRequest>(
	row: Row,
	{ prepare, ...hooks }: Concluding<Request>,
	post: (
		path: string,
		serve: (call: { readonly body: Request }, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>,
	) => void,
	options: AppOptions,
	parts: Parts,
): void {
	const { largeBodies } = options;
	for (const hook of ["sync", "finalize"] as const) {
		const conclude = hooks[hook];
		if (conclude === undefined) continue;
		const path = hookPath(row, hook);
		post(path, ({ body: request }, reply) => {
			if (largeBodies !== undefined && request instanceof LargeBody)
				return answerLarge(reply, { row, path, bytes: request.bytes, largeBodies }, options, parts);
			return answer(
				reply,
				{ hook: path, parent: checkedParent(row, "parent" in request ? request.parent : request.object), request },
				options,
				parts,
				(context) => conclude(request, context),
				prepare && consultedBy((context) => prepare(request, context), row, hook, options, parts),
			);
		});
	}
}

const concludingPaths = (row: Row): string[] => (["sync", "finalize"] as const).map((hook) => hookPath(row, hook));

const isProbe = ({ url }: IncomingMessage): boolean => url === "/healthz" || url === "/readyz";

const always = () => true;
