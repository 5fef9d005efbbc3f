import { isRecord } from "../../kube/object.ts";
import { printManifests } from "../../yaml/manifests.ts";
import { locate } from "../validate/positions.ts";
import { fieldName, type Note, type Path } from "./notes.ts";

// YAML with comments, which js-yaml can't print: they are inserted into its output.

/** The output of `printManifests`, with each note as a comment above its field. */
export const printCommented = (object: object, notes: readonly Note[]): string => {
	const text = printManifests([object]);
	const [place] = locate(text);
	if (place === undefined) return text;
	const lines = text.split("\n");
	const comments = notes.map(({ at, text: words }) => {
		const line = place.at(fieldName(anchor(object, at))).line - 1;
		return { line, comment: `${indentation(lines[line])}# ${words}` };
	});
	return lines
		.flatMap((line, index) => [...comments.filter((each) => each.line === index).map(({ comment }) => comment), line])
		.join("\n");
};

/** The field itself; if the object does not have it, the first field of the nearest parent. */
const anchor = (object: object, path: Path): Path => {
	const found = path.slice(0, reach(object, path));
	if (found.length === path.length && path.length > 0) return path;
	const parent = found.reduce<unknown>(step, object);
	const [first] = isRecord(parent) ? Object.keys(parent) : [];
	return first === undefined ? found : [...found, first];
};

/** Number of steps of the path that exist in the object. */
const reach = (object: object, path: Path): number => {
	const missing = path.findIndex((_, index) => path.slice(0, index + 1).reduce<unknown>(step, object) === undefined);
	return missing === -1 ? path.length : missing;
};

const step = (value: unknown, name: string | number): unknown => {
	if (typeof name === "number") return Array.isArray(value) ? value[name] : undefined;
	return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
};

const indentation = (line = ""): string => /^ */.exec(line)?.[0] ?? "";
