import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeRelease } from "../../../hack/release/dist.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { RELEASE } from "../../../server/release.ts";
import { parseManifests } from "../../../yaml/manifests.ts";
import { HELM_TIMEOUT, helm, set, template } from "../../charts/helm.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../../cluster.ts";

// The files of a release, without those that need another platform's Node.

const ROOT = join(import.meta.dirname, "../../..");
const run = promisify(execFile);

describe("the files of a release", () => {
	const folder = mkdtempSync(join(tmpdir(), "prism-dist-"));
	const dist = join(folder, "one");
	const write = (path: string) =>
		writeRelease({
			root: ROOT,
			version: RELEASE,
			changelog: `## Unreleased\n\n## ${RELEASE} - 2026-01-01\n\n- A change\n`,
			dist: path,
			executables: false,
			log: () => {},
		});
	beforeAll(async () => {
		await helm("version");
		await testBinaries();
		await write(dist);
	}, CLUSTER_TIMEOUT + HELM_TIMEOUT);
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	const text = (name: string, path = dist) => readFileSync(join(path, name), "utf8");
	const objects = (name: string) => parseManifests(text(name), name).map(({ object }) => object);
	const nameOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;

	it("are the same bytes in two runs", { timeout: 60_000 }, async () => {
		const other = join(folder, "two");
		await write(other);
		expect(readdirSync(other)).toEqual(readdirSync(dist));
		expect(text("SHA256SUMS", other)).toBe(text("SHA256SUMS"));
	});

	it("are listed with their checksums", async () => {
		const listed = text("SHA256SUMS").trim().split("\n");
		expect(listed.map((line) => line.slice(66))).toEqual(readdirSync(dist).filter((name) => name !== "SHA256SUMS"));
		await run("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: dist });
	});

	it("bear one version", async () => {
		expect(text("release-notes.md")).toBe("- A change\n");
		const chart = join(dist, `prism-operator-${RELEASE}.tgz`);
		expect(load(await helm("show", "chart", chart))).toMatchObject({ version: RELEASE, appVersion: RELEASE });
		for (const name of ["install.yaml", "install-with-metacontroller.yaml"])
			expect(text(name)).toContain(`image: ghcr.io/prism/prism-operator:v${RELEASE}\n`);
		expect(load(text("prism.yaml"))).toMatchObject({ spec: { version: `v${RELEASE}` } });
	});

	it("have a chart that renders as the folder does", async () => {
		const values = set({ "tls.mode": "disabled", "auth.existingSecret.name": "tokens" });
		const rendered = (chart: string) => helm("template", "prism-operator", chart, ...values);
		const packed = await rendered(join(dist, `prism-operator-${RELEASE}.tgz`));
		expect(packed).toBe(await rendered("charts/prism-operator"));
	});

	it.each([
		["install.yaml", false],
		["install-with-metacontroller.yaml", true],
	])("%s has the objects of the chart, and nothing of Helm's", async (name, metacontroller) => {
		const values = {
			"tls.mode": "disabled",
			"auth.existingSecret.name": "tokens",
			"metacontroller.enabled": metacontroller,
		};
		const crds = metacontroller ? ["--include-crds"] : [];
		const chart = (await template(...set(values), ...crds)).map(nameOf);
		expect(objects(name).map(nameOf).toSorted()).toEqual([...chart, "Namespace prism-system"].toSorted());
		expect(objects(name)[0]).toMatchObject({ kind: "Namespace" });
		expect(text(name)).not.toMatch(/helm\.sh|managed-by: Helm/);
	});

	it("have a plugin that uses nothing of JavaScript that Node 20 lacks", async () => {
		const unpacked = mkdtempSync(join(folder, "script-"));
		await run("tar", ["-xzf", join(dist, `kubectl-prism-${RELEASE}.tar.gz`), "-C", unpacked]);
		const newer =
			/\b(?:Object|Map)\.groupBy\b|\.withResolvers\b|Array\.fromAsync\b|RegExp\.escape\b|Promise\.try\b|\.(?:union|intersection|difference|isSubsetOf)\(|(?<!Object)\.(?:values|keys|entries|matchAll)\([^()]*\)\.(?:map|filter|flatMap|some|every|toArray|reduce|find|take|drop|forEach)\(/;
		for (const found of ["Map.groupBy(a,b)", "a.union(b)", "x.matchAll(/a/g).map(y)", "m.values().some(z)"])
			expect(found).toMatch(newer);
		expect(newer.exec(readFileSync(join(unpacked, "kubectl-prism"), "utf8"))?.[0]).toBeUndefined();
	});

	it("have a plugin that runs from an empty folder, with the Node of the PATH", async () => {
		const empty = mkdtempSync(join(folder, "empty-"));
		await run("tar", ["-xzf", join(dist, `kubectl-prism-${RELEASE}.tar.gz`), "-C", empty]);
		expect(readdirSync(empty)).toEqual(["LICENSE", "kubectl-prism", "kubectl_complete-prism"]);
		const { kubectl } = await testBinaries();
		const env = {
			PATH: [empty, dirname(kubectl), dirname(process.execPath), "/usr/bin", "/bin"].join(":"),
			HOME: empty,
		};
		const prism = async (...args: string[]) => {
			const { stdout, stderr } = await run(kubectl, ["prism", ...args], { cwd: empty, env });
			return stdout + stderr;
		};
		expect(await prism("--version")).toBe(`v${RELEASE}\n`);
		expect(await prism("version", "--client")).toBe(`Client    v${RELEASE}\n`);
		await expect(prism("version")).rejects.toThrow(/^error: .*\n.*unreachable/m);
		expect(await prism("validate", "-f", join(ROOT, "samples/quickstart.yaml"))).toContain("0 errors");
		const { stdout } = await run(join(empty, "kubectl_complete-prism"), ["wh"], { cwd: empty, env });
		expect(stdout).toMatch(/^why\t/m);
	});
});
