import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { convert } from "../../../plugin/convert/index.ts";
import { objectErrors } from "../../../plugin/validate/index.ts";
import { parseManifests } from "../../../yaml/manifests.ts";

// `convert`: objects of the Go operator as ours. Each golden pair is what goes in, and what is printed; UPDATE=1 writes the latter.

const FOLDER = import.meta.dirname;
const CASES = readdirSync(FOLDER)
	.filter((name) => name.endsWith(".in.yaml"))
	.map((name) => name.slice(0, -".in.yaml".length));

const head = (kind: string, name = "it") =>
	`apiVersion: prism.io/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name} }\n`;
const runner = "spec: { pattern: keyvalue, backend: memstore, service: { port: 8080 } }\n";

const textOf = (text: string) => convert(text, "in.yaml").text;

describe("golden files", () => {
	it.each(CASES)("%s", (name) => {
		const { text } = convert(readFileSync(join(FOLDER, `${name}.in.yaml`), "utf8"), name);
		const path = join(FOLDER, `${name}.out.yaml`);
		if (process.env["UPDATE"] === "1") writeFileSync(path, text);
		expect(text).toBe(existsSync(path) ? readFileSync(path, "utf8") : "");
	});

	it.each(CASES)("%s passes validate", (name) => {
		const { errors, converted, notes } = convert(readFileSync(join(FOLDER, `${name}.in.yaml`), "utf8"), name);
		expect(errors).toEqual([]);
		expect(converted).toBeGreaterThan(0);
		expect(notes).toBeGreaterThan(0);
		const printed = readFileSync(join(FOLDER, `${name}.out.yaml`), "utf8");
		expect(parseManifests(printed, name).flatMap(objectErrors)).toEqual([]);
	});

	it.each(CASES)("%s stays as it is when it is converted again", (name) => {
		const printed = readFileSync(join(FOLDER, `${name}.out.yaml`), "utf8");
		expect(convert(printed, name)).toMatchObject({ text: printed, converted: 0 });
	});
});

