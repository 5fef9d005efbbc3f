import { join } from "node:path";
import { expect, it } from "vitest";
import { generatedDrift } from "../codegen/generate.ts";

it("finds every generated file as it would be generated: npm run generate", () => {
	expect(generatedDrift(join(import.meta.dirname, ".."))).toEqual([]);
});
