import { type Command, Option } from "commander";
import { type GivenFlags, withAllNamespaces, withClusterFlags } from "./cluster/context.ts";

// The commands that look at a cluster, for `kubectl prism` and for `prism-operator` alike. Each is loaded when it is called:
// completion and --help have to be quick.

type Run<Flags> = (words: readonly string[], flags: Flags & GivenFlags, program: string) => Promise<number>;

/** Wires a command to what runs it; its exit code becomes that of the process. */
const running =
	<Flags>(load: () => Promise<Run<Flags>>, program: string) =>
	async (words: string | readonly string[], flags: Flags & GivenFlags) => {
		const run = await load();
		process.exitCode = await run(typeof words === "string" ? [words] : words, flags, program);
	};

/** The same for a command that takes flags only. */
const runningAlone =
	<Flags>(load: () => Promise<Run<Flags>>, program: string) =>
	async (flags: Flags & GivenFlags) => {
		const run = await load();
		process.exitCode = await run([], flags, program);
	};

const OBJECTS = "as prismstack/shop, prismstack shop, or shop";

export const addClusterCommands = (parent: Command, program: string): void => {
	withAllNamespaces(withClusterFlags(parent.command("status")))
		.summary("what is healthy, and what is not")
		.description("what is healthy and what is not, on one screen; exits 2 when something is not ready")
		.argument("[object...]", `only these, with what belongs to them: ${OBJECTS}`)
		.option("-l, --selector <labels>", "only objects with these labels")
		.addOption(new Option("-o, --output <form>", "wide: nothing is cut; json: for scripts").choices(["wide", "json"]))
		.option("-w, --watch", "go on, and draw it again every two seconds")
		.action(running(async () => (await import("./status-command.ts")).status, program));

	withAllNamespaces(withClusterFlags(parent.command("tree")))
		.summary("who belongs to whom, down to the pods")
		.description("who belongs to whom, down to the pods, and which namespaces are on which shard")
		.argument("[object...]", `only these: ${OBJECTS}`)
		.addOption(
			new Option(
				"-o, --output <form>",
				"wide: also what has no state; json: for scripts; dot, mermaid: a graph",
			).choices(["wide", "json", "dot", "mermaid"]),
		)
		.action(running(async () => (await import("./tree-command.ts")).tree, program));

	withClusterFlags(parent.command("why"))
		.summary("the first cause, and the next command")
		.description("the first cause of an object's not being ready, and the next command; exits 2 when it is not ready")
		.argument("<object...>", OBJECTS)
		.addOption(new Option("-o, --output <form>", "json: for scripts").choices(["json"]))
		.action(running(async () => (await import("./why-command.ts")).why, program));

	withAllNamespaces(withClusterFlags(parent.command("where")))
		.summary("which shard and instances serve a tenant")
		.description("which shard and instances serve a tenant, and what each of them says; exits 2 when it is not ready")
		.argument("<namespaceId...>", "identifiers of namespaces on the proxies, or names of PrismNamespaces")
		.addOption(new Option("-o, --output <form>", "json: for scripts").choices(["json"]))
		.action(running(async () => (await import("./where-command.ts")).where, program));

	withClusterFlags(parent.command("pause"))
		.summary("freeze what an object made, as it is")
		.description("freeze what an object made, as it is")
		.argument("<object...>", OBJECTS)
		.action(running(async () => (await import("./pause-command.ts")).pause, program));

	withClusterFlags(parent.command("resume"))
		.summary("go on with an object that is paused")
		.description("go on with an object that is paused")
		.argument("<object...>", OBJECTS)
		.action(running(async () => (await import("./pause-command.ts")).resume, program));

	withClusterFlags(parent.command("restart"))
		.summary("replace pods, one after the other")
		.description("replace the pods of a stack, a pattern or a shard, one after the other")
		.argument("<object...>", OBJECTS)
		.action(running(async () => (await import("./pause-command.ts")).restart, program));

	withClusterFlags(parent.command("rollback"))
		.summary("let shards run a plugin's last good version")
		.description("let all shards run a plugin's last good version again; shows what it changes, and asks")
		.argument("<plugin...>", "PrismPlugins, by name")
		.option("--to <version>", "another version than the last good one")
		.option("--dry-run", "only show what would be changed")
		.option("--yes", "don't ask")
		.action(running(async () => (await import("./rollback-command.ts")).rollback, program));

	withClusterFlags(parent.command("diff"))
		.summary("what applying files would change")
		.description("what applying files would change, per child, in the cluster or offline")
		.requiredOption("-f, --filename <file...>", "manifest file or folder, several of them, or - for standard input")
		.option("-R, --recursive", "look into the folders of a folder too")
		.option("--offline", "without a cluster: compare with what the objects become with nothing but defaults")
		.option("--from <file...>", "without a cluster: compare with what these files become")
		.option("--exit-code", "exit 2 when something would change")
		.action(runningAlone(async () => (await import("./diff-command.ts")).diff, program));

	withClusterFlags(parent.command("doctor"))
		.summary("is what drives the objects in order?")
		.description(
			"is what drives the objects in order: kinds, Metacontroller, controllers, hooks; exits 2 when it is not",
		)
		.addOption(new Option("-o, --output <form>", "json: for scripts").choices(["json"]))
		.action(runningAlone(async () => (await import("./doctor-command.ts")).doctor, program));

	withAllNamespaces(withClusterFlags(parent.command("report")))
		.summary("gather a support bundle")
		.description("gather a support bundle, without Secrets and credentials, and say what is in it")
		.option("--to <path>", "where to write it: FILE.tar.gz, or a folder. Default: prism-report-<time>.tar.gz")
		.option("--no-logs", "leave the logs of hooks and of unready pods out")
		.action(runningAlone(async () => (await import("./report-command.ts")).report, program));
};
