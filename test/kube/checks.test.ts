import { expect, it } from "vitest";
import { childrenOutdated, growing, partState, rolloutIncomplete, worstFirst } from "../../kube/checks.ts";
import { objectMap } from "../../kube/offline.ts";
import type { Rollout } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";

const HASH = "test/hash";
const child = (name: string, hash = "1"): KubeObject => ({
	apiVersion: "v1",
	kind: "ConfigMap",
	metadata: { name, namespace: "n", annotations: { [HASH]: hash } },
});

it.each([
	{ reason: "all as they were sent", there: [child("a"), child("b")], late: undefined },
	{ reason: "one is missing", there: [child("a")], late: ["b"] },
	{ reason: "one is old", there: [child("a", "0"), child("b")], late: ["a"] },
	{ reason: "both, in another order", there: [child("b", "0"), child("a", "0")], late: ["a", "b"] },
	{ reason: "a stranger does not matter", there: [child("a"), child("b"), child("c", "0")], late: undefined },
])("children: $reason", ({ there, late }) => {
	const verdict = childrenOutdated([child("a"), child("b")], objectMap(there), HASH);
	const children = late?.map((name) => ({ kind: "ConfigMap", name }));
	expect(verdict?.finding).toEqual(children && { reason: "Progressing", about: "children", children });
});

const workload = { kind: "StatefulSet", name: "d" };
const counts = { desired: 3, replicas: 4, updated: 2, ready: 3, available: 3 };
// Two of the four are old, so that one of the three that are ready is new for certain.
const counted = { about: "workload", workload, desired: 3, updated: 2, updatedReady: 1, available: 3 };
const pods = { namespace: "n", flags: ["-l", "a=b"] };
const describePods = { verb: "describe", kind: "pods", ...pods };

it.each<[Rollout["state"], Partial<Rollout>, object | undefined]>([
	["ready", {}, undefined],
	["growing", {}, undefined],
	["absent", {}, { phase: "Pending", finding: { reason: "Progressing", about: "sending", workload } }],
	["outdated", {}, { phase: "Pending", finding: { reason: "Progressing", about: "sending", workload } }],
	["progressing", {}, { phase: "Pending", finding: { reason: "Progressing", ...counted } }],
	["unavailable", {}, { phase: "Degraded", finding: { reason: "ReplicasUnavailable", ...counted } }],
	[
		"deadlineExceeded",
		{ pods },
		{
			phase: "Failed",
			finding: { reason: "ProgressDeadlineExceeded", ...counted, remedy: describePods },
			stalled: true,
		},
	],
	[
		"refused",
		{ detail: "quota" },
		{ phase: "Failed", finding: { reason: "ReplicaFailure", workload, words: "quota" }, stalled: false },
	],
	["refused", { isOverdue: true }, { phase: "Failed", finding: { reason: "ReplicaFailure", workload }, stalled: true }],
])("a rollout that is %s with %j", (its, more, expected) => {
	const verdict = rolloutIncomplete("d", { state: its, ...counts, ...more }, "StatefulSet");
	expect(verdict).toEqual(expected && { ready: "False", ...expected });
});

it("names pods that are not ready, and counts none twice", () => {
	const unready = ["d-1"];
	const rollout = { state: "unavailable", desired: 3, replicas: 3, updated: 3, ready: 2, available: 2 } as const;
	expect(rolloutIncomplete("d", rollout, "Deployment", unready)?.finding).toMatchObject({ unready, updatedReady: 2 });
	expect(rolloutIncomplete("d", { ...rollout, ready: 0 })?.finding).toMatchObject({ updatedReady: 0 });
});

it("what is scaled up stays Ready", () => {
	const verdict = growing("d", { state: "growing", ...counts });
	expect(verdict).toMatchObject({ ready: "True", phase: "Running" });
	expect(verdict.finding).toMatchObject({ workload: { kind: "Deployment", name: "d" }, desired: 3, available: 3 });
});

const part = (status: unknown, generation = 1, hash = "1"): KubeObject => ({
	...child("p", hash),
	metadata: { ...child("p", hash).metadata, generation },
	status,
});
const ready = (status: string, phase?: unknown) => ({
	observedGeneration: 1,
	phase,
	conditions: [{ type: "Ready", status, reason: "Because", message: "of this" }],
});

it.each([
	{ reason: "not there", there: undefined, expected: { ready: false, phase: "Pending" } },
	{ reason: "ready", there: part(ready("True", "Running")), expected: { ready: true, phase: "Running" } },
	{
		reason: "ready before it was changed",
		there: part(ready("True", "Running"), 1, "0"),
		expected: { ready: false, phase: "Pending" },
	},
	{
		reason: "ready at an older generation",
		there: part(ready("True", "Running"), 2),
		expected: { ready: false, phase: "Pending" },
	},
	{
		reason: "no status",
		there: part(undefined),
		expected: { ready: false, phase: "Pending" },
	},
	{
		reason: "no conditions",
		there: part({ observedGeneration: 1, phase: "Running" }),
		expected: { ready: false, phase: "Pending" },
	},
	{
		reason: "not ready",
		there: part(ready("False", "Degraded")),
		expected: { ready: false, phase: "Degraded", its: { reason: "Because", words: "of this" } },
	},
	{
		reason: "unknown, with a phase that is no text",
		there: part(ready("Unknown", 5)),
		expected: { ready: false, phase: "Pending", its: { reason: "Because", words: "of this" } },
	},
])("a part that is $reason", ({ there, expected }) => {
	const state = partState(child("p"), objectMap(there === undefined ? [] : [there]), HASH);
	expect(state).toEqual({ name: "p", ...expected });
});

it("the worst is a failure, then what got worse, then whatever comes first", () => {
	const phases = ["Pending", "Degraded", "Running", "Failed", "Degraded"].map((phase, place) => ({ phase, place }));
	expect(worstFirst(phases).map(({ place }) => place)).toEqual([3, 1, 4, 0, 2]);
});
