import { expect, it } from "vitest";
import { createMetrics } from "../../probe/metrics.ts";

it("claims nothing before the first check", async () => {
	expect(await createMetrics("redis").text()).not.toMatch(/^prism_backend_healthy\b.* [01]$/m);
});

it("has checks by outcome, their time, and the last verdict", async () => {
	const metrics = createMetrics("redis");
	metrics.observeCheck("Healthy", 20);
	metrics.observeCheck("TimedOut", 5000);
	metrics.observeCheck("Healthy", 30);
	const text = await metrics.text();
	expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
	expect(text).toContain('prism_backend_healthy{provider="redis"} 1');
	expect(text).toContain('prism_backend_checks_total{outcome="Healthy",provider="redis"} 2');
	expect(text).toContain('prism_backend_checks_total{outcome="TimedOut",provider="redis"} 1');
	expect(text).toContain('prism_backend_check_duration_seconds_count{provider="redis"} 3');
	expect(text).toContain('prism_backend_check_duration_seconds_sum{provider="redis"} 5.05');
	metrics.observeCheck("Unreachable", 1);
	expect(await metrics.text()).toContain('prism_backend_healthy{provider="redis"} 0');
});
