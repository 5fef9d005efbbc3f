import { expect, it } from "vitest";
import { danglingReferences, matchingShards } from "../../../plugin/validate/references.ts";
import type { KubeObject } from "../../../schemas/common.ts";

const object = (kind: string, name: string, spec: object = {}, namespace = "team"): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name, namespace },
	spec,
});

const STACK = object("PrismStack", "shop", { backends: [{ name: "redis" }] });
const SHARD = object("PrismShard", "orders", { product: "shop", backends: ["redis"] });
const runner = (name?: string) => object("PatternRunner", "r", name === undefined ? {} : { backendConfig: { name } });
const tenant = (spec: object) => object("PrismNamespace", "t", spec);

it.each<[string, KubeObject, readonly KubeObject[], string | undefined]>([
	["a runner without a backend", runner(), [], undefined],
	["a BackendConfig that is given", runner("redis"), [object("BackendConfig", "redis")], undefined],
	[
		"one in another namespace",
		runner("redis"),
		[object("BackendConfig", "redis", {}, "other")],
		'spec.backendConfig.name: no BackendConfig "redis" in these files',
	],
	["one that a stack creates", runner("shop-redis"), [STACK], undefined],
	["the proxies of a stack", tenant({ proxyRef: { name: "shop-proxy" } }), [STACK], undefined],
	[
		"the name of the stack instead of its proxies'",
		tenant({ proxyRef: { name: "shop" } }),
		[STACK],
		'spec.proxyRef.name: no PrismStack in these files has proxies "shop": the proxies of PrismStack shop are "shop-proxy"',
	],
	[
		"proxies in another namespace",
		tenant({ proxyRef: { name: "shop-proxy", namespace: "other" } }),
		[STACK],
		'spec.proxyRef.name: no PrismStack in these files has proxies "shop-proxy"',
	],
	["a shard that serves it", tenant({ shard: { product: "shop" }, backend: "redis" }), [SHARD], undefined],
	[
		"no shard of the product",
		tenant({ shard: { product: "mail" } }),
		[SHARD],
		"spec.shard: no PrismShard in these files serves it (there is orders)",
	],
	[
		"no shard with the backend",
		tenant({ backend: "kafka" }),
		[],
		"spec.backend: no PrismShard in these files serves it",
	],
	[
		"an embedded plugin",
		object("PrismShard", "s", { plugins: [{ name: "p" }] }),
		[],
		'spec.plugins[0].name: no PrismPlugin "p" in these files: the installation\'s image would be used',
	],
	[
		"a remote plugin",
		object("PrismShard", "s", { plugins: [{ name: "p", deployment: "remote" }] }),
		[],
		'spec.plugins[0].name: no PrismPlugin "p" in these files: nothing would serve it',
	],
	[
		"a plugin that is given",
		object("PrismShard", "s", { plugins: [{ name: "p" }] }),
		[object("PrismPlugin", "p")],
		undefined,
	],
	[
		"a backend that the stack does not have",
		object("PrismStack", "s", {
			backends: [{ name: "redis" }],
			patterns: [{ backend: "redis" }, { backend: "kafka" }, { backend: "memstore" }],
		}),
		[],
		'spec.patterns[1].backend: spec.backends has no "kafka": the pattern runs without a BackendConfig',
	],
	["a stack without backends", object("PrismStack", "s", { patterns: [{ backend: "kafka" }] }), [], undefined],
	["an object of another kind", object("Deployment", "d"), [], undefined],
])("%s", (_, one, others, expected) => {
	const found = danglingReferences(one, [one, ...others]).map(({ path, message }) => `${path}: ${message}`);
	expect(found).toEqual(expected === undefined ? [] : [expected]);
});

it("matches shards by each field that the namespace sets, and in the namespace that it names", () => {
	const shards = [SHARD, object("PrismShard", "gold", { product: "shop", slaTier: "gold" }, "other")];
	const namesFor = (spec: object) => matchingShards(tenant(spec), shards).map(({ metadata }) => metadata.name);
	expect(namesFor({})).toEqual(["orders"]);
	expect(namesFor({ backend: "kafka" })).toEqual([]);
	expect(namesFor({ shard: { namespace: "other", product: "shop" } })).toEqual(["gold"]);
	expect(namesFor({ shard: { namespace: "other", slaTier: "silver" } })).toEqual([]);
});
