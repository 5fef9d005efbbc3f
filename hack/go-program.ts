import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cachePath, type Environment, isExecutable, type Log, ProgramError, run } from "../devcluster/programs.ts";

// Builds Go programs from source into the cache, in the version that a go.mod pins.

export interface GoProgram {
	readonly name: string;
	/** Folder of the go.mod. */
	readonly folder: string;
	/** The module in the go.mod that determines the program's version. */
	readonly module: string;
	readonly package: string;
	/** The linker's -X options: "package.variable=value". */
	readonly stamps: (version: string) => readonly string[];
	/** The part of the folder's name in the cache that depends on the stamps. */
	readonly suffix?: string;
	/** "two to four minutes" */
	readonly takes: string;
}

/** Path of the program. undefined: it is not in the cache. */
export const cachedGoProgram = async (program: GoProgram, environment: Environment): Promise<string | undefined> => {
	const path = pathOf(program, await pinnedVersion(program), environment);
	return (await isExecutable(path)) ? path : undefined;
};

/** Path of the program. Builds the program if it is not in the cache. */
export const goProgram = async (program: GoProgram, environment: Environment, log: Log): Promise<string> => {
	const version = await pinnedVersion(program);
	const path = pathOf(program, version, environment);
	if (await isExecutable(path)) return path;
	log(`building ${program.name} v${version} from source, once: ${program.takes}`);
	const folder = join(path, "..");
	await mkdir(folder, { recursive: true });
	// Under a temporary name until it is complete: an interrupted build must not leave an incomplete program in the cache.
	const unfinished = join(folder, `.${program.name}.${randomUUID()}`);
	try {
		await build(program, version, unfinished, environment);
		await rename(unfinished, path);
	} finally {
		await rm(unfinished, { force: true });
	}
	return path;
};

const pathOf = ({ name, suffix = "" }: GoProgram, version: string, environment: Environment): string =>
	join(cachePath(environment, name, `v${version}${suffix}`), name);

const pinnedVersion = async ({ folder, module }: GoProgram): Promise<string> => {
	const file = join(folder, "go.mod");
	const line = (await readFile(file, "utf8")).split("\n").find((text) => text.startsWith(`\t${module} v`));
	const found = line?.split(" ")[1]?.slice(1);
	if (found === undefined) throw new Error(`cannot read ${file}: it does not name a version of ${module}`);
	return found;
};

const build = async (program: GoProgram, version: string, path: string, environment: Environment): Promise<void> => {
	const flags = ["-s", "-w", ...program.stamps(version).flatMap((stamp) => ["-X", stamp])].join(" ");
	const args = ["build", "-trimpath", "-ldflags", flags, "-o", path, program.package];
	const { code, output } = await run("go", args, program.folder, {
		...environment,
		CGO_ENABLED: "0",
		GOWORK: "off",
	});
	if (code === 0) return;
	const advice = "Go 1.26 or newer is required: https://go.dev/dl";
	throw new ProgramError(
		`cannot build ${program.name} (${advice}): ${output.trim().split("\n").slice(-15).join("\n")}`,
	);
};
