import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Environment, ProgramError, type Report, run } from "../programs.ts";
import { SOURCES, type Tool, type Versions, versionOf } from "./versions.ts";

// Builds the control plane's programs from source with Go.

/** Why Go cannot build anything here; undefined when it can. */
export const goMissing = async (environment: Environment, needed: string): Promise<string | undefined> => {
	const go = await run("go", ["env", "GOVERSION"], tmpdir(), { ...environment, GOTOOLCHAIN: "local" });
	if (go.code !== 0) return "there is no Go";
	// Go may warn of its surroundings before it answers.
	const found = /^go(\d\S*)$/m.exec(go.output)?.[1] ?? "of an unknown version";
	return older(found, needed) ? `Go ${found} is too old` : undefined;
};

const numbers = (version: string) => version.split(".").map((part) => Number.parseInt(part, 10) || 0);

const older = (found: string, needed: string): boolean => {
	const [have, want] = [numbers(found), numbers(needed)];
	const at = want.findIndex((part, index) => (have[index] ?? 0) !== part);
	return at >= 0 && (have[at] ?? 0) < (want[at] ?? 0);
};

/** Builds the tools into the folder, one after the other: each build uses all processors by itself. */
export const buildTools = async (
	tools: readonly Tool[],
	wanted: Versions,
	folder: string,
	environment: Environment,
	report: Report,
): Promise<void> => {
	for (const [index, tool] of tools.entries()) {
		const position = `${index + 1}/${tools.length}`;
		await build(tool, wanted, folder, environment, {
			line: (message) => report.line(`${position} ${message}`),
			progress: (message) => report.progress(`${position} ${message}`),
		});
	}
};

interface Recipe {
	readonly package: string;
	/** What the linker writes into the program: the flags decide, too, whether Go's own cache can be used. */
	readonly stamps: readonly string[];
}

const recipe = (tool: Tool, { kubernetes, etcd }: Versions): Recipe => {
	if (tool === "etcd") {
		return {
			package: "go.etcd.io/etcd/server/v3",
			stamps: [`go.etcd.io/etcd/api/v3/version.GitSHA=v${etcd}`],
		};
	}
	return { package: `k8s.io/kubernetes/cmd/${tool}`, stamps: kubernetesStamps(kubernetes) };
};

/** What the linker writes into a program of Kubernetes, so that it knows its version. */
export const kubernetesStamps = (version: string): string[] => {
	const [major, minor] = version.split(".");
	const stamp = "k8s.io/component-base/version";
	return [
		`${stamp}.gitVersion=v${version}`,
		`${stamp}.gitMajor=${major}`,
		`${stamp}.gitMinor=${minor}`,
		`${stamp}.gitTreeState=clean`,
	];
};

const build = async (
	tool: Tool,
	wanted: Versions,
	folder: string,
	environment: Environment,
	report: Report,
): Promise<void> => {
	const { package: source, stamps } = recipe(tool, wanted);
	const started = performance.now();
	const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
	const what = `${tool} v${versionOf(tool, wanted)}`;
	report.line(`building ${what} from source`);
	const ticking = setInterval(() => report.progress(`building ${what} ... ${elapsed()}`), 10_000);
	// Under a name of its own until it is whole: an interrupted build must not leave what looks like a program.
	const unfinished = join(folder, `.${tool}.${process.pid}`);
	try {
		const flags = ["-s", "-w", ...stamps.flatMap((stamp) => ["-X", stamp])].join(" ");
		const args = ["build", "-trimpath", "-ldflags", flags, "-o", unfinished, source];
		const { code, output } = await run("go", args, SOURCES, { ...environment, CGO_ENABLED: "0", GOWORK: "off" });
		if (code !== 0) {
			const lastLines = output.trim().split("\n").slice(-15).join("\n");
			throw new ProgramError(`cannot build ${what}: ${lastLines}`);
		}
		await rename(unfinished, join(folder, tool));
		report.line(`built ${what} in ${elapsed()}`);
	} finally {
		clearInterval(ticking);
		await rm(unfinished, { force: true });
	}
};
