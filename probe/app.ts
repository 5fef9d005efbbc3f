import { fastify } from "fastify";
import { timestampOf } from "../kube/time.ts";
import { sentenceOf } from "./errors.ts";
import type { ProbeMetrics } from "./metrics.ts";
import type { Verdict } from "./verdict.ts";

// The verdict over HTTP, as a Fastify instance that does not listen.

export interface AppOptions {
	/** The backend in messages: "redis at cache:6379". */
	readonly subject: string;
	readonly verdict: () => Verdict;
	readonly metrics: ProbeMetrics;
}

export type ProbeReport = ReturnType<typeof reportOf>;

export function reportOf({ outcome, since }: Verdict, subject: string) {
	const healthy = outcome === "Healthy";
	return {
		healthy,
		reason: outcome,
		message: healthy ? `${subject} answers` : `${messageStart(outcome)} ${subject}: ${sentenceOf(outcome)}`,
		/** Since when the verdict is this one: RFC 3339. */
		since: timestampOf(since),
	};
}

const messageStart = (outcome: Verdict["outcome"]): string =>
	outcome === "NotChecked" ? "nothing is known of" : "cannot use";

export function createApp({ subject, verdict, metrics }: AppOptions) {
	const app = fastify({ logger: false, forceCloseConnections: true, requestTimeout: 10_000 });
	const report = () => reportOf(verdict(), subject);

	app.get("/healthz", () => ({ alive: true }));
	app.get("/readyz", (_request, reply) => {
		const told = report();
		return reply.code(told.healthy ? 200 : 503).send(told);
	});
	app.get("/", (_request, reply) => {
		const { healthy, reason, message, since } = report();
		return reply
			.code(healthy ? 200 : 503)
			.type("text/plain; charset=utf-8")
			.send(`${healthy ? "healthy" : `unhealthy (${reason})`} since ${since}\n${message}\n`);
	});
	app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
	return app;
}
