import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as collector from "./collector.ts";
import { ROOT, testFiles } from "./scope.ts";

it("the tests that are to find mutants use nothing of vitest that the collector lacks", () => {
	const known = new Set([...Object.keys(collector), "expect"]);
	const missing = testFiles().flatMap((file) => {
		const [, names = ""] = /^import \{([^}]*)\} from "vitest"/m.exec(readFileSync(join(ROOT, file), "utf8")) ?? [];
		return names
			.split(",")
			.map((name) => name.trim())
			.filter((name) => name !== "" && !known.has(name))
			.map((name) => `${file}: ${name}`);
	});
	expect(missing).toEqual([]);
});
