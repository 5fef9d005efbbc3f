import { refusedVerdict } from "../../kube/answer.ts";
import { listed } from "../../kube/checks.ts";
import type { Verdict } from "../../kube/conditions.ts";
import { isRefusal } from "../../kube/refusal.ts";
import type { PlacedInstance, Placement } from "../../schemas/prismnamespace.ts";
import { FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { Matter } from "./matter.ts";
import type { Released, Served } from "./outcome.ts";
import type { Seat } from "./placing.ts";
import type { NamespacePlan } from "./plan.ts";
import { BEING_TOLD, isSame } from "./provisioning.ts";
import { isComplete, servedIn } from "./settling.ts";

// What is the matter with a namespace, or that nothing is.

/** What became of a sync, before it is put into words. */
export interface Findings extends Matter {
	/** Places as they are to be written. */
	readonly next: readonly Placement[];
	/** Ready instances that calls may be made to. */
	readonly served: readonly Served[];
}

/** The place that serves: the one where every ready instance has it. While it moves, that is the one that it leaves. */
export const serving = ({ places: { target, keeping }, served }: Findings): Seat | undefined =>
	[...(target === undefined ? [] : [target]), ...keeping].find((seat) => isComplete(seat, served));

/** The place that is to serve, and does not yet. */
export const coming = (findings: Findings): Seat | undefined => {
	const { target } = findings.places;
	return target !== undefined && serving(findings)?.place !== target.place ? target : undefined;
};

/** Ordered checks: the first that finds something decides. */
export const verdictOf = (findings: Findings): Verdict => {
	const {
		plan,
		expired: isOver,
		places: { target },
	} = findings;
	if (isRefusal(plan)) return refusedVerdict(plan);
	if (isOver) return expired(findings, plan);
	if (target === undefined) return nowhere(findings, plan);
	return ready(findings) ?? troubleAt(findings, target);
};

/** Why the place that it is to be in does not have it. */
export const troubleAt = (findings: Findings, target: Seat): Verdict =>
	taken(findings, target) ?? refusedBy(findings, target) ?? noneReady(target) ?? incomplete(findings, target);

const expired = ({ next }: Findings, plan: NamespacePlan): Verdict => {
	const left = next.map(({ roster }) => shortName(roster));
	const done = left.length === 0 ? "the namespace was revoked" : `it is being taken away from ${listed(left)}`;
	return {
		ready: "False",
		phase: "Expired",
		reason: "Expired",
		message: `spec.ttl was over at ${plan.expiresAt}: ${done}. Raise spec.ttl to have it back, or delete the object`,
		stalled: true,
	};
};

const nowhere = ({ places: { shortage }, next }: Findings, plan: NamespacePlan): Verdict => {
	const { home } = plan;
	const { proxyRef, shard, backend } = plan.spec;
	const phase = next.some(({ state }) => state === "Active") ? "Degraded" : "Pending";
	if (shortage === "crowded") return { ready: "False", phase, reason: "NotAccepting", message: CROWDED };
	if (shortage === "noneOpen")
		return {
			ready: "False",
			phase,
			reason: "NotAccepting",
			message:
				proxyRef === undefined
					? "every shard that matches is full, draining, of weight 0, or set to accept no new namespaces: add one, or widen spec.shard"
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

export const CROWDED =
	"it still has to be taken away from too many places to be given another one: make their instances reachable";

const servedAs = ({ served }: Findings, { place }: Seat, state: PlacedInstance["state"]): Served[] =>
	servedIn(place, served).filter(({ instance }) => instance.state === state);

const names = (served: readonly Served[]): string => listed(served.map(({ instance }) => instance.name));

const taken = (findings: Findings, target: Seat): Verdict | undefined => {
	const there = servedAs(findings, target, "Taken");
	if (there.length === 0) return undefined;
	return {
		ready: "False",
		phase: "Failed",
		reason: "NamespaceIdTaken",
		message: `${names(there)}: the identifier "${findings.identity.namespaceId}" belongs to somebody else there, or was made by hand: create a PrismNamespace with another spec.namespaceId, or remove it there`,
		stalled: true,
	};
};

const refusedBy = (findings: Findings, target: Seat): Verdict | undefined => {
	const refusals = servedAs(findings, target, "Refused");
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

const noneReady = ({ place, roster }: Seat): Verdict | undefined => {
	if (roster.instances.some((instance) => instance.ready)) return undefined;
	return {
		ready: "False",
		phase: place.state === "Active" ? "Degraded" : "Pending",
		reason: "InstancesNotReady",
		message: `no instance of ${shortName(roster.name)} is ready`,
	};
};

/** Instances that lack it, and with which something is wrong: not those that are merely being told. */
const troubledAt = (findings: Findings, target: Seat): Served[] =>
	servedAs(findings, target, "Waiting").filter(({ instance }) => instance.message !== BEING_TOLD);

/** Not all ready instances have it. An edit of what is in place comes here, too: that alone degrades nothing. */
const incomplete = (findings: Findings, target: Seat): Verdict => {
	const { place, roster } = target;
	const troubled = troubledAt(findings, target);
	const isActive = place.state === "Active";
	const phase = !isActive ? "Provisioning" : troubled.length > 0 ? "Degraded" : "Updating";
	const total = roster.instances.filter((instance) => instance.ready).length;
	const all = servedIn(place, findings.served);
	const late = servedAs(findings, target, "Waiting");
	const has = all.length - late.length;
	if (troubled.length > 0 && all.every(({ answered }) => !answered))
		return { ready: "False", phase, reason: "InstancesUnreachable", message: reports(late) };
	const counted = `${has} of ${total} instances have it`;
	if (has > 0 && troubled.length > 0)
		return { ready: "False", phase, reason: "PartiallyProvisioned", message: `${counted}; ${reports(late)}` };
	// Whom it waits for, where that is not everybody.
	const named = has > 0 ? late : troubled;
	const why = named.length > 0 ? `; ${reports(named)}` : "";
	return {
		ready: "False",
		phase,
		reason: "Progressing",
		message: `being ${isActive ? "brought up to date" : "provisioned"} on ${shortName(roster.name)}: ${counted}${why}`,
	};
};

const ready = (findings: Findings): Verdict | undefined => {
	const seat = serving(findings);
	if (seat === undefined) return undefined;
	const own = servedIn(seat.place, findings.served);
	const place = shortName(seat.roster.name);
	const blind = own.filter(({ instance }) => instance.state === "Accepted");
	const target = coming(findings);
	const leaving = findings.next.filter(({ state }) => state === "Revoking").map((left) => shortName(left.roster));
	return {
		ready: "True",
		phase: "Active",
		reason: blind.length > 0 ? "Unverified" : "NamespaceReady",
		message: [
			`${own.length} of ${own.length} ready instances of ${place} have it`,
			...(blind.length > 0 ? [`, and ${names(blind)} can't be asked`] : []),
			...(target === undefined ? [] : [`; it is moving to ${shortName(target.roster.name)}`]),
			...(leaving.length > 0 ? [`; it is being taken away from ${listed(leaving)}`] : []),
		].join(""),
	};
};

/** prism-<shard> is the shard's name on its objects; a stack's proxies are known by their own. */
export const shortName = (roster: string): string => roster.replace(/^prism-(?!.*-proxy$)/, "");

/** What a namespace that is being deleted still waits for. */
export const terminatingVerdict = (held: readonly Placement[], releases: readonly Released[]): Verdict => {
	const late = releases
		.filter(({ release, spot }) => release !== "clear" && held.some((place) => isSame(place, spot.place)))
		.map(({ spot, why }) => (why === undefined ? spot.known.name : `${spot.known.name} (${why})`));
	return {
		ready: "False",
		phase: "Terminating",
		reason: "Revoking",
		message: `still to be taken away from ${listed(late)}; the annotation ${FORCE_DELETE_ANNOTATION}: "true" lets the object go without that`,
	};
};
