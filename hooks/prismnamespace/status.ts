import { pausedVerdict, refusedVerdict } from "../../kube/answer.ts";
import { type ConditionFinding, statusHead, type Verdict } from "../../kube/conditions.ts";
import { isRecord, isSameJson, withoutUndefined } from "../../kube/object.ts";
import { twoDigits } from "../../kube/quantity.ts";
import { isRefusal } from "../../kube/refusal.ts";
import { countOf } from "../../kube/rollout.ts";
import { checkOf } from "../../kube/schema.ts";
import { unreadableSwitches } from "../../kube/switches.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Written } from "../../kube/types.ts";
import type { NamespaceFigures } from "../../schemas/admin.ts";
import type { Finding, Warning } from "../../schemas/findings/finding.ts";
import type { LackingInstance } from "../../schemas/findings/namespace.ts";
import {
	Metrics,
	type PlacedInstance,
	type Placement,
	type PrismNamespaceStatus,
} from "../../schemas/prismnamespace.ts";
import { PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { Released } from "./deprovisioning.ts";
import { claimName } from "./identifier-claim.ts";
import type { Input } from "./input.ts";
import { isSame, type LivePlacement, lastKnown, type Shortage, signedPlaces } from "./placement.ts";
import type { NamespacePlan, Roster } from "./plan.ts";
import { isSettled, type Served } from "./provisioning.ts";

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
	const isNew = found.phase === "Provisioning" && served.every(({ lacking }) => lacking.cause === "Pending");
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

/** Where nobody can be asked, the proxy that the control plane chose is all that is known of who serves it. */
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

/** What instances said beside their yes. */
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
	if (target === undefined) return nowhere(findings, plan);
	return withoutProxies(target) ?? everywhere(findings) ?? troubleAt(findings, target);
};

/** Why the place that it is to be in does not have it. */
const troubleAt = (findings: Findings, target: LivePlacement): Verdict =>
	closed(findings, target) ??
	taken(findings, target) ??
	refusedBy(findings, target) ??
	noneReady(target) ??
	incomplete(findings, target);

const expired = ({ next }: Findings, expiresAt: string): Verdict => ({
	ready: "False",
	phase: "Expired",
	finding: { reason: "Expired", expiresAt, leaving: next.map(({ roster }) => shortName(roster)) },
	stalled: true,
});

const notPermitted = ({ next }: Findings, { name, namespace, bounds, excesses = [] }: Roster): Verdict => ({
	ready: "False",
	phase: "Failed",
	finding: {
		reason: "NotPermitted",
		place: shortName(name),
		namespace,
		kind: bounds?.kind ?? "PrismStack",
		excesses,
		isThere: next.some((place) => place.roster === name && place.namespace === namespace),
	},
	stalled: true,
});

const nowhere = ({ places: { shortage }, next }: Findings, plan: NamespacePlan): Verdict => {
	const phase = next.some(({ state }) => state === "Active") ? "Degraded" : "Pending";
	return { ready: "False", phase, finding: shortageFinding(shortage, plan) };
};

const shortageFinding = (shortage: Shortage | undefined, { home, spec }: NamespacePlan): Finding => {
	const { proxyRef, shard, backend = "" } = spec;
	if (shortage === "crowded") return { reason: "NotAccepting", about: "places" };
	if (shortage === "noneOpen")
		return proxyRef === undefined
			? { reason: "NotAccepting", about: "shards" }
			: { reason: "NotAccepting", about: "proxies", proxies: proxyRef.name };
	if (proxyRef !== undefined)
		return { reason: "NoMatchingProxy", proxies: proxyRef.name, namespace: proxyRef.namespace ?? home, home };
	const { namespace = home, ...selector } = shard ?? {};
	return { reason: "NoMatchingShard", namespace, home, backend, selector };
};

const servedAs = ({ served }: Findings, { place }: LivePlacement, state: PlacedInstance["state"]): Served[] =>
	servedIn(place, served).filter(({ instance }) => instance.state === state);

/** Instances of a place that accepted the namespace, and can't be read back. */
const unverifiedIn = (findings: Findings, live: LivePlacement): string[] =>
	namesOf(servedAs(findings, live, "Accepted"));

const namesOf = (served: readonly Served[]): string[] => served.map(({ instance }) => instance.name);

