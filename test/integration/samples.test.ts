import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { ROOT, samples } from "../samples.ts";
import { ensureNamespaces, eventually } from "./installed.ts";
import { type Line, startLine } from "./line.ts";

// Every sample of the project on one real kube-apiserver, by the commands in its own first lines. The probes of backends
// really run, and nothing answers them: what has its backend checked gets as far as that, and says so.

const MAIN = join(ROOT, "cli/main.ts");
const SAMPLES = samples();
/** All of them are on their way at once. */
const PATIENCE_SECONDS = 150;

let line: Line;
/** Where the commands are run: the files are there that they name. */
let folder = "";

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "prism-samples-"));
	symlinkSync(join(ROOT, "samples"), join(folder, "samples"));
	for (const name of ["ca.crt", "tls.crt", "tls.key"]) writeFileSync(join(folder, name), "not looked into");
	line = await startLine({
		name: "local",
		metacontroller: "",
		resyncSeconds: 15,
		probeCommand: [process.execPath, MAIN],
	});
	await ensureNamespaces(line.cluster.store, ["default"]);
}, CLUSTER_TIMEOUT);
afterAll(async () => {
	await line?.stop();
	rmSync(folder, { recursive: true, force: true });
}, 60_000);

const shell = async (command: string): Promise<string> => {
	const { kubectl } = await testBinaries();
	const { stdout } = await promisify(execFile)("bash", ["-c", command], {
		cwd: folder,
		env: {
			...process.env,
			PATH: `${dirname(kubectl)}:${process.env["PATH"]}`,
			KUBECONFIG: line.cluster.kubeconfig ?? "",
		},
	});
	return stdout;
};

const readyOf = async ({ kind, metadata }: KubeObject) => {
	const object = await line.get(kind, metadata.name, metadata.namespace);
	const ready = conditionOf(object, "Ready");
	expect(ready?.observedGeneration).toBe(object.metadata.generation);
	return ready;
};

it("applies all of them, with the Secrets that they name", { timeout: 120_000 }, async () => {
	const creations = SAMPLES.flatMap(({ commands }) => commands.filter((text) => text.startsWith("kubectl create")));
	for (const creation of creations) expect(await shell(creation)).toContain("created");
	const files = SAMPLES.map(({ name }) => {
		// Whether a Redis runs on this machine is not for this test to know.
		const text = readFileSync(join(ROOT, "samples", name), "utf8").replace(
			"redis://127.0.0.1:6379",
			"redis://127.0.0.1:1",
		);
		const file = name.replaceAll("/", "-");
		writeFileSync(join(folder, file), text);
		return file;
	});
	const applied = await shell(`kubectl apply ${files.map((file) => `-f ${file}`).join(" ")}`);
	expect(applied.match(/ created$/gm)).toHaveLength(SAMPLES.flatMap(({ objects }) => objects).length);
});

it.each(SAMPLES.filter(({ checked }) => !checked))("makes $name Ready", { timeout: 180_000 }, async ({ objects }) => {
	for (const object of objects)
		await eventually(async () => {
			const ready = await readyOf(object);
			expect(`${ready?.status} ${ready?.reason}: ${ready?.message}`).toMatch(/^True/);
		}, PATIENCE_SECONDS);
});

it.each(SAMPLES.filter(({ checked }) => checked))(
	"makes all of $name Ready but the backends that don't answer, and says so",
	{ timeout: 180_000 },
	async ({ objects }) => {
		for (const object of objects) {
			await eventually(async () => {
				const ready = await readyOf(object);
				expect([ready?.status, ready?.reason]).toEqual(["False", "BackendNotReady"]);
				expect(ready?.message).toContain("BackendUnhealthy");
			}, PATIENCE_SECONDS);
			const { name, namespace } = object.metadata;
			const owned = (kind: string) => shell(`kubectl get ${kind} -n ${namespace} -l stack=${name} -o json`);
			for (const workload of JSON.parse(await owned("deployment")).items as KubeObject[]) {
				// Only the probes wait for an answer.
				const available = conditionOf(workload, "Available")?.status;
				expect([workload.metadata.name, available]).toEqual([
					workload.metadata.name,
					workload.metadata.name.endsWith("-probe") ? "False" : "True",
				]);
			}
		}
	},
);

it("shows something with every command that looks", { timeout: 120_000 }, async () => {
	const looks = SAMPLES.flatMap(({ commands }) => commands.filter((command) => command.startsWith("kubectl get")));
	expect(looks.length).toBeGreaterThan(SAMPLES.length);
	// One that watches would never end.
	for (const look of looks) expect(await shell(look.replace(" --watch", "")), look).toMatch(/\S/);
});
