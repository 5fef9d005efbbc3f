import type { KubeObject } from "../schemas/common.ts";
import type { RunnerSpec } from "../schemas/scheduling.ts";
import { lastSent } from "./last-sent.ts";
import { recordsAt } from "./object.ts";
import type { PodSpec, Toleration, TopologySpread } from "./types.ts";

// Fields of a pod by which the scheduler chooses its node.

export interface SchedulingPlan {
	readonly placement: RunnerSpec;
	/** Labels of the workload's pods, for spread constraints. */
	readonly selector: Readonly<Record<string, string>>;
	/** Whether pods are spread over zones and nodes, regardless of their number: another template would replace every pod. */
	readonly spread: boolean;
}

export const schedulingFields = ({ placement, selector, spread }: SchedulingPlan): Omit<PodSpec, "containers"> => ({
	nodeSelector: placement.nodeSelector,
	affinity: placement.affinity,
	tolerations: placement.tolerations?.map(withoutEmptyTexts),
	priorityClassName: placement.priorityClassName,
	runtimeClassName: placement.runtimeClassName,
	topologySpreadConstraints:
		placement.topologySpreadConstraints?.map(
			(constraint): TopologySpread => ({
				labelSelector: { matchLabels: selector },
				...constraint,
			}),
		) ?? (spread ? softSpread(selector) : undefined),
});

/** The API server does not store an empty key or value. */
const withoutEmptyTexts = (toleration: Toleration): object =>
	Object.fromEntries(Object.entries(toleration).filter(([, value]) => value !== ""));

/** Spread over zones first, then over nodes; never a reason for a pending pod. */
const softSpread = (selector: Readonly<Record<string, string>>) =>
	["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
		(topologyKey): TopologySpread => ({
			maxSkew: 1,
			topologyKey,
			whenUnsatisfiable: "ScheduleAnyway",
			labelSelector: { matchLabels: selector },
		}),
	);

/**
 * Whether a workload's pods are spread: those of a new one are. A workload without it, as operators up to 0.1.0 created single pods,
 * stays so: another template would replace every pod.
 */
export const isSpread = (observed: KubeObject | undefined): boolean =>
	observed === undefined ||
	recordsAt(lastSent(observed), "spec", "template", "spec", "topologySpreadConstraints").length > 0;
