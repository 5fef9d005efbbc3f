import { firstFound, type StatusCheck } from "../../kube/check-list.ts";
import { childrenOutdated, growing, rolloutIncomplete } from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { isRecord, kindKey, objectKey, observedOf, valueAt } from "../../kube/object.ts";
import { refusedVerdict } from "../../kube/response.ts";
import { type Rollout, rolloutOf } from "../../kube/rollout.ts";
import { withGrowth } from "../../kube/scale-up.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import type { Written } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PatternRunnerStatus } from "../../schemas/patternrunner.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { RunnerPlan } from "./plan.ts";

/** What the verdict is about. */
export interface Observation {
	readonly runner: KubeObject;
	readonly children: readonly KubeObject[];
	readonly observed: ObjectMap;
	readonly now: string;
}

/** Input of the checks. */
interface StatusInput extends Observation {
	readonly plan: RunnerPlan;
	readonly rollout: Rollout;
}

/** The first finding of the ordered checks, or that the runner is Ready. */
export const verdictOf = (plan: RunnerPlan | Refusal, observation: Observation): Verdict => {
	if (isRefusal(plan)) return refusedVerdict(plan);
	const { runner, children, observed, now } = observation;
	const before = { parent: runner, available: valueAt(runner["status"], "availableReplicas"), now };
	const wanted = children.find(({ kind }) => kind === "Deployment");
	const found = runnerRollout(children, observed);
	const rollout = wanted && found ? withGrowth(found, wanted, before) : ABSENT;
	return firstFound(STATUS_CHECKS, { ...observation, plan, rollout }) ?? ready(plan.name, rollout);
};

const backendUnusable: StatusCheck<StatusInput> = ({ plan }) => plan.backend.verdict;

const rolloutUnfinished: StatusCheck<StatusInput> = ({ plan, rollout }) => rolloutIncomplete(plan.name, rollout);

const outdated: StatusCheck<StatusInput> = ({ children, observed }) =>
	childrenOutdated(children, observed, DESIRED_HASH_ANNOTATION);

const STATUS_CHECKS = [backendUnusable, rolloutUnfinished, outdated];

const ABSENT: Rollout = { state: "absent", desired: 0, replicas: 0, updated: 0, ready: 0, available: 0 };

const ready = (name: string, rollout: Rollout): Verdict => {
	if (rollout.state === "growing") return growing(name, rollout);
	const { available, desired } = rollout;
	if (desired === 0) return { ready: "True", phase: "Running", finding: { reason: "ScaledToZero" } };
	return { ready: "True", phase: "Running", finding: { reason: "DeploymentReady", available, desired } };
};

const runnerRollout = (children: readonly KubeObject[], observed: ObjectMap): Rollout | undefined => {
	const wanted = children.find(({ kind }) => kind === "Deployment");
	return wanted && rolloutOf(wanted, observedOf(observed, wanted), DESIRED_HASH_ANNOTATION);
};

/** The counts and the address that were observed, whatever the plan is. */
export const statusFields = (
	runner: KubeObject,
	children: readonly KubeObject[],
	observed: ObjectMap,
): Written<PatternRunnerStatus> => {
	const counts = isCounted(children, observed) ? runnerRollout(children, observed) : undefined;
	const isTold = counts !== undefined || valueAt(runner["status"], "endpoint") !== undefined;
	return {
		replicas: counts?.replicas,
		updatedReplicas: counts?.updated,
		readyReplicas: counts?.ready,
		availableReplicas: counts?.available,
		selector: `app=prism,runner=${runner.metadata.name}`,
		endpoint: isTold ? endpointOf(observed[kindKey("v1", "Service")]?.[objectKey(runner)]) : undefined,
	};
};

/**
 * Whether the Deployment's own controller has counted its pods. Earlier findings are reported together with the first
 * counts: a status write of its own for each new runner would have no use.
 */
const isCounted = (children: readonly KubeObject[], observed: ObjectMap): boolean => {
	const wanted = children.find(({ kind }) => kind === "Deployment");
	const there = wanted && observedOf(observed, wanted);
	return valueAt(there?.["status"], "observedGeneration") !== undefined;
};

const endpointOf = (service: KubeObject | undefined): string | undefined => {
	const spec = service?.["spec"];
	if (service === undefined || !isRecord(spec) || !Array.isArray(spec["ports"])) return undefined;
	const [port] = spec["ports"].filter(isRecord);
	if (typeof port?.["port"] !== "number") return undefined;
	return `${service.metadata.name}.${service.metadata.namespace ?? "default"}.svc:${port["port"]}`;
};
