import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { folder, program } from "../../devcluster/kind/programs.ts";

// The steps that leave the machine, on programs that write down how they were called.

// Each test starts processes, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 90_000 });

const ROOT = join(import.meta.dirname, "../../..");
const DIGEST = `sha256:${"a".repeat(64)}`;

const machine = (scripts: Readonly<Record<string, string>>) => {
	const home = folder();
	for (const [name, script] of Object.entries(scripts))
		program(home, name, `echo "${name} $*" >> ${home}/calls\n${script}`);
	mkdirSync(join(home, "dist"));
	for (const name of ["SHA256SUMS", "release-notes.md", "install.yaml"]) writeFileSync(join(home, "dist", name), "");
	const run = async (file: string, ...args: readonly string[]) => {
		const env = { PATH: `${home}:/usr/bin:/bin`, HOME: home };
		const call = promisify(execFile)(process.execPath, [join(ROOT, file), ...args], { cwd: home, env });
		const { code, stdout, stderr } = await call.then(
			(output) => ({ code: 0, ...output }),
			(error: { code: number; stdout: string; stderr: string }) => error,
		);
		const calls = existsSync(`${home}/calls`) ? readFileSync(`${home}/calls`, "utf8").trim().split("\n") : [];
		return { code, stdout, stderr, calls };
	};
	return { home, run };
};

const PUBLISH = "hack/release/publish.ts";
const ALL = {
	cosign: "",
	gh: "",
	helm: `echo "Pushed: ghcr.io/prism/charts/prism-operator:1.2.3" >&2; echo "Digest: ${DIGEST}" >&2`,
};

describe("publishing", () => {
	it("signs an image by its digest, and nothing else", async () => {
		const { run } = machine(ALL);
		expect(await run(PUBLISH, "sign", "ghcr.io/prism/prism-operator:v1.2.3")).toMatchObject({ code: 1, calls: [] });
		const { code, calls } = await run(PUBLISH, "sign", `ghcr.io/prism/prism-operator@${DIGEST}`);
		expect({ code, calls }).toEqual({ code: 0, calls: [`cosign sign --yes ghcr.io/prism/prism-operator@${DIGEST}`] });
	});

	it("pushes the chart, and signs what the registry has", async () => {
		const { run } = machine(ALL);
		const { code, calls } = await run(PUBLISH, "chart", "1.2.3", "ghcr.io/prism/charts");
		expect(code).toBe(0);
		expect(calls).toEqual([
			"helm push dist/prism-operator-1.2.3.tgz oci://ghcr.io/prism/charts",
			`cosign sign --yes ghcr.io/prism/charts/prism-operator@${DIGEST}`,
		]);
	});

	it("signs nothing when helm does not say what it pushed", async () => {
		const { code, stderr, calls } = await machine({ ...ALL, helm: "" }).run(PUBLISH, "chart", "1.2.3", "ghcr.io/x");
		expect(code).toBe(1);
		expect(stderr).toContain("cannot sign the chart: helm returned no digest");
		expect(calls).toHaveLength(1);
	});

	it.each([
		["1.2.3", ""],
		["1.2.3-rc.1", " --prerelease"],
	])("makes a release of %s with its files, of a tag that is there", async (version, prerelease) => {
		const cosign = 'case "$1" in sign-blob) touch dist/SHA256SUMS.sigstore.json;; esac';
		const { code, calls } = await machine({ ...ALL, cosign }).run(PUBLISH, "release", version);
		expect(code).toBe(0);
		expect(calls).toEqual([
			"cosign sign-blob --yes --bundle dist/SHA256SUMS.sigstore.json dist/SHA256SUMS",
			`gh release create v${version} --verify-tag --title v${version} --notes-file dist/release-notes.md${prerelease} ` +
				"dist/SHA256SUMS dist/SHA256SUMS.sigstore.json dist/install.yaml",
		]);
	});

	it("makes no release when the signature fails, and says why", async () => {
		const cosign = "echo 'no identity token' >&2; exit 1";
		const { code, stderr, calls } = await machine({ ...ALL, cosign }).run(PUBLISH, "release", "1.2.3");
		expect(code).toBe(1);
		expect(stderr).toContain("no identity token");
		expect(calls).toHaveLength(1);
	});
});

describe("the real Metacontroller", () => {
	const CONTAINER = "c".repeat(64);
	const docker = `case "$1" in
		create) echo "WARNING: another platform" >&2; echo ${CONTAINER};;
		cp) echo '#!/bin/sh' > "$3";;
	esac`;

	it("comes out of its image once, and the container is removed", async () => {
		const { run, home } = machine({ docker });
		const first = await run("hack/metacontroller-image.ts");
		expect(first.stderr).toBe("");
		expect(first.stdout).toMatch(new RegExp(`^${home}/.cache/prism-operator/metacontroller/v\\S+/metacontroller\n$`));
		expect(existsSync(first.stdout.trim())).toBe(true);
		expect(first.calls.map((line) => line.replace(/ \S*\/\.metacontroller\.\d+$/, " FILE"))).toEqual([
			expect.stringMatching(/^docker pull --quiet ghcr\.io\/metacontroller\/metacontroller:v\d/),
			expect.stringMatching(/^docker create ghcr\.io/),
			`docker cp ${CONTAINER}:/usr/bin/metacontroller FILE`,
			`docker rm ${CONTAINER}`,
		]);
		expect((await run("hack/metacontroller-image.ts")).calls).toEqual(first.calls);
	});

	it("is missed with a cause", async () => {
		const { code, stderr } = await machine({ docker: "echo 'no such image' >&2; exit 1" }).run(
			"hack/metacontroller-image.ts",
		);
		expect(code).toBe(1);
		expect(stderr).toMatch(/^error: cannot get Metacontroller out of ghcr\.io.*: docker pull: no such image$/m);
	});
});
