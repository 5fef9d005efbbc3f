import { describe, expect, it } from "vitest";
import { describeObject } from "../../../kube/object.ts";
import { offlineChanges, withDefaults } from "../../../plugin/diff/offline.ts";
import { diffText } from "../../../plugin/diff/text.ts";
import { paintOf } from "../../../plugin/text/paint.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { readConfig } from "../../../server/config.ts";
import { expectGolden } from "../world.ts";

const CONTEXT = { now: "2026-01-01T00:00:00Z", installation: readConfig({}).installation };
const TERMINAL = paintOf({ color: false, columns: 80 });

const stack = (spec: Record<string, unknown>): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name: "shop", namespace: "shop" },
	spec,
});
const names = (changes: readonly { what: string; object: KubeObject }[]) =>
	changes.map(({ what, object }) => `${what} ${describeObject(object)}`);

describe("offline", () => {
	const before = stack({
		proxy: { replicas: 2 },
		patterns: [
			{ name: "orders", type: "keyvalue", backend: "memstore" },
			{ name: "carts", type: "keyvalue", backend: "memstore" },
		],
	});
	const after = stack({
		proxy: { replicas: 3, image: "prism-proxy:v2" },
		patterns: [{ name: "orders", type: "keyvalue", backend: "memstore", config: { ttl: "1h" } }],
	});

	it("tells what becomes of every child, and of pods", () => {
		const changes = offlineChanges([before], [after], CONTEXT);
		expectGolden("diff-offline", `${diffText(changes, TERMINAL).join("\n")}\n`);
	});

	it("has nothing to tell of the same file twice", () => {
		expect(diffText(offlineChanges([before], [before], CONTEXT), TERMINAL)).toEqual(["nothing would change"]);
	});

	it("leaves alone what a refused object made, and says so", () => {
		const refused = stack({
			...(before["spec"] as object),
			patterns: [
				{ name: "orders", type: "keyvalue", backend: "memstore", config: { password: "hunter2" } },
				{ name: "carts", type: "keyvalue", backend: "memstore" },
			],
		});
		const changes = offlineChanges([before], [refused], CONTEXT);
		expect(names(changes)).toEqual([
			"changed PrismStack shop/shop",
			"changed PatternRunner shop/orders",
			"refused PatternRunner shop/orders",
		]);
		const text = diffText(changes, TERMINAL).join("\n");
		expect(text).toContain("InlineCredentials");
		expect(text).not.toContain("hunter2");
	});

	it("compares with defaults where nothing else is given", () => {
		expect(withDefaults(after)).toEqual(stack({}));
		expect(
			withDefaults({
				...before,
				kind: "PatternRunner",
				spec: { pattern: "keyvalue", backend: "memstore", replicas: 3 },
			})["spec"],
		).toEqual({ pattern: "keyvalue", backend: "memstore" });
	});
});
