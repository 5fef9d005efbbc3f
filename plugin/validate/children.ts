import { describeObject, placedIn } from "../../kube/object.ts";
import { admitted } from "../../kube/offline.ts";
import { objectProblems } from "../../kube/validation.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import { findingText } from "../../schemas/messages/text.ts";
import { render, rowOf } from "../render/render.ts";
import { foundBy } from "../text/findings.ts";
import type { FileFinding } from "./references.ts";

// Name conflicts: two of the given objects would create the same child, or one would create another given object.

/** Problems of each object; objects without a namespace are in `default`. */
export const sharedChildren = (
	objects: readonly KubeObject[],
	context: Context,
): ReadonlyMap<KubeObject, readonly FileFinding[]> => {
	const given = new Set(objects.map((object) => describeObject(placedIn(object))));
	const makers = new Map<string, string>();
	const found = new Map<KubeObject, FileFinding[]>();
	for (const object of objects) {
		const self = describeObject(placedIn(object));
		const shared = new Map<string, string[]>();
		for (const child of descendants(object, (name) => given.has(name), context)) {
			const owner = given.has(child) ? child : (makers.get(child) ?? self);
			if (owner === self) makers.set(child, self);
			else shared.set(owner, [...(shared.get(owner) ?? []), child]);
		}
		const findings = [...shared].map(([owner, children]) => sharedWith(owner, children));
		if (findings.length > 0) found.set(object, findings);
	}
	return found;
};

const sharedWith = (owner: string, [first = "", ...others]: readonly string[]): FileFinding => {
	const more = others.length === 0 ? "" : ` and ${others.length} more`;
	const whose = first === owner ? "which is another object of these files" : `which ${owner} creates too`;
	return { path: "metadata.name", message: `it creates ${first}${more}, ${whose}: only one of them can own it` };
};

/** Old enough that the hook waits for nothing any more. */
const CREATED = "2000-01-01T00:00:00Z";

/** All descendants of an object, without those of children that are given themselves. */
const descendants = (object: KubeObject, isGiven: (child: string) => boolean, context: Context): string[] =>
	childrenOf(object, context).flatMap((child) => {
		const name = describeObject(child);
		return isGiven(name) ? [name] : [name, ...descendants(child, isGiven, context)];
	});

/** Invalid children of our own kinds, although the spec of the parent is valid. */
export const refusedChildren = (object: KubeObject, context: Context): FileFinding[] =>
	childrenOf(object, context).flatMap((child) => {
		const row = rowOf(child);
		if (row === undefined) return [];
		const { finding } = foundBy(row, admitted(row.parent, child, context.now), NOTHING_THERE, context).verdict;
		if (finding.reason !== "InvalidSpec") return [];
		const message = `the operator would reject its ${child.kind} ${child.metadata.name}: InvalidSpec: ${findingText(finding)}`;
		return [{ path: "", message }];
	});

const NOTHING_THERE = { observed: [], related: [] };

/** The children of an object; none if its spec would be rejected. */
const childrenOf = (object: KubeObject, context: Context): KubeObject[] => {
	const row = rowOf(object);
	if (row === undefined || objectProblems(row.parent, object).length > 0) return [];
	const old = placedIn(object);
	const manifest = { ...old, metadata: { ...old.metadata, creationTimestamp: CREATED } };
	return render({ manifests: [manifest], observed: [], related: [], tree: false }, context).slice(1);
};
