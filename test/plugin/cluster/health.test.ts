import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { changedAt, healthOf, isPaused, warningsOf } from "../../../plugin/cluster/health.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import {
	condition,
	deployment,
	HOURS_AGO,
	late,
	MINUTES_AGO,
	NOW,
	other,
	ours,
	pod,
	ready,
	replicaSet,
	silent,
	waiting,
} from "../world.ts";

const stack = (told: Parameters<typeof ours>[2]) => ours("PrismStack", "shop", told);
const OWNER = stack({});
const SET = deployment("orders", OWNER, 0, 1);
const UP = ready("StackReady", "up").conditions ?? [];
const PAUSED = condition("Paused", "True", "PausedByAnnotation", "paused");
const WARNING = condition("Warning", "True", "Warnings", "old image");
const going = (deletionTimestamp: string, told: Parameters<typeof ours>[2] = {}) =>
	stack({ ...told, metadata: { deletionTimestamp } });
const autoscaler = (status: Record<string, unknown>, spec: Record<string, unknown> = { maxReplicas: 5 }) =>
	other("autoscaling/v2", "HorizontalPodAutoscaler", "orders", {}, { spec, status });

describe("the health of a custom resource", () => {
	it.each<[string, KubeObject, Record<string, unknown>]>([
		["ready", stack({ conditions: UP }), { mark: "good", word: "Ready", message: "up", since: MINUTES_AGO }],
		["with a warning", stack({ conditions: [...UP, WARNING] }), { mark: "good", message: "up; warning: old image" }],
		["ready and paused", stack({ conditions: [...UP, PAUSED] }), { mark: "paused", word: "Paused" }],
		["in progress", stack(late("Progressing", "m", { phase: "Pending" })), { mark: "waiting", word: "Progressing" }],
		["rejected", stack(late("InvalidSpec", "m", { stalled: true })), { mark: "bad", word: "InvalidSpec" }],
		["new", silent("PrismStack", "a", { creationTimestamp: NOW }), { mark: "waiting", word: "NotAnswered" }],
		["never reconciled", silent("PrismStack", "a"), { mark: "bad", word: "NotAnswered", since: HOURS_AGO }],
		["changed since", stack({ conditions: UP, metadata: { generation: 2 } }), { mark: "waiting", word: "Outdated" }],
		["being deleted", going(NOW), { mark: "waiting", word: "Deleting" }],
		["stuck in deletion", going(HOURS_AGO), { mark: "bad", word: "Deleting", since: HOURS_AGO }],
		["revoked", going(NOW, late("Revoking", "two left")), { word: "Revoking", message: "two left" }],
		["deleted while not ready", going(NOW, late("Progressing", "m")), { word: "Deleting" }],
	])("%s", (_, object, health) => expect(healthOf(object, viewOf({ objects: [], now: NOW }))).toMatchObject(health));

	it("counts the ready instances of a roster", () => {
		const spec = { instances: [{ name: "a", ready: true }, { name: "b" }], draining: true, accepting: false };
		const { message } = healthOf(ours("PrismRoster", "prism-live", { spec }), viewOf({ objects: [], now: NOW }));
		expect(message).toBe("1/2 instances ready, draining, accepts no new namespaces");
	});
});

describe("the health of an object of Kubernetes", () => {
	const failing = (type: string, status: "True" | "False") =>
		deployment("orders", OWNER, 0, 1, { conditions: [condition(type, status, "R", "m")] });
	const crashing = { containers: [{ name: "a", restartCount: 4, state: waiting("CrashLoopBackOff") }] };

	it.each<[string, KubeObject, Record<string, unknown>]>([
		["a complete Deployment", deployment("a", OWNER, 2, 2), { mark: "good", word: "Ready", message: "2/2 available" }],
		["one that starts", deployment("a", OWNER, 1, 2), { mark: "waiting", word: "Progressing" }],
		["one beyond its deadline", failing("Progressing", "False"), { mark: "bad", word: "Failing" }],
		["one whose pods are rejected", failing("ReplicaFailure", "True"), { mark: "bad", word: "Failing" }],
		["an old ReplicaSet", replicaSet("a", OWNER, 0), { mark: "plain", message: "old" }],
		["a ready pod", pod("a", SET, { ready: true }), { mark: "good", word: "Ready", since: MINUTES_AGO }],
		["a pod that crashes", pod("a", SET, crashing), { mark: "bad", word: "CrashLoopBackOff" }],
		["a pod that ends", pod("a", SET, { metadata: { deletionTimestamp: NOW } }), { mark: "waiting" }],
		["an autoscaler", autoscaler({ currentReplicas: 3 }), { mark: "plain", message: "3 of 1 to 5 replicas" }],
		["a new autoscaler", autoscaler({}, { minReplicas: 2, maxReplicas: 4 }), { message: "2 to 4 replicas" }],
		[
			"an autoscaler without metrics",
			autoscaler({ conditions: [condition("ScalingActive", "False", "FailedGetResourceMetric", "m")] }),
			{ mark: "bad", word: "FailedGetResourceMetric" },
		],
		["a ConfigMap", other("v1", "ConfigMap", "a"), { mark: "plain", word: "", message: "" }],
	])("%s", (_, object, health) => expect(healthOf(object, viewOf({ objects: [], now: NOW }))).toMatchObject(health));
});

it("reads the last write of the spec from managedFields, and not that of the status", () => {
	const write = (time: string, field: string, subresource?: string) => ({
		time,
		fieldsV1: { [field]: {} },
		...(subresource !== undefined && { subresource }),
	});
	const managedFields = [
		write("2026-01-01T08:00:00Z", "f:spec"),
		write("2026-01-01T09:00:00Z", "f:spec"),
		write("2026-01-01T10:00:00Z", "f:metadata"),
		write("2026-01-01T11:00:00Z", "f:spec", "status"),
	];
	expect(changedAt(stack({ metadata: { managedFields } }))).toBe("2026-01-01T09:00:00Z");
	expect(changedAt(stack({}))).toBe(HOURS_AGO);
});

it("reads pause and warnings from conditions that are true", () => {
	const resumed = condition("Paused", "False", "R", "m");
	expect([[PAUSED], [resumed], []].map((conditions) => isPaused(stack({ conditions })))).toEqual([true, false, false]);
	expect(warningsOf(stack({ conditions: [WARNING, condition("Warning", "False", "R", "m"), ...UP] }))).toEqual([
		"warning: old image",
	]);
});
