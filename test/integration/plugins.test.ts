import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually, pause } from "./installed.ts";
import { LINES, type Line, RESYNC_SECONDS, startLine } from "./line.ts";

// A plugin and three shards on the whole line: a version that is good, one that is not, and the end.

const ROOT = join(import.meta.dirname, "../..");

const SHARDS = ["search-asia", "search-eu", "search-us"] as const;
const IN_FLIGHT = ["Updating", "Baking", "RollingBack", "Failed"];

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each(LINES)("plugins: $line", (options) => {
	let line: Line;
	const objects: KubeObject[] = [];
	/** Each state that the plugin's status ever had, as "search-eu Updating 2.0.0" and so on. */
	const seen: string[][] = [];
	let unsubscribe = () => {};

	beforeAll(async () => {
		line = await startLine(options);
		const informer = await line.cluster.informers.get(await line.resource("PrismPlugin"));
		unsubscribe = informer.subscribe(({ object }) => {
			const states = recordsAt(object, "status", "shardStates");
			seen.push(states.map(({ name, state, version }) => `${String(name)} ${String(state)} ${String(version)}`));
		});
	}, CLUSTER_TIMEOUT);
	afterAll(async () => {
		unsubscribe();
		await line?.stop();
	}, 60_000);

	const plugin = () => line.get("PrismPlugin", "clickhouse");
	const setVersion = (version: string) => line.edit("PrismPlugin", "clickhouse", (spec) => ({ ...spec, version }));
	const runs = async (shard: string): Promise<unknown> => {
		const set = await line.get("StatefulSet", `prism-${shard}`);
		const containers = recordsAt(set, "spec", "template", "spec", "containers");
		return String(containers.find(({ name }) => name === "plugin-clickhouse")?.["image"])
			.split(":")
			.at(-1);
	};
	const allRun = async () => Promise.all(SHARDS.map(runs));

	/** The order in which shards came into a state, each once. */
	const order = (state: string): string[] => [
		...new Set(
			seen
				.flat()
				.filter((entry) => entry.includes(` ${state}`))
				.map((entry) => entry.split(" ")[0] ?? ""),
		),
	];
	const neverMoreThanOne = () => {
		for (const states of seen)
			expect(states.filter((state) => IN_FLIGHT.some((word) => state.includes(` ${word} `))).length).toBeLessThan(2);
	};

	it("brings the first version to one shard after the other", { timeout: 120_000 }, async () => {
		for (const { object } of readManifests(join(ROOT, "samples/plugin-rollout.yaml"))) {
			const rollout = { canary: "search-eu", bakeSeconds: 2, deadlineSeconds: 12, graceSeconds: 5 };
			const spec = object["spec"] as object;
			objects.push(
				await line.apply(object.kind === "PrismPlugin" ? { ...object, spec: { ...spec, rollout } } : object),
			);
		}
		for (const shard of SHARDS) await line.untilReady("PrismShard", shard);
		// Ready it was before, while no shard followed it.
		await eventually(async () => {
			expect((await plugin())["status"]).toMatchObject({ lastGoodVersion: "1.0.0", updatedShards: "3/3" });
		}, 60);
		await line.untilReady("PrismPlugin", "clickhouse");
		// Which of them was there first decides.
		expect(order("Updating").toSorted()).toEqual(SHARDS);
		expect(await allRun()).toEqual(["1.0.0", "1.0.0", "1.0.0"]);
		neverMoreThanOne();
	});

	it("rolls a good version out, shard by shard", { timeout: 120_000 }, async () => {
		seen.length = 0;
		await setVersion("2.0.0");
		await line.untilReady("PrismPlugin", "clickhouse");
		expect(order("Updating 2.0.0")).toEqual(["search-eu", "search-asia", "search-us"]);
		expect(await allRun()).toEqual(["2.0.0", "2.0.0", "2.0.0"]);
		expect((await plugin())["status"]).toMatchObject({ lastGoodVersion: "2.0.0", updatedShards: "3/3" });
		neverMoreThanOne();
	});

	it("is quiet afterwards", { timeout: 60_000 }, async () => {
		await pause(1000);
		const versionsOf = async () => {
			const versions = await line.versions(objects);
			// The figures of shards may move.
			return Object.fromEntries(Object.entries(versions).filter(([title]) => !title.startsWith("PrismShard ")));
		};
		const before = await versionsOf();
		await pause(2.5 * RESYNC_SECONDS * 1000);
		expect(await versionsOf()).toEqual(before);
	});

	it("takes a bad version back by itself, and says what happened", { timeout: 120_000 }, async () => {
		seen.length = 0;
		await setVersion("broken");
		const stalled = await eventually(async () => {
			const condition = conditionOf(await plugin(), "Stalled");
			expect(condition?.reason).toBe("RolledBack");
			return condition;
		}, 60);
		expect(stalled?.message).toMatch(
			/^Version broken failed, and was rolled back: PrismShard search-eu did not become ready at broken within 12 s: 0 of 1 pods are ready: prism-search-eu-0: .*; rolled back to 2\.0\.0: search-eu; still at 2\.0\.0: search-asia, search-us\. Set spec\.version/,
		);
		expect(order("Updating broken")).toEqual(["search-eu"]);
		for (const shard of SHARDS) await line.untilReady("PrismShard", shard);
		expect(await allRun()).toEqual(["2.0.0", "2.0.0", "2.0.0"]);
		expect(valueAt(await plugin(), "status", "history")).toMatchObject([
			{ version: "broken", outcome: "RolledBack" },
			{ version: "2.0.0", outcome: "Complete" },
			{ version: "1.0.0", outcome: "Complete" },
		]);
		neverMoreThanOne();
	});

	it("goes on with the next version", { timeout: 120_000 }, async () => {
		await setVersion("3.0.0");
		await line.untilReady("PrismPlugin", "clickhouse");
		expect(await allRun()).toEqual(["3.0.0", "3.0.0", "3.0.0"]);
	});

	it("stays until no shard uses it any more", { timeout: 120_000 }, async () => {
		await line.cluster.store.delete(await line.resource("PrismPlugin"), "default", "clickhouse");
		await eventually(async () => {
			const ready = conditionOf(await plugin(), "Ready");
			expect(ready).toMatchObject({ status: "False", reason: "PluginInUse" });
			expect(ready?.message).toContain("search-asia, search-eu, search-us");
		});
		for (const shard of SHARDS) await line.edit("PrismShard", shard, ({ plugins: _plugins, ...spec }) => spec);
		await eventually(() => expect(plugin()).rejects.toThrow("is not there"), 30);
	});
});
