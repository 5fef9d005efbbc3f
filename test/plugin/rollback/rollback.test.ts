import { describe, expect, it } from "vitest";
import { rollbackLines, rollbackOf } from "../../../plugin/rollback/rollback.ts";
import { ours } from "../world.ts";

const plugin = (spec: Record<string, unknown>, status: Record<string, unknown> = {}) =>
	ours("PrismPlugin", "clickhouse", {
		spec: { version: "2.0.0", ...spec },
		status: {
			lastGoodVersion: "1.0.0",
			lastGoodImage: "ghcr.io/prism/plugins/clickhouse-plugin:1.0.0",
			shardStates: [
				{ name: "a", state: "Updated", version: "2.0.0" },
				{ name: "b", state: "RolledBack", version: "1.0.0" },
			],
			pinnedShards: ["p"],
			...status,
		},
	});

describe("rollback", () => {
	it("asks for the last good version, and says what becomes of each shard", () => {
		const change = rollbackOf(plugin({}), undefined);
		if (typeof change === "string") throw new Error(change);
		expect(change.patch).toEqual({ spec: { version: "1.0.0" } });
		expect(rollbackLines(change)).toEqual([
			"PrismPlugin shop/clickhouse",
			"  spec.version: 2.0.0 → 1.0.0",
			"Shards, one by one:",
			"  a: 2.0.0 → 1.0.0",
			"  b: stays at 1.0.0",
			"Skipped, because they have a fixed version: p",
		]);
	});

	it("puts an image with a tag of its own back too", () => {
		expect(rollbackOf(plugin({ source: { image: "clickhouse-plugin:2.0.0" } }), undefined)).toMatchObject({
			patch: { spec: { version: "1.0.0", source: { image: "clickhouse-plugin:1.0.0" } } },
		});
		const digest = { lastGoodImage: "ghcr.io/prism/plugins/clickhouse-plugin@sha256:abc" };
		expect(rollbackOf(plugin({ source: { image: "clickhouse-plugin@sha256:def" } }, digest), undefined)).toMatchObject({
			patch: { spec: { version: "1.0.0", source: { image: "clickhouse-plugin@sha256:abc" } } },
		});
		expect(rollbackOf(plugin({ source: { image: "clickhouse-plugin" } }), undefined)).toMatchObject({
			patch: { spec: { version: "1.0.0" } },
		});
	});

	it("goes to another version when one is named", () => {
		expect(rollbackOf(plugin({}), "0.9.0")).toMatchObject({ to: "0.9.0", patch: { spec: { version: "0.9.0" } } });
	});

	it("says when there is nothing to go back to, or nothing to change", () => {
		expect(rollbackOf(plugin({}, { lastGoodVersion: undefined }), undefined)).toMatch(/never been rolled out/);
		expect(rollbackOf(plugin({ version: "1.0.0" }), undefined)).toMatch(/nothing to change/);
	});
});
