import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ERRORS, errorBody } from "../../server/errors.ts";

// The server's errors and their page, held against each other and against what the server uses.

const ROOT = join(import.meta.dirname, "../..");
const CODES = Object.keys(ERRORS);
const codesIn = (text: string) => [...new Set(text.match(/PRISM_ERR_[A-Z_]+/g) ?? [])].toSorted();

test("every code is documented, and every documented code exists", () => {
	expect(codesIn(readFileSync(join(ROOT, "docs/reference/errors.md"), "utf8"))).toEqual(CODES.toSorted());
});

test("every code is used, and none beside the table", () => {
	const files = globSync("server/**/*.ts", { cwd: ROOT, exclude: ["server/errors.ts"] });
	const used = files.flatMap((file) => codesIn(readFileSync(join(ROOT, file), "utf8")));
	expect([...new Set(used)].toSorted()).toEqual(CODES.toSorted());
});

test("a value is put in as it is", () => {
	expect(errorBody("PRISM_ERR_WRONG_METHOD", "$&")).toEqual({
		code: "PRISM_ERR_WRONG_METHOD",
		error: "this path answers $& only",
	});
});
