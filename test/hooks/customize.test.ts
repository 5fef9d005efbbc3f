import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
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

	it.each([
		{
			reason: "a stack's proxies",
			spec: { proxyRef: { name: "dev-proxy" } },
			rule: { namespace: "prism", names: ["dev-proxy"] },
		},
		{
			reason: "proxies of another namespace",
			spec: { proxyRef: { name: "dev-proxy", namespace: "gateways" }, backend: "redis" },
			rule: { namespace: "gateways", names: ["dev-proxy"] },
		},
		{
			reason: "shards that serve the backend",
			spec: { backend: "redis" },
			rule: { namespace: "prism", labelSelector: { matchLabels: { "serves.prism.io/redis": "true" } } },
		},
		{
			reason: "shards by all there is to select by",
			spec: {
				backend: "redis",
				shard: { product: "cart", feature: "checkout", slaTier: "p99_10ms", namespace: "gateways" },
			},
			rule: {
				namespace: "gateways",
				labelSelector: {
					matchLabels: {
						"prism.io/product": "cart",
						"prism.io/feature": "checkout",
						"prism.io/sla-tier": "p99_10ms",
						"serves.prism.io/redis": "true",
					},
				},
			},
		},
	])("relates a namespace to rosters: $reason", ({ spec, rule }) => {
		const parent = object("PrismNamespace", spec);
		expect(prismNamespace.customize?.({ controller: {}, parent }).relatedResources).toEqual([
			{ apiVersion: "prism.io/v1alpha1", resource: "prismrosters", ...rule },
		]);
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
