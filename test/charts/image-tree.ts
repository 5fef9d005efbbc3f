import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRecord } from "../../kube/object.ts";

// The image's files without a container engine: the Dockerfile is read, and its last stage laid out in a folder.

const ROOT = join(import.meta.dirname, "../..");

export interface Instruction {
	readonly name: string;
	readonly text: string;
}

/** Instructions of each stage, in order. */
export const stages = (): Instruction[][] => {
	const lines = readFileSync(join(ROOT, "Dockerfile"), "utf8").replaceAll("\\\n", "").split("\n");
	const all: Instruction[][] = [];
	for (const line of lines) {
		const [, name, text] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
		if (name === undefined || text === undefined) continue;
		if (name === "FROM") all.push([]);
		all.at(-1)?.push({ name, text });
	}
	return all;
};

export const textOf = (stage: readonly Instruction[], name: string): string | undefined =>
	stage.findLast((instruction) => instruction.name === name)?.text;

/** Sources and target of what a stage copies from the folder of the build. */
export const copied = (stage: readonly Instruction[]): { sources: string[]; target: string }[] =>
	stage
		.filter(({ name, text }) => name === "COPY" && !text.startsWith("--from="))
		.map(({ text }) => {
			const words = text.split(/ +/);
			return { sources: words.slice(0, -1), target: words.at(-1) ?? "" };
		});

export type Image = "operator" | "probe";

/** Instructions of the stage of that name. */
export const stageOf = (name: string): readonly Instruction[] =>
	stages().find(([from]) => from?.text.endsWith(` AS ${name}`) === true) ?? [];

/** The stage in which an image's packages are installed. */
export const dependenciesOf = (image: Image): readonly Instruction[] =>
	stageOf(image === "probe" ? "probe-dependencies" : "dependencies");

/** Lays an image's working directory out in `folder`. */
export const layOut = (folder: string, image: Image): void => {
	for (const { sources, target } of copied(stageOf(image))) {
		for (const source of sources) {
			const to = target.endsWith("/") ? join(folder, target, source) : join(folder, target);
			mkdirSync(dirname(to), { recursive: true });
			cpSync(join(ROOT, source), to, { recursive: true });
		}
	}
	const install = textOf(dependenciesOf(image), "RUN") ?? "";
	const deleted = deletedEndings(install);
	const filter = (source: string) =>
		!deleted.some((ending) => source.endsWith(ending)) && !source.slice(ROOT.length).includes("node_modules/.bin");
	const [, workspace = ""] = / --workspace (\S+)/.exec(install) ?? [];
	for (const path of packagesOf(workspace)) cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter });
};

/** Endings of the files that a stage deletes from the packages. */
const deletedEndings = (install: string): string[] => {
	const [, names = ""] = /find node_modules -type f \\\( (.*) \\\) -delete/.exec(install) ?? [];
	return [...names.matchAll(/-name '\*([^'*]+)'/g)].flatMap(([, ending]) => (ending === undefined ? [] : [ending]));
};

/** Folders that `npm ci --omit=dev` makes for the project, "", or one of its workspaces: what it needs, as the lock has it. */
export const packagesOf = (workspace: string): string[] => {
	const lock: unknown = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
	const packages = isRecord(lock) && isRecord(lock["packages"]) ? lock["packages"] : {};
	const found = new Set<string>();
	const visit = (path: string): void => {
		const entry = packages[path];
		for (const field of ["dependencies", "optionalDependencies", "peerDependencies"]) {
			const wanted = isRecord(entry) && isRecord(entry[field]) ? Object.keys(entry[field]) : [];
			for (const name of wanted) {
				const at = foldersAbove(path)
					.map((folder) => join(folder, "node_modules", name))
					.find((folder) => folder in packages);
				// Another platform's, or an optional peer that nobody installs.
				if (at === undefined || found.has(at) || !existsSync(join(ROOT, at))) continue;
				found.add(at);
				visit(at);
			}
		}
	};
	visit(workspace);
	// A package inside another is copied with it.
	return [...found].filter((path) => ![...found].some((other) => path.startsWith(`${other}/`)));
};

/** "a/b" → "a/b", "a", "". */
const foldersAbove = (path: string): string[] => {
	const words = path.split("/").filter(Boolean);
	return words.map((_word, index) => words.slice(0, words.length - index).join("/")).concat("");
};

export const megabytesIn = (folder: string): number =>
	readdirSync(folder, { recursive: true, encoding: "utf8" })
		.map((name) => statSync(join(folder, name)))
		.filter((entry) => entry.isFile())
		.reduce((sum, { size }) => sum + size, 0) /
	1024 ** 2;
