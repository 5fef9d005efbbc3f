import { conditionOf, statusHead } from "../../kube/conditions.ts";
import type { DecoratorRow } from "../../kube/hook.ts";
import { jittered } from "../../kube/names.ts";
import { isSameJson, withoutUndefined } from "../../kube/object.ts";
import { isRefusal } from "../../kube/refusal.ts";
import { countOf } from "../../kube/rollout.ts";
import { millisOf, secondsBetween } from "../../kube/time.ts";
import { type AdminCall, type Answer, NOTHING_ASKED, type Outside, type Question } from "../../schemas/admin.ts";
import type { Condition } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { DecoratorRequest, DecoratorResponse } from "../../schemas/metacontroller.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { type Matter, matterOf } from "./matter.ts";
import { releaseAt, servedAt } from "./outcome.ts";
import { relatedRosters } from "./plan.ts";
import { assignment, revocation, toldBy } from "./provisioning.ts";
import { concludedPlaces, leftover, releasedPlaces } from "./settling.ts";
import { statusOf } from "./status.ts";
import { terminatingVerdict } from "./verdict.ts";

// A tenant's namespace, on a stack's proxies or on a shard. What is to be where is written into status first; then the
// instances are asked, and told only what they lack; then status says what they report.

const ask = (request: DecoratorRequest, context: Context): Question[] => {
	const { serving, left } = matterOf(request, context);
	return [...serving, ...left].map(({ question }) => question);
};

const decide = (request: DecoratorRequest, context: Context, answers: readonly Answer[]): AdminCall[] => {
	const { serving, left, plan, identity, paused, going, now } = matterOf(request, context);
	const told = toldBy({ answers });
	if (going) return left.flatMap((spot) => revocation(spot, identity, told, "last") ?? []);
	if (paused || isRefusal(plan)) return [];
	return [
		...serving.flatMap((spot) => assignment(spot, { ...identity, ...plan }, told, now) ?? []),
		...left.flatMap((spot) => revocation(spot, identity, told, "move") ?? []),
	];
};

const sync = (request: DecoratorRequest, context: Context, outside: Outside = NOTHING_ASKED): DecoratorResponse => {
	const matter = matterOf(request, context);
	const { object, plan, identity, written, paused, serving, left } = matter;
	const { now } = context;
	// On its way out, and not to be finalized by us: nothing may be begun any more.
	if (object.metadata.deletionTimestamp !== undefined) return { attachments: [] };
	const told = toldBy(outside);
	const wanted = isRefusal(plan) ? undefined : { ...identity, ...plan };
	const served = wanted === undefined ? [] : serving.map((spot) => servedAt(spot, wanted, told, now));
	const releases = left.map((spot) => releaseAt(spot, identity, told, "move"));
	const next = paused || wanted === undefined ? written : concludedPlaces(matter, served, releases);
	const status = statusOf({ ...matter, next, served });
	const planned = nextLook(matter, next, status);
	// What another copy of the operator is believed to have told an instance is looked at again soon.
	const isBelieved = served.some(
		({ instance, record }) => instance.state === "Applied" && record?.digest !== wanted?.digest,
	);
	// So is what is about to be written: Metacontroller gives up a status whose object was written since it was read, and news of a
	// status wake nobody. That other write may have been our own, of a sync just before this one.
	const isNews = !isSameJson(status, object["status"]);
	const isSoon = isBelieved || isNews;
	return { status, attachments: [], resyncAfterSeconds: isSoon ? Math.min(planned, MOVING_SECONDS) : planned };
};

/** Seconds until the next look, never 0: a status write that lost a conflict is swallowed, and nobody else comes back. */
const nextLook = (matter: Matter, next: Matter["written"], status: Record<string, unknown>): number => {
	const { object, plan, paused, written, now } = matter;
	const { uid = object.metadata.name } = object.metadata;
	const settled = jittered(SETTLED_SECONDS, uid);
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
	if (next.length > 0 && isWaiting) return Math.min(atExpiry, backoffSeconds(waitingSince(matter, ready), now));
	return Math.min(atExpiry, moving ? MOVING_SECONDS : settled);
};

/** Until what was written ahead can be read back from the cache. */
const SOON_SECONDS = 0.2;
/** Between two looks at what moves: a place that is being left, or a status that may not have been written. */
const MOVING_SECONDS = 10;
/** Between two looks at what is as it should be: drift is found within this time. */
const SETTLED_SECONDS = 300;

/** Seconds until the next try: the longer it has not been as it should be, the longer; from 1 to 60. */
const backoffSeconds = (since: string, now: string): number =>
	Math.min(60, Math.max(1, Math.round(secondsBetween(since, now) / 4)));

/** Since when it has not been Ready; at a new generation that begins anew. */
const waitingSince = ({ object, now }: Matter, ready: Condition | undefined): string =>
	countOf(object["status"], "observedGeneration") === object.metadata.generation
		? (ready?.lastTransitionTime ?? now)
		: now;

/** Only what is being deleted is revoked: a decorator's finalize is also called for what merely is no longer decorated. */
const finalize = (request: DecoratorRequest, context: Context, outside: Outside = NOTHING_ASKED): DecoratorResponse => {
	const matter = matterOf(request, context);
	const { object, identity, left, forced, going, written } = matter;
	const { now } = context;
	if (!going || forced) return { attachments: [], finalized: true };
	const told = toldBy(outside);
	const releases = left.map((spot) => releaseAt(spot, identity, told, "last"));
	const held = releasedPlaces(matter, releases);
	if (held.length === 0) {
		// Versions count seconds: one that is created again within this one would look older than its own revocation.
		const age = secondsBetween(object.metadata.creationTimestamp ?? now, now);
		const isYoung = written.length > 0 && age >= 0 && age < YOUNG_SECONDS;
		return isYoung ? { attachments: [], resyncAfterSeconds: 1 } : { attachments: [], finalized: true };
	}
	const head = statusHead({
		parent: object,
		verdict: terminatingVerdict(held, releases),
		warnings: [],
		missing: [],
		now,
	});
	const status = withoutUndefined({
		...(typeof object["status"] === "object" ? object["status"] : {}),
		...head,
		state: head.phase,
		prismInstances: undefined,
		health: undefined,
		proxyStatus: undefined,
		placements: held,
	});
	const [first] = held;
	return { status, attachments: [], resyncAfterSeconds: backoffSeconds(first?.since ?? now, now) };
};

const YOUNG_SECONDS = 2;

export const prismNamespace: DecoratorRow = {
	type: "decorator",
	name: "prismnamespace",
	parent: PrismNamespace,
	children: [],
	ask,
	decide,
	sync,
	finalize,
	customize: ({ parent }) => relatedRosters(parent),
};
