import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { object } from "./situations.ts";

const rulesOf = (parent: KubeObject) => patternRunner.customize?.({ controller: {}, parent }).relatedResources;
const namesBy = (parent: KubeObject): Record<string, unknown> => {
	const row = REGISTRY.find((each) => each.parent.kind === parent.kind);
	const rules = row?.customize?.({ controller: {}, parent }).relatedResources ?? [];
	expect(new Set(rules.map(({ resource }) => resource)).size).toBe(rules.length);
	return Object.fromEntries(rules.map(({ resource, names }) => [resource, names]));
};
const mounted = (claimName: string) => ({ name: claimName, persistentVolumeClaim: { claimName } });
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
		expect(rulesOf(runner(reference))?.filter(({ resource }) => resource === "backendconfigs")).toEqual(
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

	// Then one that is absent is gone for good, and need not be waited for: its labels may have been edited since.
	it.each([
		[{ backend: "redis", shard: { product: "cart" } }, "prism"],
		[{ backend: "redis", shard: { product: "cart", namespace: "gateways" } }, "gateways"],
	])(
		"relates a PrismNamespace that is being deleted to all rosters there, by no label that may be edited",
		(spec, home) => {
			const parent = object("PrismNamespace", spec, { deletionTimestamp: "2026-01-01T00:00:00Z" });
			expect(prismNamespace.customize?.({ controller: {}, parent }).relatedResources).toEqual([
				{
					apiVersion: "prism.io/v1alpha1",
					resource: "prismrosters",
					namespace: home,
					labelSelector: { matchExpressions: [{ key: "component", operator: "In", values: ["proxy", "shard"] }] },
				},
			]);
		},
	);

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

	it.each([
		{
			parent: object("PatternRunner", { pattern: "keyvalue", backend: "redis", config: { a: "1" } }),
			names: { deployments: ["it"], services: ["it"], configmaps: ["it-config"], poddisruptionbudgets: ["it"] },
		},
		{
			// Its Deployment waits for the BackendConfig.
			parent: runner({ name: "redis" }),
			names: { backendconfigs: ["redis"], deployments: ["it"], services: ["it"], poddisruptionbudgets: ["it"] },
		},
		{
			parent: object("BackendConfig", {
				type: "cache",
				connection: { url: "redis://:secret@redis:6379" },
				healthCheck: { enabled: true },
			}),
			names: { configmaps: ["it-backend"], deployments: ["it-probe"] },
		},
		{
			parent: object("PrismShard", { backends: ["redis"], plugins: [{ name: "redis" }] }),
			names: {
				endpointslices: undefined,
				prismplugins: ["redis"],
				statefulsets: ["prism-it"],
				services: ["prism-it", "prism-it-headless", "redis-plugin"],
				configmaps: ["prism-it"],
				poddisruptionbudgets: ["prism-it"],
				prismrosters: ["prism-it"],
			},
		},
		{
			parent: object("PrismPlugin", { version: "1.0.0", deployment: { type: "remote" } }),
			names: {
				prismshards: undefined,
				deployments: ["it-plugin"],
				services: ["it-plugin"],
				poddisruptionbudgets: ["it-plugin"],
			},
		},
		{
			parent: object("PrismStack", {
				patterns: [{ name: "kv", type: "keyvalue", backend: "redis" }],
				backends: [{ name: "redis", type: "cache", connectionString: "redis://redis:6379" }],
				namespaces: [{ name: "carts", backend: "redis", pattern: "keyvalue" }],
			}),
			names: {
				endpointslices: undefined,
				deployments: ["it-proxy"],
				statefulsets: ["it-proxy"],
				services: ["it-proxy", "it-proxy-headless"],
				configmaps: ["it-proxy"],
				poddisruptionbudgets: ["it-proxy"],
				patternrunners: ["kv"],
				backendconfigs: ["it-redis"],
				prismnamespaces: ["it-carts"],
				prismrosters: ["it-proxy"],
			},
		},
	])("relates a $parent.kind to whatever has the names of its children", ({ parent, names }) => {
		expect(namesBy(parent)).toEqual(names);
	});

	it.each([
		["PatternRunner", { pattern: "keyvalue", backend: "redis", volumes: [mounted("a")] }, ["a"]],
		[
			"PrismStack",
			{ proxy: { volumes: [mounted("b")] }, admin: { volumes: [mounted("a"), mounted("b")] } },
			["a", "b"],
		],
		[
			"PrismStack",
			{ patterns: [{ name: "kv", type: "keyvalue", backend: "redis", volumes: [mounted("a")] }] },
			undefined,
		],
		["PrismPlugin", { version: "1.0.0", deployment: { type: "remote", volumes: [mounted("a")] } }, ["a"]],
	])("relates a %s to the claims that its pods mount", (kind, spec, names) => {
		expect(namesBy(object(kind, spec))["persistentvolumeclaims"]).toEqual(names);
	});

	it("relates a PrismStack to the claims of its admin's records, and to their class", () => {
		const row = REGISTRY.find(({ parent }) => parent.kind === "PrismStack");
		const parent = object("PrismStack", { admin: { enabled: true, storage: { storageClassName: "fast" } } });
		const rules = row?.customize?.({ controller: {}, parent }).relatedResources;
		const labelSelector = { matchLabels: { app: "prism-admin", stack: "it" } };
		expect(rules).toContainEqual({
			apiVersion: "v1",
			resource: "persistentvolumeclaims",
			namespace: "prism",
			labelSelector,
		});
		expect(rules).toContainEqual({ apiVersion: "storage.k8s.io/v1", resource: "storageclasses", names: ["fast"] });
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
