import type { IncomingMessage } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { type FastifyReply, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import { hookPath, isComposite, type Prepared, type Row } from "../kube/hook.ts";
import type { Outside } from "../schemas/admin.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { Context, Installation } from "../schemas/installation.ts";
import { CompositeRequest, CustomizeRequest, DecoratorRequest } from "../schemas/metacontroller.ts";
import type { Admin } from "./admin/admin.ts";
import { knownParts, parseBody } from "./body.ts";
import type { CallHistory, ServedCall } from "./call-history.ts";
import type { TlsMaterial } from "./certificates.ts";
import { refuseConnection } from "./client-error.ts";
import { compileEnvelope } from "./envelope.ts";
import { errorBody } from "./errors.ts";
import { createTurns, type Turns } from "./event-loop.ts";
import { announcedBytes, guard, pathOf } from "./guard.ts";
import { consult, OFFLINE } from "./hook-stages.ts";
import { createHttpServer } from "./http-server.ts";
import type { Limits } from "./limits.ts";
import { createLoad, type Load } from "./load.ts";
import { createMetrics, type Metrics, type StageName } from "./metrics.ts";
import { Refusal, refusalOf } from "./refusal.ts";
import { createRefusalLog, type RefusalLog } from "./refusal-log.ts";
import { describeError, type HookAnswer, logAnswer, logFailure } from "./sync-log.ts";
import { systemTime } from "./time.ts";
import { answerFacts, type CallSpans, createCallSpans, subjectFacts } from "./tracing/calls.ts";
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
	readJson(app, parts);
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
		.setValidatorCompiler(compileEnvelope);

/** Bodies are JSON, parsed by our own parser. */
function readJson(app: App, { metrics, turns }: Parts): void {
	const parts = knownParts();
	app.removeAllContentTypeParsers();
	app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, ({ routeOptions }, bytes, done) => {
		const labels = metrics.hookAt(routeOptions.url);
		if (labels !== undefined) metrics.received(labels, bytes.length);
		turns.goOn(() => {
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
		answer(reply, { hook: path, parent: checked(row, body.parent) }, options, parts, () =>
			customize(body, options.installation),
		),
	);
}

/** Parts of a hook without calls to proxies, for both types of controllers. */
interface Concluding<Request> {
	readonly sync: (request: Request, context: Context) => HookAnswer;
	readonly finalize?: (request: Request, context: Context) => HookAnswer;
	readonly prepare?: (request: Request, context: Context) => Prepared<HookAnswer>;
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
	for (const hook of ["sync", "finalize"] as const) {
		const conclude = hooks[hook];
		if (conclude === undefined) continue;
		const path = hookPath(row, hook);
		post(path, ({ body: request }, reply) =>
			answer(
				reply,
				{ hook: path, parent: checked(row, "parent" in request ? request.parent : request.object), request },
				options,
				parts,
				(context) => conclude(request, context),
				prepare && consultedBy((context) => prepare(request, context), row, hook, options, parts),
			),
		);
	}
}

/** Data from proxies, the time it took, and the function that concludes. */
interface Known {
	readonly outside: Outside;
	readonly outsideMs: number;
	readonly compute: () => HookAnswer;
}

/** Reads what a hook needs from proxies, then continues with the hook. */
type Consulted = (context: Context, goOn: (known: Known) => FastifyReply) => Promise<FastifyReply>;

function consultedBy(
	prepare: (context: Context) => Prepared<HookAnswer>,
	row: Row,
	hook: "sync" | "finalize",
	{ admin = OFFLINE }: AppOptions,
	{ turns, load, tracing, metrics }: Parts,
): Consulted {
	const staged = (stage: StageName, seconds: number) => metrics.staged(row.parent.kind, stage, seconds);
	return async (context, goOn) => {
		const began = systemTime.monotonic();
		const prepared = prepare(context);
		const outside = await consult(prepared, { admin, turns, load, tracing, staged });
		const outsideMs = systemTime.monotonic() - began;
		return turns.result(() => goOn({ outside, outsideMs, compute: () => prepared[hook](outside) }));
	};
}

/** Calls one hook and sends its response. An exception of a hook is a bug of the operator: it never becomes a 4xx. */
function answer(
	reply: FastifyReply,
	call: ServedCall,
	{ clock, installation, revision, keys, log, history }: AppOptions,
	{ metrics, tracing, spans }: Parts,
	/** For a hook without calls to proxies, which responds in one step. */
	atOnce: (context: Context) => HookAnswer,
	consulted?: Consulted,
) {
	const span = spans.of(reply.request.raw);
	span.tell(subjectFacts(call));
	// One for all stages: they must see the same time.
	const context: Context = {
		now: clock(),
		installation,
		keys: keys?.() ?? [],
		...(revision !== undefined && { revision }),
	};
	// Metrics and logs must not turn a response into a failure: an object can be uncountable.
	const tell = (telling: () => void) => {
		try {
			telling();
		} catch (error) {
			log.error({ failure: describeError(error) }, "cannot record a call");
		}
	};
	const fail = (error: unknown, outside?: Outside) => {
		const errorId = logFailure(log, call, error);
		span.tell({ "prism.error_id": errorId });
		history?.keep(call, { context, outside, error, errorId });
		return reply.code(500).send({ error: `the hook failed; see the operator's log for error ${errorId}` });
	};
	const conclude = ({ outside, outsideMs, compute }: Partial<Known> & Pick<Known, "compute">) => {
		const began = systemTime.monotonic();
		const stage = tracing.begin("conclude");
		let computed: HookAnswer;
		let text: string;
		try {
			computed = compute();
			text = JSON.stringify(computed);
		} catch (error) {
			stage.end("failed");
			return fail(error, outside);
		}
		stage.end();
		const ms = systemTime.monotonic() - began;
		metrics.staged(call.parent.kind, "conclude", ms / 1000);
		tell(() => span.tell(answerFacts(computed)));
		tell(() => metrics.concluded({ object: call.parent, answer: computed, outside }));
		tell(() => history?.keep(call, { context, outside, answer: computed, ms: systemTime.monotonic() - began }));
		tell(() =>
			logAnswer(log, call, computed, {
				ms: systemTime.monotonic() - began,
				...(outsideMs !== undefined && { outsideMs }),
				totalMs: reply.elapsedTime,
				bytesIn: announcedBytes(reply.request),
				bytesOut: Buffer.byteLength(text),
			}),
		);
		return reply.type("application/json; charset=utf-8").send(text);
	};
	// In the turn of the call that owns the work; without one, in no call's.
	const own: typeof conclude = (...given) => span.within(() => conclude(...given));
	if (consulted === undefined) return own({ compute: () => atOnce(context) });
	return span.within(() => consulted(context, own).catch((error: unknown) => fail(error)));
}

/** A controller whose URL names another controller's webhook would have a spec of another kind evaluated. */
function checked({ parent: { group, version, kind } }: Row, parent: KubeObject): KubeObject {
	const apiVersion = `${group}/${version}`;
	if (parent.apiVersion === apiVersion && parent.kind === kind) return parent;
	const field = parent.kind === kind ? "/parent/apiVersion" : "/parent/kind";
	throw new Refusal("PRISM_ERR_WRONG_KIND", { value: `${kind} ${apiVersion}`, field });
}

const isProbe = ({ url }: IncomingMessage): boolean => url === "/healthz" || url === "/readyz";

const always = () => true;
