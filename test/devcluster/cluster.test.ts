import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type ClusterOptions, pictureOf, snapshotOf, startCluster } from "../../devcluster/cluster.ts";
import { createManualClock } from "../clock.ts";
import { configMap } from "./widget.ts";
import { deployment } from "./workload-objects.ts";

// Loaded before the tests, because that takes longer than all that they do.
beforeAll(async () => {
	await import("@kubernetes/client-node");
}, 60_000);
afterEach(() => vi.unstubAllEnvs());

/** A machine without programs. */
const BARE = { PATH: "/nowhere", HOME: "/nowhere", XDG_CACHE_HOME: "/nowhere" };

async function started(options: Partial<ClusterOptions> = {}) {
	const clock = createManualClock();
	const log: string[] = [];
	const cluster = await startCluster({
		name: "memory",
		environment: BARE,
		log: (line) => void log.push(line),
		confirm: async () => false,
		clock,
		...options,
	});
	onTestFinished(() => cluster.stop());
	return { cluster, clock, log };
}

test.each(["memory", "auto"] as const)("%s is in memory where there is no control plane", async (name) => {
	const { cluster, log } = await started({ name });
	expect([cluster.name, cluster.kubeconfig, log.length]).toEqual(["memory", undefined, 1]);
});

test.each<[string, Partial<ClusterOptions>, string]>([
	["a local one without its programs", { name: "local" }, "make control-plane"],
	["an unknown dialect", { environment: { ...BARE, ADMIN_DIALECT: "klingon" } }, "klingon"],
])("%s is an error", async (_, options, text) => {
	await expect(started(options)).rejects.toThrow(text);
});

test("the user's own cluster is left alone without a yes", async () => {
	const dir = mkdtempSync(join(tmpdir(), "prism-cluster-"));
	onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
	const path = join(dir, "config");
	writeFileSync(path, "apiVersion: v1\nkind: Config\ncurrent-context: prod\n");
	vi.stubEnv("KUBECONFIG", path);
	const asked: string[] = [];
	const confirm = async (question: string) => asked.push(question) === 0;
	await expect(started({ name: "current", confirm })).rejects.toThrow("was not changed");
	expect(asked).toEqual([expect.stringContaining('"prod"')]);
});

describe("in memory", () => {
	test("controllers make pods, and end with the cluster", async () => {
		const { cluster, clock } = await started();
		await cluster.startControllers();
		await cluster.store.create(deployment());
		await clock.advance(1000);
		const pods = await cluster.store.list(await cluster.store.resourceOf("v1", "Pod"));
		expect(pods.items).toMatchObject([{ status: { phase: "Running" } }]);
	});

	test("a snapshot has what shows why something is not ready, of these namespaces, and no Secret", async () => {
		const { cluster, clock } = await started();
		await cluster.startControllers();
		await cluster.store.create(deployment());
		for (const namespace of ["default", "kube-system"]) {
			await cluster.store.create(configMap("own", {}, namespace));
			await cluster.store.create({ apiVersion: "v1", kind: "Secret", metadata: { name: "own", namespace }, data: {} });
		}
		await clock.advance(1000);
		const kinds = (await snapshotOf(cluster, ["default"])).map(({ kind, metadata }) => `${kind} ${metadata.namespace}`);
		expect(kinds.toSorted()).toEqual(["ConfigMap", "Deployment", "Pod", "ReplicaSet"].map((kind) => `${kind} default`));
	});

	test("a picture has our objects and what they own, as it is now", async () => {
		const { cluster, clock } = await started();
		const root = await cluster.store.create(configMap("root", {}, "default"));
		const picture = await pictureOf(cluster, [root, configMap("gone", {}, "default")]);
		const { uid = "" } = root.metadata;
		const owner = { apiVersion: "v1", kind: "ConfigMap", name: "root", uid };
		const owned = configMap("owned", {}, "default");
		await cluster.store.create({ ...owned, metadata: { ...owned.metadata, ownerReferences: [owner] } });
		await clock.settle();
		expect(picture.roots()).toEqual([root]);
		expect(picture.owned(root).map(({ metadata }) => metadata.name)).toEqual(["owned"]);
		expect(picture.owned(owned)).toEqual([]);
	});
});
