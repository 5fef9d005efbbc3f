import { describe, expect, it } from "vitest";
import { judge, judgePart } from "../../kube/health.ts";
import type { KubeObject } from "../../schemas/common.ts";

describe("how an object is", () => {
	interface Told {
		readonly ready?: readonly [status: string, reason: string];
		readonly phase?: string;
		readonly others?: Readonly<Record<string, string>>;
		readonly observed?: number;
		readonly deleted?: boolean;
	}
	const object = ({ ready, phase, others = {}, observed = 2, deleted = false }: Told): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PrismShard",
		metadata: { name: "a", generation: 2, ...(deleted && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
		status: {
			observedGeneration: observed,
			...(phase !== undefined && { phase }),
			conditions: [
				...(ready === undefined ? [] : [{ type: "Ready", status: ready[0], reason: ready[1] }]),
				...Object.entries(others).map(([type, status]) => ({ type, status, reason: type })),
			].map((condition) => ({ ...condition, message: "", lastTransitionTime: "2026-01-01T00:00:00Z" })),
		},
	});
	it.each<[string, Told, string]>([
		["deleted", { ready: ["True", "Ready"], deleted: true }, "gone"],
		["without a status", {}, "progressing"],
		["of an older generation", { ready: ["True", "Ready"], observed: 1 }, "progressing"],
		["ready", { ready: ["True", "Ready"] }, "healthy"],
		["ready and paused", { ready: ["True", "Ready"], others: { Paused: "True" } }, "suspended"],
		["paused by its annotation", { ready: ["False", "PausedByAnnotation"] }, "suspended"],
		["expired, and Failed", { ready: ["False", "Expired"], phase: "Failed" }, "suspended"],
		["stalled", { ready: ["False", "InvalidSpec"], others: { Stalled: "True" } }, "degraded"],
		["stalled and paused", { ready: ["False", "X"], others: { Stalled: "True", Paused: "True" } }, "degraded"],
		["failed", { ready: ["False", "X"], phase: "Failed" }, "degraded"],
		["degraded", { ready: ["False", "X"], phase: "Degraded" }, "degraded"],
		["degraded and under way", { ready: ["False", "Progressing"], phase: "Degraded" }, "progressing"],
		["pending", { ready: ["False", "X"], phase: "Pending" }, "progressing"],
		["pending and paused", { ready: ["False", "X"], phase: "Pending", others: { Paused: "True" } }, "suspended"],
	])("%s", (_, told, health) => {
		expect(judge(object(told))).toBe(health);
	});

	it.each([
		["ready, whatever else", { ready: true, phase: "Failed", reason: "Expired" }, "healthy"],
		["at rest", { ready: false, phase: "Failed", reason: "Expired" }, "suspended"],
		["failed", { ready: false, phase: "Failed", reason: "X" }, "degraded"],
		["without a phase", { ready: false, phase: undefined, reason: "X" }, "progressing"],
	])("a part that is %s", (_, part, health) => {
		expect(judgePart(part)).toBe(health);
	});
});
