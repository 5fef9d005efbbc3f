import { pausedVerdict } from "../../kube/answer.ts";
import { listed } from "../../kube/checks.ts";
import { type ConditionDraft, statusHead, type Verdict } from "../../kube/conditions.ts";
import { isRecord, withoutUndefined } from "../../kube/object.ts";
import { isRefusal } from "../../kube/refusal.ts";
import { countOf } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import { PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { metricsOf } from "./figures.ts";
import type { NamespacePlan } from "./plan.ts";
import { BEING_TOLD } from "./provisioning.ts";
import { servedIn } from "./settling.ts";
import { CROWDED, coming, type Findings, serving, shortName, troubleAt, verdictOf } from "./verdict.ts";

/** The whole status of a namespace that is not being deleted. */
export const statusOf = (findings: Findings): Record<string, unknown> => {
	const { object, plan, identity, paused, next, served, now } = findings;
	const found = verdictOf(findings);
	const verdict = paused ? pausedVerdict(found) : found;
	const old = isRecord(object["status"]) ? object["status"] : {};
	const refused = isRefusal(plan);
	const seat = serving(findings);
	const head = statusHead({
		parent: object,
		verdict,
		warnings: [...(refused ? [] : plan.warnings), ...stuckWarnings(findings)],
		paused: paused
			? `nothing is pushed to the proxies until the annotation ${PAUSED_ANNOTATION} is removed`
			: undefined,
		missing: [],
		more: refused ? [] : ownConditions(findings, plan, verdict),
		now,
	});
	const home = next.find(({ state }) => state === "Active") ?? next.find(({ state }) => state === "Assigning");
	const having = (home?.instances ?? []).filter(({ state }) => state === "Applied" || state === "Accepted");
	const isUnknown = served.every(({ answered }) => !answered);
	const isHealthy = seat !== undefined || found.phase === "Updating";
	const isNew = found.phase === "Provisioning" && served.every(({ instance }) => instance.message === BEING_TOLD);
	const assignedProxy = served.map((each) => each.assignedProxy).find((proxy) => proxy !== undefined && proxy !== "");
	const floor = Math.max(...served.map(({ version }) => version ?? 0), countOf(old, "version") ?? 0);
	return withoutUndefined({
		...head,
		state: verdict.phase,
		namespaceId: identity.namespaceId,
		shard: home && shortName(home.roster),
		prismInstances: having.length > 0 ? having.map(({ name }) => name) : undefined,
		health: isHealthy ? "Healthy" : isUnknown || isNew ? "Unknown" : "Degraded",
		proxyStatus: seat !== undefined ? "Ready" : isUnknown ? "Unknown" : "NotReady",
		provisionedAt: textOf(old["provisionedAt"]) ?? (seat === undefined ? undefined : now),
		lastSyncedAt: served.some(({ pushed }) => pushed) ? now : textOf(old["lastSyncedAt"]),
		expiresAt: refused ? undefined : plan.expiresAt,
		assignedProxy: home?.controlPlane === true ? (assignedProxy ?? textOf(old["assignedProxy"])) : undefined,
		version: floor > 0 ? floor : undefined,
		digest: identity.digest,
		placements: next.length > 0 ? next : undefined,
		...metricsOf(old, served, now),
	});
};

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const ownConditions = (findings: Findings, plan: NamespacePlan, verdict: Verdict): ConditionDraft[] => {
	const { served } = findings;
	const seat = serving(findings);
	const blind =
		seat !== undefined && servedIn(seat.place, served).some(({ instance }) => instance.state === "Accepted");
	const told = (reason: string, done: string): Omit<ConditionDraft, "type"> => {
		if (seat === undefined) return { status: "False", reason: verdict.reason, message: verdict.message };
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

/** A place that should have been left, and can't be; or one that should be moved to, and is not. */
const stuckWarnings = (findings: Findings): string[] => {
	const { next, places, now } = findings;
	const { shortage, target } = places;
	const to = coming(findings);
	const staying = [...places.keeping.map(({ place }) => place), ...places.leaving].map(({ roster }) =>
		shortName(roster),
	);
	const trouble = to !== undefined && serving(findings) !== undefined ? troubleAt(findings, to) : undefined;
	return [
		...next
			.filter(({ unreachableSince = now }) => secondsBetween(unreachableSince, now) >= STUCK_SECONDS)
			.map(
				({ roster }) =>
					`${shortName(roster)} may still have the namespace, for not all of its instances can be reached`,
			),
		...(to === undefined || trouble === undefined || trouble.reason === "Progressing"
			? []
			: [`it can't move to ${shortName(to.roster.name)}: ${trouble.message}`]),
		...(target !== undefined && shortage === "drainingOnly"
			? [`${shortName(target.roster.name)} is draining, and no other shard matches: the namespace stays where it is`]
			: []),
		...(target !== undefined && shortage === "crowded" ? [CROWDED] : []),
		...(target === undefined && staying.length > 0
			? [`the namespace stays on ${listed(staying)} until there is another place`]
			: []),
	];
};

const STUCK_SECONDS = 60;
