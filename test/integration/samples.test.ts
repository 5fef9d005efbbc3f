import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, testBinaries } from "../cluster.ts";
import { ROOT, recordsNamed, samples } from "../samples.ts";
import { ensureNamespaces, eventually, pause } from "./installed.ts";
import { type Line, METACONTROLLER, startLine } from "./line.ts";

// Every sample of the project on one real kube-apiserver, by the commands in its own first lines. The probes of backends
// really run, and nothing answers them: what has its backend checked gets as far as that, and says so.

const PROBE = join(ROOT, "probe/start.ts");
const SAMPLES = samples();
/** All of them are on their way at once. */
const PATIENCE_SECONDS = 150;

/** Seconds between two syncs of an object to which nothing happened. */
const RESYNC = 15;

let line: Line;
/** Where the commands are run: the files are there that they name. */
let folder = "";

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "prism-samples-"));
	symlinkSync(join(ROOT, "samples"), join(folder, "samples"));
	for (const name of ["ca.crt", "tls.crt", "tls.key"]) writeFileSync(join(folder, name), "not looked into");
	line = await startLine({
		name: "local",
		metacontroller: METACONTROLLER,
		// Proxies of several stacks keep apart from each other.
		nodes: 24,
		resyncSeconds: RESYNC,
		probeCommand: [process.execPath, PROBE],
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

it("makes the others Ready too, once nobody checks their backends", { timeout: 180_000 }, async () => {
	const objects = SAMPLES.filter(({ checked }) => checked).flatMap((sample) => sample.objects);
	for (const { kind, metadata } of objects)
		await line.edit(
			kind,
			metadata.name,
			(spec) => {
				for (const check of recordsNamed(spec, "healthCheck")) check["enabled"] = false;
				return spec;
			},
			metadata.namespace,
		);
	for (const object of objects)
		await eventually(async () => {
			const ready = await readyOf(object);
			expect(`${ready?.status} ${ready?.reason}: ${ready?.message}`).toMatch(/^True/);
		}, PATIENCE_SECONDS);
});

it("is quiet for two resyncs after that: no object moves, and nobody sends a write", { timeout: 180_000 }, async () => {
	const applied = SAMPLES.flatMap(({ objects }) => objects);
	const autoscalers = await line.resource("HorizontalPodAutoscaler");
	// The real autoscaler looks every 15 s, and notes the first time that it has no metrics.
	await eventually(async () => {
		for (const autoscaler of (await line.cluster.store.list(autoscalers)).items)
			expect(conditionOf(autoscaler, "ScalingActive")?.status).toBe("False");
	}, 60);
	// Figures of shards and namespaces are written once a minute.
	await pause(2000);
	const isFigured = (name: string) => name.startsWith("PrismShard ") || name.startsWith("PrismNamespace ");
	const [before, calls, writes] = [await line.versions(applied), line.calls(), await line.writes()];
	expect(Object.keys(before).length).toBeGreaterThan(60);
	await pause(2.5 * RESYNC * 1000);
	expect(line.calls() - calls).toBeGreaterThanOrEqual(2 * applied.length);
	const after = await line.versions(applied);
	const moved = Object.keys(after).filter((name) => after[name] !== before[name]);
	expect(moved.filter((name) => !isFigured(name))).toEqual([]);
	expect((await line.writes()) - writes).toBeLessThanOrEqual(moved.length);
});

it("shows something with every command that looks", { timeout: 120_000 }, async () => {
	const looks = SAMPLES.flatMap(({ commands }) => commands.filter((command) => command.startsWith("kubectl get")));
	expect(looks.length).toBeGreaterThan(SAMPLES.length);
	// One that watches would never end.
	for (const look of looks) expect(await shell(look.replace(" --watch", "")), look).toMatch(/\S/);
});
