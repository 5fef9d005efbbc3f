import { sha256Hex } from "../../kube/hash.ts";
import { recommendedLabels } from "../../kube/labels.ts";
import { derivedName } from "../../kube/names.ts";
import { controllerOf, isSameJson, kindKey, stamped } from "../../kube/object.ts";
import { twoDigits } from "../../kube/quantity.ts";
import { checkOf } from "../../kube/schema.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Written } from "../../kube/types.ts";
import {
	type AdminCall,
	type AdminFailure,
	type CallOutcome,
	type Failed,
	type Instance,
	isAboutNamespace,
	type NamespaceAnswer,
	type NamespaceFigures,
	type NamespaceQuestion,
	type NamespaceRecord,
	type Outside,
	type Unknown,
} from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { lackingIn } from "../../schemas/findings/prismnamespace.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import {
	Metrics,
	type PlacedInstance,
	type Placement,
	type PrismNamespaceStatus,
} from "../../schemas/prismnamespace.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { NamespacePlan } from "./plan.ts";

// What a hook knows of an instance: who asks, whether the identifier is the object's, and what the instance answered.

/** Who it is on the wire; known of every object, also of one whose spec can't be carried out. */
export interface Identity {
	readonly namespaceId: string;
	readonly owner: string;
	readonly version: number;
	/** Of the desired configuration, or of the last one; it covers the owner. */
	readonly digest: string | undefined;
	/** When that configuration was last pushed to an instance, according to status. */
	readonly pushedAt: string | undefined;
	/** Since when it has not been Ready, according to status; undefined: it is, or status has no condition yet. */
	readonly unreadySince: string | undefined;
	/** Proxy that a control plane chose, of a status without the name of the control plane. */
	readonly assignedProxy: string | undefined;
}

/** What is to be there. */
export type Wanted = Identity & Pick<NamespacePlan, "config" | "digest">;

/**
 * Seconds for which a place that is being left is checked again: an assignment that another hook began before may still
 * arrive. Longer than a call may wait for its turn (5 s), its longest deadline (10 s) and a hook's own time together.
 */
export const LATE_CALL_SECONDS = 20;

/** Characters of a proxy's own words in a status. */
export const LONGEST_MESSAGE = 512;

/**
 * Whether the object has the identifier in a place, which matters where instances can't be read back. `closed`: the place takes no
 * objects of other Kubernetes namespaces then.
 */
export type Claim = "held" | "awaited" | "closed";
export type ClaimIn = (place: Placement) => Claim;

/** An instance in a place, and the question about it. */
export interface InstanceQuery {
	readonly place: Placement;
	readonly claim: Claim;
	readonly known: PlacedInstance;
	readonly instance: Instance;
	readonly question: NamespaceQuestion;
}

/** Where an instance's admin API is. Derived from names: a field could be pointed at another user's server. */
export const instanceAt = (
	place: { readonly name: string; readonly namespace: string; readonly port: number; readonly controlPlane: boolean },
	{ name, host = name }: { readonly name: string; readonly host?: string },
): Instance => {
	const service = place.controlPlane ? name : `${host}.${derivedName(place.name, "headless")}`;
	return { name, namespace: place.namespace, address: `${service}.${place.namespace}.svc:${place.port}` };
};

export const isSame = (left: Placement, right: Placement): boolean =>
	left.roster === right.roster && left.namespace === right.namespace;

/** What of an instance is in its address. */
export const titleOf = ({ name, host = name }: Pick<PlacedInstance, "name" | "host">): string => `${name} ${host}`;

// ── Claims ───────────────────────────────────────────────────────────────────────────────────────────────────────────

// The owner of an identifier where instances can't be read back. Such a server does not report the owner of a record, and replaces it
// for any client. So an object sends it nothing before it has a ConfigMap whose name follows from place and identifier: the API server
// guarantees that there is one of that name in a Kubernetes namespace. No scan of all namespaces is needed.

export const CLAIM = { apiVersion: "v1", resource: "configmaps", kind: "ConfigMap" } as const;

type Place = Pick<Placement, "namespace" | "roster">;

export const claimName = ({ namespace, roster }: Place, namespaceId: string): string =>
	`prism-claim-${sha256Hex(`${namespace}/${roster}/${namespaceId}`).slice(0, 32)}`;

