import type { KubeObject } from "../schemas/common.ts";
import type { CompositeRequest, ObjectMap } from "../schemas/metacontroller.ts";
import { CREATION_SECONDS, missingSince } from "./conditions.ts";
import { isNameWatched } from "./namesakes.ts";
import { controllerOf, observedOf } from "./object.ts";
import { secondsBetween } from "./time.ts";

// Ownership of objects. A computed name can belong to another object: two objects can compute the same name, and any user can use it.

/** Whether the same object owns both. Without a cluster, nothing has an owner yet. */
export const haveSameController = (one: KubeObject, other: KubeObject): boolean =>
	controllerOf(one)?.uid === controllerOf(other)?.uid;

/** Whether an object of another owner has the name of a child. For kinds whose names are not watched, this is unknown (namesakes.ts). */
export const isTaken = (
	{ parent, children, related }: Pick<CompositeRequest, "parent" | "children" | "related">,
	child: ChildName,
): boolean => {
	const there = observedOf(related, child);
	if (there === undefined || observedOf(children, child) !== undefined) return false;
	return controllerOf(there)?.uid !== parent.metadata.uid;
};

/** The same, also if it is unknown because names are not watched, and the child stays missing. */
export const isLost = (
	request: Pick<CompositeRequest, "parent" | "children" | "related">,
	child: ChildName,
	now: string,
) =>
	isTaken(request, child) ||
	(!isNameWatched(request.related, child) &&
		!isUsable({ parent: request.parent, observed: request.children, child, before: true, now }));

type ChildName = Pick<KubeObject, "apiVersion" | "kind" | "metadata">;

/** A child that other objects use, and whether they did before. */
export interface Used {
	readonly parent: KubeObject;
	readonly observed: ObjectMap;
	readonly child: ChildName;
	readonly before: boolean;
	readonly now: string;
}

/**
 * Whether a child may be used by its name: after it was observed. If a used child is missing, it is about to be created again, until
 * so much time has passed that its name seems to be in use.
 */
export const isUsable = ({ parent, observed, child, before, now }: Used): boolean => {
	if (observedOf(observed, child) !== undefined) return true;
	const since = missingSince(parent, child);
	return before && (since === undefined || secondsBetween(since, now) < CREATION_SECONDS);
};
