import { commandFirst } from "./commands.ts";
import { failureCode } from "./failure.ts";
import { pluginProgram } from "./program.ts";

// `kubectl prism`: kubectl runs this for a command that it does not have. No top-level await: the release bundles this into
// one CommonJS file.

pluginProgram()
	.parseAsync(commandFirst(process.argv.slice(2)), { from: "user" })
	.catch((error: unknown) => {
		process.exitCode = failureCode(error);
	});