export const claimOn = ({ namespace, roster }: Place, namespaceId: string, object: KubeObject): KubeObject =>
	stamped(
		{
			apiVersion: CLAIM.apiVersion,
			kind: CLAIM.kind,
			metadata: {
				name: claimName({ namespace, roster }, namespaceId),
				namespace: object.metadata.namespace ?? "default",
				labels: {
					component: "claim",
					...recommendedLabels({
						name: "prism-claim",
						instance: object.metadata.name,
						component: "claim",
						partOf: "prism",
						managedBy: "prism-operator",
					}),
				},
			},
			immutable: true,
			data: { namespaceId, place: `${namespace}/${roster}`, prismNamespace: object.metadata.name },
		},
		DESIRED_HASH_ANNOTATION,
	);

/** Whether the object has its claim on an identifier, as observed: one that is being deleted is none. */
export const isClaimed = (attachments: ObjectMap, object: KubeObject, place: Place, namespaceId: string): boolean => {
	const { namespace = "default", uid } = object.metadata;
	const found = attachments[kindKey(CLAIM.apiVersion, CLAIM.kind)]?.[`${namespace}/${claimName(place, namespaceId)}`];
	return (
		found !== undefined &&
		found.metadata.deletionTimestamp === undefined &&
		[undefined, uid].includes(controllerOf(found)?.uid)
	);
};

/** Seconds after which a claim that was not created belongs to another owner. */
const CLAIM_SECONDS = 10;

export const isLost = ({ place: { claimingSince } }: InstanceQuery, now: string): boolean =>
	claimingSince !== undefined && secondsBetween(claimingSince, now) >= CLAIM_SECONDS;

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What became known, by the instance's address: a shard may have a thousand of them. */
export interface Told {
	readonly answers: ReadonlyMap<string, NamespaceAnswer>;
	readonly results: ReadonlyMap<string, Outside["results"][number]>;
}

export const toldBy = ({ answers, results }: Pick<Outside, "answers"> & Partial<Outside>): Told => ({
	answers: new Map(answers.filter(isAboutNamespace).map(({ question, answer }) => [question.instance.address, answer])),
	results: new Map((results ?? []).map((result) => [result.call.instance.address, result])),
});

export const answerAt = ({ instance }: InstanceQuery, { answers }: Told): NamespaceAnswer =>
	answers.get(instance.address) ?? { state: "unknown", failure: "Unreachable" };

/** The call of one of these verbs that was made there, and how it ended. */
export const resultOf = (
	each: InstanceQuery,
	{ results }: Told,
	verbs: readonly AdminCall["verb"][],
): { readonly call?: AdminCall; readonly outcome?: CallOutcome } => {
	const result = results.get(each.instance.address);
	return result !== undefined && verbs.includes(result.call.verb) ? result : {};
};

/**
 * Of another owner, or of none: then it was created by hand, and stays as well. Unless its configuration is ours, to
 * the owner in it: then a server that knew nothing of owners kept it.
 */
export const isForeign = ({ owner, digest }: NamespaceRecord, identity: Omit<Identity, "version">): boolean =>
	owner !== undefined &&
	owner !== identity.owner &&
	!(owner === "" && digest !== undefined && digest === identity.digest);

/** Ours, and written for a newer generation than this object has. */
export const isNewer = (record: NamespaceRecord, { version }: Pick<Identity, "version">): boolean =>
	(record.version ?? 0) > version;

/** What an answer means to the machine. */
export type Observation =
	| { readonly is: "Silent"; readonly why: Unknown }
	/** It has the desired configuration, or had it after this reading. */
	| { readonly is: "AsDesired" }
	| { readonly is: "Foreign" }
	| { readonly is: "Missing" }
	/** A record of ours; `isNewer`: of a newer generation than this object has. */
	| { readonly is: "Other"; readonly record: NamespaceRecord; readonly isNewer: boolean }
	/** It can't be read back, and nothing may be sent without the claim. */
	| { readonly is: "Unclaimed"; readonly claim: Exclude<Claim, "held"> }
	| { readonly is: "Unreadable"; readonly hasAccepted: boolean; readonly isDue: boolean };

export const observe = (
	each: InstanceQuery,
	wanted: Wanted,
	answer: NamespaceAnswer,
	isFirst: boolean,
): Observation => {
	if (answer.state === "unknown") return { is: "Silent", why: answer };
	if (answer.state === "unverifiable")
		return each.claim === "held"
			? { is: "Unreadable", hasAccepted: hasAccepted(each, wanted), isDue: answer.remindInSeconds === 0 }
			: { is: "Unclaimed", claim: each.claim };
	const { record } = answer;
	if (record !== undefined && isForeign(record, wanted)) return { is: "Foreign" };
	if (record?.digest === wanted.digest || (isFirst && isOvertaken(each, answer.readAt, wanted)))
		return { is: "AsDesired" };
	return record === undefined ? { is: "Missing" } : { is: "Other", record, isNewer: isNewer(record, wanted) };
};

