import { unreadableSwitches } from "../../kube/boolean-annotations.ts";
import { conditionOf, type Found, statusHead } from "../../kube/conditions.ts";
import { heldChildren } from "../../kube/held-children.ts";
import { type DecoratorRow, type Prepared, preparing } from "../../kube/hook.ts";
import { jittered } from "../../kube/names.ts";
import { isSameJson, withoutUndefined } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { millisOf, secondsBetween } from "../../kube/time.ts";
import { type AdminCall, type Answer, NOTHING_ASKED, type Outside } from "../../schemas/admin.ts";
import type { Condition, KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { DecoratorRequest, DecoratorResponse } from "../../schemas/metacontroller.ts";
import { type Placement, PrismNamespace, type PrismNamespaceStatus } from "../../schemas/prismnamespace.ts";
import { answerAt, CLAIM, claimOn, isClaimed, isSame, toldBy } from "./context.ts";
import { leftPlaces, releaseAt, releasedPlaces, revocation, terminatingVerdict } from "./deprovisioning.ts";
import { type Input, inputOf, signedPlaces } from "./input.ts";
import { concludedPlaces, leftover } from "./placement.ts";
import { relatedRosters } from "./plan.ts";
import { transition } from "./provisioning.ts";
import { type Findings, statusOf, verdictOf, warningsIn } from "./status.ts";

// A tenant's namespace, on a stack's proxies or on a shard. What is to be where is written into status first; then the
// instances are asked, and get only what they lack; then status has what they report.

const prepare = (request: DecoratorRequest, context: Context): Prepared<DecoratorResponse<PrismNamespaceStatus>> => {
	const input = inputOf(request, context);
	return {
		questions: [...input.serving, ...input.left].filter(input.isCallable).map(({ question }) => question),
		decide: (answers) => decide(input, answers),
		sync: (outside) => sync(input, outside),
		finalize: (outside) => finalize(input, outside),
	};
};

const decide = (input: Input, answers: readonly Answer[]): AdminCall[] => {
	const { serving, plan, identity, paused, going, now } = input;
	const left = input.left.filter(input.isCallable);
	const told = toldBy({ answers });
	if (going) return left.flatMap((query) => revocation(query, identity, told, "last") ?? []);
	if (paused || isRefusal(plan)) return [];
	return [
		...serving.flatMap((query) => transition(query, { ...identity, ...plan }, told, now).call ?? []),
		...left.flatMap((query) => revocation(query, identity, told, "move") ?? []),
	];
};

const sync = (input: Input, outside: Outside): DecoratorResponse<PrismNamespaceStatus> => {
	const { object, plan } = input;
	// It is being deleted, and not finalized by us: nothing may be started any more.
	if (object.metadata.deletionTimestamp !== undefined) return { attachments: heldChildren(input.attachments) };
	const findings = findingsOf(input, outside);
	const { served, next } = findings;
	const status = statusOf(findings);
	const planned = nextLook(input, next, status, outside);
	const wantedDigest = isRefusal(plan) ? undefined : plan.digest;
	// What another replica of the operator is believed to have pushed to an instance is checked again soon.
	const isBelieved = served.some(({ state, record }) => state.is === "Applied" && record?.digest !== wantedDigest);
	// So is what is about to be written: Metacontroller gives up a status whose object was written since it was read, and changes of a
	// status cause no sync. That other write may have been our own, of a sync just before this one.
	const isNews = !isSameJson(status, object["status"]);
	const isSoon = isBelieved || isNews;
	return {
		status,
		attachments: claimsFor(findings, outside),
		resyncAfterSeconds: isSoon ? Math.min(planned, MOVING_SECONDS) : planned,
	};
};

/**
 * Claims on the identifier in the places that are written: where an instance can't be read back, and after that until all can.
 * A place that is left keeps its claim until it is forgotten: no other record may come in the way of a revocation.
 */
const claimsFor = (findings: Findings, outside: Outside): KubeObject[] => {
	const { next, object, attachments, identity, serving, left } = findings;
	const told = toldBy(outside);
	const isWanted = (place: Placement): boolean => {
		const isHeld = isClaimed(attachments, object, place, identity.namespaceId);
		const there = [...serving, ...left].filter((query) => isSame(query.place, place));
		const states = there.map((query) => answerAt(query, told).state);
		if (isHeld) return there.length === 0 || states.some((state) => state !== "known");
		return there.some(({ claim }, index) => claim === "awaited" && states[index] === "unverifiable" && isServed(place));
	};
	const isServed = ({ state }: Placement) => state !== "Revoking" && !findings.paused && !isRefusal(findings.plan);
	return next.filter(isWanted).map((place) => claimOn(place, identity.namespaceId, object));
};

const findingsOf = (input: Input, outside: Outside): Findings => {
	const { plan, identity, written, paused, serving, left, now } = input;
	const told = toldBy(outside);
	const wanted = isRefusal(plan) ? undefined : { ...identity, ...plan };
	const served = wanted === undefined ? [] : serving.map((query) => transition(query, wanted, told, now));
	const releases = left.map((query) => releaseAt(query, identity, told, "move", now));
	if (paused || isRefusal(plan)) return { ...input, next: written, served };
	return { ...input, next: concludedPlaces(input.places, served, leftPlaces(input, releases), now), served };
};

const found = (request: DecoratorRequest, context: Context, outside: Outside = NOTHING_ASKED): Found => {
	const input = inputOf(request, context);
	if (!request.finalizing) {
		const findings = findingsOf(input, outside);
		return { verdict: verdictOf(findings), warnings: warningsIn(findings) };
	}
	const releases = input.left.map((query) => releaseAt(query, input.identity, toldBy(outside), "last", input.now));
	const verdict = terminatingVerdict(releasedPlaces(input, releases), releases);
	return { verdict, warnings: unreadableSwitches(input.object) };
};

/** Seconds until the next sync, never 0: a status write that lost a conflict is swallowed, and nothing else causes a sync. */
const nextLook = (input: Input, next: Input["written"], status: PrismNamespaceStatus, outside: Outside): number => {
	const { object, plan, paused, written, now } = input;
	const { uid = object.metadata.name } = object.metadata;
	const settled = Math.min(jittered(SETTLED_SECONDS, uid), nextReminder(outside));
	if (paused || isRefusal(plan)) return settled;
	const expiry = plan.expiresAt === undefined ? Number.NaN : (millisOf(plan.expiresAt) - millisOf(now)) / 1000;
	const atExpiry = expiry > 0 ? Math.ceil(expiry) + 1 : Number.POSITIVE_INFINITY;
	if (leftover(next, written)) return SOON_SECONDS;
	// Who can't be reached for long is not asked more often than who is well.
	const moving = next.some(
		({ state, unreachableSince = now }) => state === "Revoking" && secondsBetween(unreachableSince, now) < 60,
	);
	const ready = conditionOf({ ...object, status }, "Ready");
	const isWaiting = next.some(({ state }) => state === "Assigning") || ready?.status !== "True";
	if (next.length > 0 && isWaiting) return Math.min(atExpiry, backoffSeconds(waitingSince(input, ready), now));
	return Math.min(atExpiry, moving ? MOVING_SECONDS : settled);
};

/** Seconds until an instance that can't be read back is to be sent the namespace once more. */
const nextReminder = ({ answers, results }: Outside): number => {
	const sent = results.flatMap(({ outcome }) => (outcome.state === "done" ? (outcome.remindInSeconds ?? []) : []));
	const left = answers.flatMap(({ answer }) => (answer.state === "unverifiable" ? (answer.remindInSeconds ?? []) : []));
	return Math.min(...[...sent, ...left].filter((seconds) => seconds > 0));
};

/** Until what was written ahead can be read back from the cache. */
const SOON_SECONDS = 0.2;
/** Between two checks of what moves: a place that is being left, or a status that may not have been written. */
const MOVING_SECONDS = 10;
/** Between two checks of what is as desired: drift is found within this time. */
const SETTLED_SECONDS = 300;

/** Seconds until the next try: the longer it has not been as it should be, the longer; from 1 to 60. */
const backoffSeconds = (since: string, now: string): number =>
	Math.min(60, Math.max(1, Math.round(secondsBetween(since, now) / 4)));

/** Since when it has not been Ready; a new generation resets it. */
const waitingSince = ({ object, now }: Input, ready: Condition | undefined): string =>
	countOf(object["status"], "observedGeneration") === object.metadata.generation
		? (ready?.lastTransitionTime ?? now)
		: now;

/** Metacontroller drops a conflict while it removes the finalizer, and waits for an event that need not come. */
const released = (attachments: KubeObject[]): DecoratorResponse<PrismNamespaceStatus> => ({
	attachments,
	finalized: true,
	resyncAfterSeconds: MOVING_SECONDS,
});

/** Only what is being deleted is revoked: a decorator's finalize is also called for what merely is no longer decorated. */
const finalize = (input: Input, outside: Outside): DecoratorResponse<PrismNamespaceStatus> => {
	const { object, identity, left, forced, going, written, signing, now } = input;
	// What merely is no longer decorated is left as it is.
	if (!going) return released(heldChildren(input.attachments));
	if (forced) return released([]);
	const told = toldBy(outside);
	const releases = left.map((query) => releaseAt(query, identity, told, "last", now));
	const held = releasedPlaces(input, releases);
	if (held.length === 0) {
		// Versions count seconds: one that is created again within this one would look older than its own revocation.
		const age = secondsBetween(object.metadata.creationTimestamp ?? now, now);
		const isYoung = written.length > 0 && age >= 0 && age < YOUNG_SECONDS;
		return isYoung ? { attachments: [], resyncAfterSeconds: 1 } : released([]);
	}
	const head = statusHead({
		parent: object,
		verdict: terminatingVerdict(held, releases),
		warnings: unreadableSwitches(object),
		missing: [],
		now,
	});
	const status = withoutUndefined<PrismNamespaceStatus>({
		...(typeof object["status"] === "object" ? object["status"] : {}),
		...head,
		state: head.phase,
		prismInstances: undefined,
		health: undefined,
		proxyStatus: undefined,
		placements: signedPlaces(held, written, signing),
	});
	const [first] = held;
	const isKept = held.every(({ instances }) => instances.every(({ state: said }) => said === "Kept"));
	return {
		status,
		attachments: heldChildren(input.attachments),
		resyncAfterSeconds: isKept ? MOVING_SECONDS : backoffSeconds(first?.since ?? now, now),
	};
};

const YOUNG_SECONDS = 2;

export const prismNamespace: DecoratorRow = {
	type: "decorator",
	name: "prismnamespace",
	parent: PrismNamespace,
	children: [CLAIM],
	...preparing(prepare),
	found,
	outside: "asks and tells",
	customize: ({ parent }) => relatedRosters(parent),
};
