import { type Command, Option } from "commander";
import { type GivenFlags, type Session, sessionOf, withAllNamespaces, withClusterFlags } from "./cluster/context.ts";

// Commands that read a cluster, for `kubectl prism` and `prism-operator`. Each module is loaded when its command runs, because
// completion and --help must be fast.

type Run<Flags> = (session: Session, words: readonly string[], flags: Flags & GivenFlags) => Promise<number>;

const OBJECTS = "prismstack/shop, prismstack shop, or shop";

export const jsonOutput = (): Option => new Option("-o, --output <form>", "json: for scripts").choices(["json"]);

const LABELS = ["-l, --selector <labels>", "only objects with these labels"] as const;

/** Flags that are also accepted before the command, as in kubectl. */
const ANYWHERE = ["namespace", "context", "kubeconfig", "cluster", "user", "as", "request-timeout"];
const WITH_VALUE: readonly string[] = ["-n", ...ANYWHERE.map((name) => `--${name}`)];
const WITHOUT: readonly string[] = ["-A", "--all-namespaces"];

/** The command line with its command first: `-n team why shop` becomes `why -n team shop`. */
export const commandFirst = (words: readonly string[]): readonly string[] => {
	let count = 0;
	for (let word = words[0]; word !== undefined; word = words[count]) {
		if (WITH_VALUE.includes(word)) count += 2;
		else if (WITHOUT.includes(word) || WITH_VALUE.some((flag) => word?.startsWith(`${flag}=`))) count += 1;
		else break;
	}
	const [command, ...rest] = words.slice(count);
	return command === undefined || command.startsWith("-") ? words : [command, ...words.slice(0, count), ...rest];
};

export const addClusterCommands = (parent: Command, program: string): void => {
	/** Adds a command. The exit code of `run` becomes that of the process. */
	const add = <Flags extends object>(name: string, load: () => Promise<Run<Flags>>): Command => {
		const command = withClusterFlags(parent.command(name));
		return command.action(async () => {
			const run = await load();
			const flags = command.opts<Flags & GivenFlags>();
			process.exitCode = await run(sessionOf(flags, program), command.args, flags);
		});
	};

	withAllNamespaces(add("status", async () => (await import("./status/status.ts")).status))
		.summary("show what is healthy, and what is not")
		.description("show what is healthy and what is not, on one screen. Exit code 2 if an object is not ready")
		.argument("[object...]", `only these objects and what they own, as ${OBJECTS}`)
		.option(...LABELS)
		.addOption(new Option("-o, --output <form>", "wide: no truncation; json: for scripts").choices(["wide", "json"]))
		.option("-w, --watch", "refresh every 2 s");

	withAllNamespaces(add("tree", async () => (await import("./tree/text.ts")).tree))
		.summary("show the ownership tree, down to the pods")
		.description("show the ownership tree, down to the pods, and the namespaces of each shard")
		.argument("[object...]", `only these objects, as ${OBJECTS}`)
		.option(...LABELS)
		.addOption(
			new Option(
				"-o, --output <form>",
				"wide: include objects without state; json: for scripts; dot, mermaid: a graph",
			).choices(["wide", "json", "dot", "mermaid"]),
		);

	withAllNamespaces(add("why", async () => (await import("./why/command.ts")).why))
		.summary("find the first cause, and the next command")
		.description(
			"find the first cause why an object is not ready, and the next command. Exit code 2 if it is not ready",
		)
		.argument("[object...]", `${OBJECTS}. Default: all objects that are not ready, worst first`)
		.option(...LABELS)
		.addOption(jsonOutput());

	withAllNamespaces(add("where", async () => (await import("./where/where.ts")).where))
		.summary("find the shard and the instances that serve a tenant")
		.description(
			"find the shard and the instances that serve a tenant, with the state of each. Exit code 2 if the tenant is not ready",
		)
		.argument("<namespaceId...>", "identifiers of namespaces on the proxies, or names of PrismNamespaces")
		.addOption(jsonOutput());

	add("pause", async () => (await import("./pause/command.ts")).pause)
		.description("pause an object: its children stay as they are")
		.argument("<object...>", OBJECTS);

	add("resume", async () => (await import("./pause/command.ts")).resume)
		.description("resume a paused object")
		.argument("<object...>", OBJECTS);

	add("restart", async () => (await import("./pause/command.ts")).restart)
		.summary("restart pods, one by one")
		.description("restart the pods of a stack, a pattern or a shard, one by one")
		.argument("<object...>", OBJECTS);

	add("rollback", async () => (await import("./rollback/rollback.ts")).rollback)
		.summary("roll a plugin back to its last good version")
		.description(
			"roll a plugin back to its last good version on all shards. Shows the changes, and asks for confirmation",
		)
		.argument("<plugin...>", "PrismPlugins, by name")
		.option("--to <version>", "another version than the last good one")
		.option("--dry-run", "only show the changes")
		.option("--yes", "do not ask for confirmation");

	add("diff", async () => (await import("./diff/command.ts")).diff)
		.summary("show what applying files would change")
		.description("show what applying files would change in each child, in the cluster or offline")
		.requiredOption("-f, --filename <file...>", "manifest file or folder, several of them, or - for standard input")
		.option("-R, --recursive", "include subfolders")
		.option("--offline", "without a cluster: compare with the children of objects that have only defaults")
		.option("--from <file...>", "without a cluster: compare with the children of these files")
		.option("--exit-code", "exit code 2 if something would change");

	add("doctor", async () => (await import("./doctor/index.ts")).doctor)
		.summary("check the installation of the operator")
		.description("check the installation: CRDs, Metacontroller, controllers, operator. Exit code 2 if a check fails")
		.addOption(jsonOutput());

	withAllNamespaces(add("report", async () => (await import("./report/command.ts")).report))
		.summary("create a support bundle")
		.description("create a support bundle, without Secrets and credentials, and list its content")
		.option("--to <path>", "output: FILE.tar.gz, or a folder. Default: prism-report-<time>.tar.gz")
		.option("--no-logs", "omit the logs of the operator and of unready pods");

	add("version", async () => (await import("./version/version.ts")).version)
		.summary("show the versions of this program and of the operator")
		.description("show the versions of this program and of the operator in the cluster. Warns if they differ")
		.option("--client", "only the version of this program, without a cluster")
		.addOption(jsonOutput());
};
