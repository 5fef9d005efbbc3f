import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../../hooks/prismnamespace/index.ts";
import { type NamespacePlan, ownerOf, planNamespace, versionOf } from "../../../hooks/prismnamespace/plan.ts";
import { objectMap } from "../../../kube/offline.ts";
import { isRefusal } from "../../../kube/spec-refusal.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { findingText, warningText } from "../../../schemas/messages/text.ts";
import type { PrismNamespace, PrismNamespaceSpec } from "../../../schemas/prismnamespace.ts";
import { API_VERSION } from "../../../schemas/vocabulary.ts";
import { INSTALLATION } from "../../installation.ts";
import { roster, START } from "../namespace-world.ts";

// From spec and rosters to plain data: what is told to the proxies, and which of them there are to tell.

const namespace = (spec: unknown, metadata: Partial<KubeObject["metadata"]> = {}): PrismNamespace => ({
	apiVersion: API_VERSION,
	kind: "PrismNamespace",
	metadata: { name: "profiles", namespace: "team", generation: 3, creationTimestamp: START, ...metadata },
	spec: spec as PrismNamespaceSpec,
});

const planned = (spec: unknown, rosters: readonly KubeObject[] = [], metadata = {}): NamespacePlan => {
	const plan = planNamespace(namespace(spec, metadata), objectMap(rosters), { now: START, installation: INSTALLATION });
	if (isRefusal(plan)) throw new Error(plan.finding.reason);
	return plan;
};

const refusedFor = (spec: unknown, inlineCredentials = false): string | undefined => {
	const installation = { ...INSTALLATION, inlineCredentials };
	const plan = planNamespace(namespace(spec), {}, { now: START, installation });
	return isRefusal(plan) ? findingText(plan.finding) : undefined;
};

describe("credentials in the settings", () => {
	const backendConfig = { b_url: "redis://me:secret@b", a_url: "redis://me:secret@a", pool: 3 };

	it("are refused by their paths, sorted", () => {
		expect(refusedFor({ backendConfig })).toBe(
			"spec.backendConfig.a_url, spec.backendConfig.b_url carries credentials: leave them out, and name a Secret in the BackendConfig",
		);
	});

	it("are taken where the installation allows them", () => {
		expect(refusedFor({ backendConfig }, true)).toBeUndefined();
	});
});

describe("what the proxies are told", () => {
	const owner = "test/team/profiles";
	const told = (spec: unknown) => planned(spec).config;

	it.each([
		["nothing but whose it is", {}, { metadata: { owner } }],
		[
			"each pattern once",
			{ pattern: "b", patterns: ["a", "b"] },
			{
				patterns: { a: { patternName: "a" }, b: { patternName: "b" } },
				metadata: { owner },
			},
		],
		[
			"a backend without settings",
			{ backend: "redis" },
			{ backends: { redis: { backendType: "redis" } }, metadata: { owner } },
		],
		["no settings without a backend", { backendConfig: { pool: 1 } }, { metadata: { owner } }],
		["that somebody may sign in", { auth: {} }, { auth: { enabled: true, provider: "oidc" }, metadata: { owner } }],
		[
			"who may sign in",
			{ auth: { oidcIssuer: "https://a", serviceAccounts: [] } },
			{
				auth: { enabled: true, provider: "oidc", options: { issuer: "https://a" } },
				metadata: { owner },
			},
		],
		["no empty texts", { displayName: "", consistency: "strong" }, { metadata: { owner, consistency: "strong" } }],
		["that nothing is cached", { caching: { enabled: false } }, { metadata: { owner, cache_enabled: "false" } }],
		[
			"seconds of a cache",
			{ caching: { enabled: true, ttl: "1500ms" } },
			{
				metadata: { owner, cache_enabled: "true", cache_ttl_seconds: "1.5" },
			},
		],
		[
			"the one rate over the other",
			{ rateLimit: { rps: 1 }, quotas: { rateLimit: { requestsPerSecond: 2, burstSize: 0 } } },
			{
				metadata: { owner, rate_limit_rps: "1", rate_limit_burst: "0" },
			},
		],
		[
			"the other where it is alone",
			{ quotas: { rateLimit: { requestsPerSecond: 2 } } },
			{ metadata: { owner, rate_limit_rps: "2" } },
		],
		[
			"tags, which never take the place of the owner",
			{ tags: { owner: "me", "": "x", empty: "" } },
			{
				metadata: { owner, "tag.owner": "me", "tag.": "x" },
			},
		],
	])("%s", (_, spec, config) => {
		expect(told(spec)).toEqual(config);
	});

	it.each([
		["a text", "redis://a", { connectionString: "redis://a" }],
		["an empty text", "", {}],
		["a list", ["a", 1], { options: { connection_string: '["a",1]' } }],
		["nothing", undefined, {}],
	])("of a connection that is %s", (_, connection, rest) => {
		const backends = told({ backend: "redis", backendConfig: { connection_string: connection } }).backends;
		expect(backends).toEqual({ redis: { backendType: "redis", ...rest } });
	});

	it("settings as texts", () => {
		const backendConfig = { text: "a b", number: 2, flag: true, map: { b: 1, a: null } };
		expect(told({ backend: "x", backendConfig }).backends?.["x"]?.options).toEqual({
			text: "a b",
			number: "2",
			flag: "true",
			map: '{"a":null,"b":1}',
		});
	});
});