/** Whether an instance that can't be read back accepted this very configuration, and nothing has made that doubtful since. */
export const hasAccepted = ({ known }: InstanceQuery, { digest }: Wanted): boolean =>
	known.state === "Accepted" && known.accepted === digest;

/** Seconds from the time that a hook writes to the end of its calls, at most. */
const HOOK_SECONDS = 2;

/**
 * Whether a reading is from before the last push, after which the instance was read back and had it: another copy
 * of the operator made that push, and this one still goes by its own listing.
 */
const isOvertaken = ({ known }: InstanceQuery, readAt: string, { pushedAt }: Wanted): boolean =>
	known.state === "Applied" && pushedAt !== undefined && secondsBetween(pushedAt, readAt) <= HOOK_SECONDS;

/**
 * Whether an instance is silent about a namespace only because a push is under way: for as long as any call may
 * take, nothing is the matter with it.
 */
export const isStillTold = (
	{ known }: InstanceQuery,
	{ failure }: Failed,
	{ unreadySince }: Wanted,
	now: string,
): boolean =>
	failure === "DeadlineExceeded" &&
	lackingIn(known).cause === "Pending" &&
	unreadySince !== undefined &&
	secondsBetween(unreadySince, now) < LATE_CALL_SECONDS;

/** After these, it is unknown whether it was created; after others it certainly was not. */
const DOUBTFUL: readonly AdminFailure[] = ["Unreachable", "DeadlineExceeded", "Unavailable", "BadAnswer"];

export const mayHaveCreated = (call: AdminCall | undefined, outcome: CallOutcome | undefined): boolean =>
	call?.verb === "create" &&
	outcome !== undefined &&
	(outcome.state !== "failed" || DOUBTFUL.includes(outcome.failure));

// ── Metrics ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// Figures move all the time, and a status that moves with them would be written all the time.

const areMetrics = checkOf(Metrics);

/** Seconds between two changes of the figures. */
const EVERY_SECONDS = 600;

/** `metrics` and `metricsUpdatedAt`: the old ones until it is time for others; absent when no instance reports any. */
export const metricsOf = (
	old: Readonly<Record<string, unknown>>,
	served: readonly { readonly record: NamespaceRecord | undefined }[],
	now: string,
): Pick<Written<PrismNamespaceStatus>, "metrics" | "metricsUpdatedAt"> => {
	const metrics = areMetrics(old["metrics"]) ? old["metrics"] : undefined;
	const metricsUpdatedAt = typeof old["metricsUpdatedAt"] === "string" ? old["metricsUpdatedAt"] : undefined;
	const isFresh = metricsUpdatedAt !== undefined && secondsBetween(metricsUpdatedAt, now) < EVERY_SECONDS;
	if (isFresh && metrics !== undefined) return { metrics, metricsUpdatedAt };
	const figures = served.map(({ record }) => record?.metrics).filter((found) => found !== undefined);
	if (figures.length === 0) return {};
	const next = summary(figures);
	return isSameJson(metrics, next) ? { metrics, metricsUpdatedAt } : { metrics: next, metricsUpdatedAt: now };
};

/** Every instance has all keys; connections and requests are each instance's own. */
const summary = (figures: readonly NamespaceFigures[]): Written<Metrics> => {
	const told = (field: keyof NamespaceFigures) =>
		figures.map((each) => each[field]).filter((value) => value !== undefined);
	const rate = sum(told("requestsPerSecond"));
	const latency = most(told("p99LatencyMs"));
	return {
		currentKeys: most(told("keys")),
		currentConnections: sum(told("connections")),
		requestRate: rate,
		rps: rate,
		p99Latency: latency === undefined ? undefined : `${latency}ms`,
	};
};

const most = (values: readonly number[]) => (values.length === 0 ? undefined : twoDigits(Math.max(...values)));

const sum = (values: readonly number[]) =>
	values.length === 0 ? undefined : twoDigits(values.reduce((total, value) => total + value, 0));

/**
 * For people: until when an instance that can't be asked now counted as having the namespace. Nothing is decided by it, and it
 * stays the same until the instance can be asked again.
 */
export const lastKnown = (
	{ state, lastKnownAt }: { readonly [Field in "state" | "lastKnownAt"]?: PlacedInstance[Field] | undefined },
	now: string,
): Pick<PlacedInstance, "lastKnownAt"> => {
	if (state === "Applied" || state === "Accepted") return { lastKnownAt: now };
	return lastKnownAt === undefined ? {} : { lastKnownAt };
};
