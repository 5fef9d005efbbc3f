import { rolloutIncomplete, worstFirst } from "../../kube/checks.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { isWorkload } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import { workloadRollout } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { remedyOf } from "../../schemas/findings/fields.ts";
import { PrismPlugin } from "../../schemas/prismplugin.ts";
import { DESIRED_HASH_ANNOTATION, type REASONS } from "../../schemas/vocabulary.ts";
import { findingOf } from "../text/findings.ts";
import { backendConfigNotFound, backendUnhealthy } from "./backends.ts";
import { waitsForNamespaces } from "./deletion.ts";
import { below, type Explanation, type Known, reported, shownBy, stepOf } from "./diagnosis.ts";
import { brokenLink } from "./missing-link.ts";
import { expired, identifierTaken, instancesFailing, instancesNotReady, revoking, shardInDoubt } from "./namespaces.ts";
import { describe, remedy } from "./next-commands.ts";
import { noMatchingProxy, noMatchingShard, notAccepting, notPermitted } from "./placement.ts";
import { pluginInUse, pluginNotReady, rolloutTrouble } from "./plugins.ts";
import {
	childRefused,
	childTerminating,
	nameTaken,
	ofSubject,
	pausedWork,
	refusedSpec,
	rejectedLately,
} from "./specs.ts";
import { workloadFinding } from "./workloads.ts";

// Each documented reason, and the function that finds its first cause. The compiler checks that each reason of the vocabulary
// has an entry.

export type Explainer = (known: Known, object: KubeObject) => Explanation;

// ── Reasons that lead on ────────────────────────────────────────────────────────────────────────────────────────────

/** Seconds after which a status that no child confirms can be outdated. */
const STALE_SECONDS = 60;

/** The message of the condition, if no child has more; unless no controller updates the status any more. */
const byCondition: Explainer = (known, object) => {
	const { cause, since } = reported(object);
	const isOld = secondsBetween(since ?? known.view.now, known.view.now) > STALE_SECONDS;
	const link = isOld ? brokenLink(known, object) : undefined;
	if (link !== undefined) return { ...link, cause: `${link.cause}. Its status is older: ${cause}` };
	const finding = findingOf(known.view, object);
	const command = finding && remedyOf(finding);
	return shownBy(object, stepOf(object).word || "NotReady", {
		cause,
		since,
		next: [command === undefined ? describe(known, object) : remedy(known, command, object)],
		state: conditionOf(object, "Stalled")?.status === "True" ? "broken" : "waiting",
		needs: isOld && known.extra.machinery === undefined ? [{ need: "machinery" }] : [],
	});
};

/** A rollout, or unavailable pods: a workload and its pods show the cause, or a child that is not ready. */
const workloads: Explainer = (known, object) => {
	if (object.kind === "PrismNamespace") return instancesFailing(known, object);
	if (object.kind === "PrismPlugin" && (seenOf(PrismPlugin, object).status.shardStates ?? []).length > 0)
		return rolloutTrouble(known, object);
	const owned = known.view.owned(object);
	const sets = owned.filter(isWorkload);
	const findings = worstFirst(sets.map((set) => ({ set, phase: phaseOf(set) })))
		.map(({ set }) => workloadFinding(known, set))
		.filter((finding) => finding !== undefined);
	// A problem that needs a user explains more than progress.
	const worst = findings.find(({ state }) => state === "broken") ?? findings[0];
	if (worst !== undefined) return below(stepOf(object), worst);
	return rejectedLately(known, object) ?? byCondition(known, object);
};

/** The phase that the operator computes for the workload. */
const phaseOf = (workload: KubeObject): string => {
	const rollout = workloadRollout(workload, workload, DESIRED_HASH_ANNOTATION);
	return rolloutIncomplete(workload.metadata.name, rollout, workload.kind)?.phase ?? "";
};

const healthy: Explainer = byCondition;

// ── The table ───────────────────────────────────────────────────────────────────────────────────────────────────────

export const EXPLAINERS = {
	StackReady: healthy,
	DeploymentReady: healthy,
	ScaledToZero: healthy,
	NotChecked: healthy,
	BackendHealthy: healthy,
	NamespaceReady: healthy,
	Unverified: healthy,
	NamespaceCreated: healthy,
	QuotasApplied: healthy,
	ShardReady: healthy,
	PluginReady: healthy,
	NotFollowed: healthy,
	Warnings: healthy,

	Progressing: workloads,
	ReplicasUnavailable: workloads,
	ProgressDeadlineExceeded: workloads,
	ReplicaFailure: workloads,
	VolumeUnavailable: workloads,

	PatternNotReady: byCondition,
	NamespaceNotReady: byCondition,
	BackendNotReady: byCondition,

	BackendUnhealthy: backendUnhealthy,
	BackendConfigNotFound: backendConfigNotFound,

	NoMatchingShard: noMatchingShard,
	NoMatchingProxy: noMatchingProxy,
	NotAccepting: notAccepting,
	NotPermitted: notPermitted,
	InstancesNotReady: instancesNotReady,
	InstancesUnreachable: (known, object) =>
		object.kind === "PrismShard" ? shardInDoubt(known, object) : instancesFailing(known, object),
	PartiallyProvisioned: instancesFailing,
	ProvisioningRefused: instancesFailing,
	NamespaceIdTaken: identifierTaken,
	Expired: expired,

	NamespacesDiffer: shardInDoubt,
	PluginNotReady: pluginNotReady,

	Terminating: waitsForNamespaces,
	NamespacesRemain: waitsForNamespaces,
	NamespacesUnknown: waitsForNamespaces,
	Revoking: revoking,
	PluginInUse: pluginInUse,

	RollingBack: rolloutTrouble,
	RolledBack: rolloutTrouble,
	RollbackFailed: rolloutTrouble,
	RolloutStalled: rolloutTrouble,

	InvalidSpec: refusedSpec,
	CrossNamespaceReference: refusedSpec,
	InlineCredentials: refusedSpec,
	Unsupported: refusedSpec,
	NameTaken: nameTaken,
	RolloutHeld: ofSubject,
	NoAddress: ofSubject,
	ChildRefused: childRefused,
	ChildTerminating: childTerminating,
	PausedByAnnotation: pausedWork,
} as const satisfies Record<keyof typeof REASONS, Explainer>;

const isReason = (reason: string): reason is keyof typeof EXPLAINERS => Object.hasOwn(EXPLAINERS, reason);

/** An unknown reason is from a newer release: then only its message is available. */
export const explainerOf = (reason: string): Explainer => (isReason(reason) ? EXPLAINERS[reason] : byCondition);
