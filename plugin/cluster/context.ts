import type { Command } from "commander";
import { type Paint, paintFor } from "../text/paint.ts";
import { print, printJson } from "../text/print.ts";
import type { Speech } from "./command-lines.ts";
import { type ClusterFlags, createKubectl, type Kubectl } from "./kubectl.ts";
import type { Scope } from "./read-cluster.ts";

// What every cluster command shares: the flags of kubectl, and the output.

export interface GivenFlags extends ClusterFlags {
	readonly namespace?: string;
	readonly allNamespaces?: true;
	readonly selector?: string;
	readonly output?: string;
}

export interface Session {
	readonly kubectl: Kubectl;
	readonly scope: Scope;
	readonly paint: Paint;
	readonly speech: Speech;
	readonly print: (lines: readonly string[]) => void;
	/** For scripts. */
	readonly json: (value: unknown) => void;
}

export const withClusterFlags = (command: Command): Command =>
	command
		.option("-n, --namespace <namespace>", "namespace to look in, if not the context's")
		.option("--context <name>", "context of the kubeconfig to use")
		.option("--kubeconfig <file>", "kubeconfig to use")
		.option("--cluster <name>", "cluster of the kubeconfig to use")
		.option("--user <name>", "user of the kubeconfig to use")
		.option("--as <user>", "user to impersonate")
		.option("--request-timeout <time>", "time to wait for a response of the cluster, such as 10s");

export const withAllNamespaces = (command: Command): Command =>
	command.option("-A, --all-namespaces", "look in all namespaces");

export const sessionOf = (flags: GivenFlags, program: string): Session => {
	const kubectl = createKubectl(flags, process.env);
	const { namespace, allNamespaces, selector } = flags;
	return {
		kubectl,
		scope: { namespace, allNamespaces, selector },
		paint: paintFor(process.stdout, process.env),
		speech: { program, flags: kubectl.flags },
		print,
		json: printJson,
	};
};

/** "in namespace team-a", "in all namespaces". */
export const whereOf = async ({ kubectl, scope }: Session): Promise<string> => {
	if (scope.allNamespaces === true) return "in all namespaces";
	return `in namespace ${scope.namespace ?? (await currentNamespace(kubectl))}`;
};

/** Namespace of the context; "default" if it has none. */
export const currentNamespace = async (kubectl: Kubectl): Promise<string> => {
	const { code, stdout } = await kubectl.try(["config", "view", "--minify", "-o", "jsonpath={..namespace}"]);
	const [first = ""] = stdout.trim().split(" ");
	return code === 0 && first !== "" ? first : "default";
};
