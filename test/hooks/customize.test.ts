import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { object } from "./situations.ts";

const rulesOf = (parent: KubeObject) => patternRunner.customize?.({ controller: {}, parent }).relatedResources;
const runner = (backendConfig?: unknown) =>
	object("PatternRunner", { pattern: "keyvalue", backend: "redis", backendConfig });

describe("customize", () => {
	it.each([
		{ reason: "no reference", reference: undefined, names: [] },
		{ reason: "a name", reference: { name: "redis" }, names: ["redis"] },
		{ reason: "a name in this namespace", reference: { name: "redis", namespace: "prism" }, names: ["redis"] },
		{ reason: "a name in another", reference: { name: "redis", namespace: "db" }, names: [] },
		{ reason: "nonsense", reference: "redis", names: [] },
		{ reason: "a name that is none", reference: { name: 5 }, names: [] },
	])("relates a runner to the BackendConfig that spec names: $reason", ({ reference, names }) => {
		expect(rulesOf(runner(reference))).toEqual(
			names.map((name) => ({
				apiVersion: "prism.io/v1alpha1",
				resource: "backendconfigs",
				namespace: "prism",
				names: [name],
			})),
		);
	});

	it("bears a parent without a spec", () => {
		const { spec: _spec, ...bare } = runner();
		expect(rulesOf(bare)).toEqual([]);
	});

	it("depends on spec, name and namespace alone: the answer is cached by generation", () => {
		const before = runner({ name: "redis" });
		const after = {
			...before,
			metadata: {
				...before.metadata,
				uid: "other",
				resourceVersion: "9",
				labels: { stack: "s" },
				annotations: { "prism.io/paused": "true" },
				deletionTimestamp: "2026-01-01T00:00:00Z",
			},
			status: { phase: "Failed" },
		};
		expect(rulesOf(after)).toEqual(rulesOf(before));
	});

	it("never relates to a Secret, nor to another namespace", () => {
		for (const { customize } of REGISTRY) {
			const rules = customize?.({ controller: {}, parent: runner({ name: "redis" }) }).relatedResources ?? [];
			for (const rule of rules) {
				expect(rule.resource).not.toBe("secrets");
				expect(rule.namespace).toBe("prism");
			}
		}
	});
});
