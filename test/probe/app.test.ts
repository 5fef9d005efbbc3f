import { describe, expect, test } from "vitest";
import { createApp } from "../../probe/app.ts";
import { REASONS, sentenceOf } from "../../probe/errors.ts";
import { createMetrics } from "../../probe/metrics.ts";
import type { CheckOutcome } from "../../probe/verdict.ts";

function served(outcome: CheckOutcome) {
	const metrics = createMetrics("redis");
	const verdict = () => ({ outcome, since: Date.parse("2026-01-02T03:04:05Z") });
	return { app: createApp({ subject: "redis at cache:6379", verdict, metrics }), metrics };
}

describe("/readyz", () => {
	test("200 while healthy", async () => {
		const answer = await served("Healthy").app.inject("/readyz");
		expect(answer.statusCode).toBe(200);
		expect(answer.json()).toEqual({
			healthy: true,
			reason: "Healthy",
			message: "redis at cache:6379 answers",
			since: "2026-01-02T03:04:05Z",
		});
	});

	test.each(REASONS)("503 with the sentence of %s", async (reason) => {
		const answer = await served(reason).app.inject("/readyz");
		expect(answer.statusCode).toBe(503);
		expect(answer.json()).toMatchObject({ healthy: false, reason, since: "2026-01-02T03:04:05Z" });
		expect(answer.json<{ message: string }>().message).toMatch(/ redis at cache:6379: /);
		expect(answer.body).toContain(sentenceOf(reason));
	});
});

test("/ says it to a reader", async () => {
	const healthy = await served("Healthy").app.inject("/");
	expect(healthy.statusCode).toBe(200);
	expect(healthy.body).toBe("healthy since 2026-01-02T03:04:05Z\nredis at cache:6379 answers\n");
	const unhealthy = await served("TimedOut").app.inject("/");
	expect(unhealthy.statusCode).toBe(503);
	expect(unhealthy.body).toBe(
		"unhealthy (TimedOut) since 2026-01-02T03:04:05Z\ncannot use redis at cache:6379: the backend did not answer within the timeout\n",
	);
});

test("/healthz does not depend on the backend", async () => {
	expect((await served("Unreachable").app.inject("/healthz")).statusCode).toBe(200);
});

describe("/metrics", () => {
	test("nothing is claimed before the first check", async () => {
		const { app } = served("NotChecked");
		const { body } = await app.inject("/metrics");
		expect(body).toContain("# TYPE prism_backend_healthy gauge");
		expect(body).not.toMatch(/^prism_backend_healthy\b.* [01]$/m);
	});
});
