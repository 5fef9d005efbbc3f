import { sha256Hex } from "../../kube/hash.ts";
import { derivedName } from "../../kube/names.ts";
import { kindKey } from "../../kube/object.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import type { StackPlan } from "./plan.ts";

// Names of a stack's BackendConfigs and PrismNamespaces, which are made of two names that users choose: stack `a` with `b-c`, and
// stack `a-b` with `c`, must not meet.

/**
 * Name of the BackendConfig of a stack's backend, or of the PrismNamespace of its entry. A child that is there keeps the name that
 * it was made under.
 */
export const entryName = (
	{ name: stack, namespace }: Pick<StackPlan, "name" | "namespace">,
	observed: ObjectMap,
	kind: "BackendConfig" | "PrismNamespace",
	entry: string,
): string => {
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
