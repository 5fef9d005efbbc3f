import { refusedVerdict } from "../../kube/answer.ts";
import { childrenOutdated, rolloutIncomplete } from "../../kube/checks.ts";
import { conditionOf, type Verdict } from "../../kube/conditions.ts";
import { isRecord, observedOf } from "../../kube/object.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { rolloutOf } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { BackendPlan } from "./plan.ts";

/** What the status is computed from. */
export interface Observation {
	readonly backend: KubeObject;
	readonly children: readonly KubeObject[];
	readonly observed: ObjectMap;
	readonly now: string;
}

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (plan: BackendPlan | Refusal, observation: Observation): Verdict => {
	if (isRefusal(plan)) return refusedVerdict(plan);
	return unpublished(observation) ?? unhealthy(plan, observation) ?? ready(plan);
};

/** The objects that runners mount are not there yet, or not as they are about to be sent. */
const unpublished = ({ children, observed }: Observation): Verdict | undefined =>
	childrenOutdated(
		children.filter(({ kind }) => kind !== "Deployment"),
		observed,
		DESIRED_HASH_ANNOTATION,
	);

/** Seconds that a probe gets for its first answer, before silence is a verdict. One that has answered gets none. */
export const FIRST_ANSWER_SECONDS = 15;

const unhealthy = ({ binding, health }: BackendPlan, observation: Observation): Verdict | undefined => {
	const wanted = observation.children.find(({ kind }) => kind === "Deployment");
	if (wanted === undefined || health.by !== "probe") return undefined;
	const observed = observedOf(observation.observed, wanted);
	const rollout = rolloutOf(wanted, observed, DESIRED_HASH_ANNOTATION);
	if (rollout.state === "ready") return undefined;
	if (rollout.state === "refused" || rollout.updated < rollout.desired || rollout.state === "outdated")
		return rolloutIncomplete(health.name, rollout);
	const silent = secondsBetween(answeredAt(observed) ?? observation.now, observation.now);
	if (silent < FIRST_ANSWER_SECONDS && healthyBefore(observation.backend) === undefined)
		return {
			ready: "False",
			phase: "Pending",
			reason: "Progressing",
			message: `Deployment ${health.name} has not told yet whether the backend answers`,
		};
	return {
		ready: "False",
		phase: "Degraded",
		reason: "BackendUnhealthy",
		message: `the backend (${binding.provider}) does not answer as it should. See why: kubectl logs deployment/${health.name}`,
	};
};

const ready = ({ binding, health }: BackendPlan): Verdict => {
	const published = `the connection (${binding.provider}) is published in ConfigMap ${binding.configMap}`;
	if (health.by === "nobody")
		return { ready: "True", phase: "Ready", reason: "NotChecked", message: `${published}; ${health.because}` };
	const message =
		health.by === "nature" ? `${published}, and needs no backend` : `${published}, and the backend answers its probe`;
	return { ready: "True", phase: "Ready", reason: "BackendHealthy", message };
};

/** When the probe's Deployment last changed between available and not: the probe's latest verdict. */
const answeredAt = (probe: KubeObject | undefined): string | undefined =>
	probe && conditionOf(probe, "Available")?.lastTransitionTime;

const healthyBefore = (backend: KubeObject): unknown => {
	const status = backend["status"];
	return isRecord(status) ? status["healthy"] : undefined;
};

// ── Fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The binding is told once the objects that it names were observed. Until then, and while the spec is refused, it stays
 * what it was: the runners that use it go on undisturbed. An unhealthy backend is no reason to take it away from them.
 */
export const statusFields = (plan: BackendPlan | Refusal, observation: Observation): Record<string, unknown> => {
	const told = !isRefusal(plan) && unpublished(observation) === undefined;
	return {
		binding: told ? plan.binding : previousBinding(observation.backend),
		...(told && healthFields(plan, observation)),
	};
};

const healthFields = (plan: BackendPlan, observation: Observation): Record<string, unknown> => {
	if (plan.health.by === "nobody") return {};
	if (plan.health.by === "nature") return { healthy: true };
	const finding = unhealthy(plan, observation);
	if (finding !== undefined && finding.reason !== "BackendUnhealthy") return {};
	const wanted = observation.children.find(({ kind }) => kind === "Deployment");
	return {
		healthy: finding === undefined,
		lastChecked: answeredAt(wanted && observedOf(observation.observed, wanted)),
	};
};

const previousBinding = (backend: KubeObject): unknown => {
	const status = backend["status"];
	return isRecord(status) ? status["binding"] : undefined;
};

/** The Ready condition's message, once more where a column of `kubectl get` finds it. */
export const withMessage = (backend: KubeObject, status: Record<string, unknown>): Record<string, unknown> => ({
	...status,
	message: conditionOf({ ...backend, status }, "Ready")?.message,
});
