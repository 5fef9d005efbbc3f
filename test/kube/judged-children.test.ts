import { describe, expect, it } from "vitest";
import { isYielded } from "../../kube/contested-fields.ts";
import { correction } from "../../kube/drift.ts";
import { withLastApplied } from "../../kube/dynamic-apply.ts";
import { childrenJudged } from "../../kube/judged-children.ts";
import { objectMap } from "../../kube/offline.ts";
import { secondsAfter } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CORRECTION_ANNOTATION, DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";

const NOW = "2026-01-01T00:00:00Z";
const ago = (seconds: number) => secondsAfter(NOW, -seconds);
const child: KubeObject = {
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name: "a", namespace: "n", annotations: { [DESIRED_HASH_ANNOTATION]: "1" } },
	data: { a: "1" },
};
const stored = (data = "1", sent = child, metadata: object = {}): KubeObject => {
	const there = withLastApplied(sent, sent);
	return { ...there, metadata: { ...there.metadata, ...metadata }, data: { a: data } };
};
const judged = (there: readonly KubeObject[], status?: object, metadata: object = {}) =>
	childrenJudged(
		{
			parent: {
				apiVersion: "prism.io/v1alpha1",
				kind: "PrismStack",
				metadata: { name: "it", namespace: "n", generation: 1, ...metadata },
				...(status && { status: { observedGeneration: 1, conditions: [], ...status } }),
			},
			wanted: [child],
			observed: objectMap(there),
			related: {},
			now: NOW,
		},
		true,
	);
const missing = (since: string) => ({ missing: [{ kind: "ConfigMap", name: "a", since }] });
const overridden = (since: string) => ({ delayed: [{ kind: "ConfigMap", name: "a", cause: "Overridden", since }] });

describe("a child that is", () => {
	it.each([
		{ reason: "as it was sent", there: [stored()], status: {}, found: undefined, resync: undefined },
		{ reason: "missing for a moment", there: [], status: missing(ago(10)), found: undefined, resync: 21 },
		{ reason: "missing for long", there: [], status: missing(ago(30)), found: "ChildRefused", resync: 60 },
		{
			reason: "being deleted",
			there: [stored("1", child, { deletionTimestamp: ago(1) })],
			status: {},
			found: "ChildTerminating",
			resync: 61,
		},
		{
			reason: "overridden for long",
			there: [stored("2")],
			status: overridden(ago(30)),
			found: "ChildRefused",
			resync: 60,
		},
	])("$reason", ({ there, status, found, resync }) => {
		const { found: verdict, resyncAfterSeconds } = judged(there, status);
		expect([verdict?.finding.reason, resyncAfterSeconds]).toEqual([found, resync]);
	});

	it("late is remembered since when", () => {
		expect(judged([stored("2")], {}).delayed).toEqual(overridden(NOW).delayed);
		expect(judged([stored("2")], overridden(ago(9))).delayed).toEqual(overridden(ago(9)).delayed);
		expect(judged([], missing(ago(9))).missing).toEqual(missing(ago(9)).missing);
	});

	it("late is none of a parent that is being deleted", () => {
		expect(judged([stored("2")], overridden(ago(99)), { deletionTimestamp: NOW })).toMatchObject({
			delayed: [],
			found: undefined,
		});
	});
});

describe("a changed field is", () => {
	const sentTo = (there: KubeObject, since: string) => judged([there], overridden(since)).sent[0];

	it("left to the next write at first, then corrected", () => {
		expect(sentTo(stored("2"), ago(1))).toBe(child);
		expect(sentTo(stored("2"), ago(10))?.metadata.annotations).toHaveProperty([CORRECTION_ANNOTATION], ago(10));
	});

	it("yielded, once its correction was accepted and changed again", () => {
		const since = ago(60);
		const sent = sentTo(stored("2", correction(child, stored("2"), since)), since);
		expect([sent?.["data"], sent && isYielded(sent, "data.a")]).toEqual([{ a: "2" }, true]);
	});
});
