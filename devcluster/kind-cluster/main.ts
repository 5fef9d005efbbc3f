import { spawn } from "node:child_process";
import { join } from "node:path";
import type { FindEnvironment } from "../kind/find.ts";
import { type Command, downSteps, nextCommands, type Options, type Program, type Step, upSteps } from "./plan.ts";
import { findPrograms } from "./programs.ts";

// `make kind-up` and `make kind-down`: carries a plan out, and prints its progress.

const ROOT = join(import.meta.dirname, "../..");

const words = (text: string | undefined): string[] => (text ?? "").split(/\s+/).filter(Boolean);

const optionsFrom = (environment: FindEnvironment): Options => ({
	name: environment["KIND_CLUSTER"] || "prism-dev",
	nodeImage: environment["KIND_IMAGE"] || undefined,
	image: environment["IMG"] || "ghcr.io/prism/prism-operator:dev",
	samples: words(environment["SAMPLE"] || "samples/quickstart.yaml"),
	load: words(environment["LOAD"]),
	imageRegistry: environment["PRISM_IMAGE_REGISTRY"],
	imageTag: environment["PRISM_IMAGE_TAG"],
	timeoutSeconds: Number(environment["TIMEOUT"] || "300"),
});

type Paths = ReadonlyMap<Program, string>;

/** Exit code, and what was written when it was asked for. */
const execute = (paths: Paths, { program, args }: Command, quiet = false): Promise<{ code: number; output: string }> =>
	new Promise((resolve) => {
		const child = spawn(paths.get(program) ?? program, args, {
			cwd: ROOT,
			stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "ignore" : "inherit"],
		});
		let output = "";
		child.stdout?.on("data", (chunk: Buffer) => {
			output += chunk.toString();
		});
		child.once("error", (error) => resolve({ code: 127, output: error.message }));
		child.once("close", (code) => resolve({ code: code ?? 1, output }));
	});

const isDone = async (paths: Paths, { unless }: Step): Promise<boolean> => {
	if (unless === undefined) return false;
	const { code, output } = await execute(paths, unless.command, true);
	return code === 0 && output.split("\n").includes(unless.line);
};

const carryOut = async (steps: readonly Step[], paths: Paths): Promise<boolean> => {
	for (const [index, step] of steps.entries()) {
		const heading = `[${index + 1}/${steps.length}] ${step.title}`;
		if (await isDone(paths, step)) {
			console.log(`${heading}: done already`);
			continue;
		}
		console.log(heading);
		const begun = Date.now();
		const { code } = await execute(paths, step);
		if (code !== 0) {
			if (step.diagnosis !== undefined) await execute(paths, step.diagnosis);
			console.error(`cannot ${step.title}: ${step.program} ended with code ${code}`);
			if (step.advice !== undefined) console.error(step.advice);
			return false;
		}
		console.log(`      ${((Date.now() - begun) / 1000).toFixed(1)} s`);
	}
	return true;
};

const main = async (argument: string | undefined): Promise<number> => {
	const options = optionsFrom(process.env);
	if (argument !== "up" && argument !== "down") {
		console.error("cannot run: expected up or down");
		return 2;
	}
	const steps = argument === "up" ? upSteps(options) : downSteps(options);
	const { paths, missing } = await findPrograms(process.env, [...new Set(steps.map(({ program }) => program))]);
	if (missing.length > 0) {
		console.error(missing.join("\n"));
		return 1;
	}
	if (!(await carryOut(steps, paths))) return 1;
	if (argument === "up") console.log(["Ready. Next:", ...nextCommands(options).map((line) => `  ${line}`)].join("\n"));
	return 0;
};

process.exitCode = await main(process.argv[2]);
