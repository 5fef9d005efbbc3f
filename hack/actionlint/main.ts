import { join } from "node:path";
import { goMissing } from "../../devcluster/control-plane/build.ts";
import { exitCodeOf, ProgramError, run } from "../../devcluster/programs.ts";
import { cachedGoProgram, type GoProgram, goProgram } from "../go-program.ts";

// `npm run check:workflows`: actionlint over .github/workflows. On a machine without Go, it reports that it skipped the check. In CI, which
// has Go, it never skips.

const ACTIONLINT: GoProgram = {
	name: "actionlint",
	folder: import.meta.dirname,
	module: "github.com/rhysd/actionlint",
	package: "github.com/rhysd/actionlint/cmd/actionlint",
	stamps: (version) => [`github.com/rhysd/actionlint.version=${version}`],
	takes: "half a minute",
};

const ROOT = join(import.meta.dirname, "../..");

process.exitCode = await exitCodeOf(async () => {
	const cached = await cachedGoProgram(ACTIONLINT, process.env);
	if (cached === undefined && process.env["CI"] !== "true") {
		const missing = await goMissing(process.env, "1.26.0");
		if (missing !== undefined) {
			console.warn(
				`.github/workflows was not checked: actionlint is built with Go, and ${missing} (https://go.dev/dl)`,
			);
			return;
		}
	}
	const actionlint = cached ?? (await goProgram(ACTIONLINT, process.env, console.log));
	// Other linters of the machine are disabled, so that the findings are the same everywhere.
	const { code, output } = await run(
		actionlint,
		["-shellcheck=", "-pyflakes=", ...process.argv.slice(2)],
		ROOT,
		process.env,
	);
	if (code !== 0) throw new ProgramError(`cannot validate .github/workflows:\n${output.trim()}`);
});
