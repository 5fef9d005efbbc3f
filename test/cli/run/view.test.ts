import { describe, expect, it } from "vitest";
import { pictureLines } from "../../../cli/run/view.ts";
import { PLAIN, paintOf } from "../../../plugin/text/paint.ts";
import type { KubeObject } from "../../../schemas/common.ts";

// The live picture of `run` says of an object what `kubectl prism` says.

const NOW = "2026-01-01T00:10:00Z";
const THEN = "2026-01-01T00:05:00Z";

const ready = (status: string, reason: string, message: string, type = "Ready") => ({
	type,
	status,
	reason,
	message,
	observedGeneration: 1,
	lastTransitionTime: THEN,
});
const stack = (status: object | undefined, generation = 1): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name: "shop", namespace: "default", uid: "stack", generation, creationTimestamp: THEN },
	spec: {},
	...(status !== undefined && { status: { observedGeneration: 1, ...status } }),
});
const ownedBy = {
	ownerReferences: [{ apiVersion: "v1", kind: "PrismStack", name: "shop", uid: "stack", controller: true }],
};
const child = (kind: string, name: string, rest: object = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind,
	metadata: { name, namespace: "default", uid: name, ...ownedBy },
	...rest,
});
const CHILDREN = [
	child("Deployment", "shop-proxy", { spec: { replicas: 2 }, status: { availableReplicas: 2 } }),
	child("Deployment", "shop-admin", {
		spec: { replicas: 1 },
		status: { conditions: [ready("False", "ProgressDeadlineExceeded", "late", "Progressing")] },
	}),
	child("Service", "shop-proxy"),
	child("ConfigMap", "shop-proxy"),
];
const lines = (root: KubeObject, paint = PLAIN) =>
	pictureLines({ roots: [root], owned: ({ metadata }) => (metadata.uid === "stack" ? CHILDREN : []) }, paint, NOW);

describe("the picture", () => {
	it("shows an object with what it owns", () => {
		expect(
			lines(stack({ phase: "Running", conditions: [ready("True", "StackReady", "Ready: 2 deployments")] })),
		).toEqual([
			"✔ PrismStack shop  Ready: 2 deployments",
			"├─ ✖ Deployment shop-admin  Failing: 0/1 available",
			"├─ ✔ Deployment shop-proxy  2/2 available",
			"└─ · Service, ConfigMap",
		]);
	});

	it.each<[string, KubeObject, string]>([
		[
			"degraded, and not stalled",
			stack({ phase: "Degraded", conditions: [ready("False", "ReplicasUnavailable", "1 of 2")] }),
			"✖ PrismStack shop  ReplicasUnavailable (5m): 1 of 2",
		],
		[
			"ready at an older generation",
			stack({ phase: "Running", conditions: [ready("True", "StackReady", "ready")] }, 2),
			"… PrismStack shop  Outdated (5m): status describes generation 1, spec is at generation 2",
		],
		[
			"paused",
			stack({
				phase: "Running",
				conditions: [ready("True", "StackReady", "ready"), ready("True", "PausedByAnnotation", "", "Paused")],
			}),
			"‖ PrismStack shop  Paused (5m): ready, and paused: ready",
		],
		[
			"not answered for",
			stack(undefined),
			"✖ PrismStack shop  NotAnswered (5m): not reconciled yet: Metacontroller does not call the operator, or the operator fails",
		],
	])("tells of one that is %s", (_, object, line) => expect(lines(object)[0]).toBe(line));

	it("fits the terminal", () => {
		const message = "Ready: 2 deployments, 2 patterns, 1 backend, 14 namespaces";
		const narrow = lines(
			stack({ phase: "Running", conditions: [ready("True", "StackReady", message)] }),
			paintOf({ color: false, columns: 40 }),
		);
		expect(narrow[0]).toBe("✔ PrismStack shop  Ready: 2 deployments…");
		expect(narrow.every((line) => line.length <= 40)).toBe(true);
	});
});
