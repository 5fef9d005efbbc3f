import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { exitCodeOf, ProgramError } from "../../devcluster/programs.ts";
import { RELEASE } from "../../server/release.ts";
import { released } from "./changelog.ts";
import { writeRelease } from "./dist.ts";
import { PAGES_WITH_IMAGES, withImageTags } from "./pages.ts";

// `make prepare-release VERSION=x.y.z` sets the version in all files; `make release VERSION=x.y.z` writes dist/.

const ROOT = join(import.meta.dirname, "../..");

const prepare = async (version: string): Promise<void> => {
	const changelog = join(ROOT, "CHANGELOG.md");
	const date = new Date().toISOString().slice(0, 10);
	const text = released(await readFile(changelog, "utf8"), version, date);
	const npm = ["version", version, "--no-git-tag-version", "--allow-same-version"];
	await promisify(execFile)("npm", [...npm, "--workspaces", "--include-workspace-root"], { cwd: ROOT });
	await writeFile(changelog, text);
	for (const page of PAGES_WITH_IMAGES) {
		const path = join(ROOT, page);
		await writeFile(path, withImageTags(await readFile(path, "utf8"), version));
	}
	// The chart, its README and command lines with the version are generated.
	await promisify(execFile)("npm", ["run", "--silent", "generate"], { cwd: ROOT });
	console.log(
		`${version} is written. Then: make golden && git commit -a && git tag v${version} && git push --follow-tags`,
	);
};

const release = async (version: string, executables: boolean): Promise<void> => {
	if (version !== RELEASE)
		throw new ProgramError(
			`cannot release ${version}: package.json has ${RELEASE} (make prepare-release VERSION=${version})`,
		);
	const dist = join(ROOT, "dist");
	const changelog = await readFile(join(ROOT, "CHANGELOG.md"), "utf8");
	await writeRelease({ root: ROOT, version, changelog, dist, executables, log: (line) => console.log(`  ${line}`) });
	console.log(`dist/ has the files of ${version}; dist/SHA256SUMS lists them`);
};

const { positionals, values } = parseArgs({
	allowPositionals: true,
	options: { executables: { type: "boolean", default: false } },
});
const [verb, version = ""] = positionals;

process.exitCode = await exitCodeOf(async () => {
	if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
		throw new ProgramError(`cannot release "${version}": set a version, such as VERSION=1.2.3`);
	if (verb === "prepare") return prepare(version);
	if (verb === "files") return release(version, values.executables);
	throw new ProgramError(`cannot run "${verb ?? ""}": expected prepare or files`);
});
