import { expect, test } from "vitest";
import { deploymentStatus, millisToDeadline } from "../../../../devcluster/controllers/workloads/deployment-status.ts";
import {
	type Condition,
	type Deployment,
	type DeploymentStatus,
	isDeployment,
	type ReplicaSet,
	type ReplicaSetStatus,
} from "../../../../devcluster/controllers/workloads/shapes.ts";
import { deployment } from "../../workload-objects.ts";

const START = "2026-01-01T00:00:00Z";
const LATER = "2026-01-01T00:10:01Z";

const demo = (spec: Record<string, unknown> = {}, status?: DeploymentStatus): Deployment => {
	const object = deployment({ replicas: 2, progressDeadlineSeconds: 600, ...spec });
	if (!isDeployment(object)) throw new Error("another kind");
	return { ...object, metadata: { ...object.metadata, generation: 3 }, ...(status && { status }) };
};
const set = (name: string, replicas: number, status: Partial<ReplicaSetStatus> = {}): ReplicaSet => ({
	apiVersion: "apps/v1",
	kind: "ReplicaSet",
	metadata: { name },
	spec: { replicas, selector: {}, template: { spec: { containers: [] } } },
	status: { replicas, ...status },
});
const full = { readyReplicas: 2, availableReplicas: 2 };
const progressing = (reason: string, message = 'set "new"'): Condition => ({
	type: "Progressing",
	status: "True",
	reason,
	message,
	lastUpdateTime: START,
	lastTransitionTime: START,
});
const reasonOf = ({ conditions }: DeploymentStatus, type = "Progressing") =>
	conditions?.find((condition) => condition.type === type)?.reason;

test("counts are those of all sets, without zeros", () => {
	const [newest, old] = [set("new", 1), set("old", 2, full)];
	expect(deploymentStatus(demo(), newest, [newest, old], START)).toMatchObject({
		observedGeneration: 3,
		replicas: 3,
		updatedReplicas: 1,
		readyReplicas: 2,
		availableReplicas: 2,
		unavailableReplicas: 1,
	});
	expect(deploymentStatus(demo(), undefined, [], START)).toEqual({
		observedGeneration: 3,
		conditions: [expect.objectContaining({ type: "Available", status: "False" })],
	});
});

test.each([
	[2, 2, "MinimumReplicasAvailable"],
	[2, 1, "MinimumReplicasUnavailable"],
	// A quarter of four may be missing.
	[4, 3, "MinimumReplicasAvailable"],
	[0, 0, "MinimumReplicasAvailable"],
])("of %d replicas, %d available: %s", (replicas, availableReplicas, reason) => {
	const newest = set("new", replicas, { availableReplicas });
	expect(reasonOf(deploymentStatus(demo({ replicas }), newest, [newest], START), "Available")).toBe(reason);
});

const counts = { replicas: 2, updatedReplicas: 2 };
const done = { ...counts, readyReplicas: 2, availableReplicas: 2 };

test.each<[string, Deployment, Partial<ReplicaSetStatus>, string, string | undefined]>([
	[
		"a new template",
		demo({}, { conditions: [progressing("NewReplicaSetAvailable", 'set "old"')] }),
		{},
		START,
		"NewReplicaSetCreated",
	],
	["the first one", demo(), {}, START, "NewReplicaSetCreated"],
	[
		"a step",
		demo({}, { ...counts, conditions: [progressing("NewReplicaSetCreated")] }),
		{ readyReplicas: 1 },
		LATER,
		"ReplicaSetUpdated",
	],
	[
		"the end",
		demo({}, { ...counts, conditions: [progressing("ReplicaSetUpdated")] }),
		full,
		START,
		"NewReplicaSetAvailable",
	],
	[
		"no step within the deadline",
		demo({}, { ...counts, conditions: [progressing("ReplicaSetUpdated")] }),
		{},
		START,
		"ReplicaSetUpdated",
	],
	[
		"no step after the deadline",
		demo({}, { ...counts, conditions: [progressing("ReplicaSetUpdated")] }),
		{},
		LATER,
		"ProgressDeadlineExceeded",
	],
	[
		"a pod that fails later",
		demo({}, { ...done, conditions: [progressing("NewReplicaSetAvailable")] }),
		{},
		LATER,
		"NewReplicaSetAvailable",
	],
	[
		"a pause",
		demo({ paused: true }, { conditions: [progressing("ReplicaSetUpdated")] }),
		{},
		LATER,
		"DeploymentPaused",
	],
	["no deadline", demo({ progressDeadlineSeconds: undefined }), {}, START, undefined],
])("progress: %s", (_, owner, status, now, reason) => {
	const newest = set("new", 2, status);
	expect(reasonOf(deploymentStatus(owner, newest, [newest], now))).toBe(reason);
});

test("pods that can't be created are reported, until they can", () => {
	const condition: Condition = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "quota" };
	const failing = set("new", 2, { conditions: [condition] });
	const status = deploymentStatus(demo(), failing, [failing], START);
	expect(reasonOf(status, "ReplicaFailure")).toBe("FailedCreate");
	const works = set("new", 2, full);
	expect(reasonOf(deploymentStatus(demo({}, status), works, [works], LATER), "ReplicaFailure")).toBeUndefined();
});

test("a condition that stays the same keeps its times", () => {
	const newest = set("new", 2, full);
	const first = deploymentStatus(
		demo({}, { ...counts, conditions: [progressing("ReplicaSetUpdated")] }),
		newest,
		[newest],
		START,
	);
	expect(deploymentStatus(demo({}, first), newest, [newest], LATER).conditions).toEqual(first.conditions);
});

const AT = Date.parse(START);
test.each<[string, Record<string, unknown>, Condition, number, number | undefined]>([
	["from its start", {}, progressing("NewReplicaSetCreated"), AT, 601_000],
	["a while after a step", {}, progressing("ReplicaSetUpdated"), AT + 100_000, 501_000],
	["when it is over", {}, progressing("ReplicaSetUpdated"), AT + 700_000, 1000],
	["of a finished one", {}, progressing("NewReplicaSetAvailable"), AT, undefined],
	["while it is paused", { paused: true }, progressing("ReplicaSetUpdated"), AT, undefined],
	["without one", { progressDeadlineSeconds: undefined }, progressing("ReplicaSetUpdated"), AT, undefined],
])("the deadline of a rollout %s", (_, spec, condition, now, ms) => {
	expect(millisToDeadline(demo(spec), { conditions: [condition] }, now)).toBe(ms);
});
