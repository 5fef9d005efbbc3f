import type { FastifyRequest } from "fastify";
import type { App, AppOptions, Parts } from "./app.ts";
import { limitConnections } from "./connections.ts";
import { outcomeOf } from "./metrics.ts";
import { Refusal } from "./rejected-request.ts";

// Decisions about a request before its body is read: authentication, routing, and overload.

type GuardOptions = Pick<AppOptions, "limits" | "metricsAccess"> &
	Required<Pick<AppOptions, "ready" | "strange">> &
	Pick<Parts, "metrics" | "load" | "spans">;

export function guard(app: App, options: GuardOptions): void {
	const known = countConnections(app, options);
	countCalls(app, options);
	refuseStrangers(app, options, known);
	refuseUnknownPaths(app);
	// After authentication: an unauthenticated client must not create traces.
	options.spans.watch(app, options.metrics);
	refuseOverload(app, options);
	app.addHook("onSend", (_request, reply, _payload, done) => {
		if (!options.ready()) reply.header("connection", "close");
		done();
	});
}

function countConnections(app: App, { limits, metrics }: GuardOptions) {
	app.server.on("connection", (socket) => {
		metrics.connections(1);
		socket.once("close", () => metrics.connections(-1));
	});
	return limitConnections(app.server, limits.connections, metrics.connectionDropped);
}

function countCalls(app: App, { metrics }: GuardOptions): void {
	app.addHook("onRequest", ({ routeOptions }, reply, done) => {
		const labels = metrics.hookAt(routeOptions.url);
		if (labels === undefined) return done();
		metrics.underWay(1);
		reply.raw.once("close", () => {
			metrics.underWay(-1);
			metrics.called(labels, outcomeOf(reply.raw), reply.elapsedTime / 1000);
		});
		return done();
	});
}

function refuseStrangers(
	app: App,
	{ strange, metricsAccess = "anonymous" }: GuardOptions,
	known: ReturnType<typeof countConnections>,
): void {
	const open = new Set(["/healthz", "/readyz", ...(metricsAccess === "anonymous" ? ["/metrics"] : [])]);
	app.addHook("onRequest", ({ raw, routeOptions }, reply, done) => {
		// By the matched route, not by the path: without a route, the connection is closed.
		if (open.has(routeOptions.url ?? "")) {
			// A caller of a public path needs no keep-alive connection.
			reply.header("connection", "close");
			return done();
		}
		const refusal = strange(raw);
		if (refusal === undefined) known(raw.socket);
		return done(refusal);
	});
}

function refuseUnknownPaths(app: App): void {
	const methods = new Map<string, string[]>();
	app.addHook("onRoute", ({ url, method }) => {
		methods.set(url, [...(methods.get(url) ?? []), method].flat());
	});
	app.addHook("onRequest", (request, _reply, done) => {
		if (!request.is404) return done();
		// Decided before the body is read: it is not needed.
		const allow = methods.get(pathOf(request))?.join(", ");
		if (allow === undefined) return done(new Refusal("PRISM_ERR_NO_HOOK"));
		return done(new Refusal("PRISM_ERR_WRONG_METHOD", { value: allow, headers: { allow } }));
	});
}

/** Callers that were rejected together retry over this many seconds. */
const RETRY_SECONDS = 5;

function refuseOverload(app: App, { limits, metrics, load }: GuardOptions): void {
	// Created once: the stack of an error takes longer than the rest of such a request.
	const refusals = Array.from({ length: RETRY_SECONDS }, (_, index) => overloaded(index + 1));
	let refused = 0;
	app.addHook("onClose", (_instance, done) => {
		load.close();
		done();
	});
	app.addHook("onRequest", (request, reply, done) => {
		if (metrics.hookAt(request.routeOptions.url) === undefined) return done();
		const bytes = Math.min(announcedBytes(request) ?? limits.bodyBytes, limits.bodyBytes);
		const cause = load.enter(bytes);
		if (cause === undefined) {
			reply.raw.once("close", () => load.leave(bytes));
			return done();
		}
		metrics.overloaded(cause);
		return done(refusals[refused++ % RETRY_SECONDS]);
	});
}

const overloaded = (retryAfter: number) =>
	new Refusal("PRISM_ERR_OVERLOADED", { headers: { "retry-after": String(retryAfter) } });

/** Path of a request without its query, which can contain anything. A whole URL instead can contain a password, and counts as no path. */
export const pathOf = ({ url }: Pick<FastifyRequest, "url">): string =>
	url.startsWith("/") ? (url.split("?", 1)[0] ?? url) : "no path";

/** Size of the body according to the headers; unknown for chunked bodies. */
export function announcedBytes({ headers }: Pick<FastifyRequest, "headers">): number | undefined {
	const length = headers["content-length"];
	return length === undefined ? undefined : Number(length);
}
