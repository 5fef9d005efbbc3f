import { pausedVerdict, refusedVerdict } from "../../kube/answer.ts";
import { listed } from "../../kube/checks.ts";
import { type ConditionDraft, statusHead, type Verdict } from "../../kube/conditions.ts";
import { isRecord, withoutUndefined } from "../../kube/object.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import { FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { metricsOf } from "./figures.ts";
import type { Places } from "./placing.ts";
import type { NamespacePlan } from "./plan.ts";
import type { Served } from "./provisioning.ts";
import type { Released } from "./settling.ts";

/** What became of a sync, before it is put into words. */
export interface Findings {
	readonly object: KubeObject;
	readonly plan: NamespacePlan | Refusal;
	readonly namespaceId: string;
	readonly places: Places;
	/** Places as they are to be written. */
	readonly next: readonly Placement[];
	/** Ready instances of the target that calls may be made to. */
	readonly served: readonly Served[];
	/** Whether all ready instances of the target have it. */
	readonly complete: boolean;
	readonly expired: boolean;
	readonly paused: boolean;
	readonly now: string;
}

// ── Verdict ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (findings: Findings): Verdict => {
	const { plan } = findings;
	if (isRefusal(plan)) return refusedVerdict(plan);
	return (
		expired(findings) ??
		nowhere(findings) ??
		taken(findings) ??
		refusedBy(findings) ??
		noneReady(findings) ??
		incomplete(findings) ??
		ready(findings)
	);
};

const expired = ({ expired: isOver, plan }: Findings): Verdict | undefined =>
	isOver && !isRefusal(plan)
		? {
				ready: "False",
				phase: "Expired",
				reason: "Expired",
				message: `spec.ttl was over at ${plan.expiresAt}: the namespace was revoked. Raise spec.ttl to have it back, or delete the object`,
				stalled: true,
			}
		: undefined;

const nowhere = ({ plan, places: { roster, shortage }, next }: Findings): Verdict | undefined => {
	if (roster !== undefined || isRefusal(plan)) return undefined;
	const { home } = plan;
	const { proxyRef, shard, backend } = plan.spec;
	const phase = next.some(({ state }) => state === "Active") ? "Degraded" : "Pending";
	if (shortage === "noneOpen")
		return {
			ready: "False",
			phase,
			reason: "NotAccepting",
			message:
				proxyRef === undefined
					? "every shard that matches is full, draining, or set to accept no new namespaces: add one, or widen spec.shard"
					: `the proxies ${proxyRef.name} take no new namespaces`,
		};
	if (proxyRef !== undefined)
		return {
			ready: "False",
			phase,
			reason: "NoMatchingProxy",
			message: `spec.proxyRef names ${proxyRef.name} in namespace ${proxyRef.namespace ?? home}: there are no such proxies, or they don't take namespaces from ${home} (spec.allowedNamespaces of their PrismStack). The name is <stack>-proxy`,
		};
	const { namespace = home, ...selector } = shard ?? {};
	const wanted = Object.entries(selector).map(([field, value]) => `${field}=${value}`);
	return {
		ready: "False",
		phase,
		reason: "NoMatchingShard",
		message: `no PrismShard in namespace ${namespace} serves backend ${backend ?? ""}${wanted.length > 0 ? ` with ${wanted.toSorted().join(", ")}` : ""} and takes namespaces from ${home}: change spec.shard or spec.backend, or the shard's spec.allowedNamespaces`,
	};
};

const named = (served: readonly Served[], state: PlacedInstance["state"]): Served[] =>
	served.filter(({ instance }) => instance.state === state);

const taken = ({ served, namespaceId }: Findings): Verdict | undefined => {
	const places = named(served, "Taken").map(({ instance }) => instance.name);
	if (places.length === 0) return undefined;
	return {
		ready: "False",
		phase: "Failed",
		reason: "NamespaceIdTaken",
		message: `${listed(places)}: the identifier "${namespaceId}" belongs to somebody else there, or was made by hand: create a PrismNamespace with another spec.namespaceId, or remove it there`,
		stalled: true,
	};
};

const refusedBy = ({ served }: Findings): Verdict | undefined => {
	const refusals = named(served, "Refused");
	if (refusals.length === 0) return undefined;
	return {
		ready: "False",
		phase: "Failed",
		reason: "ProvisioningRefused",
		message: reports(refusals),
		stalled: true,
	};
};

const reports = (served: readonly Served[]): string =>
	listed(served.map(({ instance }) => `${instance.name}: ${instance.message ?? "not yet"}`));

const noneReady = ({ places: { roster, target } }: Findings): Verdict | undefined => {
	if (roster?.instances.some((instance) => instance.ready) === true) return undefined;
	return {
		ready: "False",
		phase: target?.state === "Active" ? "Degraded" : "Pending",
		reason: "InstancesNotReady",
		message: `no instance of ${shortName(roster?.name ?? "")} is ready`,
	};
};

const incomplete = ({ places: { target, roster }, served, complete }: Findings): Verdict | undefined => {
	if (complete) return undefined;
	const phase = target?.state === "Active" ? "Degraded" : "Provisioning";
	const total = roster?.instances.filter((instance) => instance.ready).length ?? 0;
	const late = named(served, "Waiting");
	const has = served.length - late.length;
	if (served.length > 0 && served.every(({ answered }) => !answered))
		return { ready: "False", phase, reason: "InstancesUnreachable", message: reports(late) };
	if (has > 0 && late.length > 0)
		return {
			ready: "False",
			phase,
			reason: "PartiallyProvisioned",
			message: `${has} of ${total} instances have it; ${reports(late)}`,
		};
	const place = shortName(roster?.name ?? "");
	return {
		ready: "False",
		phase,
		reason: "Progressing",
		message: `being provisioned on ${place}: ${has} of ${total} instances have it`,
	};
};