describe("what is not of the Go operator", () => {
	it.each([
		["another kind", "---\n# why\napiVersion: v1\nkind: ConfigMap # here\nmetadata: {name: a}\ndata:\n  a: |\n    x\n"],
		["a runner of ours", `---\n${head("PatternRunner")}spec: {pattern: keyvalue, backend: memstore} # mine\n`],
		["a stack of ours", `---\n${head("PrismStack")}spec: {proxy: {port: 9090}, affinity: {}}\n`],
		[
			"a stack of ours with a placement",
			`---\n${head("PrismStack")}spec: {proxy: {placement: {strategy: MultiZone}}}\n`,
		],
		[
			"a stack of ours with a placement, as the API server has it",
			"---\napiVersion: prism.io/v1alpha1\nkind: PrismStack\nmetadata: {name: a, finalizers: [x/y]}\nspec: {proxy: {placement: {}}}\n",
		],
		["a stack of ours with a mistake", `---\n${head("PrismStack")}spec: {proxy: {prot: 1}}\n`],
		[
			"the name in another group",
			"---\napiVersion: example.com/v1\nkind: PrismPattern\nmetadata: {name: a}\nspec: {}\n",
		],
	])("is printed as it is written: %s", (_, text) => {
		expect(convert(text, "in.yaml")).toMatchObject({ text, converted: 0, unchanged: 1, notes: 0, errors: [] });
	});

	it("keeps its place between what is converted", () => {
		const other = "---\napiVersion: v1\nkind: Secret # as it was\nmetadata: {name: a}\n";
		const result = convert(
			`${head("PrismPattern", "a")}${runner}${other}---\n---\n${head("PrismPattern", "b")}${runner}`,
			"in",
		);
		expect(result).toMatchObject({ converted: 2, unchanged: 1 });
		expect(result.text).toContain(`\n${other}---\n`);
		expect(parseManifests(result.text, "out").map(({ object }) => `${object.kind} ${object.metadata.name}`)).toEqual([
			"PatternRunner a",
			"Secret a",
			"PatternRunner b",
		]);
	});

	it("may be an item of a List", () => {
		const items = [
			{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
			{
				apiVersion: "prism.io/v1alpha1",
				kind: "PrismPattern",
				metadata: { name: "b" },
				spec: { pattern: "a", backend: "b" },
			},
		];
		const text = textOf(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
		expect(parseManifests(text, "out").map(({ object }) => object.kind)).toEqual(["ConfigMap", "PatternRunner"]);
	});
});

describe("mistakes", () => {
	it.each([
		["no spec", head("PrismPattern"), "# spec is missing. PatternRunner it requires one. Add it."],
		["a spec that is a text", `${head("PrismPattern")}spec: x\n`, "# spec is missing."],
		["a list where a map belongs", `${head("PrismBackend")}spec: {type: a, connection: []}\n`, ""],
		["no backend", `${head("PrismPattern")}spec: {pattern: a}\n`, ""],
	])("of %s are errors of the object", (_, text, comment) => {
		const result = convert(text, "in.yaml");
		expect(result.text).toContain(comment);
		expect(result.errors[0]).toMatch(/^in\.yaml: (PatternRunner|BackendConfig) it: spec/);
	});

	it("a field that nobody knows is left out, with its value in one line", () => {
		const text = textOf(
			`${head("PrismPattern")}spec:\n  pattern: a\n  backend: b\n  odd: "x\\ny\\u2028kind: Secret"\n`,
		);
		expect(text).toContain(
			'\n  # spec.odd was "x\\ny\\u2028kind: Secret". PatternRunner has no such field. Remove it, or see kubectl explain patternrunner.spec.\n',
		);
		expect(parseManifests(text, "out")).toHaveLength(1);
	});

	it("a long value is cut", () => {
		const text = textOf(`${head("PrismPattern")}spec:\n  pattern: a\n  backend: b\n  odd: "${"x".repeat(5000)}"\n`);
		expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(400);
	});
});

describe("the command", () => {
	const operator = (args: readonly string[], input = "") =>
		spawnSync(process.execPath, [join(import.meta.dirname, "../../../cli/main.ts"), "convert", ...args], {
			encoding: "utf8",
			input,
			env: { PATH: process.env["PATH"] ?? "" },
		});

	it("reads standard input, and has messages on stderr", () => {
		const { status, stdout, stderr } = operator(["-f", "-"], `${head("PrismPattern")}${runner}`);
		expect({ status, stderr }).toEqual({ status: 0, stderr: "1 object converted, 0 unchanged, 0 comments to read\n" });
		expect(stdout).toBe(
			"---\napiVersion: prism.io/v1alpha1\nkind: PatternRunner\nmetadata:\n  name: it\nspec:\n  pattern: keyvalue\n  backend: memstore\n  service:\n    port: 8080\n",
		);
	});

	it("reads several files, and exits 1 for an object that is not whole", () => {
		const files = ["pattern", "backend"].map((name) => join(FOLDER, `${name}.in.yaml`));
		expect(operator(["-f", ...files])).toMatchObject({
			status: 0,
			stderr: expect.stringContaining("3 objects converted") as string,
		});
		const { status, stdout, stderr } = operator(["-f", "-"], head("PrismPattern"));
		expect(status).toBe(1);
		expect(stdout).toContain("kind: PatternRunner");
		expect(stderr).toContain("standard input: PatternRunner it: spec.pattern: expected required property");
	});

	it.each([
		["a file that is not there", ["-f", "none.yaml"], /cannot read none\.yaml/],
		["no manifest", ["-f", "-"], /standard input, document 1: it is not an object/],
	])("says what is wrong with %s", (_, args, says) => {
		expect(operator(args, "just a text")).toMatchObject({
			status: 1,
			stdout: "",
			stderr: expect.stringMatching(says) as string,
		});
	});
});
