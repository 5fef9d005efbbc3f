import { type Manifest, parseManifests, printManifests, readText } from "../../yaml/manifests.ts";
import { objectErrors } from "../validate/index.ts";
import { printCommented } from "./commented.ts";
import { converted } from "./kinds.ts";

// `convert`: converts objects of the Go operator. Other objects stay unchanged.

export interface Conversions {
	/** YAML. */
	readonly text: string;
	/** Counts of converted and unchanged objects. */
	readonly converted: number;
	readonly unchanged: number;
	/** Number of comments in the text. */
	readonly notes: number;
	/** Errors in converted objects. */
	readonly errors: readonly string[];
}

export const convertFiles = (files: readonly string[]): Conversions =>
	joined(
		files.map((file) => {
			const source = file === "-" ? "standard input" : file;
			return convert(readText(file, source), source);
		}),
	);

export const convert = (text: string, source: string): Conversions => {
	// Parse the whole file first: errors contain the number of the document.
	const count = parseManifests(text, source).length;
	const pieces = text.split(/^(?=---(?:\s|$))/m);
	const documents = pieces.map((piece) => ({ piece, manifests: parseManifests(piece, source) }));
	const isSplit = documents.reduce((sum, { manifests }) => sum + manifests.length, 0) === count;
	return joined(
		(isSplit ? documents : [{ piece: text, manifests: parseManifests(text, source) }]).map(convertDocument),
	);
};

const convertDocument = ({ piece, manifests }: { piece: string; manifests: readonly Manifest[] }): Conversions => {
	const all = manifests.map(({ object, source }) => ({ object, source, own: converted(object) }));
	const changed = all.filter(({ own }) => own !== undefined);
	const text =
		changed.length === 0
			? asWritten(piece, manifests.length > 0)
			: all
					.map(({ object, own }) =>
						own === undefined ? printManifests([object]) : printCommented(own.object, own.notes),
					)
					.join("");
	return {
		text,
		converted: changed.length,
		unchanged: all.length - changed.length,
		notes: changed.reduce((sum, { own }) => sum + (own?.notes.length ?? 0), 0),
		errors: changed.flatMap(({ own, source }) =>
			own === undefined ? [] : objectErrors({ source, object: own.object }),
		),
	};
};

/** An unchanged document, with a separator line before it. */
const asWritten = (piece: string, hasObjects: boolean): string => {
	if (!hasObjects) return "";
	const body = `${piece.trimEnd()}\n`;
	return body.startsWith("---") ? body : `---\n${body}`;
};

const joined = (parts: readonly Conversions[]): Conversions => ({
	text: parts.map(({ text }) => text).join(""),
	converted: parts.reduce((sum, part) => sum + part.converted, 0),
	unchanged: parts.reduce((sum, part) => sum + part.unchanged, 0),
	notes: parts.reduce((sum, part) => sum + part.notes, 0),
	errors: parts.flatMap(({ errors }) => errors),
});
