import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { exitCodeOf, ProgramError, run } from "../../devcluster/programs.ts";

// The steps of a release that publish something. Each runs one program that must be logged in: cosign, helm, gh.

const IMAGE = /^[a-z0-9][\w.:/-]*@sha256:[0-9a-f]{64}$/;
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** Runs a program in dist/'s parent and returns its output. */
const done = async (program: string, ...args: readonly string[]): Promise<string> => {
	const { code, output } = await run(program, args, process.cwd(), process.env);
	if (code !== 0) throw new ProgramError(`cannot run ${program} ${args.join(" ")}: ${output.trim()}`);
	console.log(`${program} ${args.join(" ")}`);
	return output;
};

const sign = async (image: string): Promise<void> => {
	// A tag may point to another image by the time of the signature.
	if (!IMAGE.test(image)) throw new ProgramError(`cannot sign "${image}": expected an image with its digest`);
	await done("cosign", "sign", "--yes", image);
};

const publishChart = async (version: string, registry: string): Promise<void> => {
	if (registry === "")
		throw new ProgramError("cannot push the chart: set a registry, such as CHARTS=ghcr.io/prism/charts");
	const output = await done("helm", "push", join("dist", `prism-operator-${version}.tgz`), `oci://${registry}`);
	const digest = /^Digest: (sha256:[0-9a-f]{64})$/m.exec(output)?.[1];
	if (digest === undefined)
		throw new ProgramError(`cannot sign the chart: helm returned no digest in "${output.trim()}"`);
	await sign(`${registry}/prism-operator@${digest}`);
};

const publishRelease = async (version: string): Promise<void> => {
	const sums = join("dist", "SHA256SUMS");
	await done("cosign", "sign-blob", "--yes", "--bundle", `${sums}.sigstore.json`, sums);
	const files = (await readdir("dist")).toSorted().filter((name) => name !== "release-notes.md");
	const notes = ["--notes-file", join("dist", "release-notes.md")];
	const kind = version.includes("-") ? ["--prerelease"] : [];
	// --verify-tag: without the tag, gh would create one on the default branch.
	const create = ["release", "create", `v${version}`, "--verify-tag", "--title", `v${version}`, ...notes, ...kind];
	await done("gh", ...create, ...files.map((name) => join("dist", name)));
};

const versioned = (version: string): string => {
	if (VERSION.test(version)) return version;
	throw new ProgramError(`cannot publish "${version}": set a version, such as VERSION=1.2.3`);
};

const [verb, subject = "", registry = ""] = process.argv.slice(2);

process.exitCode = await exitCodeOf(async () => {
	if (verb === "sign") return sign(subject);
	if (verb === "chart") return publishChart(versioned(subject), registry);
	if (verb === "release") return publishRelease(versioned(subject));
	throw new ProgramError(`cannot run "${verb ?? ""}": expected sign, chart or release`);
});
