import { execFile } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, vi } from "vitest";
import { folder, program } from "../devcluster/kind/programs.ts";

// Each test starts processes, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 90_000 });

const ROOT = join(import.meta.dirname, "../..");

/** Pins a copy of the Dockerfile, with a docker that does this. */
const pin = async (script: string, file = join(ROOT, "Dockerfile")) => {
	const bin = folder();
	const copy = join(bin, "Dockerfile");
	copyFileSync(file, copy);
	program(bin, "docker", `echo "$*" >> ${bin}/calls\n${script}`);
	const call = promisify(execFile)(process.execPath, [join(ROOT, "hack/pin-images.ts"), copy], {
		env: { PATH: `${bin}:/usr/bin:/bin` },
	});
	const { code, stderr } = await call.then(
		() => ({ code: 0, stderr: "" }),
		(error: { code: number; stderr: string }) => error,
	);
	return { copy, code, stderr, text: readFileSync(copy, "utf8"), calls: readFileSync(`${bin}/calls`, "utf8") };
};

const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${"b".repeat(64)}`;
const before = readFileSync(join(ROOT, "Dockerfile"), "utf8").replaceAll(/@sha256:[0-9a-f]{64}/g, "");

it("writes the digest behind each tag, and nothing else", async () => {
	const { code, text, calls, copy } = await pin(`echo ${A}`);
	expect(code).toBe(0);
	expect(text.replaceAll(`@${A}`, "")).toBe(before);
	expect(text.match(/^FROM .*$/gm)).toEqual(
		before.match(/^FROM .*$/gm)?.map((line) => line.replace(/^(FROM \S+:\S+)/, `$1@${A}`)),
	);
	expect(calls).toMatch(/^buildx imagetools inspect \S+ --format \{\{\.Manifest\.Digest\}\}$/m);
	// Again, with another digest.
	expect((await pin(`echo ${B}`, copy)).text).toBe(text.replaceAll(A, B));
});

it.each([
	["the registry does not answer", "echo 'no such host' >&2; exit 1", "no such host"],
	["what it answers is no digest", "echo latest", '"latest" is not a digest'],
	["one of the images is not found", `case "$*" in *distroless*) exit 1;; *) echo ${A};; esac`, "distroless"],
])("leaves the file as it is when %s", async (_title, script, cause) => {
	const { code, text, stderr } = await pin(script);
	expect(code).toBe(1);
	expect(stderr).toMatch(/^cannot pin /);
	expect(stderr).toContain(cause);
	expect(text.replaceAll(/@sha256:[0-9a-f]{64}/g, "")).toBe(before);
	expect(text).not.toContain(A);
});
