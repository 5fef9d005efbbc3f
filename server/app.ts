import type { IncomingMessage } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { type FastifyReply, type FastifyRequest, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import { type CompositeRow, type DecoratorRow, type HookName, hookPath, isComposite, type Row } from "../kube/hook.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { Context, Installation } from "../schemas/installation.ts";
import { CompositeRequest, CustomizeRequest, DecoratorRequest } from "../schemas/metacontroller.ts";
import { parseBody } from "./body.ts";
import type { TlsMaterial } from "./certificates.ts";
import { refuseConnection } from "./client-error.ts";
import { compileEnvelope } from "./envelope.ts";
import { announcedBytes, guard, pathOf } from "./guard.ts";
import { createHttpServer } from "./http-server.ts";
import type { Limits } from "./limits.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { Refusal, refusalBody, refusalOf } from "./refusal.ts";
import { createRefusalLog, type RefusalLog } from "./refusal-log.ts";
import { describeError, type HookAnswer, type HookCall, logAnswer, logFailure } from "./sync-log.ts";
import { createTurns, type Turns } from "./turns.ts";
import type { MetricsAccess } from "./variables.ts";

// The webhooks as a Fastify instance that listens to nothing: one POST route per hook of each row.

export interface AppOptions {
	readonly rows: readonly Row[];
	readonly installation: Installation;
	/** RFC 3339 in seconds, UTC. */
	readonly clock: () => string;
	readonly log: Logger;
	readonly limits: Limits;
	/** Asked at each request; once it says no, /readyz answers 503 and connections are not kept alive. */
	readonly ready?: () => boolean;
	/** Why a request may not call hooks; absent: whoever reaches the server may. */
	readonly strange?: (request: IncomingMessage) => Refusal | undefined;
	readonly tls?: TlsMaterial | undefined;
	readonly metrics?: Metrics;
	readonly metricsAccess?: MetricsAccess;
}

export type App = ReturnType<typeof createInstance>;

export function createApp(options: AppOptions) {
	const parts: Parts = {
		metrics: options.metrics ?? createMetrics(options.rows),
		warn: createRefusalLog(options.log),
		turns: createTurns(),
	};
	const app = createInstance(options, parts);
	readJson(app, parts);
	guard(app, { ready: always, strange: () => undefined, ...options, ...parts });
	refuse(app, options, parts);
	answerProbes(app, options);
	if (options.metricsAccess !== "off") answerMetrics(app, parts);
	for (const row of options.rows) serveRow(app, row, options);
	return app;
}

interface Parts {
	readonly metrics: Metrics;
	readonly warn: RefusalLog;
	readonly turns: Turns;
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
		// A call that slips in while the server closes is answered as well as any other: hooks have no effects.
		return503OnClosing: false,
		clientErrorHandler: (error, socket) => {
			const status = refuseConnection(error, socket, warn);
			if (status !== undefined) metrics.refused(status);
		},
		// Raw, because the types of this reply accept no body at all.
		frameworkErrors: (_error, _request, { raw }) => {
			metrics.refused(400);
			raw.writeHead(400, { "content-type": "application/json" });
			raw.end(JSON.stringify({ error: "the request's path can't be read" }));
		},
	})
		.withTypeProvider<TypeBoxTypeProvider>()
		.setValidatorCompiler(compileEnvelope);

/** Bodies are JSON by our own parser, and nothing else. */
function readJson(app: App, { metrics, turns }: Parts): void {
	app.removeAllContentTypeParsers();
	app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, ({ routeOptions }, bytes, done) => {
		const labels = metrics.hookAt(routeOptions.url);
		if (labels !== undefined) metrics.received(labels, bytes.length);
		turns.goOn(() => {
			let body: unknown;
			try {
				body = parseBody(bytes);
			} catch (error) {
				return done(error instanceof Error ? error : new Error("cannot read the body"));
			}
			return done(null, body);
		});
	});
}