describe("limits", () => {
	it.each([
		[{}, false],
		[{ quotas: {} }, true],
		[{ rateLimit: {} }, true],
	])("are there or not: %j", (spec, hasQuotas) => {
		expect(planned(spec).hasQuotas).toBe(hasQuotas);
	});
});

describe("who it is", () => {
	it("is the cluster, the namespace and the name", () => {
		expect(ownerOf(namespace({}), INSTALLATION)).toBe("test/team/profiles");
	});

	it.each([
		[{}, 1_767_225_600_000_003],
		[{ generation: undefined }, 1_767_225_600_000_000],
		[{ creationTimestamp: undefined }, 3],
		[{ creationTimestamp: "yesterday" }, 3],
		[{ creationTimestamp: "2026-01-01T00:00:00.999Z" }, 1_767_225_600_000_003],
	])("has a version that grows with its creation and its generation: %j", (metadata, version) => {
		expect(versionOf(namespace({}, metadata as Partial<KubeObject["metadata"]>))).toBe(version);
	});

	it.each([
		["1h", START, "2026-01-01T01:00:00Z"],
		[undefined, START, undefined],
		["1h", undefined, undefined],
		["1h", "yesterday", undefined],
	])("ends %s after %s", (ttl, creationTimestamp, end) => {
		expect(planned({ ttl }, [], { creationTimestamp }).expiresAt).toBe(end);
	});
});

