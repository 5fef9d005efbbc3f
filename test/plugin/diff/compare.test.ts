import { describe, expect, it } from "vitest";
import { changeOf, refusalOf } from "../../../plugin/diff/compare.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { CONFIG_CHECKSUM_ANNOTATION } from "../../../schemas/vocabulary.ts";
import { condition } from "../world.ts";

const object = (kind: string, spec: Record<string, unknown>): KubeObject => ({
	apiVersion: "apps/v1",
	kind,
	metadata: { name: "orders", namespace: "shop" },
	spec,
});
const set = (replicas: number, image: string, checksum = "1") =>
	object("Deployment", {
		replicas,
		template: {
			metadata: { annotations: { [CONFIG_CHECKSUM_ANNOTATION]: checksum } },
			spec: { containers: [{ name: "a", image }] },
		},
	});
const config = object("ConfigMap", { a: 1 });

describe("a change", () => {
	it.each([
		["created", undefined, config, []],
		["deleted", config, undefined, []],
		["changed", config, object("ConfigMap", { a: 2 }), []],
		["none", config, config, []],
		["none", undefined, undefined, []],
		["created", undefined, set(1, "a"), []],
		["deleted", set(1, "a"), undefined, [/pods are deleted/]],
		["changed", set(1, "a"), set(3, "a"), [/^1 → 3/]],
		["changed", set(1, "a"), set(1, "b"), [/replaced$/]],
		["changed", set(1, "a", "1"), set(2, "a", "2"), [/replaced, .*configuration/, /^1 → 2/]],
	])("%#: %s", (what, stored, wanted, notes) => {
		const change = changeOf(stored, wanted, "PatternRunner shop/orders");
		expect(change?.what ?? "none").toBe(what);
		expect(change?.notes ?? []).toEqual(notes.map((pattern) => expect.stringMatching(pattern) as string));
	});
});

describe("a rejected spec", () => {
	const refused = (reason: string, status: "True" | "False" = "True") =>
		refusalOf(object("PatternRunner", {}), { conditions: [condition("Stalled", status, reason, "m")] });

	it.each([
		["InvalidSpec", "True", 1],
		["InlineCredentials", "True", 1],
		["InlineCredentials", "False", 0],
		// Others leave the children to the operator.
		["NameTaken", "True", 0],
	] as const)("%s, %s", (reason, status, count) => {
		const found = refused(reason, status);
		expect(found.map(({ what }) => what)).toEqual(Array.from({ length: count }, () => "refused"));
		if (count > 0) expect(found[0]?.notes[0]).toContain(`${reason}: m`);
	});
});
