import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { type FastifyReply, type FastifyRequest, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import { type HookName, hookPath, type Row } from "../kube/hook.ts";
import type { KubeObject } from "../schemas/common.ts";
import type { Context, Installation } from "../schemas/installation.ts";
import { CompositeRequest, CustomizeRequest } from "../schemas/metacontroller.ts";
import { parseBody } from "./body.ts";
import { refuseConnection } from "./client-error.ts";
import { Refusal, refusalBody, refusalOf } from "./refusal.ts";
import { describeError, type HookAnswer, type HookCall, logAnswer, logFailure } from "./sync-log.ts";

// The webhooks as a Fastify instance that listens to nothing: one POST route per hook of each row.

export interface Limits {
	/** Largest body of a request, inclusive. A parent whose body is larger never syncs again. */
	readonly bodyBytes: number;
	/** Time within which a request must have arrived whole. */
	readonly requestTimeoutSeconds: number;
}

export interface AppOptions {
	readonly rows: readonly Row[];
	readonly installation: Installation;
	/** RFC 3339 in seconds, UTC. */
	readonly clock: () => string;
	readonly log: Logger;
	readonly limits: Limits;
	/** Asked at each request; once it says no, /readyz answers 503 and connections are not kept alive. */
	readonly ready?: () => boolean;
}

/** Above the 90 s for which Metacontroller keeps an idle connection: the side that closes first must be the caller. */
const KEEP_ALIVE_MS = 100_000;
const HEADERS_TIMEOUT_MS = 10_000;

export function createApp(options: AppOptions) {
	const app = createInstance(options);
	readJson(app);
	refuse(app, options);
	answerProbes(app, options);
	for (const row of options.rows) serveRow(app, row, options);
	return app;
}

type App = ReturnType<typeof createInstance>;

const createInstance = ({ log, limits: { bodyBytes, requestTimeoutSeconds } }: AppOptions) =>
	fastify({
		loggerInstance: log,
		logController: new LogController({ disableRequestLogging: true }),
		bodyLimit: bodyBytes,
		requestTimeout: requestTimeoutSeconds * 1000,
		keepAliveTimeout: KEEP_ALIVE_MS,
		http: {
			headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutSeconds * 1000),
			// How late the two timeouts may be noticed.
			connectionsCheckingInterval: 1000,
		},
		// A call that slips in while the server closes is answered as well as any other: hooks have no effects.
		return503OnClosing: false,
		clientErrorHandler: (error, socket) => refuseConnection(error, socket, log),
		// Raw, because the types of this reply accept no body at all.
		frameworkErrors: (_error, _request, { raw }) => {
			raw.writeHead(400, { "content-type": "application/json" });
			raw.end(JSON.stringify({ error: "the request's path can't be read" }));
		},
	})
		.withTypeProvider<TypeBoxTypeProvider>()
		.setValidatorCompiler(TypeBoxValidatorCompiler);

/** Bodies are JSON by our own parser, and nothing else. */
function readJson(app: App): void {
	app.removeAllContentTypeParsers();
	app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (_request, text, done) => {
		try {
			done(null, parseBody(text));
		} catch (error) {
			done(error instanceof Error ? error : new Error("cannot read the body"));
		}
	});
}

function refuse(app: App, { log, ready = always }: AppOptions): void {
	const methods = new Map<string, string[]>();
	app.addHook("onRoute", ({ url, method }) => {
		methods.set(url, [...(methods.get(url) ?? []), method].flat());
	});
	app.addHook("onRequest", (request, reply, done) => {
		if (!request.is404) return done();
		// Decided before the body is read: nobody wants it.
		const allow = methods.get(pathOf(request))?.join(", ");
		if (allow === undefined) return done(new Refusal(404, "there is no hook at this path"));
		reply.header("allow", allow);
		return done(new Refusal(405, `this path answers ${allow} only`));
	});
	app.addHook("onSend", (_request, reply, _payload, done) => {
		if (!ready()) reply.header("connection", "close");
		done();
	});
	app.setErrorHandler((error, request, reply) => {
		const path = pathOf(request);
		const refusal = refusalOf(error);
		if (refusal === undefined) {
			log.error({ path, failure: describeError(error) }, "request failed");
			return reply.code(500).send({ error: "the operator failed; see its log" });
		}
		const body = refusalBody(refusal);
		log.warn({ method: request.method, path, status: refusal.status, ...body }, "request refused");
		return reply.code(refusal.status).send(body);
	});
}

function answerProbes(app: App, { ready = always }: AppOptions): void {
	app.get("/healthz", () => ({ alive: true }));
	app.get("/readyz", (_request, reply) => reply.code(ready() ? 200 : 503).send({ ready: ready() }));
}

// No route here has a response schema: it would drop, without a word, what it does not name of a child.
function serveRow(app: App, row: Row, options: AppOptions): void {
	const serveComposite = (hook: HookName, compute: Row["sync"]) => {
		const path = hookPath(row, hook);
		app.post(path, { schema: { body: CompositeRequest } }, (request, reply) => {
			const { parent } = checked(row, request.body);
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
	serveComposite("sync", row.sync);
	if (row.finalize !== undefined) serveComposite("finalize", row.finalize);
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
		bytesIn: bytesOf(request),
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

const always = () => true;

const pathOf = ({ url }: FastifyRequest): string => url.split("?", 1)[0] ?? url;

function bytesOf({ headers }: FastifyRequest): number | undefined {
	const length = headers["content-length"];
	return length === undefined ? undefined : Number(length);
}
