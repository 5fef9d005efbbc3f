import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { applyCase, type Line, METACONTROLLER, startLine } from "./line.ts";

// Names that meet, numbers, sizes and quantities at their bounds, on the real API server.

const TIMEOUT = 150_000;

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe("names, sizes, numbers", () => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER });
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const prism = (kind: string, namespace: string, name: string, spec: unknown): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind,
		metadata: { name, namespace },
		spec,
	});
	const untilSays = (kind: string, name: string, namespace: string, says: RegExp, seconds = 45) =>
		eventually(async () => {
			const ready = conditionOf(await line.get(kind, name, namespace), "Ready");
			expect(`${ready?.reason}: ${ready?.message}`).toMatch(says);
		}, seconds);
	const bindingOf = async (runner: string) => {
		const { spec } = await line.get("Deployment", runner, "col");
		const [container] = recordsAt(spec, "template", "spec", "containers");
		const url = recordsAt(container, "env").find(({ name }) => name === "PRISM_BACKEND_URL");
		const name = valueAt(url, "valueFrom", "configMapKeyRef", "name");
		return valueAt(await line.get("ConfigMap", String(name), "col"), "data", "url");
	};

	it("gives each stack its own backend where names would meet", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "c32-collide");
		await eventually(async () => expect(await bindingOf("kv2")).toBe("redis://two:6379"), 90);
		// Its name is a runner's that is nobody's: it stays so, and the stack says it.
		await untilSays("PrismStack", "a", "col", /^NameTaken: PatternRunner kv1 /, 60);
		expect(valueAt((await line.get("PatternRunner", "kv1", "col"))["spec"], "pattern")).toBe("queue");
		const config = valueAt(await line.get("ConfigMap", "a-proxy", "col"), "data", "config.json");
		expect(recordsAt(JSON.parse(String(config)), "patterns")).toEqual([]);
		await untilSays("PatternRunner", "kv3", "col", /^NameTaken: Service kv3 /);
	});

	it("says which integers are not exact, and which keys are one", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "c16-config");
		await untilSays("PatternRunner", "c1", "yml", /^InvalidSpec: .*spec\.config\.above53: .*write it in quotes/);
		await untilSays("PatternRunner", "c1", "yml", /spec\.config\.nested\.list\[3\]\.id: /);
		await untilSays("PatternRunner", "c3", "yml", /^InvalidSpec: .*one environment variable/);
		await line.apply(
			prism("PatternRunner", "yml", "proto", {
				pattern: "kv",
				backend: "memstore",
				config: JSON.parse('{"__proto__":{"a":1}}') as unknown,
			}),
		);
		await untilSays("PatternRunner", "proto", "yml", /^InvalidSpec: spec\.config\.__proto__: /);
		const kept = { constructor: { prototype: { a: 1 } } };
		await line.apply(prism("PatternRunner", "yml", "kept", { pattern: "kv", backend: "memstore", config: kept }));
		await line.untilReady("PatternRunner", "kept", "yml");
		const config = valueAt(await line.get("ConfigMap", "kept-config", "yml"), "data", "config.json");
		expect(JSON.parse(String(config))).toEqual(kept);
	});

	it("has a status for what nests 1,000 levels deep", { timeout: TIMEOUT }, async () => {
		const deep = Array.from({ length: 1000 }).reduce<unknown>((inner) => ({ a: inner }), 1);
		await line.apply(prism("PatternRunner", "deep", "deep", { pattern: "kv", backend: "memstore", config: { deep } }));
		await untilSays("PatternRunner", "deep", "deep", /^InvalidSpec: spec\.config\.deep: nests more than 128 levels/);
	});

	it("carries a configuration out, or says that it is too large", { timeout: TIMEOUT }, async () => {
		const runner = (kib: number, version = 1) =>
			prism("PatternRunner", "big", `big${kib}`, {
				pattern: "kv",
				backend: "memstore",
				config: { version, blob: "x".repeat(kib * 1000) },
			});
		await line.apply(runner(120));
		await line.untilReady("PatternRunner", "big120", "big");
		await line.apply(runner(120, 2));
		await eventually(async () => {
			const config = await line.get("ConfigMap", "big120-config", "big");
			expect(valueAt(config, "data", "PRISM_CONFIG_VERSION")).toBe("2");
		});
		await line.untilReady("PatternRunner", "big120", "big");
		const before = (await line.get("Deployment", "big120", "big")).metadata.generation;
		await line.edit("PatternRunner", "big120", (spec) => ({ ...spec, config: { blob: "x".repeat(140_000) } }), "big");
		await untilSays(
			"PatternRunner",
			"big120",
			"big",
			/^InvalidSpec: spec\.config\.blob is too large: ConfigMap big120-config /,
		);
		expect((await line.get("Deployment", "big120", "big")).metadata.generation).toBe(before);
		const shard = { backends: ["postgres"], config: { blob: "x".repeat(300_000) } };
		await line.apply(prism("PrismShard", "big", "s", shard));
		await untilSays("PrismShard", "s", "big", /^InvalidSpec: spec\.config\.blob is too large: /);
	});

	it("sends quantities as they are stored, and one size is one size", { timeout: TIMEOUT }, async () => {
		await applyCase(line, "c11b-quantities-quoted");
		await applyCase(line, "c26-sts");
		await line.apply(
			prism("PatternRunner", "qty", "huge", {
				pattern: "kv",
				backend: "memstore",
				resources: { limits: { memory: "1000E" } },
			}),
		);
		await untilSays("PatternRunner", "huge", "qty", /^InvalidSpec: spec\.resources\.limits\.memory: .*at most/);
		const tiny = { requests: { cpu: "0.0001", memory: "1.0005" } };
		await line.apply(prism("PatternRunner", "qty", "tiny", { pattern: "kv", backend: "memstore", resources: tiny }));
		await line.untilReady("PatternRunner", "tiny", "qty");
		await line.edit(
			"PrismShard",
			"w",
			(spec) => ({ ...spec, storage: { ...(spec["storage"] as object), size: "1024Mi" } }),
			"sts",
		);
		await expect(
			line.cluster.store.apply(prism("PrismShard", "sts", "w", { backends: ["postgres"], storage: { size: "2Gi" } }), {
				fieldManager: "other",
				dryRun: true,
			}),
		).rejects.toThrow();
		const names = ["q1", "q2", "q3", "q4", "tiny"].map((name) => prism("PatternRunner", "qty", name, {}));
		const deployments = async () =>
			Promise.all(
				names.map(async ({ metadata: { name } }) => (await line.get("Deployment", name, "qty")).metadata.generation),
			);
		await eventually(async () => expect((await deployments()).length).toBe(names.length));
		await pause(5000);
		const before = await deployments();
		await pause(10_000);
		expect(await deployments()).toEqual(before);
	});
});
