import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

// A name means one thing: who searches for it finds what it stands for, and not three other things.

const ROOT = join(import.meta.dirname, "../..");
const ROOMS = "{schemas,kube,hooks,server,probe,plugin,codegen,yaml,devcluster,cli,hack}/**/*.ts";

/** The same part in each of a row of modules that are made alike. */
const ROLES = new Map([
	["childrenOf", "of each kind: from its plan to its children"],
	["Observation", "of each kind: what its status is computed from"],
	["verdictOf", "of each kind: its ordered checks"],
	["statusFields", "of each kind: its own part of the status"],
	["containerRejected", "of each kind with containers: its check of what users set in them"],
	["antiAffinityIdle", "of each kind with pods: its warning of an anti-affinity that separates none"],
	["autoscalerIdle", "of each kind with an autoscaler: its warning of resources that the autoscaler lacks"],
	["imageFloating", "of each kind with an image: its warning of a tag that moves"],
	["connect", "of each client of the probe, and of the API server's"],
	["interpret", "of each client of the probe: what its backend answered"],
]);

/** Names that files export, with the files. */
const exported = (): Map<string, string[]> => {
	const found = new Map<string, string[]>();
	for (const file of globSync(ROOMS, { cwd: ROOT, exclude: (path) => path.includes("node_modules") }).toSorted())
		for (const [, name = ""] of readFileSync(join(ROOT, file), "utf8").matchAll(
			/^export (?:async )?(?:const|function|class|interface|type) (\w+)/gm,
		))
			found.set(name, [...new Set([...(found.get(name) ?? []), file])]);
	return found;
};

it("no exported name stands in more than two files, but for the roles of modules that are made alike", () => {
	const many = [...exported()].filter(([name, files]) => files.length > 2 && !ROLES.has(name));
	expect(Object.fromEntries(many)).toEqual({});
});

it("every role is in use", () => {
	const names = exported();
	expect([...ROLES.keys()].filter((name) => (names.get(name)?.length ?? 0) <= 2)).toEqual([]);
});