/** The place can't be read back, and takes no objects of other Kubernetes namespaces therefore. */
const closed = ({ served }: Findings, { place, roster }: LivePlacement): Verdict | undefined =>
	servedIn(place, served).some(({ lacksClaim }) => lacksClaim === "closed")
		? {
				ready: "False",
				phase: "Failed",
				finding: {
					reason: "NotAccepting",
					about: "unverified",
					place: shortName(roster.name),
					namespace: place.namespace,
				},
				stalled: true,
			}
		: undefined;

const taken = (findings: Findings, target: LivePlacement): Verdict | undefined => {
	const there = servedAs(findings, target, "Taken");
	if (there.length === 0) return undefined;
	const { namespaceId } = findings.identity;
	const isClaim = there.some(({ lacksClaim }) => lacksClaim === "awaited");
	return {
		ready: "False",
		phase: "Failed",
		finding: {
			reason: "NamespaceIdTaken",
			instances: namesOf(there),
			namespaceId,
			...(isClaim && { claim: claimName(target.place, namespaceId) }),
		},
		stalled: true,
	};
};

const refusedBy = (findings: Findings, target: LivePlacement): Verdict | undefined => {
	const refusals = servedAs(findings, target, "Refused");
	if (refusals.length === 0) return undefined;
	return {
		ready: "False",
		phase: "Failed",
		finding: { reason: "ProvisioningRefused", instances: reports(refusals) },
		stalled: true,
	};
};

const reports = (served: readonly Served[]): LackingInstance[] =>
	served.map(({ instance: { name }, lacking }) => ({ name, ...lacking }));

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
	servedAs(findings, target, "Waiting").filter(({ lacking }) => lacking.cause !== "Pending");

