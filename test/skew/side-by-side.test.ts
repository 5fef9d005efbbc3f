import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { startCluster } from "../../devcluster/cluster.ts";
import { freePort } from "../../devcluster/free-port.ts";
import { startMetacontroller } from "../../devcluster/metacontroller/index.ts";
import type { HookCall } from "../../devcluster/metacontroller/webhook.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { valueAt } from "../../kube/object.ts";
import { rowOf } from "../../plugin/render/render.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { systemTime } from "../../server/time.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { ensureNamespaces, eventually, installKinds, pause } from "../integration/installed.ts";
import { describeWith } from "../needs.ts";
import { readBaseline } from "./baseline.ts";
import { HISTORY } from "./history.ts";

// The version before and this one, both running, and each call to the other of the two: as while replicas are replaced.
// Its sources come from the history. Where there is none, as in a shallow clone, skew.test.ts compares with what was
// recorded of it, and this is left to those who have it.

const ROOT = join(import.meta.dirname, "../..");
const { commit, version } = readBaseline();

const undo: (() => unknown)[] = [];
afterAll(async () => {
	for (const step of undo.toReversed()) await step();
}, 60_000);

/** The hooks of a checkout, as a process; answers their origin. */
const serve = async (folder: string, settings: Record<string, string> = {}): Promise<string> => {
	const port = await freePort();
	const child = spawn(process.execPath, [join(folder, "cli/main.ts"), "serve"], {
		cwd: folder,
		env: { ...settings, PORT: String(port), LOG_LEVEL: "error" },
		stdio: ["ignore", "ignore", "inherit"],
	});
	undo.push(() => child.kill("SIGKILL"));
	const origin = `http://127.0.0.1:${port}`;
	await eventually(async () => expect((await fetch(`${origin}/readyz`)).status).toBe(200), 60);
	return origin;
};

const checkedOut = (): string => {
	const folder = mkdtempSync(join(tmpdir(), "prism-skew-"));
	undo.push(() => rmSync(folder, { recursive: true, force: true }));
	const archive = execFileSync("git", ["archive", "--format=tar", commit], { cwd: ROOT, maxBuffer: 1 << 28 });
	execFileSync("tar", ["-x", "-C", folder], { input: archive });
	symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
	return folder;
};

/** Those that need no proxy: emulated ones are known by name to this process only. */
const SAMPLES = ["quickstart.yaml", "documents/memo-036-prismstack-prism-production.yaml"];

/** A cluster in which calls go to these hooks in turn, with the samples in it, Ready. */
const besideEachOther = async (origins: readonly string[]) => {
	const cluster = await startCluster({
		clock: systemTime,
		name: "memory",
		environment: {},
		log: () => {},
		confirm: async () => false,
	});
	undo.push(() => cluster.stop());
	await installKinds(cluster.store);
	await cluster.startControllers();
	const answered = origins.map(() => 0);
	let turn = 0;
	const call: HookCall = async (url, body, ...rest) => {
		const index = turn++ % origins.length;
		const response = await fetch(`${origins[index]}${new URL(url).pathname}`, {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(body),
		});
		// A hook that only the newer version has: the call is repeated until the newer one gets it.
		if (response.status === 404) return call(url, body, ...rest);
		answered[index] = (answered[index] ?? 0) + 1;
		return { status: response.status, body: await response.text() };
	};
	const metacontroller = await startMetacontroller({
		store: cluster.store,
		informers: cluster.informers,
		clock: cluster.clock,
		controllers: REGISTRY.map((row) => controllerObject(row, { origin: "http://hooks", features: {} })),
		call,
		resyncPeriodMs: 700,
	});
	undo.push(() => metacontroller.stop());
	const applied: KubeObject[] = [];
	for (const [index, file] of SAMPLES.entries()) {
		for (const { object } of readManifests(join(ROOT, "samples", file))) {
			const namespace = `sample-${index}`;
			const spec: unknown = JSON.parse(JSON.stringify(object["spec"]).replaceAll('"prism-system"', `"${namespace}"`));
			const metadata = { ...object.metadata, namespace };
			await ensureNamespaces(cluster.store, [namespace]);
			if (rowOf(object) !== undefined)
				applied.push(await cluster.store.apply({ ...object, metadata, spec }, { fieldManager: "test" }));
		}
	}
	for (const object of applied) {
		const resource = await cluster.store.resourceOf(object.apiVersion, object.kind);
		await eventually(async () => {
			const now = await cluster.store.get(resource, object.metadata.namespace, object.metadata.name);
			expect(now && conditionOf(now, "Ready")?.status).toBe("True");
		}, 90);
	}
	const deployments = async () =>
		(await cluster.store.list(await cluster.store.resourceOf("apps/v1", "Deployment"))).items;
	const rolled = async () =>
		Object.fromEntries((await deployments()).map(({ metadata }) => [metadata.name, metadata.generation ?? 0]));
	/** One more for each time that the pods were replaced. */
	const revisions = async () =>
		Object.fromEntries(
			(await deployments()).map(({ metadata }) => [
				metadata.name,
				metadata.annotations?.["deployment.kubernetes.io/revision"],
			]),
		);
	/** Everybody is called more than once until then. */
	const calledAll = async () => {
		const before = [...answered];
		await pause(4000);
		for (const [index, count] of answered.entries()) expect(count - (before[index] ?? 0)).toBeGreaterThan(5);
	};
	await pause(1500);
	expect(Object.keys(await rolled()).length).toBeGreaterThan(5);
	return { stats: metacontroller.stats, deployments, rolled, revisions, calledAll };
};

describeWith(HISTORY, `version ${version} at ${commit.slice(0, 7)} and this one, in turn`, () => {
	it("bring samples to rest, and roll no pod", { timeout: 240_000 }, async () => {
		const world = await besideEachOther(await Promise.all([serve(checkedOut()), serve(ROOT)]));
		const before = await world.revisions();
		await world.calledAll();
		// Where they are meant to differ (differences.ts) they write in turn, and no pod is replaced for it.
		expect(await world.revisions()).toEqual(before);
		expect(world.stats.errors).toBe(0);
		for (const deployment of await world.deployments())
			expect(valueAt(deployment["status"], "observedGeneration")).toBeDefined();
	});
});

describe("this version with two different default images, in turn", () => {
	it("makes each Deployment once, and no change of it again within two minutes", { timeout: 240_000 }, async () => {
		const tags = ["v1.0.0", "v1.0.1"].map((tag) => serve(ROOT, { PRISM_IMAGE_TAG: tag }));
		const world = await besideEachOther(await Promise.all(tags));
		const before = await world.rolled();
		await world.calledAll();
		for (const [name, generation] of Object.entries(await world.rolled())) {
			// One more on a machine that needed two minutes to get here.
			expect(generation - (before[name] ?? 0), name).toBeLessThanOrEqual(1);
			expect(generation, name).toBeLessThanOrEqual(5);
		}
		expect(world.stats.errors).toBe(0);
	});
});
