import type { KubeObject } from "../schemas/common.ts";
import type { KubectlCommand, Named } from "../schemas/findings/command.ts";
import type { Warning } from "../schemas/findings/finding.ts";
import type { Held } from "../schemas/findings/workloads.ts";
import { type Hold, MOST_HELD } from "../schemas/held-rollouts.ts";
import type { ObjectMap } from "../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../schemas/vocabulary.ts";
import type { Verdict } from "./conditions.ts";
import { isRecord, observedOf, valueAt } from "./object.ts";
import { isOutdated } from "./pod-changes.ts";
import { type Rollout, workloadRollout } from "./rollout.ts";

// Fields that a user set on a child, that the operator does not set, and that block it. They stay, because the user intended
// them, and are reported.

interface HeldWorkload {
	readonly held: Held;
	readonly rollout: Rollout;
}

/** Rollouts that are paused or blocked. */
export const rolloutHeld = (wanted: readonly KubeObject[], observed: ObjectMap): Verdict | undefined => {
	const [first] = heldWorkloads(wanted, observed).filter(isWaiting);
	return first && heldVerdict(first.held);
};

export const heldVerdict = (held: Held): Verdict => ({
	ready: "False",
	phase: "Degraded",
	finding: { reason: "RolloutHeld", ...held },
	stalled: true,
});

export const foreignFields = (wanted: readonly KubeObject[], observed: ObjectMap): Warning[] => [
	...heldWorkloads(wanted, observed)
		.filter((workload) => !isWaiting(workload))
		.map(({ held }): Warning => ({ warning: "HoldInPlace", ...held })),
	...wanted.flatMap((child) => foreignSelector(child, observedOf(observed, child))),
];

const isWaiting = ({ rollout: { state, updated, desired } }: HeldWorkload): boolean =>
	state !== "outdated" && (updated < desired || state === "progressing");

const heldWorkloads = (wanted: readonly KubeObject[], observed: ObjectMap): HeldWorkload[] =>
	wanted.flatMap((child) => {
		const there = observedOf(observed, child);
		const hold = there && fieldHold(there);
		if (hold === undefined) return [];
		const { kind, metadata } = child;
		const held = heldBy(hold, { kind, name: metadata.name }, metadata.namespace);
		return [{ held, rollout: workloadRollout(child, there, DESIRED_HASH_ANNOTATION) }];
	});

/** A rollout that a field of the workload's spec blocks. */
export const fieldHold = ({ kind, spec }: KubeObject): Hold | undefined => {
	if (kind === "Deployment") return valueAt(spec, "paused") === true ? { by: "paused" } : undefined;
	if (kind !== "StatefulSet") return undefined;
	if (valueAt(spec, "updateStrategy", "type") === "OnDelete") return { by: "OnDelete" };
	const partition = valueAt(spec, "updateStrategy", "rollingUpdate", "partition");
	return typeof partition === "number" && partition > 0 ? { by: "partition", partition } : undefined;
};

/** A pod of a StatefulSet, from its EndpointSlice. */
export interface SetPod {
	readonly name: string;
	readonly ready: boolean;
	readonly terminating: boolean;
}

/**
 * A StatefulSet whose pods of an older revision are not ready. Their revision is unknown: pods are updated from the last to the
 * first, and after a revert, the pods that are not ready have the failed revision. `pods` are in order.
 */
export const podHold = ({ mayKeep, replicas, updated }: Rollout, pods: readonly SetPod[]): Hold | undefined => {
	if (mayKeep === undefined || pods.length !== replicas) return undefined;
	const unready = pods.flatMap((pod, index) => (pod.ready ? [] : [{ ...pod, index }]));
	const isReplacing = unready.some(
		({ terminating, index }) => terminating || (mayKeep === "changed" && index >= replicas - updated),
	);
	if (isReplacing || unready.length === 0) return undefined;
	return { by: "pods", pods: unready.slice(0, MOST_HELD).map(({ name }) => name) };
};

/** What blocks a workload's rollout, with the command that continues it. */
export const heldBy = (hold: Hold, workload: Named, namespace = "default"): Held => ({
	workload,
	hold,
	remedy: endOf(hold, workload, namespace),
});

const endOf = ({ by, pods = [] }: Hold, workload: Named, namespace: string): KubectlCommand => {
	const { name } = workload;
	const kind = workload.kind.toLowerCase();
	if (by === "paused") return { verb: "rollout resume", kind, name, namespace };
	const [first, ...others] = pods;
	if (first !== undefined) return { verb: "delete", kind: "pod", name: first, others, namespace };
	const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 0 } };
	const patch = JSON.stringify({ spec: { updateStrategy } });
	return { verb: "patch", kind, name, namespace, flags: ["--type", "merge", "-p", patch] };
};

const foreignSelector = (wanted: KubeObject, observed: KubeObject | undefined): Warning[] => {
	if (wanted.kind !== "Service" || observed === undefined) return [];
	if (isOutdated(wanted, observed, DESIRED_HASH_ANNOTATION)) return [];
	const [ours, theirs] = [wanted, observed].map((service) => valueAt(service["spec"], "selector"));
	if (!isRecord(ours) || !isRecord(theirs)) return [];
	const labels = Object.entries(theirs).flatMap(([key, value]) => (key in ours ? [] : [`${key}=${String(value)}`]));
	return labels.length === 0 ? [] : [{ warning: "ForeignSelector", service: wanted.metadata.name, labels }];
};
