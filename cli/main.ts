#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import { REGISTRY } from "../hooks/index.ts";
import { timestampOf } from "../kube/time.ts";
import { ConfigError, readConfig } from "../server/config.ts";
import { startServer } from "../server/server.ts";
import { readAnswers } from "./answers.ts";
import { generatedDrift, writeGenerated } from "./generate.ts";
import { ManifestError, printManifests, readManifests } from "./manifests.ts";
import { addRecordCommands } from "./record-commands.ts";
import { render } from "./render.ts";
import { validate } from "./validate.ts";

// argv → command. Every command returns its exit code; this file alone ends the process.

const ROOT = new URL("..", import.meta.url).pathname;

const program = new Command("prism-operator")
	.description("Declarative Metacontroller hooks that run the Prism data gateway on Kubernetes")
	.exitOverride()
	.showHelpAfterError("(--help says more)");

const files = ["-f, --filename <file...>", "manifest file, several of them, or - for standard input"] as const;

program
	.command("serve")
	.description("answer Metacontroller's webhooks; configured by environment variables")
	.action(async () => {
		await startServer(readConfig(process.env), REGISTRY, { handleSignals: true });
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

program
	.command("validate")
	.description("check manifests offline as the API server would: fields, types, bounds and rules")
	.requiredOption(...files)
	.action(({ filename }: { filename: string[] }) => {
		const { problems, checked, skipped } = validate(filename.flatMap(readManifests));
		for (const problem of problems) console.log(problem);
		const others = skipped === 0 ? "" : ` (${skipped} of other kinds not checked)`;
		console.error(`${checked} objects checked${others}, ${problems.length} problems`);
		process.exitCode = problems.length > 0 ? 1 : 0;
	});

interface RunFlags {
	cluster: "auto" | "memory" | "local" | "current";
	filename: string[];
	once?: boolean;
	timeout: string;
	yes?: true;
}

interface RenderFlags {
	filename: string[];
	observed: string[];
	related: string[];
	answers?: string;
	tree?: true;
	now: string;
}

program
	.command("render")
	.description(
		"print what the hooks answer for manifests, without a cluster: each object with its status, then its children",
	)
	.requiredOption(...files)
	.option("--observed <file...>", "children that exist already, as the API server has them", [])
	.option("--related <file...>", "objects that the hooks relate to, such as BackendConfigs with their status", [])
	.option("--answers <file>", "what instances would say when they are asked: a map by their pods' names")
	.option("--tree", "render custom resources among the children too")
	.addOption(
		new Option("--now <time>", "the time at which to render, RFC 3339").default(timestampOf(Date.now()), "now"),
	)
	.action((flags: RenderFlags) => {
		const manifests = flags.filename.flatMap(readManifests);
		const { problems } = validate(manifests);
		for (const problem of problems) console.error(problem);
		const rendered = render(
			{
				manifests: manifests.map(({ object }) => object),
				observed: flags.observed.flatMap(readManifests).map(({ object }) => object),
				related: flags.related.flatMap(readManifests).map(({ object }) => object),
				...(flags.answers !== undefined && { told: readAnswers(flags.answers) }),
				tree: flags.tree === true,
			},
			{ now: flags.now, installation: readConfig(process.env).installation },
		);
		if (rendered.length === 0) throw new ManifestError("nothing to render: no object of a Prism kind was given");
		process.stdout.write(printManifests(rendered));
		process.exitCode = problems.length > 0 ? 1 : 0;
	});

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

try {
	await program.parseAsync();
} catch (error) {
	process.exitCode = exitCodeOf(error);
}

/** Prints what went wrong, unless commander did, and says how to exit. */
function exitCodeOf(error: unknown): number {
	if (error instanceof CommanderError) return error.exitCode;
	if (error instanceof ConfigError || error instanceof ManifestError) console.error(`error: ${error.message}`);
	else console.error(error);
	return 1;
}
