import { describe, expect, it } from "vitest";
import { contentHash } from "../../kube/object.ts";
import { arePodsObserved, isCountAlone, rememberingGeneration } from "../../kube/pod-changes.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION, PODS_CHANGED_AFTER_ANNOTATION } from "../../schemas/vocabulary.ts";

const workload = (kind: string, spec: Record<string, unknown>): KubeObject => ({
	apiVersion: "apps/v1",
	kind,
	metadata: { name: "it", annotations: { [DESIRED_HASH_ANNOTATION]: contentHash(spec) } },
	spec,
});

/** As Metacontroller applied it, at generation 7, and as admission stored it. */
const applied = (kind: string, was: Record<string, unknown>, annotations: Record<string, string> = {}): KubeObject => {
	const sent = workload(kind, was);
	const text = JSON.stringify({ ...sent, metadata: { ...sent.metadata, labels: { "controller-uid": "u" } } });
	return {
		...sent,
		metadata: {
			...sent.metadata,
			generation: 7,
			annotations: {
				...sent.metadata.annotations,
				...annotations,
				"metacontroller.k8s.io/last-applied-configuration": text,
			},
		},
		spec: { ...was, template: "rewritten by admission" },
	};
};

describe("a workload of which nothing but the count is about to be sent", () => {
	it.each([
		{ reason: "another count", kind: "Deployment", was: { replicas: 1, template: 1 }, is: true },
		{
			reason: "claims are kept as they are",
			kind: "StatefulSet",
			was: { replicas: 1, template: 1, volumeClaimTemplates: [] },
			is: true,
		},
		{ reason: "another template, too", kind: "Deployment", was: { replicas: 1, template: 2 }, is: false },
		{ reason: "the same count", kind: "Deployment", was: { replicas: 3, template: 1 }, is: false },
		{ reason: "no workload", kind: "HorizontalPodAutoscaler", was: { replicas: 1, template: 1 }, is: false },
	])("$is: $reason", ({ kind, was, is }) => {
		expect(isCountAlone(workload(kind, { replicas: 3, template: 1 }), applied(kind, was))).toBe(is);
	});
});

describe("the generation after which the pods of a workload were changed", () => {
	const NEXT = { replicas: 3, template: 1 };
	it.each([
		{ reason: "another template", was: { replicas: 3, template: 2 }, had: undefined, becomes: "7" },
		{ reason: "another template once more", was: { replicas: 3, template: 2 }, had: "3", becomes: "7" },
		{ reason: "another count keeps it", was: { replicas: 1, template: 1 }, had: "3", becomes: "3" },
		{ reason: "another count adds none", was: { replicas: 1, template: 1 }, had: undefined, becomes: undefined },
		{ reason: "nothing new keeps it", was: NEXT, had: "3", becomes: "3" },
	])("$becomes: $reason", ({ was, had, becomes }) => {
		const there = applied("Deployment", was, had === undefined ? {} : { [PODS_CHANGED_AFTER_ANNOTATION]: had });
		const sent = rememberingGeneration(workload("Deployment", NEXT), there);
		expect(sent.metadata.annotations?.[PODS_CHANGED_AFTER_ANNOTATION]).toBe(becomes);
	});

	it("is not needed for a workload that does not exist, or for another kind", () => {
		const service = workload("Service", { template: 1 });
		expect(rememberingGeneration(service, applied("Service", { template: 2 }))).toBe(service);
		expect(rememberingGeneration(workload("Deployment", NEXT), undefined)).toEqual(workload("Deployment", NEXT));
	});

	it.each([
		[undefined, undefined, false],
		[undefined, 1, true],
		["7", 7, false],
		["7", 8, true],
		["not a number", 8, false],
	])("after %s: with %s observed, the pods are (%s)", (after, observedGeneration, are) => {
		const there = applied("Deployment", {}, after === undefined ? {} : { [PODS_CHANGED_AFTER_ANNOTATION]: after });
		expect(arePodsObserved({ ...there, status: { observedGeneration } })).toBe(are);
	});
});