function refuse(app: App, { log }: AppOptions, { metrics, warn }: Parts): void {
	app.setErrorHandler((error, request, reply) => {
		const path = pathOf(request);
		const refusal = refusalOf(error);
		if (refusal === undefined) {
			log.error({ path, failure: describeError(error) }, "request failed");
			return reply.code(500).send({ error: "the operator failed; see its log" });
		}
		const body = refusalBody(refusal);
		metrics.refused(refusal.status);
		warn({ method: request.method, path, status: refusal.status, ...body }, "request refused");
		return reply.code(refusal.status).headers(refusal.headers).send(body);
	});
}

function answerProbes(app: App, { ready = always }: AppOptions): void {
	app.get("/healthz", () => ({ alive: true }));
	app.get("/readyz", (_request, reply) => reply.code(ready() ? 200 : 503).send({ ready: ready() }));
}

function answerMetrics(app: App, { metrics }: Parts): void {
	app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}

// No route here has a response schema: it would drop, without a word, what it does not name of a child.
function serveRow(app: App, row: Row, options: AppOptions): void {
	const serveComposite = (hook: HookName, compute: CompositeRow["sync"]) => {
		const path = hookPath(row, hook);
		app.post(path, { schema: { body: CompositeRequest } }, (request, reply) => {
			const { parent } = checked(row, request.body);
			return answer(request, reply, { hook: path, parent }, options, (context) => compute(request.body, context));
		});
	};
	const serveDecorator = (hook: HookName, compute: DecoratorRow["sync"]) => {
		const path = hookPath(row, hook);
		app.post(path, { schema: { body: DecoratorRequest } }, (request, reply) => {
			const { parent } = checked(row, { parent: request.body.object });
			return answer(request, reply, { hook: path, parent }, options, (context) => compute(request.body, context));
		});
	};
	const serveCustomize = (customize: NonNullable<Row["customize"]>) => {
		const path = hookPath(row, "customize");
		app.post(path, { schema: { body: CustomizeRequest } }, (request, reply) => {
			const { parent } = checked(row, request.body);
			return answer(request, reply, { hook: path, parent }, options, () => customize(request.body));
		});
	};
	if (isComposite(row)) {
		serveComposite("sync", row.sync);
		if (row.finalize !== undefined) serveComposite("finalize", row.finalize);
	} else {
		serveDecorator("sync", row.sync);
		if (row.finalize !== undefined) serveDecorator("finalize", row.finalize);
	}
	if (row.customize !== undefined) serveCustomize(row.customize);
}

/** Calls one hook and sends what it computed. An exception of a hook is a bug of ours: it never becomes a 4xx. */
function answer(
	request: FastifyRequest,
	reply: FastifyReply,
	call: HookCall,
	{ clock, installation, log }: AppOptions,
	compute: (context: Context) => HookAnswer,
) {
	const began = performance.now();
	let computed: HookAnswer;
	let text: string;
	try {
		computed = compute({ now: clock(), installation });
		text = JSON.stringify(computed);
	} catch (error) {
		const errorId = logFailure(log, call, error);
		return reply.code(500).send({ error: `the hook failed; see the operator's log for error ${errorId}` });
	}
	logAnswer(log, call, computed, {
		ms: performance.now() - began,
		totalMs: reply.elapsedTime,
		bytesIn: announcedBytes(request),
		bytesOut: Buffer.byteLength(text),
	});
	return reply.type("application/json; charset=utf-8").send(text);
}

/** A controller object whose URL names another controller's hook would have that hook judge a foreign spec. */
function checked<Request extends { parent: KubeObject }>({ parent: { group, version, kind } }: Row, request: Request) {
	const { parent } = request;
	const apiVersion = `${group}/${version}`;
	if (parent.apiVersion === apiVersion && parent.kind === kind) return request;
	const field = parent.kind === kind ? "/parent/apiVersion" : "/parent/kind";
	throw new Refusal(422, `this hook serves ${kind} ${apiVersion} only`, field);
}

const isProbe = ({ url }: IncomingMessage): boolean => url === "/healthz" || url === "/readyz";

const always = () => true;
