import { describe, expect, it } from "vitest";
import { exceededBounds } from "../../../plugin/validate/bounds.ts";
import type { KubeObject } from "../../../schemas/common.ts";

const object = (kind: string, name: string, namespace: string, spec: object): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name, namespace },
	spec,
});
const ALLOWED = { from: "All", ceilings: { maxKeys: 10 } };
const stack = (allowedNamespaces: object) => object("PrismStack", "web", "infra", { allowedNamespaces });
const shard = (name: string, allowedNamespaces: object) =>
	object("PrismShard", name, "infra", { backends: ["redis"], allowedNamespaces });
const PROXIES = { proxyRef: { name: "web-proxy", namespace: "infra" } };
const SHARDS = { shard: { namespace: "infra" }, backend: "redis" };
const tenant = (spec: object, maxKeys: number, namespace = "team") =>
	object("PrismNamespace", "acme", namespace, { ...spec, quotas: { maxKeys } });

describe("a namespace beyond the bounds", () => {
	it.each<[string, KubeObject, KubeObject[], string[]]>([
		["of a stack", tenant(PROXIES, 11), [stack(ALLOWED)], ["error spec.quotas.maxKeys"]],
		["of no stack", tenant(PROXIES, 10), [stack(ALLOWED)], []],
		["of its own namespace", tenant(PROXIES, 11, "infra"), [stack(ALLOWED)], []],
		["of a stack that does not accept it at all", tenant(PROXIES, 11), [stack({ ...ALLOWED, from: "Same" })], []],
		["of a stack that is not given", tenant(PROXIES, 11), [], []],
		["of the only shard", tenant(SHARDS, 11), [shard("a", ALLOWED)], ["warning spec.quotas.maxKeys"]],
		[
			"of one of two shards",
			tenant(SHARDS, 11),
			[shard("a", ALLOWED), shard("b", { from: "All", ceilings: { maxKeys: 20 } })],
			[],
		],
		["of two shards", tenant(SHARDS, 11), [shard("a", ALLOWED), shard("b", ALLOWED)], ["warning spec.quotas.maxKeys"]],
		["of another kind", object("PatternRunner", "a", "team", PROXIES), [stack(ALLOWED)], []],
	])("%s", (_, given, objects, found) =>
		expect(exceededBounds(given, objects).map(({ level, path }) => `${level} ${path}`)).toEqual(found),
	);
});
