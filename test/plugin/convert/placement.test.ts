import { expect, it } from "vitest";
import { rewritten } from "../../../plugin/convert/fields.ts";
import type { Noted } from "../../../plugin/convert/notes.ts";
import { placementRewrites, singlePlacement } from "../../../plugin/convert/placement.ts";

const result = (steps: Noted<unknown>) => {
	const fields: string[] = [];
	for (;;) {
		const next = steps.next();
		if (next.done === true) return [next.value, fields];
		fields.push(next.value.at.join("."));
	}
};

it.each([
	[{ placement: { a: 1 } }, { placement: { a: 1 } }, []],
	[{ runnerSpec: { a: 1 } }, { runnerSpec: { a: 1 } }, []],
	[{ placement: { a: 1, b: 1 }, runnerSpec: { a: 2 }, c: 3 }, { c: 3, placement: { a: 2, b: 1 } }, ["spec.placement"]],
	["text", "text", []],
])("one placement of %j is %j", (value, expected, fields) =>
	expect(result(singlePlacement(value, ["spec"]))).toEqual([expected, fields]),
);

const term = (labelSelector: object) => ({ affinity: { podAntiAffinity: [{ labelSelector, topologyKey: "zone" }] } });

it.each([
	[{ nodeSelector: { component: "prism-proxy" } }, { nodeSelector: { component: "prism-proxy" } }, []],
	[{ nodeName: "node-1", tolerations: [] }, { tolerations: [] }, ["placement.nodeName"]],
	[term({ matchLabels: { "prism.io/pattern": "a" } }), term({ matchLabels: { pattern: "a" } }), []],
	[
		term({ matchLabels: { "prism.io/backend": "a", other: "b" } }),
		term({ matchLabels: { backend: "a", other: "b" } }),
		[],
	],
	[term({ matchLabels: { component: "prism-proxy" } }), term({ matchLabels: { app: "prism-proxy" } }), []],
	[term({ matchLabels: { component: "mine" } }), term({ matchLabels: { component: "mine" } }), []],
	[
		term({
			matchExpressions: [
				{ key: "component", operator: "In", values: ["prism-admin"] },
				{ key: "prism.io/pattern-instance", operator: "Exists" },
			],
		}),
		term({
			matchExpressions: [
				{ key: "app", operator: "In", values: ["prism-admin"] },
				{ key: "runner", operator: "Exists" },
			],
		}),
		[],
	],
])("placement %j selects our pods: %j", (placement, expected, fields) => {
	const [value, notes] = result(rewritten({ placement }, [], placementRewrites));
	expect([value, notes]).toEqual([{ placement: expected }, fields]);
});
