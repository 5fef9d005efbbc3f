import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
	ManifestError,
	MOST_LEVELS,
	parseDocuments,
	parseManifests,
	printManifests,
	readManifests,
	readText,
} from "../../yaml/manifests.ts";

describe("a value is read as kubectl reads it", () => {
	it.each([
		["yes", true],
		["Off", false],
		["'yes'", "yes"],
		["0644", 420],
		["0o644", 420],
		["0x1F", 31],
		["0b11", 3],
		["-7", -7],
		["+7", 7],
		["1_000", 1000],
		["-0", 0],
		["089", 89],
		["1:30", "1:30"],
		["1.5", 1.5],
		["1e3", 1000],
		["~", null],
		["2026-01-01", "2026-01-01"],
	])("%s is %j", (text, value) => {
		expect(parseDocuments(`v: ${text}`, "f")).toEqual([{ v: value }]);
	});

	it("merge keys, several documents, and JSON", () => {
		expect(parseDocuments("a: &a {x: 1}\nb: {<<: *a, z: 2}", "f")).toEqual([{ a: { x: 1 }, b: { x: 1, z: 2 } }]);
		expect(parseDocuments('---\n{"a": 1}\n---\nb: 2\n', "f")).toEqual([{ a: 1 }, { b: 2 }]);
	});
});

const bomb = `a: &a [${"x,".repeat(1000)}]\nb: &b [${"*a,".repeat(1000)}]\nc: [*b]\n`;

it.each([
	["no YAML", "a: [", "cannot parse f"],
	["too many levels", "[".repeat(MOST_LEVELS + 10), "cannot parse f"],
	["few lines that stand for millions of values", bomb, "its aliases stand for more than"],
])("%s is refused", (_what, text, words) => {
	expect(() => parseDocuments(text, "f")).toThrow(ManifestError);
	expect(() => parseDocuments(text, "f")).toThrow(words);
});

const object = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });

describe("manifests", () => {
	const namesIn = (text: string) => parseManifests(text, "f").map((manifest) => manifest.object.metadata.name);

	it("are the objects of all documents and of Lists, also of Lists in Lists", () => {
		const list = (...items: object[]) => ({ apiVersion: "v1", kind: "List", metadata: {}, items });
		expect(namesIn(printManifests([object("a"), null, list(object("b"), list(object("c")))]))).toEqual(["a", "b", "c"]);
		expect(namesIn("---\n---\n# nothing\n")).toEqual([]);
	});

	it.each([
		["text", "document 1: it is not an object"],
		["kind: A", "apiVersion is missing"],
		["apiVersion: v1", "kind is missing"],
		["{apiVersion: v1, kind: A}", "metadata.name is missing"],
		["{apiVersion: v1, kind: A, metadata: {name: 5}}", 'metadata.name must be a string: quote it, "5"'],
		["{apiVersion: v1, kind: A, metadata: {name: [a]}}", "metadata.name must be a string"],
		["{apiVersion: v1, kind: A, metadata: {name: a}}\n---\nkind: A", "document 2: apiVersion is missing"],
	])("%j is none", (text, words) => {
		expect(() => parseManifests(text, "f")).toThrow(ManifestError);
		expect(() => parseManifests(text, "f")).toThrow(words);
	});

	it("are printed so that they are read as they were", () => {
		const objects = [object("a"), { ...object("b"), data: { on: "yes", mode: "0644", text: "a\nb" } }];
		expect(parseManifests(printManifests(objects), "f").map((manifest) => manifest.object)).toEqual(objects);
	});

	it("are read from a file, which an error names", () => {
		const folder = mkdtempSync(join(tmpdir(), "prism-manifests-"));
		try {
			const file = join(folder, "a.yaml");
			writeFileSync(file, printManifests([object("a")]));
			expect(readManifests(file)).toEqual([{ source: file, object: object("a") }]);
			expect(() => readText(join(folder, "gone"), "gone.yaml")).toThrow("cannot read gone.yaml: ENOENT");
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
