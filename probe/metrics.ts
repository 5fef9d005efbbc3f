import { Registry } from "prom-client";
import { CALL_SECONDS, metersOf } from "../server/meters.ts";
import type { CheckOutcome } from "./verdict.ts";

/** The metrics of /metrics. Without a verdict, prism_backend_healthy is absent: 0 would mean unhealthy. */
export function createMetrics(provider: string) {
	const registry = new Registry();
	registry.setDefaultLabels({ provider });
	const { counter, gauge, histogram } = metersOf(registry);
	const healthy = gauge(
		"prism_backend_healthy",
		"1 when the last check of the backend succeeded, 0 when it failed. Absent before the first check has ended.",
		["provider"],
	);
	healthy.reset();
	const duration = histogram(
		"prism_backend_check_duration_seconds",
		"Time that a check took, connecting included when it had to, in seconds.",
		[...CALL_SECONDS, 30],
	);
	const checks = counter(
		"prism_backend_checks_total",
		"Checks that have ended, by outcome: Healthy, or the reason of the failure.",
		["outcome"],
	);
	return {
		contentType: registry.contentType,
		text: () => registry.metrics(),
		observeCheck: (outcome: CheckOutcome, ms: number): void => {
			healthy.set({ provider }, outcome === "Healthy" ? 1 : 0);
			duration.observe(ms / 1000);
			checks.inc({ outcome });
		},
	};
}

export type ProbeMetrics = ReturnType<typeof createMetrics>;
