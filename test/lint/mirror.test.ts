import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

// A test lies where its source does: test/kube/time.test.ts tests kube/time.ts. What happens across files is in test/scenarios/, and a law,
// or what is about all files, in a folder of its kind.

const ROOT = join(import.meta.dirname, "../..");
const ROOMS = "{hooks,kube,server,plugin,probe,codegen,schemas,devcluster,hack,cli,yaml}";

/** Of a source file, or of a folder of them as a whole. */
const isMirrored = (test: string): boolean => {
	const source = join(ROOT, test.replace(/^test\//, "").replace(/\.test\.ts$/, ""));
	return existsSync(`${source}.ts`) || existsSync(source);
};

it("every test of a room has its source at the same path", () => {
	const tests = globSync(`test/${ROOMS}/**/*.test.ts`, { cwd: ROOT });
	expect(tests.length).toBeGreaterThan(100);
	expect(tests.filter((test) => !isMirrored(test))).toEqual([]);
});

it("scenarios are files of one folder, named in words", () => {
	const scenarios = globSync("test/scenarios/**/*.ts", { cwd: ROOT });
	expect(scenarios.length).toBeGreaterThan(20);
	expect(scenarios.filter((path) => !/^test\/scenarios\/[a-z]+(-[a-z]+)+\.test\.ts$/.test(path))).toEqual([]);
});

it("a test without a source is found", () => {
	expect(["test/kube/time.test.ts", "test/plugin/diff.test.ts", "test/kube/nothing.test.ts"].map(isMirrored)).toEqual([
		true,
		true,
		false,
	]);
});
