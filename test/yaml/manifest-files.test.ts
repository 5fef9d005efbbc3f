import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { manifestFiles } from "../../yaml/manifest-files.ts";
import { ManifestError } from "../../yaml/manifests.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "prism-manifests-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));
for (const folder of ["in", "empty/in"]) mkdirSync(join(FOLDER, folder), { recursive: true });
for (const file of ["b.yml", "a.yaml", "c.json", "d.txt", "in/e.yaml", "empty/in/f.yaml"])
	writeFileSync(join(FOLDER, file), "");
const found = (named: readonly string[], options?: { recursive: boolean }) =>
	manifestFiles(named, options).map((path) => path.replace(`${FOLDER}/`, ""));

it.each([
	["a folder means its manifests, in order", [FOLDER], undefined, ["a.yaml", "b.yml", "c.json"]],
	[
		"and those of its subfolders",
		[FOLDER],
		{ recursive: true },
		["a.yaml", "b.yml", "c.json", "empty/in/f.yaml", "in/e.yaml"],
	],
	["a file is taken as it is", [join(FOLDER, "d.txt"), "gone.yaml"], undefined, ["d.txt", "gone.yaml"]],
	["- is standard input", ["-"], undefined, ["-"]],
])("%s", (_what, named, options, files) => {
	expect(found(named, options)).toEqual(files);
});

it("a folder without manifests is a mistake", () => {
	expect(() => found([join(FOLDER, "empty")])).toThrow(ManifestError);
	expect(found([join(FOLDER, "empty")], { recursive: true })).toEqual(["empty/in/f.yaml"]);
});
