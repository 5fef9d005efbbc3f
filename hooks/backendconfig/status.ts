import { firstFound, type StatusCheck } from "../../kube/check-list.ts";
import { childrenOutdated, rolloutIncomplete } from "../../kube/checks.ts";
import { conditionOf, type Verdict } from "../../kube/conditions.ts";
import { lastSent } from "../../kube/last-sent.ts";
import { isRecord, observedOf, valueAt, withoutUndefined } from "../../kube/object.ts";
import { refusedVerdict } from "../../kube/response.ts";
import { countOf, rolloutOf } from "../../kube/rollout.ts";
import { checkOf } from "../../kube/schema.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Written } from "../../kube/types.ts";
import { type BackendConfigStatus, Binding } from "../../schemas/backendconfig.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Finding } from "../../schemas/findings/finding.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { BINDING_CHECKSUM_ANNOTATION, DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { BackendPlan } from "./plan.ts";

const isBinding = checkOf(Binding);

/** What the status is computed from. */
export interface Observation {
	readonly backend: KubeObject;
	readonly children: readonly KubeObject[];
	readonly observed: ObjectMap;
	/** Whether the ConfigMap that runners read is of another owner, as far as that is known. */
	readonly isLost: boolean;
	readonly now: string;
}

/** The first finding of the ordered checks, or that the backend is Ready. */
export const verdictOf = (plan: BackendPlan | Refusal, observation: Observation): Verdict =>
	isRefusal(plan) ? refusedVerdict(plan) : (firstFound(STATUS_CHECKS, { ...observation, plan }) ?? ready(plan));

/** The objects that runners mount are not there yet, or not as they are about to be sent. */
const unpublished: StatusCheck<Observation> = ({ children, observed }) =>
	childrenOutdated(
		children.filter(({ kind }) => kind !== "Deployment"),
		observed,
		DESIRED_HASH_ANNOTATION,
	);

/** Seconds that a probe gets for its first answer, before silence is a verdict. One that has answered gets none. */
const FIRST_ANSWER_SECONDS = 15;

/** Input of the checks. */
interface StatusInput extends Observation {
	readonly plan: BackendPlan;
}

const unhealthy: StatusCheck<StatusInput> = ({ plan: { binding, health }, ...observation }) => {
	const wanted = observation.children.find(({ kind }) => kind === "Deployment");
	if (wanted === undefined || health.by !== "probe") return undefined;
	const observed = observedOf(observation.observed, wanted);
	const rollout = rolloutOf(wanted, observed, DESIRED_HASH_ANNOTATION);
	if (rollout.state === "ready" || isAnswered(observation, wanted, observed)) return undefined;
	if (rollout.state === "refused" || rollout.updated < rollout.desired || rollout.state === "outdated")
		return rolloutIncomplete(health.name, rollout);
	// An older pod is available, and what it reports is not about this specification.
	if (observed !== undefined && isAvailable(observed))
		return rollout.state === "deadlineExceeded" ? rolloutIncomplete(health.name, rollout) : untold(health.name);
	const silent = secondsBetween(answeredAt(observed) ?? observation.now, observation.now);
	if (silent < FIRST_ANSWER_SECONDS && healthyBefore(observation.backend) === undefined) return untold(health.name);
	return {
		ready: "False",
		phase: "Degraded",
		finding: {
			reason: "BackendUnhealthy",
			provider: binding.provider,
			remedy: { verb: "logs", kind: "deployment", name: health.name },
		},
	};
};

const STATUS_CHECKS: readonly StatusCheck<StatusInput>[] = [unpublished, unhealthy];

/** Seconds until silence is a verdict: a probe that never becomes ready makes no event when its time is up. */
export const untilSilence = ({ children, observed, now }: Observation): number | undefined => {
	const wanted = children.find(({ kind }) => kind === "Deployment");
	const since = answeredAt(wanted && observedOf(observed, wanted));
	const left = since === undefined ? 0 : FIRST_ANSWER_SECONDS - secondsBetween(since, now);
	return left > 0 ? left + 1 : undefined;
};

const untold = (name: string): Verdict => ({
	ready: "False",
	phase: "Pending",
	finding: { reason: "Progressing", about: "probe", probe: { kind: "Deployment", name } },
});

/**
 * Whether the pod that is available reports that the backend answers, be it an older one. An upgrade of the operator replaces
 * every probe, and a new pod that does not start is no fault of the backend. After an edit, only a new pod is believed.
 */
const isAnswered = ({ backend }: Observation, wanted: KubeObject, observed: KubeObject | undefined): boolean =>
	observed !== undefined &&
	isAvailable(observed) &&
	healthyBefore(backend) === true &&
	countOf(backend["status"], "observedGeneration") === backend.metadata.generation &&
	checksumOf(lastSent(observed)) === checksumOf(wanted);

const isAvailable = (probe: KubeObject): boolean => conditionOf(probe, "Available")?.status === "True";

const checksumOf = (probe: Record<string, unknown>): unknown =>
	valueAt(probe, "spec", "template", "metadata", "annotations", BINDING_CHECKSUM_ANNOTATION);

const ready = ({ binding, health }: BackendPlan): Verdict => {
	const { provider, configMap } = binding;
	const finding: Finding =
		health.by === "nobody"
			? { reason: "NotChecked", provider, configMap, because: health.because }
			: { reason: "BackendHealthy", provider, configMap, by: health.by };
	return { ready: "True", phase: "Ready", finding };
};

/** When the probe's Deployment last changed between available and not: the probe's latest verdict. */
const answeredAt = (probe: KubeObject | undefined): string | undefined =>
	(probe && conditionOf(probe, "Available")?.lastTransitionTime) || undefined;

const healthyBefore = (backend: KubeObject): unknown => {
	const status = backend["status"];
	return isRecord(status) ? status["healthy"] : undefined;
};

// ── Fields ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The binding is published once the objects that it names were observed. Until then, and while the spec is refused, it stays
 * what it was: the runners that use it go on undisturbed. An unhealthy backend is no reason to revoke it.
 */
export const statusFields = (plan: BackendPlan | Refusal, observation: Observation): Written<BackendConfigStatus> => {
	const told = !isRefusal(plan) && unpublished(observation) === undefined;
	return {
		binding: told ? plan.binding : previousBinding(observation),
		...(told && healthFields(plan, observation)),
	};
};

type Health = Pick<Written<BackendConfigStatus>, "healthy" | "lastChecked">;

const healthFields = (plan: BackendPlan, observation: Observation): Health => {
	if (plan.health.by === "nobody") return {};
	if (plan.health.by === "nature") return { healthy: true };
	const found = unhealthy({ ...observation, plan });
	if (found !== undefined && found.finding.reason !== "BackendUnhealthy") return {};
	const wanted = observation.children.find(({ kind }) => kind === "Deployment");
	return {
		healthy: found === undefined,
		lastChecked: answeredAt(wanted && observedOf(observation.observed, wanted)),
	};
};

const previousBinding = ({ backend, isLost }: Observation): Binding | undefined => {
	if (isLost) return undefined;
	const binding = valueAt(backend, "status", "binding");
	return isBinding(binding) ? binding : undefined;
};

/** The Ready condition's message, once more where a column of `kubectl get` finds it. */
export const withMessage = (backend: KubeObject, status: BackendConfigStatus): BackendConfigStatus =>
	withoutUndefined({ ...status, message: conditionOf({ ...backend, status }, "Ready")?.message });
