import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ManifestError } from "./manifests.ts";

const MANIFEST = /\.(ya?ml|json)$/;

/** The files that the arguments name, as in kubectl: a folder means the manifests in it. */
export const manifestFiles = (named: readonly string[], { recursive = false } = {}): string[] =>
	named.flatMap((path) => {
		if (path === "-" || !isFolder(path)) return [path];
		const found = filesIn(path, recursive);
		if (found.length === 0)
			throw new ManifestError(
				`cannot read ${path}: it has no .yaml, .yml or .json files${recursive ? "" : "; -R includes subfolders"}`,
			);
		return found;
	});

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const filesIn = (folder: string, recursive: boolean): string[] =>
	readdirSync(folder, { withFileTypes: true })
		.toSorted((left, right) => (left.name < right.name ? -1 : 1))
		.flatMap((entry) => {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) return recursive ? filesIn(path, true) : [];
			return MANIFEST.test(entry.name) ? [path] : [];
		});
