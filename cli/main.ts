#!/usr/bin/env node
import { Command, Option } from "commander";
import { generatedDrift, writeGenerated } from "../codegen/generate.ts";
import { addClusterCommands, commandFirst } from "../plugin/commands.ts";
import { failureCode } from "../plugin/failure.ts";
import { addOfflineCommands } from "../plugin/offline-commands.ts";
import { addRecordCommands } from "../plugin/record/commands.ts";
import type { RunOptions } from "./run/run.ts";

// argv → command. Every command returns its exit code; this file alone ends the process.

const ROOT = new URL("..", import.meta.url).pathname;

const program = new Command("prism-operator")
	.description("Kubernetes operator for the Prism data gateway, built on Metacontroller")
	.exitOverride()
	.showHelpAfterError("(see --help)");

program
	.command("serve")
	.description("serve the webhooks for Metacontroller; configured by environment variables")
	.action(async () => {
		await import("../server/main.ts");
	});

addRecordCommands(program);

program
	.command("generate")
	.description("write crds/, compositecontrollers/ and docs/reference/ from the schemas and the registry")
	.option("--check", "write nothing; fail if a file differs")
	.action(({ check }: { check?: true }) => {
		if (check !== true) {
			for (const path of writeGenerated(ROOT)) console.log(`written ${path}`);
			return;
		}
		const drift = generatedDrift(ROOT);
		for (const path of drift) console.error(`${path} is outdated: run npm run generate`);
		process.exitCode = drift.length > 0 ? 1 : 0;
	});

program
	.command("run")
	.description("start a local cluster, the webhook server and a stand-in for Metacontroller, and apply a sample")
	.addOption(
		new Option("--cluster <which>", "auto: local if its programs are installed, otherwise memory")
			.choices(["auto", "memory", "local", "current"])
			.default("auto")
			.env("CLUSTER"),
	)
	.option("-f, --filename <file...>", "manifests to apply", [`${ROOT}samples/quickstart.yaml`])
	.addOption(new Option("--once", "exit once all objects are Ready, or one is Stalled").env("ONCE"))
	.option("--timeout <seconds>", "with --once: timeout in seconds", "120")
	.option("--yes", "with --cluster current: do not ask for confirmation")
	.action(async (flags: RunOptions) => {
		// Loaded only here: production has neither the local cluster nor what it is made of.
		const { run } = await import("./run/run.ts");
		process.exitCode = await run(flags);
	});

program
	.command("control-plane")
	.description("find the programs of a control plane, or download or build them (Go) into the cache")
	.action(async () => {
		const { controlPlane } = await import("./control-plane.ts");
		process.exitCode = await controlPlane(process.env);
	});

addOfflineCommands(program);
addClusterCommands(program, "prism-operator");

try {
	await program.parseAsync(commandFirst(process.argv.slice(2)), { from: "user" });
} catch (error) {
	process.exitCode = failureCode(error);
}
