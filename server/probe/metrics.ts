import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Outcome } from "./verdict.ts";

/** What /metrics tells. Without a verdict there is no prism_backend_healthy: 0 would be a lie. */
export function createMetrics(provider: string) {
	const registry = new Registry();
	registry.setDefaultLabels({ provider });
	const registers = [registry];
	const healthy = new Gauge({
		name: "prism_backend_healthy",
		help: "1 when the last check of the backend succeeded, 0 when it failed. Absent before the first check has ended.",
		registers,
		labelNames: ["provider"],
	});
	healthy.reset();
	const duration = new Histogram({
		name: "prism_backend_check_duration_seconds",
		help: "Time that a check took, connecting included when it had to, in seconds.",
		registers,
		buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
	});
	const checks = new Counter({
		name: "prism_backend_checks_total",
		help: "Checks that have ended, by outcome: Healthy, or the reason of the failure.",
		registers,
		labelNames: ["outcome"],
	});
	return {
		contentType: registry.contentType,
		text: () => registry.metrics(),
		observeCheck: (outcome: Outcome, ms: number): void => {
			healthy.set({ provider }, outcome === "Healthy" ? 1 : 0);
			duration.observe(ms / 1000);
			checks.inc({ outcome });
		},
	};
}

export type Metrics = ReturnType<typeof createMetrics>;
