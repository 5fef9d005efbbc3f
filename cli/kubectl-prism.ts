#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { failureCode } from "./failure.ts";
import { addOfflineCommands } from "./offline.ts";
import { addClusterCommands } from "./prism.ts";

// `kubectl prism`: what kubectl calls when it is asked for a command that it does not know.

const program = new Command("kubectl prism")
	.description("What the Prism gateway does in this cluster, why it does not, and what to do about it")
	.exitOverride()
	.showHelpAfterError("(--help says more)");
addOfflineCommands(program);
addClusterCommands(program, "kubectl prism");

try {
	await program.parseAsync();
} catch (error) {
	process.exitCode = error instanceof CommanderError ? error.exitCode : failureCode(error);
}
