import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Value } from "@sinclair/typebox/value";
import { describe, expect, it } from "vitest";
import { readAnswers } from "../cli/answers.ts";
import { parseDocuments, parseManifests, printManifests } from "../cli/manifests.ts";
import { render } from "../cli/render.ts";
import type { KubeObject } from "../schemas/common.ts";
import { Installation } from "../schemas/installation.ts";

// Every <case>.in.yaml below test/golden, and every sample of the documents, rendered and compared with <case>.out.yaml.
// UPDATE=1 writes what is rendered; the difference is then for a person to judge.
//
//   <case>.observed.yaml      children that exist already
//   <case>.related.yaml       objects that the hooks relate to
//   <case>.answers.yaml       what instances say when they are asked
//   <case>.installation.yaml  what the installation sets other than by default

const GOLDEN = join(import.meta.dirname, "golden");
const DOCUMENTS = join(import.meta.dirname, "../samples/documents");
const NOW = "2026-01-01T00:00:00Z";

interface Case {
	readonly name: string;
	readonly input: string;
	/** Path without its ending, of everything else that belongs to the case. */
	readonly stem: string;
}

const filesIn = (folder: string, ending: string): string[] =>
	readdirSync(folder)
		.filter((name) => name.endsWith(ending))
		.toSorted();

const cases: Case[] = [
	...filesIn(GOLDEN, ".in.yaml").map((file) => {
		const name = file.slice(0, -".in.yaml".length);
		return { name, input: join(GOLDEN, file), stem: join(GOLDEN, name) };
	}),
	...filesIn(DOCUMENTS, ".yaml").map((file) => {
		const name = `documents/${file.slice(0, -".yaml".length)}`;
		return { name, input: join(DOCUMENTS, file), stem: join(GOLDEN, name) };
	}),
];

const objectsIn = (path: string): KubeObject[] =>
	existsSync(path) ? parseManifests(readFileSync(path, "utf8"), path).map(({ object }) => object) : [];

const installationOf = (path: string): Installation => {
	const [changes] = existsSync(path) ? parseDocuments(readFileSync(path, "utf8"), path) : [];
	return Value.Decode(Installation, Value.Default(Installation, changes ?? {}));
};

const rendered = ({ input, stem }: Case): string =>
	printManifests(
		render(
			{
				manifests: objectsIn(input),
				observed: objectsIn(`${stem}.observed.yaml`),
				related: objectsIn(`${stem}.related.yaml`),
				...(existsSync(`${stem}.answers.yaml`) && { told: readAnswers(`${stem}.answers.yaml`) }),
				tree: true,
			},
			{ now: NOW, installation: installationOf(`${stem}.installation.yaml`) },
		),
	);

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
			cases.flatMap(({ stem, input }) => [
				input,
				...["out", "observed", "related", "answers", "installation"].map((part) => `${stem}.${part}.yaml`),
			]),
		);
		const there = [GOLDEN, join(GOLDEN, "documents")].flatMap((folder) =>
			filesIn(folder, ".yaml").map((name) => join(folder, name)),
		);
		expect(there.filter((path) => !known.has(path))).toEqual([]);
	});
});