const ready = ({ places: { roster }, served, next }: Findings): Verdict => {
	const place = shortName(roster?.name ?? "");
	const leaving = next.filter(({ state }) => state === "Revoking").map((left) => shortName(left.roster));
	const blind = named(served, "Accepted").map(({ instance }) => instance.name);
	const whole = `${served.length} of ${served.length} ready instances of ${place} have it`;
	return {
		ready: "True",
		phase: "Active",
		reason: blind.length > 0 ? "Unverified" : "NamespaceReady",
		message: `${blind.length > 0 ? `${whole}, and ${listed(blind)} can't be asked` : whole}${leaving.length > 0 ? `; it is being taken away from ${listed(leaving)}` : ""}`,
	};
};

/** prism-<shard> is the shard's name on its objects; a stack's proxies are known by their own. */
export const shortName = (roster: string): string => roster.replace(/^prism-(?!.*-proxy$)/, "");

/** What a namespace that is being deleted still waits for. */
export const terminatingVerdict = (held: readonly Placement[], releases: readonly Released[]): Verdict => {
	const late = releases
		.filter(({ release, spot }) => release !== "clear" && held.some(({ roster }) => roster === spot.place.roster))
		.map(({ release, spot }) => (release === "unreachable" ? `${spot.known.name} (does not answer)` : spot.known.name));
	return {
		ready: "False",
		phase: "Terminating",
		reason: "Revoking",
		message: `still to be taken away from ${listed(late)}; the annotation ${FORCE_DELETE_ANNOTATION}: "true" lets the object go without that`,
	};
};

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The whole status of a namespace that is not being deleted. */
export const statusOf = (findings: Findings): Record<string, unknown> => {
	const { object, plan, paused, next, served, complete, now } = findings;
	const found = verdictOf(findings);
	const verdict = paused ? pausedVerdict(found) : found;
	const old = isRecord(object["status"]) ? object["status"] : {};
	const refused = isRefusal(plan);
	const head = statusHead({
		parent: object,
		verdict,
		warnings: [...(refused ? [] : plan.warnings), ...stuckWarnings(findings)],
		paused: paused
			? `nothing is pushed to the proxies until the annotation ${PAUSED_ANNOTATION} is removed`
			: undefined,
		missing: [],
		more: refused ? [] : ownConditions(findings, verdict),
		now,
	});
	const home = next.find(({ state }) => state !== "Revoking");
	const serving = (home?.instances ?? []).filter(({ state }) => state === "Applied" || state === "Accepted");
	const unanswered = served.length > 0 && served.every(({ answered }) => !answered);
	const assignedProxy = served.map((each) => each.assignedProxy).find((proxy) => proxy !== undefined && proxy !== "");
	return withoutUndefined({
		...head,
		state: verdict.phase,
		namespaceId: findings.namespaceId,
		shard: home && shortName(home.roster),
		prismInstances: serving.length > 0 ? serving.map(({ name }) => name) : undefined,
		health: complete ? "Healthy" : unanswered || served.length === 0 ? "Unknown" : "Degraded",
		proxyStatus: complete ? "Ready" : unanswered || served.length === 0 ? "Unknown" : "NotReady",
		provisionedAt: textOf(old["provisionedAt"]) ?? (complete ? now : undefined),
		lastSyncedAt: served.some(({ pushed }) => pushed) ? now : textOf(old["lastSyncedAt"]),
		expiresAt: refused ? undefined : plan.expiresAt,
		assignedProxy: assignedProxy ?? textOf(old["assignedProxy"]),
		digest: refused ? textOf(old["digest"]) : plan.digest,
		placements: next.length > 0 ? next : undefined,
		...metricsOf(old, served, now),
	});
};

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const ownConditions = ({ plan, complete, served }: Findings, verdict: Verdict): ConditionDraft[] => {
	if (isRefusal(plan)) return [];
	const blind = served.some(({ instance }) => instance.state === "Accepted");
	const told = (reason: string, done: string): Omit<ConditionDraft, "type"> => {
		if (!complete) return { status: "False", reason: verdict.reason, message: verdict.message };
		return {
			status: "True",
			reason: blind ? "Unverified" : reason,
			message: blind ? `${done}, as far as was told` : done,
		};
	};
	return [
		{ type: "Provisioned", ...told("NamespaceCreated", "the instances have the namespace") },
		...(plan.hasQuotas ? [{ type: "QuotasEnforced", ...told("QuotasApplied", "the instances have the limits") }] : []),
	];
};

/** A place that should have been left, and can't be. */
const stuckWarnings = ({ next, places, now }: Findings): string[] => [
	...next
		.filter(({ state, unreachableSince }) => state === "Revoking" && unreachableSince !== undefined)
		.filter(({ unreachableSince = now }) => secondsBetween(unreachableSince, now) >= STUCK_SECONDS)
		.map(
			({ roster }) => `${shortName(roster)} may still have the namespace, for not all of its instances can be reached`,
		),
	...(places.shortage === "drainingOnly"
		? [
				`${shortName(places.roster?.name ?? "")} is draining, and no other shard matches: the namespace stays where it is`,
			]
		: []),
	...(places.shortage !== undefined && places.shortage !== "drainingOnly" && places.leaving.length > 0
		? [
				`the namespace stays on ${listed(places.leaving.map(({ roster }) => shortName(roster)))} until there is another place`,
			]
		: []),
];

const STUCK_SECONDS = 60;
