import type { KubeObject } from "../schemas/common.ts";
import type { Command } from "../schemas/findings/command.ts";
import type { Context } from "../schemas/installation.ts";
import type { ObjectMap, RelatedResourceRule } from "../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION, OWNER_LABEL } from "../schemas/vocabulary.ts";
import { type ChildKind, isComposite, type NameWatching, type Row } from "./hook.ts";
import { canonicalJson, controllerOf, isRead, isWorkload, kindKey, objectKey } from "./object.ts";

// Objects with the name of a child that are not observed as a child. Metacontroller does not report them: it ignores "already exists".
// So every parent relates to the names of its own children, to distinguish a name in use from a rejected creation, unless the
// installation has so many objects that this costs too much.

/**
 * Kinds without this relation: the operator must not read Secrets, the status of an autoscaler changes every 15 s, and each event of a
 * related kind costs a check of every parent. The other two need optional CRDs, which customize does not know.
 */
const UNRELATED: readonly string[] = ["Secret", "HorizontalPodAutoscaler", "ScaledObject", "ServiceMonitor"];

/** Whether an object of this kind can be observed although it is no child. */
export const isRelatedKind = (kind: string): boolean => !UNRELATED.includes(kind);

/** Whether a request has the objects of this kind that are no children: Metacontroller sends an empty map for a rule without matches. */
export const isNameWatched = (related: ObjectMap, { kind }: Pick<KubeObject, "kind">): boolean =>
	Object.keys(related).some((key) => key.startsWith(`${kind}.`));

/** Rules for the objects of these kinds that can have the name of a child. */
const namesakeRules = (row: Row, parent: KubeObject, kinds: readonly ChildKind[]): RelatedResourceRule[] => {
	if (kinds.length === 0) return [];
	const children = likelyChildren(row, parent);
	const { namespace = "default" } = parent.metadata;
	return kinds.flatMap(({ apiVersion, resource, kind }) => {
		const names = namesOf(kind, children);
		return names.length === 0 ? [] : [{ apiVersion, resource, namespace, names }];
	});
};

const watchedKinds = ({ children, namesUsedEarly = [] }: Row, { watchChildNames = true }: NameWatching): ChildKind[] =>
	children.filter(({ kind }) => isRelatedKind(kind) && (watchChildNames || namesUsedEarly.includes(kind)));

/** A workload that waits for another object has the name of its PodDisruptionBudget. */
const namesOf = (kind: string, children: readonly KubeObject[]): string[] => {
	const kinds = isWorkload({ kind }) ? [kind, "PodDisruptionBudget"] : [kind];
	return [
		...new Set(children.filter((child) => kinds.includes(child.kind)).map(({ metadata }) => metadata.name)),
	].toSorted();
};

/** The children that depend on the spec alone: the response to customize must depend on nothing else. */
const likelyChildren = (row: Row, { apiVersion, kind, metadata, spec }: KubeObject): readonly KubeObject[] => {
	const { name, namespace = "default" } = metadata;
	const parent: KubeObject = { apiVersion, kind, metadata: { name, namespace, generation: 1 }, spec };
	const rest = { controller: {}, related: observedAs(row.children, []), finalizing: false };
	const childrenBeside = (observed: ObjectMap): readonly KubeObject[] =>
		isComposite(row)
			? row.sync({ ...rest, parent, children: observed }, ANY_INSTALLATION).children
			: row.sync({ ...rest, object: parent, attachments: observed }, ANY_INSTALLATION).attachments;
	const first = childrenBeside(observedAs(row.children, []));
	// Workloads are sent once the objects that they read exist.
	const read = first.filter(isRead);
	return read.length === 0 ? first : childrenBeside(observedAs(row.children, read));
};

const observedAs = (kinds: readonly ChildKind[], objects: readonly KubeObject[]): ObjectMap =>
	Object.fromEntries(
		kinds.map(({ apiVersion, kind }) => [
			kindKey(apiVersion, kind),
			Object.fromEntries(objects.filter((object) => object.kind === kind).map((object) => [objectKey(object), object])),
		]),
	);

/** Names of children do not depend on the installation; a stricter one would reject more specs. */
const ANY_INSTALLATION: Context = {
	now: "2026-01-01T00:00:00Z",
	installation: {
		imageRegistry: "any",
		imageTag: "v1",
		clusterId: "any",
		inlineCredentials: true,
		keda: true,
		serviceMonitors: false,
	},
};

/** One rule for all names of a resource: Metacontroller keeps only the result of the last rule. */
const merged = (rules: readonly RelatedResourceRule[]): RelatedResourceRule[] => {
	const byResource = new Map<string, RelatedResourceRule[]>();
	for (const rule of rules) {
		const { apiVersion, resource, namespace, names } = rule;
		const key = canonicalJson([apiVersion, resource, namespace, names !== undefined]);
		byResource.set(key, [...(byResource.get(key) ?? []), rule]);
	}
	return [...byResource.values()].flatMap((same) => {
		const [first] = same;
		if (first?.names === undefined || same.length === 1) return same;
		return [{ ...first, names: [...new Set(same.flatMap(({ names = [] }) => names))].toSorted() }];
	});
};

/** A row whose parents also relate to the names of their children. */
export const relatingToNamesakes = (row: Row): Row => {
	if (row.children.length === 0) return row;
	const { customize } = row;
	return {
		...row,
		customize: (request, installation = {}) => ({
			relatedResources: merged([
				...(customize?.(request).relatedResources ?? []),
				...namesakeRules(row, request.parent, watchedKinds(row, installation)),
			]),
		}),
	};
};

/**
 * How a parent adopts an object that an earlier object of the operator left: Metacontroller adopts an object without an owner that has
 * the parent's uid as a label, and changes nothing else, so it replaces no pod. undefined: the object has another owner.
 */
export const leftOver = (
	{ metadata }: KubeObject,
	there: KubeObject,
	others: readonly KubeObject[],
): Command | undefined => {
	const before = there.metadata.labels?.[OWNER_LABEL];
	const { uid } = metadata;
	const { namespace = "default" } = there.metadata;
	if (uid === undefined || before === undefined || before === uid || controllerOf(there) !== undefined)
		return undefined;
	if (there.metadata.annotations?.[DESIRED_HASH_ANNOTATION] === undefined) return undefined;
	const alike = others.filter((each) => each.metadata.labels?.[OWNER_LABEL] === before);
	return {
		verb: "label",
		kind: [...new Set(alike.map(({ kind }) => kind.toLowerCase()))].toSorted().join(","),
		namespace,
		flags: ["-l", `${OWNER_LABEL}=${before}`, `${OWNER_LABEL}=${uid}`, "--overwrite"],
	};
};
