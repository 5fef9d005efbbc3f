import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { Resource } from "../store.ts";

// How objects are named and grouped in requests. For development and tests only.

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const groupOf = (apiVersion: string): string =>
	apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";

/** "Deployment.apps/v1", "Service.v1". */
export const kindKey = ({ apiVersion, kind }: { apiVersion: string; kind: string }): string => `${kind}.${apiVersion}`;

/** "namespace/name", or the name alone where there is no namespace. */
export const objectKey = ({ metadata }: KubeObject): string =>
	metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;

/** For messages: "PrismStack default/prism-dev". */
export const describe = (object: KubeObject): string => `${object.kind} ${objectKey(object)}`;

const byKey = <Value>([left]: readonly [string, Value], [right]: readonly [string, Value]): number =>
	left < right ? -1 : Number(left > right);

/**
 * Objects by kind and name. Every kind of `declared` has an entry, even without an object; keys are sorted, as they are
 * on the wire. Of two objects with the same name the later one wins.
 */
export const objectMap = (
	objects: readonly KubeObject[],
	declared: readonly Pick<Resource, "apiVersion" | "kind">[],
): ObjectMap => {
	const groups = new Map<string, Map<string, KubeObject>>(declared.map((kind) => [kindKey(kind), new Map()]));
	for (const object of objects) {
		const group = groups.get(kindKey(object)) ?? new Map<string, KubeObject>();
		groups.set(kindKey(object), group.set(objectKey(object), object));
	}
	return Object.fromEntries(
		[...groups].toSorted(byKey).map(([kind, group]) => [kind, Object.fromEntries([...group].toSorted(byKey))]),
	);
};
