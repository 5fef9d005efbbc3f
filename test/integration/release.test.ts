import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControlPlane } from "../../devcluster/control-plane/control-plane.ts";
import { writeRelease } from "../../hack/release/dist.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { RELEASE } from "../../server/release.ts";
import { only, template } from "../charts/helm.ts";
import { CLUSTER_TIMEOUT, startTestCluster, testBinaries } from "../cluster.ts";
import { eventually } from "./installed.ts";

// The files of a release, as somebody has them who has nothing else: kubectl, and a cluster.

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "prism-released-"));
const dist = join(folder, "dist");
const empty = join(folder, "empty");
const DEPLOYMENT = "prism-operator-controller-manager";

interface Outcome {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

describe("what is released", () => {
	let cluster: ControlPlane;
	let program = "";
	beforeAll(async () => {
		({ kubectl: program } = await testBinaries());
		await writeRelease({
			root: ROOT,
			version: RELEASE,
			changelog: `## ${RELEASE} - 2026-01-01\n\n- A change\n`,
			dist,
			executables: false,
			log: () => {},
		});
		await promisify(execFile)("mkdir", [empty]);
		await promisify(execFile)("tar", ["-xzf", join(dist, `kubectl-prism-${RELEASE}.tar.gz`), "-C", empty]);
		cluster = await startTestCluster();
	}, CLUSTER_TIMEOUT);
	afterAll(async () => {
		await cluster?.stop();
		rmSync(folder, { recursive: true, force: true });
	}, 60_000);

	/** With kubectl, the plugin, and the Node of the PATH, from a folder with nothing else in it. */
	const kubectl = (...args: readonly string[]): Promise<Outcome> =>
		new Promise((resolve) => {
			const env = {
				PATH: [empty, dirname(program), dirname(process.execPath), "/usr/bin", "/bin"].join(":"),
				HOME: empty,
				KUBECONFIG: cluster.kubeconfig,
			};
			execFile(program, args, { env, cwd: empty, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
				resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
			);
		});
	const apply = (name: string) => kubectl("apply", "--server-side", "--filename", join(dist, name));

	it("installs the operator with Metacontroller by two applies", { timeout: 180_000 }, async () => {
		expect((await kubectl("create", "namespace", "prism-system")).code).toBe(0);
		// As the file's first lines say: the first time makes the CRDs, and nothing else is wrong.
		const first = await apply("install-with-metacontroller.yaml");
		const complaints = first.stderr
			.split("\n")
			.filter((line) => line !== "" && !/^(resource mapping not found|ensure CRDs)/.test(line));
		expect(complaints).toEqual([]);
		const { code, stderr, stdout } = await apply("install-with-metacontroller.yaml");
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
		for (const { name } of REGISTRY)
			expect(stdout).toContain(`controller.metacontroller.k8s.io/${name} serverside-applied`);
		expect(stdout).toContain(`deployment.apps/${DEPLOYMENT} serverside-applied`);
		// The smaller file is a part of it: whoever has Metacontroller applies that one, and nothing is fought over.
		for (const name of ["crds.yaml", "install.yaml"])
			expect(await apply(name), name).toMatchObject({ code: 0, stderr: "" });
	});

	it("has a chart whose CRDs let objects be filtered", { timeout: 180_000 }, async () => {
		const crds = only(await template(), "CustomResourceDefinition").filter(({ metadata }) =>
			metadata.name.endsWith(".prism.io"),
		);
		const file = join(folder, "crds.json");
		writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items: crds }));
		const write = ["apply", "--server-side", "--force-conflicts", "--filename"];
		expect(await kubectl(...write, file)).toMatchObject({ code: 0, stderr: "" });
		const runner = (name: string, pattern: string) => ({
			apiVersion: "prism.io/v1alpha1",
			kind: "PatternRunner",
			metadata: { name, namespace: "default" },
			spec: { pattern, backend: "memstore" },
		});
		const objects = join(folder, "runners.json");
		writeFileSync(
			objects,
			JSON.stringify({ apiVersion: "v1", kind: "List", items: [runner("one", "keyvalue"), runner("two", "queue")] }),
		);
		expect(await kubectl(...write, objects)).toMatchObject({ code: 0 });
		await eventually(async () => {
			const found = await kubectl("get", "patternrunners", "-o", "name", "--field-selector", "spec.pattern=queue");
			expect(found).toMatchObject({ code: 0, stdout: "patternrunner.prism.io/two\n" });
		});
	});

	it("has no field in its files that only newer API servers know: older ones would refuse the whole object", {
		timeout: 60_000,
	}, async () => {
		for (const name of ["crds.yaml", "install.yaml", "install-with-metacontroller.yaml"])
			expect(readFileSync(join(dist, name), "utf8"), name).not.toMatch(/^ +(selectableFields|sleep):/m);
		// What an older one does, seen at this one with a field that no API server knows.
		const file = join(folder, "newer.yaml");
		const [, definition = ""] = readFileSync(join(dist, "crds.yaml"), "utf8").split("\n---\n");
		expect(definition).toContain("\n    storage: true\n");
		writeFileSync(file, definition.replace("\n    storage: true\n", "\n    storage: true\n    tomorrowsFields: []\n"));
		for (const flag of ["--server-side", "--validate=strict"]) {
			const { code, stderr } = await kubectl("apply", flag, "--filename", file);
			expect(code, flag).toBe(1);
			expect(stderr).toMatch(
				/tomorrowsFields: field not declared in schema|unknown field "spec\.versions\[0\]\.tomorrowsFields"/,
			);
		}
	});

	it("has a plugin that tells both releases, and warns when they differ", { timeout: 180_000 }, async () => {
		const operator = (release: string) => `Client    v${RELEASE}\nOperator  v${release}  prism-system/${DEPLOYMENT}\n`;
		expect(await kubectl("prism", "version")).toEqual({ code: 0, stdout: operator(RELEASE), stderr: "" });
		const image = "hooks=ghcr.io/prism/prism-operator:v9.9.9";
		expect(await kubectl("set", "image", `deployment/${DEPLOYMENT}`, image, "-n", "prism-system")).toMatchObject({
			code: 0,
		});
		expect(await kubectl("prism", "version")).toEqual({
			code: 0,
			stdout: operator("9.9.9"),
			stderr: `warning: this program is v${RELEASE}, and prism-system/${DEPLOYMENT} is v9.9.9: use the kubectl-prism of the same release\n`,
		});
		const { stdout } = await kubectl("prism", "version", "-o", "json");
		expect(JSON.parse(stdout)).toMatchObject({ client: RELEASE, operators: [{ release: "9.9.9" }] });
	});
});
