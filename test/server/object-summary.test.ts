import { expect, test } from "vitest";
import type { KubeObject } from "../../schemas/common.ts";
import { RECORD_FORMAT, type RecordedCall } from "../../schemas/recorded-call.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { type SeenCall, summaryOf } from "../../server/object-summary.ts";
import { installation, NOW } from "./toy.ts";

const condition = (status: string, reason: string, message = "m") => ({
	type: "Ready",
	status,
	reason,
	message,
	observedGeneration: 1,
	lastTransitionTime: NOW,
});
const statusOf = (status: string, reason: string, phase: string) => ({
	observedGeneration: 1,
	phase,
	conditions: [condition(status, reason)],
});
const OLD = statusOf("True", "PluginReady", "Ready");
const parent: KubeObject = {
	apiVersion: API_VERSION,
	kind: "PrismPlugin",
	metadata: { name: "kv", namespace: "team", uid: "u", generation: 1 },
	spec: { version: "2" },
	status: OLD,
};
const summary = (change: Partial<RecordedCall> = {}, seen: Partial<SeenCall> = {}) =>
	summaryOf(
		{
			format: RECORD_FORMAT,
			hook: "sync",
			now: NOW,
			installation,
			parent,
			observed: [],
			related: [],
			answers: {},
			outcomes: {},
			redacted: [],
			...change,
		},
		{ seenAt: 7, ms: 1.5, ...seen },
	);

test("an object is known by its metadata, and the call by its time", () => {
	const metadata = {
		name: "kv",
		ownerReferences: [{ apiVersion: "v1", kind: "PrismStack", name: "shop", uid: "s", controller: true }],
	};
	expect(summary()).toMatchObject({ kind: "PrismPlugin", namespace: "team", name: "kv", uid: "u", generation: 1 });
	expect(summary({ parent: { ...parent, metadata } })).toMatchObject({
		namespace: "",
		uid: "",
		generation: undefined,
		owner: { kind: "PrismStack", name: "shop" },
		seenAt: 7,
		ms: 1.5,
	});
});

test.each<[string, Partial<RecordedCall>, object]>([
	[
		"the response",
		{ response: { status: statusOf("False", "RolloutFailed", "Failed"), children: [] } },
		{ health: "degraded", ready: false },
	],
	["the parent, if the response has none", { response: { children: [] } }, { health: "healthy", ready: true }],
	["the parent, without a response", {}, { health: "healthy", ready: true }],
	[
		"the parent, but never ready, after a failure",
		{ failure: "thrown" },
		{ health: "healthy", ready: false, failure: "thrown" },
	],
])("the status is that of %s", (_, change, expected) => {
	expect(summary(change)).toMatchObject(expected);
});

test("conditions are cut: their number, and their messages", () => {
	const conditions = Array.from({ length: 17 }, () => condition("True", "R", "m".repeat(700)));
	const shown = summary({ parent: { ...parent, status: { ...OLD, conditions } } }).conditions;
	expect(shown).toHaveLength(16);
	expect(shown[0]?.message).toHaveLength(600);
});

const child = (kind: string, fields: object = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind,
	metadata: { name: "w" },
	...fields,
});

test.each([
	[child("ConfigMap"), []],
	[
		child("StatefulSet", { spec: { replicas: 3 } }),
		[{ kind: "StatefulSet", name: "w", desired: 3, updated: 0, available: 0 }],
	],
	[
		child("Deployment", { spec: { replicas: 2 }, status: { updatedReplicas: 2, availableReplicas: 1, replicas: 2 } }),
		[{ kind: "Deployment", name: "w", desired: 2, updated: 2, available: 1 }],
	],
])("workloads are the observed children with pods", (observed, workloads) => {
	expect(summary({ observed: [observed] }).workloads).toEqual(workloads);
});

test("after a failure, details are those of the last response", () => {
	const before = summary({ response: { status: { ...OLD, lastGoodVersion: "1" }, children: [] } });
	expect(before.details).toMatchObject({ status: { lastGoodVersion: "1" } });
	expect(summary({ failure: "thrown" }, { before }).details).toBe(before.details);
	expect(summary({ failure: "thrown" }).details).toMatchObject({ of: "PrismPlugin", status: {} });
});
