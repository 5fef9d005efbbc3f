import { resourceName, USER_KINDS } from "./cluster/kinds.ts";
import { createKubectl } from "./cluster/kubectl.ts";
import { identifierOf } from "./cluster/placements.ts";
import { completionsOf, completionText, type Lookup } from "./completion/completion.ts";
import { pluginProgram } from "./program.ts";

// kubectl calls this to complete `kubectl prism ...`. After any error, it prints no completions.

const words = process.argv.slice(2);
const { words: found, lookup, files } = completionsOf(pluginProgram(), words);
const current = /=/.test(words.at(-1) ?? "") ? "" : (words.at(-1) ?? "");
// No top-level await: the release bundles this into one CommonJS file.
const complete = async (): Promise<void> => {
	const named = lookup === undefined ? [] : await lookedUp(lookup).catch(() => []);
	process.stdout.write(completionText([...found, ...named.filter((name) => name.startsWith(current))], files));
};

complete().catch(() => {});

async function lookedUp(what: Lookup): Promise<string[]> {
	const kubectl = createKubectl({ requestTimeout: "3s" }, process.env);
	const names = async (...args: readonly string[]) =>
		(await kubectl.try(args)).stdout.split("\n").filter((name) => name !== "");
	const tails = async (pattern: RegExp, ...args: readonly string[]) =>
		(await names("get", ...args, "-o", "name")).map((name) => name.replace(pattern, ""));
	switch (what) {
		case "contexts":
			return names("config", "get-contexts", "-o", "name");
		case "namespaces":
			return tails(/^namespace\//, "namespaces", ...place(false));
		case "objects":
			return tails(/\.prism\.io(?=\/)/, USER_KINDS.map(resourceName).join(","), ...place(true));
		case "plugins":
			return tails(/^.*\//, "prismplugins.prism.io", ...place(true));
		case "tenants":
			return (await kubectl.objects(["get", "prismnamespaces.prism.io", "-A", ...place(false)])).map(identifierOf);
		default:
			return what satisfies never;
	}
}

/** Flags of the command line that select the cluster and the namespace. */
function place(namespaced: boolean): string[] {
	const wanted = [
		"--context",
		"--kubeconfig",
		"--cluster",
		"--user",
		"--as",
		...(namespaced ? ["-n", "--namespace", "-A", "--all-namespaces"] : []),
	];
	return words.slice(0, -1).flatMap((word, index, all) => {
		if (!wanted.includes(word.split("=")[0] ?? "")) return [];
		const alone = word.includes("=") || word === "-A" || word === "--all-namespaces";
		return alone ? [word] : [word, all[index + 1] ?? ""];
	});
}
