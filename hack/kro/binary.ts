import { cp } from "node:fs/promises";
import { join } from "node:path";
import { type Environment, exitCodeOf, type Log, ProgramError, run } from "../../devcluster/programs.ts";
import { type GoProgram, goProgram } from "../go-program.ts";

// kro in the version that go.mod pins, for the benchmark that compares kro with this operator. Its CRDs are copied to a folder crds next to
// it.

const MODULE = "github.com/kubernetes-sigs/kro";

const KRO: GoProgram = {
	name: "kro",
	folder: import.meta.dirname,
	module: MODULE,
	package: `${MODULE}/cmd/controller`,
	stamps: () => [],
	takes: "a few minutes",
};

const kroBinary = async (environment: Environment, log: Log): Promise<string> => {
	const path = await goProgram(KRO, environment, log);
	const found = await run("go", ["list", "-m", "-f", "{{.Dir}}", MODULE], KRO.folder, {
		...environment,
		GOWORK: "off",
	});
	if (found.code !== 0) throw new ProgramError(`cannot find the definitions of kro: ${found.output.trim()}`);
	await cp(join(found.output.trim(), "helm/crds"), join(path, "../crds"), { recursive: true });
	return path;
};

// For `make kro`: prints only the path, so that it can be passed to `make bench`.
if (import.meta.main)
	process.exitCode = await exitCodeOf(async () => console.log(await kroBinary(process.env, console.error)));
