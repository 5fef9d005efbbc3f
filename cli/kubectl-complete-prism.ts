import { resourceName, USER_KINDS } from "./cluster/kinds.ts";
import { createKubectl, parseObjects } from "./cluster/kubectl.ts";
import { completionsOf, completionText, type Lookup } from "./completion.ts";
import { pluginProgram } from "./plugin.ts";
import { identifierOf } from "./where.ts";

// What kubectl calls to complete `kubectl prism ...`. Whatever goes wrong, the shell hears of no more than nothing.

const words = process.argv.slice(2);
const { words: found, lookup, files } = completionsOf(pluginProgram(), words);
const current = /=/.test(words.at(-1) ?? "") ? "" : (words.at(-1) ?? "");
const named = lookup === undefined ? [] : await lookedUp(lookup).catch(() => []);
process.stdout.write(completionText([...found, ...named.filter((name) => name.startsWith(current))], files));

async function lookedUp(what: Lookup): Promise<string[]> {
	const kubectl = createKubectl({ requestTimeout: "3s" }, process.env);
	const names = async (...args: readonly string[]) =>
		(await kubectl.try(args)).stdout.split("\n").filter((name) => name !== "");
	switch (what) {
		case "contexts":
			return names("config", "get-contexts", "-o", "name");
		case "namespaces":
			return (await names("get", "namespaces", "-o", "name", ...place(false))).map((name) =>
				name.replace("namespace/", ""),
			);
		case "objects":
			return (await names("get", USER_KINDS.map(resourceName).join(","), "-o", "name", ...place(true))).map((name) =>
				name.replace(".prism.io/", "/"),
			);
		case "plugins":
			return (await names("get", "prismplugins.prism.io", "-o", "name", ...place(true))).map((name) =>
				name.replace(/^.*\//, ""),
			);
		case "tenants":
			return parseObjects(
				(await kubectl.try(["get", "prismnamespaces.prism.io", "-A", "-o", "json", ...place(false)])).stdout,
			).map(identifierOf);
		default:
			return what satisfies never;
	}
}

/** Flags of the line that lead to the place that is asked about. */
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
