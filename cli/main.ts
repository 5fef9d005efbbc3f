#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import { REGISTRY } from "../hooks/index.ts";
import { readConfig } from "../server/config.ts";
import { startServer } from "../server/server.ts";
import { failureCode } from "./failure.ts";
import { generatedDrift, writeGenerated } from "./generate.ts";
import { addOfflineCommands } from "./offline.ts";
import { addClusterCommands } from "./prism.ts";
import { addRecordCommands } from "./record-commands.ts";
import { RELEASE } from "./release.ts";

// argv → command. Every command returns its exit code; this file alone ends the process.

const ROOT = new URL("..", import.meta.url).pathname;

const program = new Command("prism-operator")
	.description("Declarative Metacontroller hooks that run the Prism data gateway on Kubernetes")
	.exitOverride()
	.showHelpAfterError("(--help says more)");

program
	.command("serve")
	.description("answer Metacontroller's webhooks; configured by environment variables")
	.action(async () => {
		await startServer(readConfig(process.env), REGISTRY, { release: RELEASE, handleSignals: true });
	});

program
	.command("probe")
	.description("check one backend's health and tell it at /readyz; configured by environment variables")
	.action(async () => {
		// Loaded only here: the webhooks need none of the client libraries.
		const [{ readProbeConfig }, { runProbe }] = await Promise.all([
			import("../server/probe/config.ts"),
			import("../server/probe/main.ts"),
		]);
		await runProbe(readProbeConfig(process.env), { ownProcess: true });
	});

interface RunFlags {
	cluster: "auto" | "memory" | "local" | "current";
	filename: string[];
	once?: boolean;
	timeout: string;
	yes?: true;
}

addRecordCommands(program);

program
	.command("generate")
	.description("write crds/, compositecontrollers/ and docs/reference/ from the schemas and the registry")
	.option("--check", "write nothing; fail when a file differs")
	.action(({ check }: { check?: true }) => {
		if (check !== true) {
			for (const path of writeGenerated(ROOT)) console.log(`written ${path}`);
			return;
		}
		const drift = generatedDrift(ROOT);
		for (const path of drift) console.error(`${path} differs from what is generated: run npm run generate`);
		process.exitCode = drift.length > 0 ? 1 : 0;
	});

program
	.command("run")
	.description("start a local cluster, the hooks and a stand-in for Metacontroller, and apply a sample")
	.addOption(
		new Option("--cluster <which>", "auto: local when its binaries are there, memory otherwise")
			.choices(["auto", "memory", "local", "current"])
			.default("auto")
			.env("CLUSTER"),
	)
	.option("-f, --filename <file...>", "manifests to apply", [`${ROOT}samples/quickstart.yaml`])
	.addOption(new Option("--once", "exit once all is Ready, or can't become so").env("ONCE"))
	.option("--timeout <seconds>", "with --once: seconds within which all must be Ready", "120")
	.option("--yes", "with --cluster current: don't ask")
	.action(async (flags: RunFlags) => {
		// Loaded only here: production has neither the local cluster nor what it is made of.
		const { run } = await import("./run.ts");
		process.exitCode = await run({ ...flags, once: flags.once === true, yes: flags.yes === true });
	});

program
	.command("control-plane")
	.description("build kube-apiserver, etcd and kubectl from source into the cache, unless they are there")
	.action(async () => {
		const { buildControlPlane, findControlPlane } = await import("../local/control-plane-binaries.ts");
		const found = await findControlPlane(process.env);
		const { kubeApiserver, etcd, kubectl } = found ?? (await buildControlPlane(process.env, console.log));
		for (const path of [kubeApiserver, etcd, kubectl]) console.log(path);
	});

addOfflineCommands(program);
addClusterCommands(program, "prism-operator");

try {
	await program.parseAsync();
} catch (error) {
	process.exitCode = error instanceof CommanderError ? error.exitCode : failureCode(error);
}
