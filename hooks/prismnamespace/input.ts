import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, kindKey, valueAt } from "../../kube/object.ts";
import { readerOf } from "../../kube/read.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { countOf } from "../../kube/rollout.ts";
import { checkOf } from "../../kube/schema.ts";
import { isAnnotated } from "../../kube/switches.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { DecoratorRequest, ObjectMap } from "../../schemas/metacontroller.ts";
import { Placement, PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { API_VERSION, FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { isClaimed } from "./identifier-claim.ts";
import { NO_PLACES, type Places, placesFor, provenPlaces, type Signing } from "./placement.ts";
import { type NamespacePlan, openRosters, ownerOf, planNamespace, shardsHome, versionOf } from "./plan.ts";
import {
	type ClaimIn,
	type Identity,
	type InstanceQuery,
	lastQueries,
	leftQueries,
	servingQueries,
} from "./provisioning.ts";

const isPlacement = checkOf(Placement);

const readNamespace = readerOf(PrismNamespace);

/** All that a request says. */
export interface Input {
	readonly object: KubeObject;
	/** As observed: claims on the identifier. */
	readonly attachments: ObjectMap;
	readonly plan: NamespacePlan | Refusal;
	readonly identity: Identity;
	/** Places that the request's status names, as far as they are the operator's own: calls go nowhere else. */
	readonly written: readonly Placement[];
	readonly signing: Signing;
	readonly places: Places;
	/** Instances that are to have it. */
	readonly serving: readonly InstanceQuery[];
	/** Instances that are to let go of it. */
	readonly left: readonly InstanceQuery[];
	/** Whether calls may be made there. */
	readonly isCallable: (query: InstanceQuery) => boolean;
	readonly expired: boolean;
	readonly paused: boolean;
	readonly forced: boolean;
	/** Whether it is being deleted, and this is the hook to let go of it. */
	readonly going: boolean;
	readonly now: string;
}

/** Of one call; its stages must agree on it. */
export const inputOf = ({ object, attachments, related, finalizing }: DecoratorRequest, context: Context): Input => {
	const { now } = context;
	const read = readNamespace(object);
	const plan = isRefusal(read) ? read : planNamespace(read, related, context);
	const identity = identityOf(object, plan, context);
	const { namespace: home = "default" } = object.metadata;
	const signing = { owner: identity.owner, home, keys: context.keys };
	const written = provenPlaces(writtenPlaces(object), openRosters(related, home), signing);
	const expiresAt = isRefusal(plan) ? undefined : plan.expiresAt;
	const expired = expiresAt !== undefined && secondsBetween(expiresAt, now) >= 0;
	const { deletionTimestamp } = object.metadata;
	// A spec that can't be carried out leaves the places that are written as they are, and looks for no others.
	const places = isRefusal(plan) ? NO_PLACES : placesFor({ plan, written, wanted: !expired, now });
	const going = finalizing && deletionTimestamp !== undefined;
	const common = {
		object,
		attachments,
		plan,
		identity,
		written,
		signing,
		places,
		expired,
		paused: isAnnotated(object, PAUSED_ANNOTATION),
		forced: isAnnotated(object, FORCE_DELETE_ANNOTATION),
		isCallable: ({ place }: InstanceQuery) => !place.controlPlane || !isForeign(place, related),
		going,
		now,
	};
	const { namespaceId } = identity;
	const claimIn: ClaimIn = (place) => (isClaimed(attachments, object, place, namespaceId) ? "held" : "awaited");
	if (deletionTimestamp !== undefined || finalizing) {
		// What merely is no longer decorated is left as it is.
		const there = going ? written.filter((place) => !isGone(place, object, related)) : [];
		return { ...common, serving: [], left: lastQueries(there, namespaceId, deletionTimestamp ?? now, claimIn) };
	}
	const all = [...(places.target === undefined ? [] : [places.target]), ...places.keeping];
	return {
		...common,
		serving: all.flatMap((live) => servingQueries(live, written, namespaceId, claimIn)),
		left: leftQueries(places.revoking, written, namespaceId, now, claimIn),
	};
};

const writtenPlaces = ({ status }: KubeObject): Placement[] => {
	const places = valueAt(status, "placements");
	// One that makes no sense is no reason to forget the others.
	return Array.isArray(places) ? places.filter((place) => isPlacement(place)) : [];
};

const identityOf = (object: KubeObject, plan: NamespacePlan | Refusal, { installation }: Context): Identity => {
	const namespaceId = valueAt(object["spec"], "namespaceId");
	return {
		namespaceId: typeof namespaceId === "string" ? namespaceId : object.metadata.name,
		owner: ownerOf(object, installation),
		digest: isRefusal(plan) ? lastDigest(object) : plan.digest,
		version: Math.max(versionOf(object), countOf(object["status"], "version") ?? 0),
		pushedAt: isRefusal(plan) || lastDigest(object) !== plan.digest ? undefined : lastPush(object),
		unreadySince: unreadySince(object),
		assignedProxy: lastAssignedProxy(object),
	};
};

const unreadySince = (object: KubeObject): string | undefined => {
	const ready = conditionOf(object, "Ready");
	return ready?.status === "False" ? ready.lastTransitionTime : undefined;
};

const lastPush = ({ status }: KubeObject): string | undefined => {
	const time = valueAt(status, "lastSyncedAt");
	return typeof time === "string" ? time : undefined;
};

const lastAssignedProxy = ({ status }: KubeObject): string | undefined => {
	const proxy = valueAt(status, "assignedProxy");
	return typeof proxy === "string" ? proxy : undefined;
};

const lastDigest = ({ status }: KubeObject): string | undefined => {
	const digest = valueAt(status, "digest");
	return typeof digest === "string" ? digest : undefined;
};

const rosterAt = ({ namespace, roster }: Placement, related: DecoratorRequest["related"]): KubeObject | undefined =>
	related[kindKey(API_VERSION, PrismRoster.kind)]?.[`${namespace}/${roster}`];

/** Whether the control plane's address leads to what is not the stack's. */
const isForeign = (place: Placement, related: DecoratorRequest["related"]): boolean =>
	valueAt(rosterAt(place, related), "spec", "controlPlane", "foreign") === true;

/** Whether nobody is there who could let go: the roster says that all of it goes, or is not there although it was related. */
const isGone = (place: Placement, object: KubeObject, related: DecoratorRequest["related"]): boolean => {
	const roster = rosterAt(place, related);
	const reference = valueAt(object["spec"], "proxyRef");
	if (roster === undefined) {
		if (!isRecord(reference)) return place.namespace === shardsHome(object);
		if (reference["name"] !== place.roster) return false;
		return (reference["namespace"] ?? object.metadata.namespace ?? "default") === place.namespace;
	}
	return valueAt(roster["spec"], "deleting") === true;
};
