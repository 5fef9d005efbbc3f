import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BASELINE_FILE, type Baseline, casesOfToday, definitionsOfToday } from "./baseline.ts";

// `make skew-baseline`: remembers what the sources do now as the version before. Run it when a version is released.

const ROOT = join(import.meta.dirname, "../..");
const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();

const ref = process.argv[2] ?? "HEAD";
const SOURCES = ["hooks", "kube", "schemas"];
const changed = git("diff", "--name-only", ref, "--", ...SOURCES);
if (changed !== "") {
	console.error(`cannot record ${ref}: the sources here are others than its:\n${changed}`);
	process.exit(1);
}
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
const baseline: Baseline = {
	version,
	commit: git("rev-parse", ref),
	definitions: definitionsOfToday(),
	cases: casesOfToday(),
};
const line = (value: unknown) => `\t${JSON.stringify(value)}`;
writeFileSync(
	BASELINE_FILE,
	[
		`{"version": ${JSON.stringify(version)}, "commit": ${JSON.stringify(baseline.commit)},`,
		'"definitions": [',
		baseline.definitions.map(line).join(",\n"),
		'], "cases": [',
		baseline.cases.map(line).join(",\n"),
		"]}\n",
	].join("\n"),
);
console.log(`recorded ${baseline.cases.length} cases and ${baseline.definitions.length} kinds of ${version} (${ref})`);
