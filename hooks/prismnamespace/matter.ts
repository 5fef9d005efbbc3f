import { conditionOf } from "../../kube/conditions.ts";
import { isAnnotated, isRecord, kindKey, valueAt } from "../../kube/object.ts";
import { readObject } from "../../kube/read.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { countOf } from "../../kube/rollout.ts";
import { conforms } from "../../kube/schema.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { DecoratorRequest } from "../../schemas/metacontroller.ts";
import { Placement, PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { API_VERSION, FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { type Places, placesFor } from "./placing.ts";
import { type NamespacePlan, ownerOf, planNamespace, versionOf } from "./plan.ts";
import { type Identity, lastSpots, leftSpots, type Spot, servingSpots } from "./provisioning.ts";

/** All that a request says, worked out once: the stages must agree on it. */
export interface Matter {
	readonly object: KubeObject;
	readonly plan: NamespacePlan | Refusal;
	readonly identity: Identity;
	/** Places that the request's status names: calls go nowhere else. */
	readonly written: readonly Placement[];
	readonly places: Places;
	/** Instances that are to have it. */
	readonly serving: readonly Spot[];
	/** Instances that are to let go of it. */
	readonly left: readonly Spot[];
	readonly expired: boolean;
	readonly paused: boolean;
	readonly forced: boolean;
	/** Whether it is being deleted, and this is the hook to let go of it. */
	readonly going: boolean;
	readonly now: string;
}

/** Of the stages of one hook, which are given the same request at the same moment; gone with the request. */
const matters = new WeakMap<DecoratorRequest, { readonly context: Context; readonly matter: Matter }>();

export const matterOf = (request: DecoratorRequest, context: Context): Matter => {
	const known = matters.get(request);
	if (known?.context === context) return known.matter;
	const matter = workedOut(request, context);
	matters.set(request, { context, matter });
	return matter;
};

const workedOut = ({ object, related, finalizing }: DecoratorRequest, context: Context): Matter => {
	const { now } = context;
	const read = readObject(PrismNamespace, object);
	const plan = isRefusal(read) ? read : planNamespace(read, related, context);
	const written = writtenPlaces(object);
	const identity = identityOf(object, plan, context);
	const expiresAt = isRefusal(plan) ? undefined : plan.expiresAt;
	const expired = expiresAt !== undefined && secondsBetween(expiresAt, now) >= 0;
	const { deletionTimestamp } = object.metadata;
	const places = isRefusal(plan) ? NOWHERE : placesFor({ plan, written, wanted: !expired, now });
	const going = finalizing && deletionTimestamp !== undefined;
	const common = {
		object,
		plan,
		identity,
		written,
		places,
		expired,
		paused: isAnnotated(object, PAUSED_ANNOTATION),
		forced: isAnnotated(object, FORCE_DELETE_ANNOTATION),
		going,
		now,
	};
	const { namespaceId } = identity;
	if (deletionTimestamp !== undefined || finalizing) {
		// What merely is no longer decorated is left as it is.
		const there = going ? written.filter((place) => !isGone(place, object, related)) : [];
		return { ...common, serving: [], left: lastSpots(there, namespaceId, deletionTimestamp ?? now) };
	}
	const seats = [...(places.target === undefined ? [] : [places.target]), ...places.keeping];
	return {
		...common,
		serving: seats.flatMap((seat) => servingSpots(seat, written, namespaceId)),
		left: leftSpots(places.revoking, written, namespaceId, now),
	};
};

/** A spec that can't be carried out leaves the places that are written as they are, and looks for no others. */
const NOWHERE: Places = { target: undefined, keeping: [], leaving: [], revoking: [], shortage: undefined };

const writtenPlaces = ({ status }: KubeObject): Placement[] => {
	const places = valueAt(status, "placements");
	// One that makes no sense is no reason to forget the others.
	return Array.isArray(places) ? places.filter((place) => conforms(Placement, place)) : [];
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

const lastDigest = ({ status }: KubeObject): string | undefined => {
	const digest = valueAt(status, "digest");
	return typeof digest === "string" ? digest : undefined;
};

/** Whether nobody is there who could let go: the roster says that all of it goes, or it was related to by name and is not there. */
const isGone = (place: Placement, object: KubeObject, related: DecoratorRequest["related"]): boolean => {
	const roster = related[kindKey(API_VERSION, PrismRoster.kind)]?.[`${place.namespace}/${place.roster}`];
	const reference = valueAt(object["spec"], "proxyRef");
	if (roster === undefined) {
		if (!isRecord(reference) || reference["name"] !== place.roster) return false;
		return (reference["namespace"] ?? object.metadata.namespace ?? "default") === place.namespace;
	}
	return valueAt(roster["spec"], "deleting") === true;
};
