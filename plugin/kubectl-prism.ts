import { commandFirst } from "./commands.ts";
import { failureCode } from "./failure.ts";
import { pluginProgram } from "./program.ts";

// `kubectl prism`: what kubectl calls when it is asked for a command that it does not know. No await at the top: the
// release's one file is CommonJS, which has none.

pluginProgram()
	.parseAsync(commandFirst(process.argv.slice(2)), { from: "user" })
	.catch((error: unknown) => {
		process.exitCode = failureCode(error);
	});
