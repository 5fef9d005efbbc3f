import { describe, expect, it } from "vitest";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { createChance } from "./chance.ts";
import type { Write } from "./client.ts";
import { createWorld } from "./world.ts";

// What an object costs the API server: its children and one status while nobody has answered, and nothing at all while nothing
// happens. Every sync of these kinds is a read of the object as well.

interface Cost {
	readonly writes: readonly Write[];
	readonly syncs: number;
}

const NAME = "it";
const SECOND = 1000;

/** What an object costs in its first ten seconds, and in each of the two minutes after that. */
const costsOf = async (kind: string, spec: unknown, { runsPods }: { runsPods: boolean }): Promise<readonly Cost[]> => {
	let writes: Write[] = [];
	let syncs = 0;
	const world = await createWorld({
		chance: createChance(1),
		runsPods,
		onWritten: (_world, write) => void writes.push(write),
		onAnswer: (_world, _row, hook) => {
			if (hook !== "customize") syncs += 1;
		},
	});
	const { time, store } = world;
	const during = async (seconds: number): Promise<Cost> => {
		[writes, syncs] = [[], 0];
		await time.passUntil(time.now() + seconds * SECOND);
		return { writes, syncs };
	};
	try {
		await during(2);
		await store.create({ apiVersion: API_VERSION, kind, metadata: { name: NAME, namespace: "team-a" }, spec });
		return [await during(10), await during(60), await during(60)];
	} finally {
		world.close();
	}
};

const titles = ({ writes }: Cost) => writes.map(({ verb, kind }) => `${verb} ${kind}`).toSorted();

const RUNNER = { pattern: "keyvalue", backend: "memstore" };
const BACKEND = { type: "cache", provider: "redis", connection: { url: "redis://redis:6379" } };
const WAITING = { ...RUNNER, backend: "redis", backendConfig: { name: "nobodys" } };

describe("requests", () => {
	it("a new runner costs its children and one status, while nobody has started its pods", async () => {
		const [first, ...minutes] = await costsOf("PatternRunner", RUNNER, { runsPods: false });
		expect(first && titles(first)).toEqual([
			"create Deployment",
			"create PodDisruptionBudget",
			"create Service",
			"updateStatus PatternRunner",
		]);
		expect(first?.syncs).toBeLessThanOrEqual(4);
		expect(minutes.map(({ writes, syncs }) => writes.length + syncs)).toEqual([0, 0]);
	});

	it("a runner that became ready costs one more status for each time that its pods changed", async () => {
		const [first, ...minutes] = await costsOf("PatternRunner", RUNNER, { runsPods: true });
		expect(first && titles(first).filter((title) => title.startsWith("updateStatus"))).toHaveLength(3);
		expect(minutes.map(({ writes, syncs }) => writes.length + syncs)).toEqual([0, 0]);
	});

	it.each([
		["BackendConfig", BACKEND],
		["PrismShard", {}],
		["PrismStack", { proxy: { replicas: 1 } }],
	])("a %s whose pods are awaited costs nothing in the second minute", async (kind, spec) => {
		const [, , second] = await costsOf(kind, spec, { runsPods: false });
		expect(second).toEqual({ writes: [], syncs: 0 });
	});

	it("a runner whose BackendConfig does not exist is looked at once more when its patience ends, and then not", async () => {
		const [, first, second] = await costsOf("PatternRunner", WAITING, { runsPods: true });
		expect(first?.syncs).toBeGreaterThan(0);
		expect(second).toEqual({ writes: [], syncs: 0 });
	});
});