describe("a roster", () => {
	const A = { name: "prism-a" };
	const found = (each: KubeObject) => planned({}, [each]).rosters;

	it("is taken with what a namespace needs of it", () => {
		expect(found(roster({ ...A, replicas: 2, unready: [1], weight: 7 }))).toEqual([
			{
				name: "prism-a",
				namespace: "team",
				weight: 7,
				open: true,
				draining: false,
				deleting: false,
				port: 8981,
				controlPlane: false,
				instances: [
					{ name: "prism-a-0", ready: true },
					{ name: "prism-a-1", ready: false },
				],
			},
		]);
	});

	it("tells addresses that are not the pods' names", () => {
		const one = roster({ ...A, replicas: 1 });
		const spec = { ...(one["spec"] as object), instances: [{ name: "p-x7", host: "ip-10-0-0-1", ready: true }] };
		expect(found({ ...one, spec })[0]?.instances).toEqual([{ name: "p-x7", host: "ip-10-0-0-1", ready: true }]);
	});

	it("with a control plane is that one alone, at its own port", () => {
		const one = roster({ name: "dev-proxy", controlPlane: true });
		const spec = { ...(one["spec"] as object), controlPlane: { service: "dev-admin", port: 9000 } };
		expect(found({ ...one, spec })).toMatchObject([
			{ controlPlane: true, port: 9000, instances: [{ name: "dev-admin", ready: true }] },
		]);
	});

	it.each([
		["full", { accepting: false }, {}, { open: false, draining: false, deleting: false }],
		["draining", { draining: true }, {}, { open: false, draining: true, deleting: false }],
		["about to go", { deleting: true }, {}, { open: false, draining: true, deleting: true }],
		["being deleted", {}, { deletionTimestamp: START }, { open: false, draining: true, deleting: false }],
	])("that is %s takes nothing new", (_, options, metadata, state) => {
		const one = roster({ ...A, ...options });
		expect(found({ ...one, metadata: { ...one.metadata, ...metadata } })).toMatchObject([state]);
	});

	it.each([
		["team", { from: "Same" }, true],
		["theirs", { from: "Same" }, false],
		["theirs", { from: "Same", names: ["team"] }, false],
		["theirs", { from: "All" }, true],
		["theirs", { from: "List", names: ["x", "team"] }, true],
		["theirs", { from: "List", names: ["x"] }, false],
		["theirs", { from: "List" }, false],
		["team", { from: "List" }, true],
	])("of namespace %s that allows %j", (where, allowed, isFound) => {
		expect(found(roster({ ...A, namespace: where, allowed }))).toHaveLength(isFound ? 1 : 0);
	});

	it("of a shard is not what a proxyRef means, whatever it is named", () => {
		const one = roster({ name: "prism-proxy" });
		const shards = { ...one, metadata: { ...one.metadata, labels: { ...one.metadata.labels, shard: "proxy" } } };
		const spec = { proxyRef: { name: "prism-proxy" } };
		expect(planned(spec, [one]).rosters).toHaveLength(1);
		expect(planned(spec, [shards]).rosters).toEqual([]);
		expect(planned({ backend: "postgres" }, [shards]).rosters).toHaveLength(1);
	});

	it("that makes no sense is as if it were not there", () => {
		expect(found({ ...roster(A), spec: { instances: "many" } })).toEqual([]);
		expect(found({ ...roster(A), spec: undefined })).toEqual([]);
	});

	it.each([
		[16, []],
		[17, ["spec.shard matches 17 shards, more than the 16 that a selector should: name product, feature or slaTier"]],
	])("is one of %d, which is worth a warning or not", (count, warnings) => {
		const many = Array.from({ length: count }, (_, index) => roster({ name: `prism-${index}` }));
		expect(planned({}, many).warnings.map(warningText)).toEqual(warnings);
	});
});

describe("rosters to relate to", () => {
	const related = (spec: unknown, metadata: Partial<KubeObject["metadata"]> = {}) =>
		prismNamespace.customize?.({ controller: {}, parent: { ...namespace({}, metadata), spec } }).relatedResources;
	const rule = { apiVersion: API_VERSION, resource: "prismrosters", namespace: "team" };

	it.each([
		["nothing at all", undefined, [{ ...rule, labelSelector: { matchLabels: {} } }]],
		["a name that is none", { proxyRef: { name: 5 } }, []],
		["a namespace that is none", { proxyRef: { name: "a", namespace: 5 } }, [{ ...rule, names: ["a"] }]],
		["a reference that is none", { proxyRef: "a" }, [{ ...rule, labelSelector: { matchLabels: {} } }]],
		["a selector that is none", { shard: "a", backend: 5 }, [{ ...rule, labelSelector: { matchLabels: {} } }]],
		["an empty product", { shard: { product: "", feature: 5 } }, [{ ...rule, labelSelector: { matchLabels: {} } }]],
	])("for a spec with %s", (_, spec, rules) => {
		expect(related(spec)).toEqual(rules);
	});
});
