import { describe, expect, it } from "vitest";
import type { Verdict } from "../../kube/conditions.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { objectMap } from "../../kube/offline.ts";
import {
	type Conclusion,
	concluded,
	concluding,
	decorated,
	foundIn,
	foundInDecorated,
	frozenChildren,
	pausedVerdict,
	refusedVerdict,
} from "../../kube/response.ts";
import { refusal } from "../../kube/spec-refusal.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";

const NOW = "2026-01-01T00:00:00Z";
const PAUSED = "test/paused";
const child = (data: string, hash = "1"): KubeObject => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name: "a", namespace: "n", annotations: { [DESIRED_HASH_ANNOTATION]: hash } },
	data: { a: data },
});
const parent = (annotations: Record<string, string> = {}): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name: "it", namespace: "n", generation: 3, annotations },
});
const request = (annotations = {}, there = [child("old", "0")]): CompositeRequest => ({
	controller: {},
	parent: parent(annotations),
	children: objectMap(there),
	related: {},
	finalizing: false,
});
const READY: Verdict = { ready: "True", phase: "Running", finding: { reason: "ShardReady", instances: 1 } };
const WAITING: Verdict = {
	ready: "False",
	phase: "Pending",
	finding: { reason: "Progressing", about: "children", children: [] },
};
const conclusion = (more: Partial<Conclusion<{ x?: number }>> = {}): Conclusion<{ x?: number }> => ({
	request: request(),
	now: NOW,
	children: [child("new")],
	verdict: READY,
	warnings: [],
	status: { x: 1 },
	pauseAnnotation: PAUSED,
	...more,
});
const statusOf = (given: Conclusion<{ x?: number }>) => ({ ...parent(), status: concluded(given).status });

describe("what a hook responds", () => {
	it("has its children, its own fields, and the head of the status", () => {
		const there = [child("new")];
		const answer = concluded(conclusion({ request: request({}, there), resyncAfterSeconds: 7 }));
		expect(answer.children.map(({ data }) => data)).toEqual([{ a: "new" }]);
		expect(answer.status).toMatchObject({ observedGeneration: 3, phase: "Running", x: 1 });
		expect(answer.resyncAfterSeconds).toBe(7);
	});

	it("has the children as observed while it is paused, and says so", () => {
		const given = conclusion({ request: request({ [PAUSED]: "true" }), verdict: WAITING });
		expect(concluded(given).children.map(({ data }) => data)).toEqual([{ a: "old" }]);
		expect(conditionOf(statusOf(given), "Paused")?.status).toBe("True");
		expect(conditionOf(statusOf(given), "Ready")?.reason).toBe("PausedByAnnotation");
	});

	it("has the children as observed where one is too large", () => {
		const large = "x".repeat(2_000_000);
		const { parent: object, ...rest } = request();
		const its = { ...rest, parent: { ...object, spec: { large } } };
		const given = conclusion({ request: its, children: [child(large)] });
		const answer = concluded(given);
		expect(answer.children.map(({ data }) => data)).toEqual([{ a: "old" }]);
		expect(answer.status).toMatchObject({ phase: "Failed" });
		expect(foundIn(given).verdict).toMatchObject({ ready: "False", stalled: true });
	});

	it("warns of a switch that nobody can read", () => {
		const given = conclusion({ request: request({ "prism.io/paused": "maybe" }) });
		expect(conditionOf(statusOf(given), "Warning")?.status).toBe("True");
		expect(foundIn(given).warnings).toHaveLength(1);
	});

	it("is what is found, for either type of controller", () => {
		const { parent: object, children: attachments, ...rest } = request({}, [child("new")]);
		const { request: _request, ...more } = conclusion();
		const given = { ...more, request: { ...rest, object, attachments }, resyncAfterSeconds: 9 };
		expect(foundInDecorated(given).verdict).toEqual(READY);
		expect(decorated(given)).toMatchObject({ attachments: [child("new")], resyncAfterSeconds: 9 });
		const { sync, found } = concluding(() => conclusion({ request: request({}, [child("new")]) }));
		const context = {} as Parameters<typeof sync>[1];
		expect(sync(request(), context).status).toMatchObject({ phase: "Running" });
		expect(found(request(), context).verdict).toEqual(READY);
	});
});

it("a pause stops what is under way, and no failure", () => {
	const before = WAITING.finding;
	const finding = { reason: "PausedByAnnotation", about: "unfinished", before };
	expect(pausedVerdict(WAITING)).toEqual({ ...WAITING, finding });
	const failed = refusedVerdict(refusal({ reason: "InvalidSpec", about: "fields", problems: [] }));
	expect(failed).toMatchObject({ ready: "False", phase: "Failed", stalled: true });
	expect([pausedVerdict(failed), pausedVerdict(READY)]).toEqual([failed, READY]);
});

it("children that are kept can be refreshed, and those that go are left out", () => {
	const going = { ...child("b"), metadata: { ...child("b").metadata, name: "b", deletionTimestamp: NOW } };
	const given = request({}, [child("old"), going]);
	expect(frozenChildren(given)).toEqual([child("old")]);
	expect(frozenChildren(given, (one) => ({ ...one, data: { a: "seen" } }))).toEqual([child("seen")]);
});
