import { describe, expect, it } from "vitest";
import { type RolloutState, rolloutOf, statefulSetRollout } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";

const HASH = "test/hash";
const wanted = (replicas: number | undefined = 3, hash = "1"): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "d", namespace: "n", annotations: { [HASH]: hash } },
	spec: { replicas },
});

const condition = (type: string, status: string, reason: string, message = "because") => ({
	type,
	status,
	reason,
	message,
	lastTransitionTime: "2026-01-01T00:00:00Z",
});
const complete = condition("Progressing", "True", "NewReplicaSetAvailable");
const rolling = condition("Progressing", "True", "ReplicaSetUpdated");
const stuck = condition("Progressing", "False", "ProgressDeadlineExceeded");
const refused = condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota");

const observed = (status: unknown, generation = 1, hash = "1"): KubeObject => ({
	...wanted(3, hash),
	metadata: { ...wanted(3, hash).metadata, generation },
	status,
});
const counts = (
	replicas: number,
	updated: number,
	available: number,
	conditions: unknown[] = [complete],
	seen = 1,
) => ({
	observedGeneration: seen,
	replicas,
	updatedReplicas: updated,
	readyReplicas: available,
	availableReplicas: available,
	conditions,
});

const ROLLOUTS: readonly {
	reason: string;
	there: KubeObject | undefined;
	state: RolloutState;
	replicas?: number;
}[] = [
	{ reason: "not there", there: undefined, state: "absent" },
	{
		reason: "sent with another hash",
		there: observed(counts(3, 3, 3), 1, "0"),
		state: "outdated",
	},
	{ reason: "its controller has not seen it", there: observed(counts(3, 3, 3), 2), state: "outdated" },
	{ reason: "it has no status", there: observed(undefined), state: "outdated" },
	{ reason: "its status is malformed", there: observed("broken"), state: "outdated" },
	{ reason: "all pods are available", there: observed(counts(3, 3, 3)), state: "ready" },
	{ reason: "all are, and nobody says how", there: observed(counts(3, 3, 3, [])), state: "ready" },
	{ reason: "none are wanted", there: observed(counts(0, 0, 0)), state: "ready", replicas: 0 },
	{
		reason: "some are not updated",
		there: observed(counts(3, 2, 3, [rolling])),
		state: "progressing",
	},
	{
		reason: "a new one does not start, and the old one serves",
		there: observed(counts(2, 1, 1, [rolling])),
		state: "progressing",
		replicas: 1,
	},
	{ reason: "old ones are still there", there: observed(counts(4, 3, 3, [rolling])), state: "progressing" },
	{ reason: "new ones are not available yet", there: observed(counts(3, 3, 1, [rolling])), state: "progressing" },
	{
		reason: "it was complete and a pod fell out",
		there: observed(counts(3, 3, 2)),
		state: "unavailable",
	},
	{
		reason: "past its deadline",
		there: observed(counts(3, 1, 2, [stuck])),
		state: "deadlineExceeded",
	},
	{
		reason: "no pod may be created",
		there: observed(counts(0, 0, 0, [refused, rolling])),
		state: "refused",
	},
	{
		reason: "refused and past its deadline",
		there: observed(counts(0, 0, 0, [refused, stuck])),
		state: "refused",
	},
	{
		reason: "past the deadline of an older specification",
		there: observed(counts(3, 1, 2, [stuck]), 1, "0"),
		state: "outdated",
	},
	{ reason: "scaled down, and old pods are ending", there: observed(counts(5, 5, 5)), state: "ready" },
	{
		reason: "counts that are no numbers",
		there: observed({ observedGeneration: 1, replicas: "3", updatedReplicas: null }),
		state: "progressing",
	},
];

describe("rollouts", () => {
	it.each(ROLLOUTS)("$state: $reason", ({ there, state, replicas }) => {
		expect(rolloutOf(wanted(replicas), there, HASH).state).toBe(state);
	});

	it("covers every state", () => {
		expect(new Set(ROLLOUTS.map(({ state }) => state)).size).toBe(7);
	});

	it("wants one pod when nobody says how many", () => {
		const { spec: _spec, ...bare } = wanted();
		expect(rolloutOf(bare, undefined, HASH).desired).toBe(1);
	});
});

// replicas, updated, ready; then the revisions, the observed generation and what is available.
const setStatus = (
	[replicas, updatedReplicas, readyReplicas]: readonly [number, number, number],
	changes: Record<string, unknown> = {},
) => ({
	observedGeneration: 1,
	replicas,
	updatedReplicas,
	readyReplicas,
	availableReplicas: readyReplicas,
	currentRevision: "one",
	updateRevision: "one",
	...changes,
});

const SET_ROLLOUTS: readonly {
	reason: string;
	there: KubeObject | undefined;
	state: RolloutState;
	replicas?: number;
}[] = [
	{ reason: "not there", there: undefined, state: "absent" },
	{ reason: "sent with another hash", there: observed(setStatus([3, 3, 3]), 1, "0"), state: "outdated" },
	{ reason: "its controller has not seen it", there: observed(setStatus([3, 3, 3]), 2), state: "outdated" },
	{ reason: "its status is malformed", there: observed("broken"), state: "outdated" },
	{ reason: "all pods are ready", there: observed(setStatus([3, 3, 3])), state: "ready" },
	{ reason: "none are wanted", there: observed(setStatus([0, 0, 0])), state: "ready", replicas: 0 },
	{ reason: "pods are missing", there: observed(setStatus([1, 1, 1])), state: "progressing" },
	{ reason: "pods beyond the count are on their way out", there: observed(setStatus([5, 4, 5])), state: "ready" },
	{
		reason: "an old pod is left among those that are wanted",
		there: observed(setStatus([5, 2, 5])),
		state: "progressing",
	},
	{
		reason: "the update is under way",
		there: observed(setStatus([3, 1, 3], { updateRevision: "two" })),
		state: "progressing",
	},
	{
		reason: "the update is done, and its last pod is not ready",
		there: observed(setStatus([3, 3, 2], { updateRevision: "two" })),
		state: "progressing",
	},
	{ reason: "a pod is not ready", there: observed(setStatus([3, 3, 2])), state: "unavailable" },
	{
		reason: "a pod has not been ready for long enough",
		there: observed(setStatus([3, 3, 3], { availableReplicas: 2 })),
		state: "unavailable",
	},
	{
		reason: "its server does not tell how many are available",
		there: observed(setStatus([3, 3, 3], { availableReplicas: undefined })),
		state: "ready",
	},
];

describe("the rollout of a StatefulSet", () => {
	it.each(SET_ROLLOUTS)("$state: $reason", ({ there, state, replicas }) => {
		expect(statefulSetRollout(wanted(replicas), there, HASH).state).toBe(state);
	});
});
