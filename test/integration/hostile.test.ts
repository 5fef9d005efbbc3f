import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiError } from "../../devcluster/store.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { hostileObjects } from "../hostile/objects.ts";
import { eventually, pause } from "./installed.ts";
import { type Line, METACONTROLLER, startLine } from "./line.ts";

// Hostile objects of all kinds on the real API server: each is refused there, or has a status; none is written over and over, and
// none keeps others waiting. `make hostile` takes 300 of them.

const COUNT = Number(process.env["OBJECTS"] ?? 48);
const SEED = Number(process.env["SEED"] ?? 20_260_101);
const NAMESPACE = "hostile";
/** Seconds after which nothing is expected to be on its way: children that can't be created are reported after 30. */
const SETTLED_SECONDS = 60;
const WATCHED_SECONDS = 15;

describe(`${COUNT} hostile objects of seed ${SEED}`, () => {
	let line: Line;
	const accepted: KubeObject[] = [];
	let refused = 0;

	beforeAll(async () => {
		line = await startLine({ name: "local", metacontroller: METACONTROLLER, resyncSeconds: 60 });
		await line.apply(neighbor);
		await line.untilReady("PatternRunner", "neighbor", "quiet");
	}, CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const neighbor: KubeObject = {
		apiVersion: "prism.io/v1alpha1",
		kind: "PatternRunner",
		metadata: { name: "neighbor", namespace: "quiet" },
		spec: { pattern: "keyvalue", backend: "memstore", replicas: 1 },
	};
	const latency = async (replicas: number): Promise<number> => {
		const began = performance.now();
		await line.edit("PatternRunner", "neighbor", (spec) => ({ ...spec, replicas }), "quiet");
		await eventually(async () => {
			const deployment = await line.get("Deployment", "neighbor", "quiet");
			expect(valueAt(deployment["spec"], "replicas")).toBe(replicas);
		}, 30);
		return (performance.now() - began) / 1000;
	};

	it("are taken or refused, and another tenant is served meanwhile", { timeout: 600_000 }, async () => {
		for (const object of hostileObjects(COUNT, SEED, NAMESPACE)) {
			try {
				accepted.push(await line.apply(object));
			} catch (error) {
				if (!(error instanceof ApiError)) throw error;
				refused += 1;
			}
		}
		expect(await latency(2)).toBeLessThan(10);
		expect(accepted.length).toBeGreaterThan(COUNT / 5);
		expect(refused).toBeGreaterThan(0);
	});

	it("have a status each, that says what is wrong", { timeout: 600_000 }, async () => {
		await pause(SETTLED_SECONDS * 1000);
		const silent: string[] = [];
		for (const { kind, metadata } of accepted) {
			const object = await line.get(kind, metadata.name, NAMESPACE);
			const ready = conditionOf(object, "Ready");
			const isTold =
				ready !== undefined && ready.message !== "" && ready.observedGeneration === object.metadata.generation;
			if (!isTold) silent.push(`${kind} ${metadata.name} ${JSON.stringify(object["spec"]).slice(0, 300)}`);
		}
		expect(silent).toEqual([]);
	});

	it("are not written over and over", { timeout: 600_000 }, async () => {
		const before = await line.versions(accepted);
		await pause(WATCHED_SECONDS * 1000);
		const middle = await line.versions(accepted);
		await pause(WATCHED_SECONDS * 1000);
		const after = await line.versions(accepted);
		// Pods that come and go move a status now and then; a loop moves an object in both times.
		const restless = Object.keys(after).filter(
			(name) => before[name] !== middle[name] && middle[name] !== after[name] && before[name] !== undefined,
		);
		expect(restless).toEqual([]);
		expect(await latency(1)).toBeLessThan(10);
	});
});
