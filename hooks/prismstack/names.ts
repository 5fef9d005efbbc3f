import { sha256Hex } from "../../kube/hash.ts";
import { derivedName } from "../../kube/names.ts";
import { kindKey } from "../../kube/object.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";

// Names of a stack's BackendConfigs and PrismNamespaces, which are made of two names that users choose: stack `a` with `b-c`, and
// stack `a-b` with `c`, must not meet.

/** What tells which children the stack has already. */
export interface NameSource {
	readonly stack: string;
	readonly namespace: string;
	readonly observed: ObjectMap;
}

/** Name of the BackendConfig of a stack's backend. */
export const backendConfigName = (source: NameSource, backend: string): string =>
	entryName(source, "BackendConfig", backend);

/** Name of the PrismNamespace of a stack's entry. */
export const namespaceName = (source: NameSource, entry: string): string => entryName(source, "PrismNamespace", entry);

/** A child that is there keeps the name that it was made under. */
const entryName = ({ stack, namespace, observed }: NameSource, kind: string, entry: string): string => {
	const short = derivedName(stack, entry);
	const isThere = observed[kindKey(API_VERSION, kind)]?.[`${namespace}/${short}`] !== undefined;
	return isThere ? short : newName(stack, entry);
};

const HASH_LENGTH = 8;

/** <stack>-<entry>; where it could be split in another way, because a hyphen is in either of them, a hash follows. */
export const newName = (stack: string, entry: string): string => {
	const short = derivedName(stack, entry);
	if (!stack.includes("-") && !entry.includes("-")) return short;
	return derivedName(`${stack}-${entry}`, sha256Hex(`${stack}/${entry}`).slice(0, HASH_LENGTH));
};
