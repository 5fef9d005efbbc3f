import { refusedVerdict } from "../../kube/answer.ts";
import { childrenOutdated, rolloutIncomplete } from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { isRecord, kindKey, objectKey, observedOf } from "../../kube/object.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { type Rollout, rolloutOf } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PatternRunnerStatus } from "../../schemas/patternrunner.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { RunnerPlan } from "./plan.ts";

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (
	plan: RunnerPlan | Refusal,
	children: readonly KubeObject[],
	observed: ObjectMap,
): Verdict => {
	if (isRefusal(plan)) return refusedVerdict(plan);
	const rollout = runnerRollout(children, observed);
	return (
		plan.backend.finding ??
		rolloutIncomplete(plan.name, rollout ?? ABSENT) ??
		childrenOutdated(children, observed, DESIRED_HASH_ANNOTATION) ??
		ready(rollout ?? ABSENT)
	);
};

const ABSENT: Rollout = { state: "absent", desired: 0, replicas: 0, updated: 0, ready: 0, available: 0 };

const ready = ({ available, desired }: Rollout): Verdict => {
	if (desired === 0)
		return { ready: "True", phase: "Running", reason: "ScaledToZero", message: "no pods are wanted, and none run" };
	return {
		ready: "True",
		phase: "Running",
		reason: "DeploymentReady",
		message: `${available} of ${desired} pods are available`,
	};
};

const runnerRollout = (children: readonly KubeObject[], observed: ObjectMap): Rollout | undefined => {
	const wanted = children.find(({ kind }) => kind === "Deployment");
	return wanted && rolloutOf(wanted, observedOf(observed, wanted), DESIRED_HASH_ANNOTATION);
};

/** The counts and addresses that were observed, whatever the plan is. */
export const statusFields = (
	runner: KubeObject,
	children: readonly KubeObject[],
	observed: ObjectMap,
): Partial<PatternRunnerStatus> => {
	const rollout = runnerRollout(children, observed);
	const endpoint = endpointOf(observed[kindKey("v1", "Service")]?.[objectKey(runner)]);
	return {
		...(rollout !== undefined &&
			rollout.state !== "absent" && {
				replicas: rollout.replicas,
				updatedReplicas: rollout.updated,
				readyReplicas: rollout.ready,
				availableReplicas: rollout.available,
			}),
		selector: `app=prism,runner=${runner.metadata.name}`,
		...(endpoint !== undefined && { endpoint }),
	};
};

const endpointOf = (service: KubeObject | undefined): string | undefined => {
	const spec = service?.["spec"];
	if (service === undefined || !isRecord(spec) || !Array.isArray(spec["ports"])) return undefined;
	const [port] = spec["ports"].filter(isRecord);
	if (typeof port?.["port"] !== "number") return undefined;
	return `${service.metadata.name}.${service.metadata.namespace ?? "default"}.svc:${port["port"]}`;
};
