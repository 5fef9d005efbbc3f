import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { pause } from "./installed.ts";
import { type Line, METACONTROLLER, RESYNC_SECONDS, startLine } from "./line.ts";

// Arguments, environment and volumes of the user's, on the real API server: it stores them as they are sent, and the pods start.

const TIMEOUT = 150_000;
const NAMESPACE = "prism";

const core = (kind: string, name: string, fields: object): KubeObject => ({
	apiVersion: "v1",
	kind,
	metadata: { name, namespace: NAMESPACE },
	...fields,
});
const prism = (kind: string, name: string, spec: unknown): KubeObject => ({
	...core(kind, name, { spec }),
	apiVersion: "prism.io/v1alpha1",
});
const golden = (name: string): KubeObject[] =>
	readManifests(join(import.meta.dirname, `../golden/${name}.in.yaml`)).map(({ object }) => {
		const { uid: _uid, generation: _generation, ...metadata } = object.metadata;
		return { ...object, metadata };
	});
const claim = (name: string): KubeObject =>
	core("PersistentVolumeClaim", name, {
		spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
	});

const PLUGIN = {
	version: "1",
	rollout: { bakeSeconds: 0 },
	deployment: {
		args: ["--verbose"],
		env: [{ name: "LEVEL", value: "debug" }],
		volumes: [{ name: "data-a", emptyDir: {} }],
		volumeMounts: [{ name: "data-a", mountPath: "/data" }],
	},
};

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("arguments, environment and volumes", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER });
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	it("reach every pod, and nothing is written at rest", { timeout: TIMEOUT }, async () => {
		const needed = [
			core("ConfigMap", "orders", { data: { "runner.yaml": "namespaces: []", mode: "fast" } }),
			core("Secret", "orders-keys", { stringData: { key: "test" } }),
			claim("shared"),
			claim("dev-admin"),
		];
		const applied = [
			...golden("runner-container-fields"),
			...golden("stack-container-fields").map((stack) => ({
				...stack,
				// Its pattern would have the name of the runner above.
				spec: { ...(stack["spec"] as object), patterns: [] },
			})),
			prism("PrismPlugin", "clickhouse", PLUGIN),
			prism("PrismPlugin", "clickhouse-data", { ...PLUGIN, deployment: { ...PLUGIN.deployment, type: "remote" } }),
			prism("PrismShard", "one", {
				args: ["--proxy-id=$(PRISM_POD_NAME)"],
				env: [{ name: "PRISM_PROXY_ID", value: "$(PRISM_POD_NAME)" }],
				plugins: [{ name: "clickhouse" }, { name: "clickhouse-data" }],
				storage: { size: "1Gi" },
				probe: { type: "none" },
			}),
		];
		for (const object of [...needed, ...applied]) await line.apply(object);
		for (const { kind, metadata } of applied) await line.untilReady(kind, metadata.name, NAMESPACE);

		const containers = async (kind: string, name: string) =>
			recordsAt((await line.get(kind, name, NAMESPACE))["spec"], "template", "spec", "containers");
		const [runner] = await containers("Deployment", "orders");
		expect(recordsAt(runner, "env").map(({ name }) => name)).toEqual([
			"PRISM_CONFIG_SIZE",
			"PROXY",
			"EMPTY",
			"PRISM_CONFIG_TTL",
			"TOKEN",
			"MODE",
			"POD_IP",
			"MEMORY",
			"CPU",
		]);
		expect(runner).not.toHaveProperty("readinessProbe");
		const [admin] = await containers("Deployment", "dev-admin");
		expect(valueAt(admin, "args")).toEqual(["serve", "--config=$(PRISM_CONFIG_FILE)"]);
		const [shard, plugin] = await containers("StatefulSet", "prism-one");
		expect(shard).not.toHaveProperty("livenessProbe");
		expect(valueAt(plugin, "args")).toEqual(["--verbose"]);
		const mounted = recordsAt(plugin, "volumeMounts").map(({ mountPath }) => mountPath);
		expect(mounted).toEqual(["/tmp", "/data"]);
		await expect(line.get("Service", "orders", NAMESPACE)).rejects.toThrow("not there");

		// A plugin's bake and a shard's figures are written until a minute has passed.
		await pause(65_000);
		const [versions, writes] = [await line.versions(applied), await line.writes()];
		await pause(3 * RESYNC_SECONDS * 1000);
		expect(await line.versions(applied)).toEqual(versions);
		expect((await line.writes()) - writes).toBe(0);
	});

	const runner = (fields: object) =>
		line.apply(prism("PatternRunner", "refused", { pattern: "queue", backend: "memstore", ...fields }));

	it.each([
		[
			{ env: [{ name: "A", value: "a", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
			/mutually exclusive/,
		],
		[{ env: [{ name: "A", valueFrom: {} }] }, /exactly one of configMapKeyRef/],
		[{ env: [{ name: "1A", value: "a" }] }, /spec\.env\[0\]\.name/],
		[{ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.containers" } } }] }, /fieldPath/],
		[{ volumes: [{ name: "config", emptyDir: {} }] }, /the operator's own volume/],
		[{ volumes: [{ name: "plugin-a", emptyDir: {} }] }, /the operator's own volume/],
		[{ volumes: [{ name: "a" }] }, /exactly one of configMap, secret/],
		[{ volumes: [{ name: "a", hostPath: { path: "/" } }] }, /hostPath|exactly one of configMap/],
		[
			{ volumes: [{ name: "a", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }] },
			/serviceAccountToken|A source needs/,
		],
		[{ volumeMounts: [{ name: "a", mountPath: "/etc/prism/runner" }] }, /in use by the operator.s own volume/],
		[{ volumeMounts: [{ name: "a", mountPath: "relative" }] }, /mountPath/],
		[{ volumeMounts: [{ name: "a", mountPath: "/a", subPath: "../b" }] }, /subPath/],
		[{ probe: { type: "none", port: 80 } }, /no effect with probe type none/],
	])("are rejected where no pod could have them: %j", async (fields, message) => {
		await expect(runner(fields)).rejects.toThrow(message);
	});
});
