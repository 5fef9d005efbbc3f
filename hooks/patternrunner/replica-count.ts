import { kindKey } from "../../kube/object.ts";
import { type PodCount, podCount } from "../../kube/replica-count.ts";
import { countOf } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { RunnerPlan } from "./plan.ts";

/** What of a request children follow from. */
export type RunnerSeen = Pick<CompositeRequest, "parent" | "children">;

export const observedDeployment = (
	{ namespace, name }: Pick<RunnerPlan, "namespace" | "name">,
	{ children }: RunnerSeen,
): KubeObject | undefined => children[kindKey("apps/v1", "Deployment")]?.[`${namespace}/${name}`];

/** How many pods the runner is to have. */
export const runnerCount = (plan: RunnerPlan, seen: RunnerSeen): PodCount =>
	podCount({
		sizing: plan.sizing,
		path: "spec",
		had: countOf(seen.parent["status"], "replicas"),
		observed: observedDeployment(plan, seen),
	});
