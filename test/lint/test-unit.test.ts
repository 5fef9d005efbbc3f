import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, matchesGlob, relative } from "node:path";
import { expect, it } from "vitest";

// `make test-unit` is for those who have neither Go nor a control plane: what needs either is left out of it, and nothing else.

const ROOT = join(import.meta.dirname, "../..");
const TESTS = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
	.filter((name) => name.endsWith(".test.ts"))
	.map((name) => `test/${name}`);

const recipe = /^test-unit:.*\n((?:\t.*\n)+)/m.exec(readFileSync(join(ROOT, "Makefile"), "utf8"))?.[1] ?? "";
const EXCLUDED = [...recipe.matchAll(/--exclude '([^']+)'/g)].map(([, glob]) => glob ?? "");

/** Through these come programs that are downloaded, or built with Go. */
const PROGRAMS = ["test/cluster.ts", "hack/helm/binary.ts"];

/** They share modules with tests on a real API server, and themselves ask for the cluster in memory. */
const IN_MEMORY = [
	"test/dashboard/browser.test.ts",
	"test/devcluster/memory/memory.test.ts",
	"test/plugin/record.test.ts",
];

const imported = new Map<string, readonly string[]>();
const importsOf = (path: string): readonly string[] => {
	const known = imported.get(path);
	if (known !== undefined) return known;
	const text = readFileSync(join(ROOT, path), "utf8");
	const found = [...text.matchAll(/^(?:import|export|\}) .*?from "(\.[^"]+\.ts)";$/gm)].map(([, to]) =>
		relative(ROOT, join(ROOT, dirname(path), to ?? "")),
	);
	imported.set(path, found);
	return found;
};
const needsPrograms = (test: string): boolean => {
	const seen = new Set([test]);
	for (const path of seen) for (const next of importsOf(path)) seen.add(next);
	return PROGRAMS.some((path) => seen.has(path));
};

it("leaves out every test that needs a program", () => {
	const needing = TESTS.filter(needsPrograms).toSorted();
	expect(needing.length).toBeGreaterThan(30);
	expect(needing.filter((test) => !EXCLUDED.some((glob) => matchesGlob(test, glob)))).toEqual(IN_MEMORY);
});

it("leaves out nothing else beside folders that are about programs", () => {
	const alone = EXCLUDED.filter((glob) => !glob.endsWith("/**"));
	const left = TESTS.filter((test) => alone.some((glob) => matchesGlob(test, glob)));
	expect(left.length).toBeGreaterThan(3);
	expect(left.filter((test) => !needsPrograms(test))).toEqual([]);
});
