import { describeObject, isRecord } from "../../kube/object.ts";
import { admitted, syncRequest } from "../../kube/offline.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import { answered, published, rowOf } from "../render/render.ts";
import { type Change, changeOf, refusalOf } from "./compare.ts";

// `diff` without a cluster: compares the children of two files, or of a file and of its objects with only their required
// fields.

export const offlineChanges = (
	before: readonly KubeObject[],
	after: readonly KubeObject[],
	context: Context,
): Change[] => {
	const [old, fresh] = [renderedTrees(before, context), renderedTrees(after, context)];
	return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((key) => {
		const [was, is] = [old.get(key), fresh.get(key)];
		const parent = (is ?? was)?.parent;
		// The children of a rejected object stay unchanged.
		const keeps = is === undefined && parent !== undefined && (fresh.get(parent)?.refusal.length ?? 0) > 0;
		const change = keeps ? undefined : changeOf(was?.object, is?.object, parent);
		return [...(change === undefined ? [] : [change]), ...(is?.refusal ?? [])];
	});
};

interface Rendered {
	readonly object: KubeObject;
	readonly parent: string | undefined;
	/** The rejection of its spec; empty if it is valid. */
	readonly refusal: readonly Change[];
}

/** Each object with all its descendants, by kind and name. */
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

/** The same object with only its required fields; all others have their defaults. */
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

/** Required fields: of the schema, and of the CEL rules. */
const requiredFields = ({ kind, spec }: KindDescriptor): string[] => {
	const required = (spec.required ?? []).filter((name) => spec.properties[name]?.["default"] === undefined);
	return [...required, ...(NEEDED[kind] ?? [])];
};

/** Fields that CEL rules require. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
	BackendConfig: ["provider", "connection"],
	PrismNamespace: ["proxyRef", "shard", "backend", "pattern"],
	PrismShard: ["backends"],
};
