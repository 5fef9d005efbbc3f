import { describeObject, isRecord } from "../../kube/object.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import { answered, published, rowOf } from "../render/render.ts";
import { type Change, changeOf, refusalOf } from "./compare.ts";

// Without a cluster: what two files become is held against each other; or a file against what its objects would become with
// nothing but defaults.

export const offlineChanges = (
	before: readonly KubeObject[],
	after: readonly KubeObject[],
	context: Context,
): Change[] => {
	const [old, fresh] = [renderedTrees(before, context), renderedTrees(after, context)];
	return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((key) => {
		const [was, is] = [old.get(key), fresh.get(key)];
		const parent = (is ?? was)?.parent;
		// What a refused object made stays as it is.
		const keeps = is === undefined && parent !== undefined && (fresh.get(parent)?.refusal.length ?? 0) > 0;
		const change = keeps ? undefined : changeOf(was?.object, is?.object, parent);
		return [...(change === undefined ? [] : [change]), ...(is?.refusal ?? [])];
	});
};

interface Rendered {
	readonly object: KubeObject;
	readonly parent: string | undefined;
	/** That the hooks would not carry it out; empty: they would. */
	readonly refusal: readonly Change[];
}

/** Each object with what becomes of it, down to the last child, by kind and name. */
const renderedTrees = (objects: readonly KubeObject[], context: Context): ReadonlyMap<string, Rendered> => {
	const found = new Map<string, Rendered>();
	const walk = (object: KubeObject, parent: string | undefined, siblings: readonly KubeObject[]) => {
		const row = rowOf(object);
		if (row === undefined) {
			found.set(describeObject(object), { object, parent, refusal: [] });
			return;
		}
		const whole = admitted(row.parent, object, context.now);
		const related = siblings.flatMap((sibling) => published(sibling, context));
		const { children, status } = answered(row, syncRequest(whole, row.children, [], related), context);
		const key = describeObject(whole);
		found.set(key, { object: whole, parent, refusal: refusalOf(whole, status) });
		for (const child of children) walk(child, key, children);
	};
	for (const object of objects) walk(object, undefined, objects);
	return found;
};

/** The same object with only what its kind requires: all else is left to defaults. */
export const withDefaults = (object: KubeObject): KubeObject => {
	const row = rowOf(object);
	const { spec } = object;
	if (row === undefined || !isRecord(spec)) return object;
	const { name, namespace } = object.metadata;
	return {
		apiVersion: object.apiVersion,
		kind: object.kind,
		metadata: { name, ...(namespace !== undefined && { namespace }) },
		spec: Object.fromEntries(
			requiredFields(row.parent).flatMap((field) => (field in spec ? [[field, spec[field]]] : [])),
		),
	};
};

/** Fields that nobody can leave out: those that are required, and those that their rules ask for. */
const requiredFields = ({ kind, spec }: KindDescriptor): string[] => {
	const required = (spec.required ?? []).filter((name) => spec.properties[name]?.["default"] === undefined);
	return [...required, ...(NEEDED[kind] ?? [])];
};

/** What rules ask for beyond the schema. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
	BackendConfig: ["provider", "connection"],
	PrismNamespace: ["proxyRef", "shard", "backend", "pattern"],
	PrismShard: ["backends"],
};
