import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Log, ProgramError } from "../../devcluster/programs.ts";
import { helmBinary } from "../helm/binary.ts";
import { writeArchive } from "./archive.ts";
import { sectionOf } from "./changelog.ts";
import { writeChart } from "./chart.ts";
import { type Download, krewManifest } from "./krew.ts";
import { installFiles } from "./manifests.ts";
import { executableOf, PLATFORMS, writeExecutables, writeScripts } from "./plugin.ts";

// Writes all files of a release. Two runs write the same bytes.

export interface ReleaseOptions {
	readonly root: string;
	readonly version: string;
	/** The section of the version becomes the release notes. */
	readonly changelog: string;
	/** Folder for the files. It is emptied first. */
	readonly dist: string;
	/** Whether to build programs that include Node: downloads 50 MB from npm for each platform. */
	readonly executables: boolean;
	readonly log: Log;
}

export const writeRelease = async (options: ReleaseOptions): Promise<void> => {
	const { root, version, changelog, dist, log } = options;
	await rm(dist, { recursive: true, force: true });
	await mkdir(dist, { recursive: true });
	await writeFile(join(dist, "release-notes.md"), `${notesOf(changelog, version)}\n`);
	log("the chart");
	await writeChart(root, join(dist, `prism-operator-${version}.tgz`));
	log("install.yaml");
	const helm = await helmBinary(process.env, log);
	for (const { name, text } of await installFiles(helm, root, version)) await writeFile(join(dist, name), text);
	log("kubectl prism");
	const downloads = await writePlugins(options);
	await writeFile(join(dist, "prism.yaml"), krewManifest(version, downloads, options.executables));
	await writeFile(join(dist, "SHA256SUMS"), await checksums(dist));
};

const notesOf = (changelog: string, version: string): string => {
	const notes = sectionOf(changelog, version);
	if (notes !== undefined) return notes;
	throw new ProgramError(
		`cannot release ${version}: CHANGELOG.md has no section "${version}" (make prepare-release VERSION=${version})`,
	);
};

/** Download URL of a release's file. */
const uriOf = (version: string, name: string): string =>
	`https://github.com/prism/prism-operator/releases/download/v${version}/${name}`;

const writePlugins = async ({ root, version, dist, executables, log }: ReleaseOptions): Promise<Download[]> => {
	const work = join(dist, "plugin");
	const scripts = await writeScripts(root, work);
	const license = { LICENSE: join(root, "LICENSE") };
	const archive = async (name: string, sources: Readonly<Record<string, string>>) => {
		await writeArchive(join(dist, name), { ...license, ...sources });
		return { uri: uriOf(version, name), sha256: await sha256(join(dist, name)) };
	};
	const inFolder = Object.fromEntries(scripts.map((script) => [script, join(work, script)]));
	const script = await archive(`kubectl-prism-${version}.tar.gz`, inFolder);
	if (executables) await writeExecutables(join(work, "kubectl-prism"), work, log);
	const downloads: Download[] = [];
	for (const platform of PLATFORMS) {
		const { os, arch } = platform;
		const program = { "kubectl-prism": join(work, executableOf(platform)) };
		const own = executables ? await archive(`kubectl-prism-${version}-${os}-${arch}.tar.gz`, program) : script;
		downloads.push({ os, arch, ...own });
	}
	await rm(work, { recursive: true });
	return downloads;
};

const sha256 = async (path: string): Promise<string> =>
	createHash("sha256")
		.update(await readFile(path))
		.digest("hex");

/** In the format of `sha256sum --check`. */
const checksums = async (folder: string): Promise<string> => {
	const names = (await readdir(folder)).toSorted();
	const lines = await Promise.all(names.map(async (name) => `${await sha256(join(folder, name))}  ${name}\n`));
	return lines.join("");
};
