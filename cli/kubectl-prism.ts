import { CommanderError } from "commander";
import { failureCode } from "./failure.ts";
import { pluginProgram } from "./plugin.ts";

// `kubectl prism`: what kubectl calls when it is asked for a command that it does not know.

try {
	await pluginProgram().parseAsync();
} catch (error) {
	process.exitCode = error instanceof CommanderError ? error.exitCode : failureCode(error);
}
