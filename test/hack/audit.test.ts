import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";
import { folder, program } from "../devcluster/kind/programs.ts";

// Each test starts processes, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 90_000 });

const AUDIT = join(import.meta.dirname, "../../hack/audit.ts");

/** With an npm that writes this and ends so. */
const audit = (stdout: unknown, code: number, stderr = "") => {
	const bin = folder();
	program(bin, "npm", `cat <<'END'\n${JSON.stringify(stdout)}\nEND\necho '${stderr}' >&2\nexit ${code}`);
	return promisify(execFile)(process.execPath, [AUDIT], { env: { PATH: `${bin}:/usr/bin:/bin` } }).then(
		(output) => ({ code: 0, ...output }),
		(error: { code: number; stdout: string; stderr: string }) => error,
	);
};

const report = (vulnerabilities: unknown) => ({
	auditReportVersion: 2,
	vulnerabilities,
	metadata: { dependencies: { prod: 149, total: 493 } },
});

it("says so when nothing is known", async () => {
	expect(await audit(report({}), 0)).toMatchObject({
		code: 0,
		stdout: "no known vulnerabilities in 149 production packages\n",
	});
});

it("lists what is known, and fails", async () => {
	const { code, stderr } = await audit(report({ fastify: { severity: "high", range: "<5.12.9" } }), 1);
	expect(code).toBe(1);
	expect(stderr).toBe(
		"known vulnerabilities in 1 packages:\n  fastify <5.12.9: high\nnpm audit --omit=dev says more\n",
	);
});

it.each([
	["refuses", { message: "405 Method Not Allowed", statusCode: 405, error: { summary: "" } }, "405 Method Not Allowed"],
	["writes what is no report", [], "ENOTFOUND"],
])("fails with a code of its own when the registry %s", async (_title, stdout, cause) => {
	// Some versions of npm end with 0 here.
	for (const ending of [0, 1]) {
		const { code, stderr } = await audit(stdout, ending, "npm error ENOTFOUND");
		expect(code).toBe(2);
		expect(stderr).toMatch(/^cannot audit: the registry did not answer: .*Nothing is known either way\n$/);
		expect(stderr).toContain(cause);
	}
});

it("fails so too without npm", async () => {
	const result = promisify(execFile)(process.execPath, [AUDIT], { env: { PATH: folder() } });
	await expect(result).rejects.toMatchObject({ code: 2 });
});
