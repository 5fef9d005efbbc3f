import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, test } from "vitest";
import { recordSkipped } from "../needs.ts";

// Server programs of the machine, and what becomes of their suites without them.

/** Debian keeps PostgreSQL out of PATH, and the others in a folder that only root's PATH has. */
const folders = (): string[] => {
	const versions = "/usr/lib/postgresql";
	const postgres = isThere(versions) ? readdirSync(versions).map((version) => join(versions, version, "bin")) : [];
	return [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", ...postgres];
};

const isThere = (path: string): boolean => {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
};

const find = (program: string): string | undefined =>
	folders()
		.map((folder) => join(folder, program))
		.find(isThere);

const isRequired = process.env["CI"] === "true" || process.env["PRISM_TEST_BACKENDS"] === "required";

/** Defines a suite over programs, given with their paths; where one is missing: a visible skip, or a failure where all must run. */
export function suiteWith<Name extends string>(
	title: string,
	programs: readonly Name[],
	define: (pathOf: (program: Name) => string) => void,
): void {
	const missing = programs.filter((program) => find(program) === undefined);
	describe(title, () => {
		if (missing.length === 0) {
			define((program) => find(program) ?? program);
			return;
		}
		const need = { what: missing.join(", "), how: ".ci/install-programs", isMet: false };
		if (!isRequired) return recordSkipped(need, title);
		test("its programs are there", () => {
			throw new Error(`no ${need.what} on this machine: ${need.how} installs what is missing`);
		});
	});
}
