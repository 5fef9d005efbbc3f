import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KINDS } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { isKubeObject } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION, type REASONS } from "../../schemas/vocabulary.ts";
import { parseDocuments } from "../../yaml/manifests.ts";
import { SITUATIONS } from "../hooks/all-situations.ts";
import { PRISM_NAMESPACE_SITUATIONS } from "../hooks/prismnamespace-situations.ts";
import { answerTo } from "../hooks/situations.ts";

// Objects of ours as a cluster has them: with statuses that the hooks really gave.

export interface Seen {
	readonly title: string;
	readonly object: KubeObject;
}

/** Every situation in which a hook gives a reason. */
export const situations = (): Seen[] => [
	...SITUATIONS.map((situation) => ({
		title: `${situation.parent.kind}: ${situation.title}`,
		object: { ...situation.parent, status: answerTo(situation).status },
	})),
	...PRISM_NAMESPACE_SITUATIONS.map(({ title, world }) => {
		const { object } = world();
		return { title: `PrismNamespace: ${title}`, object };
	}),
];

const GOLDEN = join(import.meta.dirname, "../golden");
const OURS = new Set(KINDS.map(({ kind }) => kind));

/** Offline nobody counts generations. */
const asCounted = (object: KubeObject): KubeObject => {
	const generation = object.metadata.generation ?? countOf(object["status"], "observedGeneration") ?? 1;
	return { ...object, metadata: { ...object.metadata, generation } };
};

/** Every object of ours in a golden file. */
export const goldens = (): Seen[] =>
	["", "documents"].flatMap((folder) =>
		readdirSync(join(GOLDEN, folder))
			// What was recorded is one call of a hook, and no object.
			.filter((name) => name.endsWith(".out.yaml") && !name.startsWith("recorded-"))
			.flatMap((name) =>
				parseDocuments(readFileSync(join(GOLDEN, folder, name), "utf8"), name)
					// A recorded case ends with what else the hook answered, which is no object.
					.filter(isKubeObject)
					.filter(({ apiVersion, kind }) => apiVersion === API_VERSION && OURS.has(kind))
					.map((object) => ({
						title: `${name}: ${object.kind} ${object.metadata.name}`,
						object: asCounted(object),
					})),
			),
	);

export type Health = "Healthy" | "Progressing" | "Degraded" | "Suspended";

/** Reasons that are one health at any time, and those that depend on the phase. */
const HEALTH_OF: Record<keyof typeof REASONS, Health | Readonly<Record<string, Health>>> = {
	StackReady: "Healthy",
	DeploymentReady: "Healthy",
	ScaledToZero: "Healthy",
	NotChecked: "Healthy",
	BackendHealthy: "Healthy",
	BackendUnhealthy: "Degraded",
	Progressing: "Progressing",
	ReplicasUnavailable: "Degraded",
	ProgressDeadlineExceeded: "Degraded",
	ReplicaFailure: "Degraded",
	NoAddress: "Degraded",
	PatternNotReady: { Pending: "Progressing", Degraded: "Degraded", Failed: "Degraded" },
	NamespaceNotReady: { Pending: "Progressing", Degraded: "Progressing", Failed: "Degraded" },
	BackendNotReady: { Pending: "Progressing", Degraded: "Degraded", Failed: "Degraded" },
	BackendConfigNotFound: { Pending: "Progressing", Degraded: "Degraded" },
	NamespaceReady: "Healthy",
	Unverified: "Healthy",
	NamespaceCreated: "Healthy",
	QuotasApplied: "Healthy",
	NoMatchingShard: { Pending: "Progressing", Degraded: "Degraded" },
	NoMatchingProxy: { Pending: "Progressing", Degraded: "Degraded" },
	NotAccepting: { Pending: "Progressing", Degraded: "Degraded", Failed: "Degraded" },
	NotPermitted: "Degraded",
	InstancesNotReady: { Pending: "Progressing", Degraded: "Degraded" },
	InstancesUnreachable: { Pending: "Progressing", Provisioning: "Progressing", Degraded: "Degraded" },
	PartiallyProvisioned: "Progressing",
	ProvisioningRefused: "Degraded",
	NamespaceIdTaken: "Degraded",
	Expired: "Suspended",
	Terminating: "Progressing",
	Revoking: "Progressing",
	ShardReady: "Healthy",
	NamespacesDiffer: { Pending: "Progressing", Degraded: "Degraded" },
	PluginNotReady: { Pending: "Progressing", Degraded: "Degraded" },
	NamespacesRemain: "Progressing",
	NamespacesUnknown: "Progressing",
	PluginReady: "Healthy",
	NotFollowed: "Healthy",
	RollingBack: "Progressing",
	RolledBack: "Degraded",
	RollbackFailed: "Degraded",
	RolloutStalled: "Degraded",
	PluginInUse: "Degraded",
	InvalidSpec: "Degraded",
	CrossNamespaceReference: "Degraded",
	InlineCredentials: "Degraded",
	Unsupported: "Degraded",
	NameTaken: "Degraded",
	RolloutHeld: "Degraded",
	VolumeUnavailable: { Pending: "Progressing", Failed: "Degraded" },
	ChildRefused: "Degraded",
	ChildTerminating: { Pending: "Progressing", Failed: "Degraded" },
	PausedByAnnotation: "Suspended",
	// Never the reason of Ready.
	Warnings: {},
};

const isReason = (reason: string): reason is keyof typeof REASONS => reason in HEALTH_OF;

/** What somebody who knows the reasons would say, by hand: it is not made of the rules that are tested. */
export const healthByHand = (object: KubeObject): Health => {
	const ready = conditionOf(object, "Ready");
	if (ready === undefined) return "Progressing";
	if (!isReason(ready.reason)) throw new Error(`no such reason: ${ready.reason}`);
	// What is merely scaled up serves as before.
	const isGrowing = ready.reason === "Progressing" && ready.status === "True";
	const known = isGrowing ? "Healthy" : HEALTH_OF[ready.reason];
	const { phase } = object["status"] as { phase: string };
	const health = typeof known === "string" ? known : known[phase];
	if (health === undefined) throw new Error(`${ready.reason} is not known in phase ${phase}`);
	const paused = object.metadata.annotations?.["prism.io/paused"] === "true";
	return paused && health !== "Degraded" ? "Suspended" : health;
};