/** Not all ready instances have it. An edit of what is in place comes here, too: that alone degrades nothing. */
const incomplete = (findings: Findings, target: LivePlacement): Verdict => {
	const { place, roster } = target;
	const troubled = troubledAt(findings, target);
	const isActive = place.state === "Active";
	const phase = !isActive ? "Provisioning" : troubled.length > 0 ? "Degraded" : "Updating";
	const of = roster.instances.filter((instance) => instance.ready).length;
	const all = servedIn(place, findings.served);
	const late = servedAs(findings, target, "Waiting");
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

/** prism-<shard> is the shard's name on its objects; a stack's proxies are known by their own. */
export const shortName = (roster: string): string => roster.replace(/^prism-(?!.*-proxy$)/, "");

/** What a namespace that is being deleted still waits for. */
export const terminatingVerdict = (held: readonly Placement[], releases: readonly Released[]): Verdict => {
	const instances = releases
		.filter(({ release, query }) => release !== "clear" && held.some((place) => isSame(place, query.place)))
		.map(({ query, why }) => ({ name: query.known.name, ...(why !== undefined && { cause: why }) }));
	return { ready: "False", phase: "Terminating", finding: { reason: "Revoking", instances } };
};

// ── Placements ──────────────────────────────────────────────────────────────────────────────────────────────────────

// From what instances report to the places that status names next.

/** Those of a place. */
const servedIn = (place: Placement, served: readonly Served[]): Served[] =>
	served.filter(({ query }) => isSame(query.place, place));

/** Whether every ready instance of a place has it; with no ready instance, nobody has. */
export const isComplete = ({ place, roster }: LivePlacement, served: readonly Served[]): boolean => {
	const ready = roster.instances.filter((instance) => instance.ready);
	const has = new Set(
		servedIn(place, served)
			.filter(({ instance: { state } }) => state === "Applied" || state === "Accepted")
			.map(({ instance }) => instance.name),
	);
	return ready.length > 0 && ready.every(({ name }) => has.has(name));
};

export const concludedPlaces = (
	{ places, plan, now }: Input,
	served: readonly Served[],
	releases: readonly Released[],
): Placement[] => {
	const { target, keeping, leaving, holding, revoking } = places;
	const goes = (place: Placement) =>
		!isRefusal(plan) &&
		plan.rosters.some(
			(roster) => roster.deleting && roster.name === place.roster && roster.namespace === place.namespace,
		);
	return [
		...(target === undefined ? [] : [concludedPlacement(target, served, now)]),
		...keeping.map((live) => concludedPlacement(live, served, now)),
		...leaving,
		...holding,
		...revoking.flatMap((place) => (goes(place) ? [] : emptied(place, releases, now))),
	];
};

const concludedPlacement = (live: LivePlacement, served: readonly Served[], now: string): Placement => {
	const { claimingSince, ...place } = live.place;
	const here = servedIn(place, served);
	const own = new Map(here.map(({ instance }) => [instance.name, instance]));
	// Whom nobody asked now may be waited for all the same.
	const isWaiting =
		here.length === 0 ? claimingSince !== undefined : here.some(({ lacksClaim }) => lacksClaim !== undefined);
	return {
		...place,
		...(isWaiting && { claimingSince: claimingSince ?? now }),
		...(place.state === "Assigning" && isComplete(live, served) && { state: "Active", since: now }),
		instances: place.instances.map((instance) => own.get(instance.name) ?? unasked(instance, now)),
	};
};

/** Of an instance that is not ready only the past is said; and it may come back as another, with an empty store. */
const unasked = (known: PlacedInstance, now: string): PlacedInstance => {
	const { name, host, tried, assignedProxy } = known;
	return {
		name,
		...(host !== undefined && { host }),
		...(tried === true && { tried }),
		...(assignedProxy !== undefined && { assignedProxy }),
		...lastKnown(known, now),
	};
};

/**
 * A place that is being left, as it is to be written; none once it is known to be empty and nothing can arrive there any
 * more. One that can't be reached is not forgotten as long as the object lives: it may come back with what it had.
 */
const emptied = (place: Placement, releases: readonly Released[], now: string): Placement[] => {
	const own = releases.filter(({ query }) => isSame(query.place, place));
	// A place that was only just given up has not been asked yet.
	const isAsked = own.length === place.instances.length && own.every(({ query }) => query.place.state === "Revoking");
	const isClear = isAsked && own.every(({ release }) => release === "clear" || release === "kept");
	const { clearSince: before, unreachableSince, ...rest } = place;
	const isHeld = own.some(({ release }) => release === "held");
	const clearSince = isHeld ? undefined : (before ?? (isClear ? now : undefined));
	if (clearSince !== undefined && isAsked && isSettled(place, now)) return [];
	const isAway = clearSince === undefined && own.some(({ release }) => release === "unreachable");
	return [
		{
			...rest,
			instances: withKept(rest.instances, own),
			...(clearSince !== undefined && { clearSince }),
			...(isAway && { unreachableSince: unreachableSince ?? now }),
		},
	];
};

/** What can't be taken away is said once, and not asked for any more. */
const withKept = (instances: readonly PlacedInstance[], releases: readonly Released[]): PlacedInstance[] =>
	instances.map((instance) => {
		const found = releases.find(({ release, query }) => release === "kept" && query.known.name === instance.name);
		const why = found?.why;
		return typeof why === "object" && "kept" in why ? { ...instance, state: "Kept", message: why.kept } : instance;
	});

/** Seconds after which an object that goes no longer waits for instances that can't be reached. */
const LAST_PATIENCE_SECONDS = 60;

/** Places that still have to let go of an object that is being deleted, as they are to be written. */
export const releasedPlaces = ({ written, left, now }: Input, releases: readonly Released[]): Placement[] =>
	written
		.filter((place) => left.some((query) => isSame(query.place, place)))
		.flatMap((place) => {
			const own = releases.filter(({ query }) => isSame(query.place, place));
			if (own.every(({ release }) => release === "clear")) return [];
			const { unreachableSince, ...going } = place;
			const revoking: Placement = going.state === "Revoking" ? going : { ...going, state: "Revoking", since: now };
			const told: Placement = { ...revoking, instances: withKept(revoking.instances, own) };
			if (own.some(({ release }) => release === "held" || release === "kept")) return [told];
			const since = unreachableSince ?? now;
			return secondsBetween(since, now) >= LAST_PATIENCE_SECONDS ? [] : [{ ...revoking, unreachableSince: since }];
		});

/** Whether the places to be written say more than those that were: then calls wait for the write. */
export const leftover = (next: readonly Placement[], written: readonly Placement[]): boolean =>
	JSON.stringify(next.map(outline)) !== JSON.stringify(written.map(outline));

const outline = ({ roster, namespace, state, controlPlane, instances }: Placement) => ({
	roster,
	namespace,
	state,
	controlPlane,
	instances: instances.map(({ name, host }) => ({ name, host })),
});

// ── Metrics ─────────────────────────────────────────────────────────────────────────────────────────────────────────

// Figures move all the time, and a status that moves with them would be written all the time.

const areMetrics = checkOf(Metrics);

/** Seconds between two changes of the figures. */
const EVERY_SECONDS = 600;

/** `metrics` and `metricsUpdatedAt`: the old ones until it is time for others; absent when nobody tells any. */
export const metricsOf = (
	old: Readonly<Record<string, unknown>>,
	served: readonly Served[],
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
