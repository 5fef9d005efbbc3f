import type { Health } from "../../../kube/health.ts";
import type { ObjectSummary } from "../../../server/object-summary.ts";

// Summaries of objects, as pages get them.

const NOW = "2026-01-01T00:00:00Z";

export const seen = (
	kind: string,
	name: string,
	health: Health = "healthy",
	more: Partial<ObjectSummary> = {},
): ObjectSummary => ({
	kind,
	namespace: "team",
	name,
	uid: name,
	generation: 1,
	seenAt: 0,
	ms: 1,
	failure: undefined,
	conditions: [],
	owner: undefined,
	health,
	ready: health === "healthy",
	waitsFor: [],
	workloads: [],
	details: { of: "Other" },
	...more,
});
export const ready = (reason: string): ObjectSummary["conditions"] => [
	{ type: "Ready", status: "False", reason, message: "m", observedGeneration: 1, lastTransitionTime: NOW },
];
