import { Value } from "@sinclair/typebox/value";
import { isRecord, kindKey } from "../../kube/object.ts";
import { readObject } from "../../kube/read.ts";
import { isRefusal, type Refusal } from "../../kube/refusal.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { DecoratorRequest } from "../../schemas/metacontroller.ts";
import { type Placement, Placements, PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismRoster } from "../../schemas/prismroster.ts";
import { API_VERSION, FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";
import { type Places, placesFor } from "./placing.ts";
import { type NamespacePlan, planNamespace, versionOf } from "./plan.ts";
import { type Identity, lastSpots, leftSpots, type Spot, servingSpots } from "./provisioning.ts";

/** All that a request says, worked out once for each stage: the stages must agree on it. */
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
	readonly finalizing: boolean;
	readonly now: string;
}

export const matterOf = ({ object, related, finalizing }: DecoratorRequest, context: Context): Matter => {
	const { now } = context;
	const read = readObject(PrismNamespace, object);
	const plan = isRefusal(read) ? read : planNamespace(read, related, context);
	const written = writtenPlaces(object);
	const identity = identityOf(object, context);
	const expiresAt = isRefusal(plan) ? undefined : plan.expiresAt;
	const expired = expiresAt !== undefined && secondsBetween(expiresAt, now) >= 0;
	const { annotations = {}, deletionTimestamp } = object.metadata;
	const places = isRefusal(plan) ? unchanged(written) : placesFor({ plan, written, wanted: !expired, now });
	const common = {
		object,
		plan,
		identity,
		written,
		places,
		expired,
		paused: annotations[PAUSED_ANNOTATION] === "true",
		forced: annotations[FORCE_DELETE_ANNOTATION] === "true",
		finalizing,
		now,
	};
	const { namespaceId } = identity;
	if (finalizing) {
		const there = written.filter((place) => !isGone(place, object, related));
		return { ...common, serving: [], left: lastSpots(there, namespaceId, deletionTimestamp ?? now) };
	}
	return {
		...common,
		serving: servingSpots(places, written, namespaceId),
		left: isRefusal(plan) ? [] : leftSpots(places.revoking, written, namespaceId, now),
	};
};

/** A spec that can't be carried out changes nothing. */
const unchanged = (written: readonly Placement[]): Places => ({
	target: undefined,
	roster: undefined,
	leaving: written.filter(({ state }) => state !== "Revoking"),
	revoking: written.filter(({ state }) => state === "Revoking"),
	shortage: undefined,
});

const writtenPlaces = ({ status }: KubeObject): Placement[] => {
	const places = isRecord(status) ? status["placements"] : undefined;
	return Value.Check(Placements, places) ? places : [];
};

const identityOf = (object: KubeObject, { installation }: Context): Identity => {
	const { name, namespace = "default" } = object.metadata;
	const spec = isRecord(object["spec"]) ? object["spec"] : {};
	return {
		namespaceId: typeof spec["namespaceId"] === "string" ? spec["namespaceId"] : name,
		owner: `${installation.clusterId}/${namespace}/${name}`,
		version: versionOf(object),
	};
};

/** Whether nobody is there who could let go: the roster says that all of it goes, or it was related to by name and is not there. */
const isGone = (place: Placement, object: KubeObject, related: DecoratorRequest["related"]): boolean => {
	const roster = related[kindKey(API_VERSION, PrismRoster.kind)]?.[`${place.namespace}/${place.roster}`];
	const spec = isRecord(object["spec"]) ? object["spec"] : {};
	const reference = spec["proxyRef"];
	if (roster === undefined) return isRecord(reference) && reference["name"] === place.roster;
	return isRecord(roster["spec"]) && roster["spec"]["deleting"] === true;
};
