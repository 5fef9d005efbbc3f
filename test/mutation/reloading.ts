import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ROOT } from "./scope.ts";

// Loads the project's modules as often as wanted: a mutant in what a module works out while it is loaded needs that it
// is loaded anew.

const COLLECTOR = pathToFileURL(join(import.meta.dirname, "collector.ts")).href;

export interface Reloading {
	/** From now on, everything is loaded anew. */
	readonly renew: () => void;
	readonly load: (file: string) => Promise<unknown>;
}

const projectPath = (url: string): string | undefined => {
	if (!url.startsWith("file:")) return undefined;
	const path = relative(ROOT, fileURLToPath(url)).split(sep).join("/");
	return path.startsWith("..") || path.startsWith("node_modules/") || !path.endsWith(".ts") ? undefined : path;
};

/** `sources` are used in place of the files. */
export const reloading = (sources: Readonly<Record<string, string>>): Reloading => {
	const stripped = new Map<string, string>();
	let generation = 0;
	const sourceOf = (path: string): string => {
		const known = stripped.get(path);
		if (known !== undefined) return known;
		const source = stripTypeScriptTypes(sources[path] ?? readFileSync(join(ROOT, path), "utf8"));
		stripped.set(path, source);
		return source;
	};
	registerHooks({
		resolve: (specifier, context, next) => {
			if (specifier === "vitest") return { url: COLLECTOR, shortCircuit: true };
			const resolved = next(specifier, context);
			const path = projectPath(resolved.url);
			if (path === undefined || path.startsWith("protos/") || path.startsWith("test/mutation/")) return resolved;
			return { ...resolved, url: `${pathToFileURL(join(ROOT, path)).href}?generation=${generation}` };
		},
		load: (url, context, next) => {
			const path = projectPath(url);
			if (path === undefined || !url.includes("?generation=")) return next(url, context);
			return { format: "module", source: sourceOf(path), shortCircuit: true };
		},
	});
	return {
		renew: () => {
			generation += 1;
		},
		load: (file) => import(pathToFileURL(join(ROOT, file)).href),
	};
};
