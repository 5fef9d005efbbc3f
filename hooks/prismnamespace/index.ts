import { statusHead } from "../../kube/conditions.ts";
import type { DecoratorRow } from "../../kube/hook.ts";
import { jittered } from "../../kube/names.ts";
import { withoutUndefined } from "../../kube/object.ts";
import { isRefusal } from "../../kube/refusal.ts";
import { millisOf } from "../../kube/time.ts";
import { type AdminCall, type Answer, NOTHING_ASKED, type Outside, type Question } from "../../schemas/admin.ts";
import type { Context } from "../../schemas/installation.ts";
import type { DecoratorRequest, DecoratorResponse } from "../../schemas/metacontroller.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { type Matter, matterOf } from "./matter.ts";
import { relatedRosters } from "./plan.ts";
import { assignment, releaseAt, revocation, servedAt } from "./provisioning.ts";
import { backoffSeconds, concludedPlaces, isComplete, leftover, releasedPlaces } from "./settling.ts";
import { statusOf, terminatingVerdict } from "./status.ts";

// A tenant's namespace, on a stack's proxies or on a shard. What is to be where is written into status first; then the
// instances are asked, and told only what they lack; then status says what they report.

const ask = (request: DecoratorRequest, context: Context): Question[] => {
	const { serving, left } = matterOf(request, context);
	return [...serving, ...left].map(({ question }) => question);
};

const decide = (request: DecoratorRequest, context: Context, answers: readonly Answer[]): AdminCall[] => {
	const { serving, left, plan, identity, paused, finalizing } = matterOf(request, context);
	const revocations = left.map((spot) => revocation(spot, identity, { answers }, finalizing ? "last" : "move"));
	const assignments =
		isRefusal(plan) || finalizing ? [] : serving.map((spot) => assignment(spot, { ...identity, ...plan }, { answers }));
	return paused && !finalizing ? [] : [...assignments, ...revocations].filter((call) => call !== undefined);
};

const sync = (request: DecoratorRequest, context: Context, outside: Outside = NOTHING_ASKED): DecoratorResponse => {
	const matter = matterOf(request, context);
	const { object, plan, identity, places, written, expired, paused, serving, left } = matter;
	// On its way out, and not to be finalized by us: nothing may be begun any more.
	if (object.metadata.deletionTimestamp !== undefined) return { attachments: [] };
	const served = isRefusal(plan) ? [] : serving.map((spot) => servedAt(spot, { ...identity, ...plan }, outside));
	const complete = isComplete(places, served);
	const releases = left.map((spot) => ({ spot, release: releaseAt(spot, identity, outside, "move") }));
	const next = paused || isRefusal(plan) ? written : concludedPlaces(matter, served, complete, releases);
	const { now } = context;
	const findings = {
		object,
		plan,
		namespaceId: identity.namespaceId,
		places,
		next,
		served,
		complete,
		expired,
		paused,
		now,
	};
	const status = statusOf(findings);
	return { status, attachments: [], resyncAfterSeconds: nextLook(matter, next, complete, context) };
};

/** Seconds until the next look, never 0: a status write that lost a conflict is swallowed, and nobody else comes back. */
const nextLook = (matter: Matter, next: Matter["written"], complete: boolean, { now }: Context): number => {
	const { object, plan, paused, written } = matter;
	const { uid = object.metadata.name } = object.metadata;
	if (paused || isRefusal(plan)) return jittered(SETTLED_SECONDS, uid);
	const expiry = plan.expiresAt === undefined ? Number.NaN : (millisOf(plan.expiresAt) - millisOf(now)) / 1000;
	const atExpiry = expiry > 0 ? Math.ceil(expiry) + 1 : Number.POSITIVE_INFINITY;
	if (leftover(next, written)) return SOON_SECONDS;
	const moving = next.some(({ state }) => state === "Revoking");
	const calm = complete || next.length === 0;
	return Math.min(atExpiry, calm && !moving ? jittered(SETTLED_SECONDS, uid) : backoffSeconds(object, now));
};

/** Until what was written ahead can be read back from the cache. */
const SOON_SECONDS = 0.2;
/** Between two looks at what is as it should be: drift is found within this time. */
const SETTLED_SECONDS = 300;

/** Only what is being deleted is revoked: a decorator's finalize is also called for what merely is no longer decorated. */
const finalize = (request: DecoratorRequest, context: Context, outside: Outside = NOTHING_ASKED): DecoratorResponse => {
	const matter = matterOf(request, context);
	const { object, identity, left, forced } = matter;
	const { now } = context;
	if (object.metadata.deletionTimestamp === undefined || forced) return { attachments: [], finalized: true };
	const releases = left.map((spot) => ({ spot, release: releaseAt(spot, identity, outside, "last") }));
	const held = releasedPlaces(matter, releases);
	if (held.length === 0) return { attachments: [], finalized: true };
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
	return { status, attachments: [], resyncAfterSeconds: backoffSeconds(object, now) };
};

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
