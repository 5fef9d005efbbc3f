import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { REASONS } from "../../schemas/vocabulary.ts";
import { isReady } from "../cluster/health.ts";
import { isOurs } from "../cluster/kinds.ts";
import { namespaceOf } from "../cluster/view.ts";
import { describe } from "./advice.ts";
import { backendConfigNotFound, backendUnhealthy } from "./backends.ts";
import { below, type Finding, type Known, shownBy } from "./diagnosis.ts";
import { waitsForNamespaces } from "./leaving.ts";
import {
	expired,
	identifierTaken,
	instancesInTrouble,
	instancesNotReady,
	revoking,
	shardInDoubt,
} from "./namespaces.ts";
import { noMatchingProxy, noMatchingShard, notAccepting } from "./placing.ts";
import { pluginInUse, pluginNotReady, rolloutTrouble } from "./plugins.ts";
import { nameTaken, pausedWork, refusedSpec } from "./specs.ts";
import { brokenLink } from "./unanswered.ts";
import { workloadFinding } from "./workloads.ts";

// Each documented reason and the way from it to the first cause. The compiler holds the table against the vocabulary: a
// reason that is added there has to be explained here.

export type Explainer = (known: Known, object: KubeObject) => Finding;

// ── Reasons that lead on ────────────────────────────────────────────────────────────────────────────────────────────

/** Seconds after which a status that nothing below bears out may be an old one. */
const STALE_SECONDS = 60;

/** What the condition says, where nothing below tells more; unless nobody is there who would keep it up to date. */
const asTold: Explainer = (known, object) => {
	const ready = conditionOf(object, "Ready");
	const { machinery } = known.extra;
	const isOld = secondsBetween(ready?.lastTransitionTime ?? known.view.now, known.view.now) > STALE_SECONDS;
	const link = isOld ? brokenLink(known, object) : undefined;
	if (link !== undefined)
		return {
			...link,
			cause: `${link.cause}. Its status is of before that, and says: ${ready?.message ?? ""}`,
		};
	return shownBy(object, ready?.reason ?? "NotReady", {
		cause: ready?.message ?? "",
		since: ready?.lastTransitionTime,
		next: [describe(known, object)],
		state: conditionOf(object, "Stalled")?.status === "True" ? "broken" : "waiting",
		needs: isOld && machinery === undefined ? [{ need: "machinery" }] : [],
	});
};

/** A child of ours that is not ready: the one that the message names, or else the first. */
const partOf =
	(kind: string): Explainer =>
	(known, object) => {
		const ready = conditionOf(object, "Ready");
		const parts = [
			...known.view.owned(object).filter((child) => child.kind === kind),
			...referenced(known, object, kind),
		];
		const late = parts.filter((part) => !isReady(part));
		const told = late.find(({ metadata }) => ready?.message.startsWith(`${kind} ${metadata.name}:`));
		const part = told ?? late[0];
		const finding = part && known.explain(part);
		return finding === undefined
			? asTold(known, object)
			: below({ object, word: ready?.reason ?? "", since: ready?.lastTransitionTime }, finding);
	};

/** The BackendConfig that a runner names is not its child. */
const referenced = ({ view }: Known, object: KubeObject, kind: string): KubeObject[] => {
	if (kind !== "BackendConfig" || object.kind !== "PatternRunner") return [];
	const spec = object["spec"];
	const reference =
		typeof spec === "object" && spec !== null && "backendConfig" in spec ? spec.backendConfig : undefined;
	const name = typeof reference === "object" && reference !== null && "name" in reference ? String(reference.name) : "";
	return [view.get("BackendConfig", namespaceOf(object), name)].filter((found) => found !== undefined);
};

/** Something is on its way, or fell out: a workload and its pods tell what, or a child that is not ready itself. */
const workloads: Explainer = (known, object) => {
	const ready = conditionOf(object, "Ready");
	const step = { object, word: ready?.reason ?? "", since: ready?.lastTransitionTime };
	if (object.kind === "PrismNamespace") return instancesInTrouble(known, object);
	if (object.kind === "PrismPlugin" && recordsAt(object, "status", "shardStates").length > 0)
		return rolloutTrouble(known, object);
	const owned = known.view.owned(object);
	const named = (child: KubeObject) => ready?.message.includes(` ${child.metadata.name}`) === true;
	const sets = owned
		.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet")
		.toSorted((left, right) => Number(named(right)) - Number(named(left)));
	const findings = sets.map((set) => workloadFinding(known, set)).filter((finding) => finding !== undefined);
	// What needs somebody explains more than what is under way.
	const worst = findings.find(({ state }) => state === "broken") ?? findings[0];
	if (worst !== undefined) return below(step, worst);
	const late = owned.filter((child) => isOurs(child) && child.kind !== "PrismRoster" && !isReady(child));
	for (const child of late) {
		const finding = known.explain(child);
		if (finding !== undefined) return below(step, finding);
	}
	return asTold(known, object);
};

const healthy: Explainer = asTold;

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

	PatternNotReady: partOf("PatternRunner"),
	NamespaceNotReady: partOf("PrismNamespace"),
	BackendNotReady: partOf("BackendConfig"),

	BackendUnhealthy: backendUnhealthy,
	BackendConfigNotFound: backendConfigNotFound,

	NoMatchingShard: noMatchingShard,
	NoMatchingProxy: noMatchingProxy,
	NotAccepting: notAccepting,
	InstancesNotReady: instancesNotReady,
	InstancesUnreachable: (known, object) =>
		object.kind === "PrismShard" ? shardInDoubt(known, object) : instancesInTrouble(known, object),
	PartiallyProvisioned: instancesInTrouble,
	ProvisioningRefused: instancesInTrouble,
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
	PausedByAnnotation: pausedWork,
} as const satisfies Record<keyof typeof REASONS, Explainer>;

const isReason = (reason: string): reason is keyof typeof EXPLAINERS => Object.hasOwn(EXPLAINERS, reason);

/** A reason that this release does not know is one of a newer one's: then its words must do. */
export const explainerOf = (reason: string): Explainer => (isReason(reason) ? EXPLAINERS[reason] : asTold);
