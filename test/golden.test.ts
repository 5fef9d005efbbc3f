import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { CASE_PARTS } from "../plugin/record/golden-case.ts";
import { type Case, casesIn, filesIn, rendered } from "./golden-cases.ts";

// Every <case>.in.yaml below test/golden, and every sample of the documents, rendered and compared with <case>.out.yaml.
// UPDATE=1 writes what is rendered; the difference is then for a person to judge.
//
//   <case>.observed.yaml      children that exist already
//   <case>.related.yaml       objects that the hooks relate to
//   <case>.answers.yaml       what instances say when they are asked
//   <case>.installation.yaml  what the installation sets other than by default
//
// With a <case>.call.yaml it is one call that `prism-operator record` saved: plugin/record/golden-case.ts has its parts.

const GOLDEN = join(import.meta.dirname, "golden");
const DOCUMENTS = join(import.meta.dirname, "../samples/documents");

const cases: Case[] = [
	...casesIn(GOLDEN),
	...filesIn(DOCUMENTS, ".yaml").map((file) => {
		const name = `documents/${file.slice(0, -".yaml".length)}`;
		return { name, input: join(DOCUMENTS, file), stem: join(GOLDEN, name) };
	}),
];

describe("golden", () => {
	it.each(cases)("$name", (golden) => {
		const actual = rendered(golden);
		const out = `${golden.stem}.out.yaml`;
		if (process.env["UPDATE"] === "1") {
			mkdirSync(dirname(out), { recursive: true });
			writeFileSync(out, actual);
		}
		expect(existsSync(out), `${out} is missing: look at the output, then write it with UPDATE=1`).toBe(true);
		expect(actual).toBe(readFileSync(out, "utf8"));
	});

	it("has no file that belongs to no case", () => {
		const known = new Set(
			cases.flatMap(({ stem, input }) => [input, ...CASE_PARTS.map((part) => `${stem}.${part}.yaml`)]),
		);
		const there = [GOLDEN, join(GOLDEN, "documents")].flatMap((folder) =>
			filesIn(folder, ".yaml").map((name) => join(folder, name)),
		);
		expect(there.filter((path) => !known.has(path))).toEqual([]);
	});
});
