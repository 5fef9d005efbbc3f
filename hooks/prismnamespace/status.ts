import { unreadableSwitches } from "../../kube/boolean-annotations.ts";
import { type ConditionFinding, statusHead, type Verdict } from "../../kube/conditions.ts";
import { isRecord, withoutUndefined } from "../../kube/object.ts";
import { pausedVerdict, refusedVerdict } from "../../kube/response.ts";
import { countOf } from "../../kube/rollout.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Finding, Warning } from "../../schemas/findings/finding.ts";
import type { LackingInstance } from "../../schemas/findings/prismnamespace.ts";
import type { PlacedInstance, Placement, PrismNamespaceStatus } from "../../schemas/prismnamespace.ts";
import { PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { claimName, metricsOf } from "./context.ts";
import { type Input, signedPlaces } from "./input.ts";
import { isComplete, type LivePlacement, nowhere, servedIn, shortName } from "./placement.ts";
import type { NamespacePlan, Roster } from "./plan.ts";
import { type InstanceState, lackingOf, type Served } from "./provisioning.ts";

/** The whole status of a namespace that is not being deleted. */
export const statusOf = (findings: Findings): PrismNamespaceStatus => {
	const { object, plan, identity, paused, next, written, signing, served, now } = findings;
	const found = verdictOf(findings);
	const verdict = paused ? pausedVerdict(found) : found;
	const old = isRecord(object["status"]) ? object["status"] : {};
	const refused = isRefusal(plan);
	const live = serving(findings);
	const head = statusHead({
		parent: object,
		verdict,
		warnings: warningsIn(findings),
		paused: paused ? { reason: "PausedByAnnotation", about: "pushes", annotation: PAUSED_ANNOTATION } : undefined,
		missing: [],
		more: refused ? [] : ownConditions(findings, plan, verdict),
		now,
	});
	const home = next.find(({ state }) => state === "Active") ?? next.find(({ state }) => state === "Assigning");
	const having = (home?.instances ?? []).filter(({ state }) => state === "Applied" || state === "Accepted");
	const isUnknown = served.every(({ answered }) => !answered);
	const isHealthy = live !== undefined || found.phase === "Updating";
	const unseen = live === undefined ? [] : unverifiedIn(findings, live);
	const isNew = found.phase === "Provisioning" && served.every(({ state }) => lackingOf(state).cause === "Pending");
	const assignedProxy = served.map((each) => each.assignedProxy).find((proxy) => proxy !== undefined && proxy !== "");
	const floor = Math.max(...served.map(({ version }) => version ?? 0), countOf(old, "version") ?? 0);
	return withoutUndefined({
		...head,
		state: verdict.phase,
		namespaceId: identity.namespaceId,
		shard: home && shortName(home.roster),
		prismInstances: having.length > 0 ? having.map(servingName) : undefined,
		health: unseen.length > 0 ? "Unknown" : isHealthy ? "Healthy" : isUnknown || isNew ? "Unknown" : "Degraded",
		proxyStatus: unseen.length > 0 ? "Unknown" : live !== undefined ? "Ready" : isUnknown ? "Unknown" : "NotReady",
		provisionedAt: textOf(old["provisionedAt"]) ?? (live === undefined ? undefined : now),
		lastSyncedAt: served.some(({ pushed }) => pushed) ? now : textOf(old["lastSyncedAt"]),
		expiresAt: refused ? undefined : plan.expiresAt,
		assignedProxy: home?.controlPlane === true ? (assignedProxy ?? textOf(old["assignedProxy"])) : undefined,
		version: floor > 0 ? floor : undefined,
		digest: identity.digest,
		placements: next.length > 0 ? signedPlaces(next, written, signing) : undefined,
		...metricsOf(old, served, now),
	});
};

/** Where no instance can be asked, the proxy that the control plane chose is all that is known. */
const servingName = ({ name, state, assignedProxy = name }: PlacedInstance): string =>
	state === "Accepted" ? assignedProxy : name;

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const ownConditions = (findings: Findings, plan: NamespacePlan, verdict: Verdict): ConditionFinding[] => {
	const live = serving(findings);
	const unverifiable = live === undefined ? [] : unverifiedIn(findings, live);
	const as = (type: string, about: "namespace" | "limits", done: Finding): ConditionFinding => {
		if (live === undefined) return { type, status: "False", finding: verdict.finding };
		if (unverifiable.length === 0) return { type, status: "True", finding: done };
		return { type, status: "Unknown", finding: { reason: "Unverified", about, unverifiable } };
	};
	return [
		as("Provisioned", "namespace", { reason: "NamespaceCreated" }),
		...(plan.hasQuotas ? [as("QuotasEnforced", "limits", { reason: "QuotasApplied" })] : []),
	];
};

export const warningsIn = (findings: Findings): Warning[] => [
	...(isRefusal(findings.plan) ? [] : findings.plan.warnings),
	...reservations(findings),
	...stuckWarnings(findings),
	...unreadableSwitches(findings.object),
];

/** What instances answered beside their acceptance. */
const reservations = ({ next }: Findings): Warning[] =>
	next
		.flatMap(({ instances }) => instances)
		.flatMap(({ name, state, message }): Warning[] => {
			if (message === undefined) return [];
			if (state === "Accepted") return [{ warning: "Reservation", instance: name, words: message }];
			return state === "Kept" ? [{ warning: "RecordKept", instance: name, words: message }] : [];
		});

/** A place that should have been left, and can't be; or one that should be moved to, and is not. */
const stuckWarnings = (findings: Findings): Warning[] => {
	const { next, places, now } = findings;
	const { shortage, target } = places;
	const to = coming(findings);
	const staying = [...places.keeping.map(({ place }) => place), ...places.leaving].map(({ roster }) =>
		shortName(roster),
	);
	const because = to !== undefined && serving(findings) !== undefined ? troubleAt(findings, to).finding : undefined;
	const stuck = next.filter(({ unreachableSince = now }) => secondsBetween(unreachableSince, now) >= STUCK_SECONDS);
	return [
		...stuck.map(({ roster }): Warning => ({ warning: "NotRevoked", place: shortName(roster) })),
		...(to === undefined || because === undefined || because.reason === "Progressing"
			? []
			: [{ warning: "CannotMove", to: shortName(to.roster.name), because } as const]),
		...(target !== undefined && shortage === "drainingOnly"
			? [{ warning: "OnlyDraining", place: shortName(target.roster.name) } as const]
			: []),
		...(target !== undefined && shortage === "crowded" ? [{ warning: "TooManyPlaces" } as const] : []),
		...(target === undefined && staying.length > 0 ? [{ warning: "NoOtherPlace", places: staying } as const] : []),
	];
};

const STUCK_SECONDS = 60;

// ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

// What is the matter with a namespace, or that nothing is.

/** What became of a sync, before it is put into words. */
export interface Findings extends Input {
	/** Places as they are to be written. */
	readonly next: readonly Placement[];
	/** Ready instances that calls may be made to. */
	readonly served: readonly Served[];
}

/** The place that serves: the one where every ready instance has it. While it moves, that is the one that it leaves. */
const serving = ({ places: { target, keeping }, served }: Findings): LivePlacement | undefined =>
	[...(target === undefined ? [] : [target]), ...keeping].find((live) => isComplete(live, served));

/** The place that is to serve, and does not yet. */
const coming = (findings: Findings): LivePlacement | undefined => {
	const { target } = findings.places;
	return target !== undefined && serving(findings)?.place !== target.place ? target : undefined;
};

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (findings: Findings): Verdict => {
	const {
		plan,
		expired: isOver,
		places: { target, refusing },
	} = findings;
	if (isRefusal(plan)) return refusedVerdict(plan);
	if (isOver) return expired(findings, plan.expiresAt ?? "");
	if (refusing !== undefined) return notPermitted(findings, refusing);
	if (target === undefined) return nowhere(findings.places.shortage, findings.next, plan);
	return withoutProxies(target) ?? everywhere(findings) ?? troubleAt(findings, target);
};

/** Why the place that it is to be in does not have it. */
const troubleAt = (findings: Findings, target: LivePlacement): Verdict =>
	closed(findings, target) ??
	taken(findings, target) ??
	refusedBy(findings, target) ??
	noneReady(target) ??
	incomplete(findings, target);

/** Nothing will change by itself. */
const failed = (finding: Finding, phase: "Failed" | "Expired" = "Failed"): Verdict => ({
	ready: "False",
	phase,
	finding,
	stalled: true,
});

const expired = ({ next }: Findings, expiresAt: string): Verdict =>
	failed({ reason: "Expired", expiresAt, leaving: next.map(({ roster }) => shortName(roster)) }, "Expired");

const notPermitted = ({ next }: Findings, { name, namespace, bounds, excesses = [] }: Roster): Verdict =>
	failed({
		reason: "NotPermitted",
		place: shortName(name),
		namespace,
		kind: bounds?.kind ?? "PrismStack",
		excesses,
		isThere: next.some((place) => place.roster === name && place.namespace === namespace),
	});

const servedAs = ({ served }: Findings, { place }: LivePlacement, is: InstanceState["is"]): Served[] =>
	servedIn(place, served).filter(({ state }) => state.is === is);

/** Instances of a place that accepted the namespace, and can't be read back. */
const unverifiedIn = (findings: Findings, live: LivePlacement): string[] =>
	namesOf(servedAs(findings, live, "Unverified"));

const namesOf = (served: readonly Served[]): string[] => served.map(({ instance }) => instance.name);

/** The place can't be read back, and takes no objects of other Kubernetes namespaces therefore. */
const closed = ({ served }: Findings, { place, roster }: LivePlacement): Verdict | undefined =>
	servedIn(place, served).some(({ lacksClaim }) => lacksClaim === "closed")
		? failed({
				reason: "NotAccepting",
				about: "unverified",
				place: shortName(roster.name),
				namespace: place.namespace,
			})
		: undefined;

const taken = (findings: Findings, target: LivePlacement): Verdict | undefined => {
	const there = servedAs(findings, target, "Conflict");
	if (there.length === 0) return undefined;
	const { namespaceId } = findings.identity;
	const isClaim = there.some(({ state }) => state.is === "Conflict" && state.over === "claim");
	return failed({
		reason: "NamespaceIdTaken",
		instances: namesOf(there),
		namespaceId,
		...(isClaim && { claim: claimName(target.place, namespaceId) }),
	});
};

const refusedBy = (findings: Findings, target: LivePlacement): Verdict | undefined => {
	const refusals = servedAs(findings, target, "Rejected");
	return refusals.length === 0 ? undefined : failed({ reason: "ProvisioningRefused", instances: reports(refusals) });
};

const reports = (served: readonly Served[]): LackingInstance[] =>
	served.map(({ instance: { name }, state }) => ({ name, ...lackingOf(state) }));

const noneReady = (live: LivePlacement): Verdict | undefined =>
	live.roster.instances.some((instance) => instance.ready) ? undefined : notReady(live);

/** Whatever the control plane answered meanwhile: it may accept what no proxy gets, or reject it. */
const withoutProxies = (live: LivePlacement): Verdict | undefined =>
	live.roster.lacksProxies === true ? notReady(live) : undefined;

const notReady = ({ place, roster }: LivePlacement): Verdict => ({
	ready: "False",
	phase: place.state === "Active" ? "Degraded" : "Pending",
	finding: { reason: "InstancesNotReady", place: shortName(roster.name) },
});

/** Instances that lack it, and with which something is wrong: not those that are merely waiting for their call. */
const troubledAt = (findings: Findings, target: LivePlacement): Served[] =>
	servedAs(findings, target, "Pending").filter(({ state }) => lackingOf(state).cause !== "Pending");

/** Not all ready instances have it. An edit of what is in place comes here, too: that alone degrades nothing. */
const incomplete = (findings: Findings, target: LivePlacement): Verdict => {
	const { place, roster } = target;
	const troubled = troubledAt(findings, target);
	const isActive = place.state === "Active";
	const phase = !isActive ? "Provisioning" : troubled.length > 0 ? "Degraded" : "Updating";
	const of = roster.instances.filter((instance) => instance.ready).length;
	const all = servedIn(place, findings.served);
	const late = servedAs(findings, target, "Pending");
	const has = all.length - late.length;
	const as = (finding: Finding): Verdict => ({ ready: "False", phase, finding });
	if (troubled.length > 0 && all.every(({ answered }) => !answered))
		return as({ reason: "InstancesUnreachable", about: "namespace", instances: reports(late) });
	if (has > 0 && troubled.length > 0) return as({ reason: "PartiallyProvisioned", has, of, instances: reports(late) });
	return as({
		reason: "Progressing",
		about: "namespace",
		isUpdate: isActive,
		place: shortName(roster.name),
		has,
		of,
		// Whom it waits for, where that is not everybody.
		instances: reports(has > 0 ? late : troubled),
	});
};

const everywhere = (findings: Findings): Verdict | undefined => {
	const live = serving(findings);
	if (live === undefined) return undefined;
	const own = servedIn(live.place, findings.served);
	const unverifiable = unverifiedIn(findings, live);
	const target = coming(findings);
	const leaving = findings.next.filter(({ state }) => state === "Revoking").map((left) => shortName(left.roster));
	return {
		ready: "True",
		phase: "Active",
		finding: {
			reason: unverifiable.length > 0 ? "Unverified" : "NamespaceReady",
			about: "served",
			instances: own.length,
			place: shortName(live.roster.name),
			unverifiable,
			...(target && { movingTo: shortName(target.roster.name) }),
			leaving,
		},
	};
};
