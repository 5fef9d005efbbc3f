import { describe, expect, it } from "vitest";
import {
	namespaceNeed,
	noMatchingProxy,
	noMatchingShard,
	notAccepting,
	notPermitted,
} from "../../../plugin/why/placement.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { advised, knownOf } from "../why-case.ts";
import { late, ours, ownedBy } from "../world.ts";

const roster = (name: string, owner: KubeObject, spec: Record<string, unknown>, labels: Record<string, string> = {}) =>
	ours("PrismRoster", name, {
		metadata: { ...ownedBy(owner), labels, namespace: owner.metadata.namespace ?? "" },
		spec,
	});
const tenant = (reason: string, spec: Record<string, unknown>, namespace = "shop") =>
	ours("PrismNamespace", "acme", { ...late(reason, "as reported"), spec, metadata: { namespace } });
const SHARD = ours("PrismShard", "live");

it("needs another namespace until it was read", () => {
	const need = [{ need: "namespace", namespace: "infra" }];
	expect(namespaceNeed(knownOf([]), "infra")).toEqual(need);
	expect(namespaceNeed(knownOf([], { namespaces: new Set(["infra"]) }), "infra")).toEqual([]);
	expect(namespaceNeed(knownOf([roster("prism-live", SHARD, {})]), "shop")).toEqual([]);
});

describe("no matching shard", () => {
	const LABELS = { "serves.prism.io/redis": "true", "prism.io/product": "video" };
	const lineFor = (spec: Record<string, unknown>, home = "shop", allowedNamespaces: Record<string, unknown> = {}) => {
		const object = tenant(
			"NoMatchingShard",
			{ ...spec, shard: { ...(spec["shard"] as object), namespace: "shop" } },
			home,
		);
		const objects = [object, SHARD, roster("prism-live", SHARD, { backends: ["redis"], allowedNamespaces }, LABELS)];
		return noMatchingShard(knownOf(objects), object).details[0]?.lines[0];
	};

	it.each([
		["a backend", lineFor({ backend: "postgres" }), /^live: .*postgres.*redis/],
		["a label", lineFor({ shard: { product: "audio" } }), /^live: product .*video.*audio/],
		["a label that it lacks", lineFor({ shard: { slaTier: "gold" } }), /^live: slaTier .*gold/],
		["its namespaces", lineFor({}, "team"), /^live: .*team.*spec\.allowedNamespaces/],
		["two of them", lineFor({ backend: "postgres" }, "team"), /postgres.*; .*team/],
		["nothing", lineFor({ backend: "redis", shard: { product: "video" } }), /^live: matches$/],
		["nothing, by name", lineFor({}, "team", { from: "Selected", names: ["team"] }), /^live: matches$/],
	])("names what each shard does not meet: %s", (_, line, pattern) => expect(line).toMatch(pattern));

	it("tells no shards from shards that may not be read", () => {
		const object = tenant("NoMatchingShard", { shard: { namespace: "infra" } });
		expect(noMatchingShard(knownOf([object]), object).cause).toContain("infra");
		const blind = noMatchingShard(knownOf([object], { unread: ["prismrosters"] }), object);
		expect(blind.cause).toBe("as reported");
		expect(blind.details[0]?.lines).toHaveLength(1);
		expect(blind.needs).toEqual([{ need: "namespace", namespace: "infra" }]);
	});

	it("does not take the proxies of a stack for a shard", () => {
		const object = tenant("NoMatchingShard", {});
		const stack = ours("PrismStack", "shop");
		const { details } = noMatchingShard(knownOf([object, roster("shop-proxy", stack, {})]), object);
		expect(details).toEqual([]);
	});
});

describe("no matching proxies", () => {
	const STACK = ours("PrismStack", "web", { metadata: { namespace: "infra" } });
	const PROXIES = roster("web-proxy", STACK, { allowedNamespaces: { from: "Same" } });
	const found = (name: string, objects: KubeObject[], unread: string[] = []) => {
		const object = tenant("NoMatchingProxy", { proxyRef: { name, namespace: "infra" } });
		return noMatchingProxy(knownOf([object, ...objects], { unread }), object);
	};
	const WHY = "kubectl prism why prismstack/web -n infra";

	it.each([
		["the stack does not allow it", found("web-proxy", [STACK, PROXIES]), ["spec.allowedNamespaces"], 1],
		["there is no stack", found("other-proxy", [STACK, PROXIES]), ["spec.proxyRef"], 1],
		["it names the stack", found("web", [STACK, PROXIES]), ["spec.proxyRef", WHY], 1],
		["the proxies do not exist yet", found("web-proxy", [STACK]), ["spec.proxyRef", WHY], 0],
		["nothing may be read", found("web-proxy", [], ["prismrosters"]), ["spec.proxyRef"], 0],
	])("because %s", (_, { next, details }, advice, lists) => {
		expect(advised(next)).toEqual(advice);
		expect(details).toHaveLength(lists);
	});

	it("are each another cause", () => {
		const causes = [
			found("web-proxy", [STACK, PROXIES]),
			found("other-proxy", [STACK, PROXIES]),
			found("web", [STACK, PROXIES]),
			found("web-proxy", [STACK]),
			found("web-proxy", [], ["prismrosters"]),
		].map(({ cause }) => cause);
		expect(new Set(causes).size).toBe(5);
		expect(causes.at(-1)).toBe("as reported");
	});
});

describe("shards that match and accept nothing", () => {
	const shard = (name: string, status = {}, spec = {}) => ours("PrismShard", name, { status, spec });
	const FULL = shard("full", { full: true, namespaces: 7 }, { capacity: { maxNamespaces: 7 } });

	it.each([
		["deleting", SHARD, { deleting: true }, /deleted/],
		["draining", SHARD, { draining: true }, /drain/],
		["full", FULL, { weight: 1 }, /7 of 7/],
		["without weight", SHARD, { weight: 0 }, /weight/],
		["closed", SHARD, { accepting: false }, /no new/],
		["open again", SHARD, { accepting: true }, /accepts new/],
	])("%s", (_, owner, spec, pattern) => {
		const object = tenant("NotAccepting", {});
		const { details } = notAccepting(
			knownOf([object, owner, roster(`prism-${owner.metadata.name}`, owner, spec)]),
			object,
		);
		expect(details[0]?.lines).toEqual([expect.stringMatching(pattern)]);
	});

	it("are only those that match", () => {
		const object = tenant("NotAccepting", { backend: "postgres" });
		expect(notAccepting(knownOf([object, SHARD, roster("prism-live", SHARD, {})]), object).details).toEqual([]);
	});
});

it.each([
	[{ shard: { namespace: "infra" } }, "kubectl get prismshards -n infra -o yaml"],
	[{ proxyRef: { name: "web-proxy", namespace: "infra" } }, "kubectl get prismstacks -n infra -o yaml"],
	[{}, "kubectl get prismshards -n shop -o yaml"],
])("shows who bounds %j", (spec, command) => {
	const object = tenant("NotPermitted", spec);
	expect(advised(notPermitted(knownOf([object]), object).next)).toEqual(["spec", command]);
});
