import { millisOf } from "../../../kube/time.ts";
import { withoutZeros } from "./pods.ts";
import { replicasOf, rollingLimits, sum } from "./rollout.ts";
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from "./shapes.ts";

// What the deployment controller reports of a Deployment, with the reasons that people and tools know.

export const deploymentStatus = (
	deployment: Deployment,
	newest: ReplicaSet | undefined,
	sets: readonly ReplicaSet[],
	now: string,
): DeploymentStatus => {
	const count = (field: "replicas" | "readyReplicas" | "availableReplicas") =>
		sum(sets.map((set) => set.status?.[field] ?? 0));
	const counts = {
		observedGeneration: deployment.metadata.generation ?? 0,
		replicas: count("replicas"),
		updatedReplicas: newest?.status?.replicas ?? 0,
		readyReplicas: count("readyReplicas"),
		availableReplicas: count("availableReplicas"),
	};
	const unavailableReplicas = Math.max(0, sum(sets.map(replicasOf)) - counts.availableReplicas);
	const withAvailable = setCondition(deployment.status?.conditions ?? [], availability(deployment, counts), now);
	const withFailure = replicaFailure(withAvailable, sets, now);
	const progress = progressing(deployment, newest, counts, now);
	const conditions = progress ? setCondition(withFailure, progress, now) : withFailure;
	return { ...withoutZeros({ ...counts, unavailableReplicas }), conditions };
};

interface Counts {
	readonly replicas: number;
	readonly updatedReplicas: number;
	readonly readyReplicas: number;
	readonly availableReplicas: number;
}

const conditionOf = (conditions: readonly Condition[] | undefined, wanted: string): Condition | undefined =>
	conditions?.find(({ type }) => type === wanted);

/** A condition whose status and reason stay keeps its place, message and times. */
const setCondition = (conditions: readonly Condition[], next: Condition, now: string): readonly Condition[] => {
	const before = conditionOf(conditions, next.type);
	const isSame = before?.status === next.status && before.reason === next.reason;
	if (isSame && before.lastUpdateTime === (next.lastUpdateTime ?? before.lastUpdateTime)) return conditions;
	const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? now) : now;
	const others = conditions.filter(({ type }) => type !== next.type);
	return [...others, { lastUpdateTime: now, ...next, lastTransitionTime }];
};

const availability = (deployment: Deployment, { availableReplicas }: Counts): Condition => {
	const least = (deployment.spec.replicas ?? 1) - rollingLimits(deployment).maxUnavailable;
	if (availableReplicas >= least) {
		return {
			type: "Available",
			status: "True",
			reason: "MinimumReplicasAvailable",
			message: "Deployment has minimum availability.",
		};
	}
	return {
		type: "Available",
		status: "False",
		reason: "MinimumReplicasUnavailable",
		message: "Deployment does not have minimum availability.",
	};
};

const replicaFailure = (conditions: readonly Condition[], sets: readonly ReplicaSet[], now: string) => {
	const failure = sets.map((set) => conditionOf(set.status?.conditions, "ReplicaFailure")).find(Boolean);
	if (!failure) return conditions.filter(({ type }) => type !== "ReplicaFailure");
	const { reason = "", message = "" } = failure;
	return setCondition(conditions, { type: "ReplicaFailure", status: "True", reason, message }, now);
};

/** undefined: the Progressing condition stays as it is. */
const progressing = (
	deployment: Deployment,
	newest: ReplicaSet | undefined,
	counts: Counts,
	now: string,
): Condition | undefined => {
	const type = "Progressing";
	if (deployment.spec.paused) {
		return { type, status: "Unknown", reason: "DeploymentPaused", message: "Deployment is paused" };
	}
	const deadline = deployment.spec.progressDeadlineSeconds;
	if (!newest || deadline === undefined) return undefined;
	const before = conditionOf(deployment.status?.conditions, type);
	const name = JSON.stringify(newest.metadata.name);
	if (!before?.message?.includes(name)) {
		return { type, status: "True", reason: "NewReplicaSetCreated", message: `Created new replica set ${name}` };
	}
	// Once complete, only another template starts again: Available reports pods that fail later.
	if (before.reason === "NewReplicaSetAvailable" && counts.replicas === counts.updatedReplicas) return undefined;
	const wanted = deployment.spec.replicas ?? 1;
	const isComplete = [counts.updatedReplicas, counts.replicas, counts.availableReplicas].every((n) => n === wanted);
	if (isComplete) {
		const message = `ReplicaSet ${name} has successfully progressed.`;
		return { type, status: "True", reason: "NewReplicaSetAvailable", message };
	}
	if (hasMoved(deployment.status ?? {}, counts)) {
		const message = `ReplicaSet ${name} is progressing.`;
		// Each step restarts the deadline.
		return { type, status: "True", reason: "ReplicaSetUpdated", message, lastUpdateTime: now };
	}
	if (before.reason === "NewReplicaSetAvailable") return undefined;
	if (millisOf(now) <= millisOf(before.lastUpdateTime ?? now) + 1000 * deadline) return undefined;
	const message = `ReplicaSet ${name} has timed out progressing.`;
	return { type, status: "False", reason: "ProgressDeadlineExceeded", message };
};

const hasMoved = (before: DeploymentStatus, now: Counts): boolean => {
	const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = before;
	return (
		now.updatedReplicas > updatedReplicas ||
		now.replicas - now.updatedReplicas < replicas - updatedReplicas ||
		now.readyReplicas > readyReplicas ||
		now.availableReplicas > availableReplicas
	);
};

/** Milliseconds until a rollout that doesn't move is called stuck; undefined when there is nothing to wait for. */
export const millisToDeadline = (deployment: Deployment, status: DeploymentStatus, now: number): number | undefined => {
	const { progressDeadlineSeconds: deadline, paused } = deployment.spec;
	const { reason = "", lastUpdateTime = "" } = conditionOf(status.conditions, "Progressing") ?? {};
	if (deadline === undefined || paused) return undefined;
	if (!["NewReplicaSetCreated", "ReplicaSetUpdated"].includes(reason)) return undefined;
	// Timestamps are in whole seconds: one more, or the look comes just before the deadline.
	return Math.max(millisOf(lastUpdateTime) + 1000 * (deadline + 1) - now, 1000);
};
