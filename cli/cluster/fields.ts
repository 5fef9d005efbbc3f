import { valueAt } from "../../kube/object.ts";

/** The text or number at a path below an object, as text; undefined where there is none. */
export const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
	const found = valueAt(value, ...path);
	if (typeof found === "number") return String(found);
	return typeof found === "string" ? found : undefined;
};
