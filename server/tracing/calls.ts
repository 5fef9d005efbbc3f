import type { IncomingMessage } from "node:http";
import type { App } from "../app.ts";
import { type Metrics, outcomeOf } from "../metrics.ts";
import { type AnswerSummary, type HookCall, outcome } from "../sync-log.ts";
import { type Attributes, NO_TRACING, type Span, type Tracing } from "./tracing.ts";

// The span of each webhook call: hook, object and result.

export type CallSpans = ReturnType<typeof createCallSpans>;

export function createCallSpans(tracing: Tracing) {
	const none = NO_TRACING.begin("");
	const spans = new WeakMap<IncomingMessage, Span>();
	return {
		/** The span of a request; without one, a span without a parent. */
		of: (request: IncomingMessage): Span => spans.get(request) ?? none,
		/** Traces calls from here on: requests that were rejected before have no span. */
		watch: (app: App, metrics: Metrics) => {
			if (tracing === NO_TRACING) return;
			app.addHook("onRequest", ({ raw, routeOptions: { url } }, reply, done) => {
				const labels = metrics.hookAt(url);
				if (labels === undefined) return done();
				const span = tracing.receive(
					`${labels.hook} ${labels.kind}`,
					{
						"http.request.method": raw.method,
						"http.route": url,
						"prism.hook": labels.hook,
						"prism.object.kind": labels.kind,
					},
					raw.headers,
				);
				spans.set(raw, span);
				reply.raw.once("close", () => {
					const ended = outcomeOf(reply.raw);
					span.tell({ "prism.outcome": ended, ...(reply.sent && { "http.response.status_code": reply.statusCode }) });
					span.end(ended === "failed" || ended === "aborted" ? ended : undefined);
				});
				return done();
			});
		},
	};
}

/** Of what object a call is. */
export const subjectFacts = ({ parent: { metadata } }: HookCall): Attributes => ({
	"prism.object.namespace": metadata.namespace,
	"prism.object.name": metadata.name,
	"prism.object.generation": metadata.generation,
});

/** What a hook answered. */
export function answerFacts(answer: AnswerSummary): Attributes {
	const { rules, children, attachments, phase, ready, reason, finalized } = outcome(answer);
	return {
		"prism.rules": rules,
		"prism.children": children ?? attachments,
		"prism.phase": phase,
		"prism.ready": ready,
		"prism.reason": reason,
		"prism.finalized": finalized,
	};
}
