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

/** Lays the last stage's working directory out in `folder`. */
export const layOut = (folder: string): void => {
	const stage = stages().at(-1) ?? [];
	for (const { sources, target } of copied(stage)) {
		for (const source of sources) {
			const to = target.endsWith("/") ? join(folder, target, source) : join(folder, target);
			mkdirSync(dirname(to), { recursive: true });
			cpSync(join(ROOT, source), to, { recursive: true });
		}
	}
	const deleted = deletedEndings();
	const filter = (source: string) => !deleted.some((ending) => source.endsWith(ending));
	for (const path of productionPackages()) cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter });
};

/** Endings of the files that the first stage deletes from the packages. */
const deletedEndings = (): string[] => {
	const text = textOf(stages()[0] ?? [], "RUN") ?? "";
	const [, names = ""] = /find node_modules -type f \\\( (.*) \\\) -delete/.exec(text) ?? [];
	return [...names.matchAll(/-name '\*([^'*]+)'/g)].flatMap(([, ending]) => (ending === undefined ? [] : [ending]));
};

/** Folders that `npm ci --omit=dev` would make: the lock says which packages are for development only. */
const productionPackages = (): string[] => {
	const lock: unknown = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
	const packages = isRecord(lock) && isRecord(lock["packages"]) ? lock["packages"] : {};
	return (
		Object.entries(packages)
			.filter(
				([path, entry]) => path !== "" && isRecord(entry) && entry["dev"] !== true && entry["devOptional"] !== true,
			)
			.map(([path]) => path)
			// The project's own workspaces are for developers, and not among what the Dockerfile copies.
			.filter((path) => path.startsWith("node_modules/") && !path.startsWith("node_modules/@prism/"))
			.filter((path) => existsSync(join(ROOT, path)))
	);
};

export const megabytesIn = (folder: string): number =>
	readdirSync(folder, { recursive: true, encoding: "utf8" })
		.map((name) => statSync(join(folder, name)))
		.filter((entry) => entry.isFile())
		.reduce((sum, { size }) => sum + size, 0) /
	1024 ** 2;
