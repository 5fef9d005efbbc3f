import { describe, expect, it } from "vitest";
import { completionsOf, completionText } from "../../../plugin/completion/completion.ts";
import { pluginProgram } from "../../../plugin/program.ts";

const complete = (...words: string[]) => {
	const { words: found, ...rest } = completionsOf(pluginProgram(), words);
	return { ...rest, words: found.map((word) => word.split("\t")[0]) };
};

describe("completion", () => {
	it.each([
		["commands behind a namespace", ["-n", "team", "wh"], { words: ["why", "where"], files: false }],
		["commands", ["wh"], { words: ["why", "where"], files: false }],
		["a command's flags", ["status", "--o"], { words: ["--output"], files: false }],
		["a flag's values", ["tree", "-o", "m"], { words: ["mermaid"], files: false }],
		["a flag's values behind =", ["tree", "--output=d"], { words: ["--output=dot"], files: false }],
		["namespaces", ["status", "-n", ""], { words: [], lookup: "namespaces", files: false }],
		["contexts", ["why", "--context", "x"], { words: [], lookup: "contexts", files: false }],
		["objects", ["why", ""], { words: [], lookup: "objects", files: false }],
		["objects behind flags", ["why", "-n", "shop", "prism"], { words: [], lookup: "objects", files: false }],
		["plugins", ["rollback", ""], { words: [], lookup: "plugins", files: false }],
		["tenants", ["where", ""], { words: [], lookup: "tenants", files: false }],
		["files", ["validate", "-f", ""], { words: [], files: true }],
		["files to convert", ["convert", "--filename", ""], { words: [], files: true }],
		["a flag of convert", ["convert", "--r"], { words: ["--recursive"], files: false }],
		["nothing where nothing may stand", ["doctor", ""], { words: [], files: false }],
		["nothing behind an unknown command", ["nope", ""], { words: [], files: false }],
	])("offers %s", (_, words, expected) => expect(complete(...words)).toEqual(expected));

	it("is written as kubectl reads it", () => {
		expect(completionText(["why\tthe first cause"], false)).toBe("why\tthe first cause\n:4\n");
		expect(completionText([], true)).toBe(":0\n");
	});

	it("has a description for every command", () => {
		for (const word of completionsOf(pluginProgram(), [""]).words) expect(word).toMatch(/^\w+\t\S.{10}/);
	});
});
