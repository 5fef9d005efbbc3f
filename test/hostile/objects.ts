import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { type Chance, createChance } from "../simulation/chance.ts";
import { DATES, DURATIONS, LISTS, NUMBERS, QUANTITIES, TEXTS, TREES } from "./values.ts";

// Objects of all six kinds in whose specs one or two fields are hostile, from one seed.

type Spec = Record<string, unknown>;
type Field = readonly [path: string, values: readonly unknown[]];

const PODS: readonly Field[] = [
	["replicas", NUMBERS],
	["image", TEXTS],
	["resources.requests.cpu", QUANTITIES],
	["resources.requests.memory", QUANTITIES],
	["resources.limits.cpu", QUANTITIES],
	["resources.limits.ephemeral-storage", QUANTITIES],
	["runnerSpec.resources.limits.memory", QUANTITIES],
	["runnerSpec.nodeSelector.zone", TEXTS],
	["runnerSpec.priorityClassName", TEXTS],
	["runnerSpec.tolerations", [[{ key: "", operator: "Exists" }], [{ key: "a", operator: "Equals" }], [{}], ...LISTS]],
	["terminationGracePeriodSeconds", NUMBERS],
	["config", TREES],
	["config.value", [...NUMBERS, ...TEXTS, ...DATES]],
	["autoscaling.maxReplicas", NUMBERS],
	["imagePullSecrets", LISTS],
];

const KINDS: readonly { readonly kind: string; readonly spec: Spec; readonly fields: readonly Field[] }[] = [
	{
		kind: "PatternRunner",
		spec: { pattern: "keyvalue", backend: "memstore", replicas: 1 },
		fields: [
			...PODS,
			["pattern", TEXTS],
			["backend", TEXTS],
			["service.port", NUMBERS],
			["service.annotations.note", TEXTS],
			["probe.timeoutSeconds", NUMBERS],
			["backendConfig.name", TEXTS],
			["autoscaling", [{ maxReplicas: 3, metrics: [{ name: "rps", averageValue: "0.5m" }] }]],
			["autoscaling", QUANTITIES.map((averageValue) => ({ maxReplicas: 3, metrics: [{ name: "rps", averageValue }] }))],
		],
	},
	{
		kind: "PrismShard",
		spec: { backends: ["postgres"] },
		fields: [
			...PODS,
			["storage.size", QUANTITIES],
			["storage.storageClassName", TEXTS],
			["weight", NUMBERS],
			["backends", LISTS],
			["port", NUMBERS],
			[
				"exposure",
				[
					{ type: "Ingress", host: "日本.example" },
					{ type: "Ingress", host: `${"x".repeat(64)}.example` },
				],
			],
			["exposure.annotations.note", TEXTS],
			["capacity.maxNamespaces", NUMBERS],
			[
				"allowedNamespaces",
				[
					{ from: "List", names: [] },
					{ from: "List", names: TEXTS.slice(0, 9) },
				],
			],
		],
	},
	{
		kind: "PrismStack",
		spec: {
			patterns: [{ name: "PATTERN", type: "keyvalue", backend: "redis" }],
			backends: [{ name: "redis", type: "cache", provider: "redis", connectionString: "redis://redis:6379" }],
		},
		fields: [
			["proxy.replicas", NUMBERS],
			["proxy.resources.requests.cpu", QUANTITIES],
			["proxy.image", TEXTS],
			["proxy.port", NUMBERS],
			["admin", [{ enabled: true, port: 0 }, { enabled: true, image: " " }, { enabled: true }]],
			["patterns", TREES.map((config) => [{ name: "PATTERN", type: "keyvalue", backend: "memstore", config }])],
			["patterns", [[{ name: "PATTERN", type: "keyvalue", backend: "none" }], ...LISTS]],
			["backends", TEXTS.map((name) => [{ name, type: "cache", provider: "memstore" }])],
			[
				"observability",
				[
					{ enabled: true, metrics: { port: 8980 } },
					{ enabled: true, tracing: { endpoint: "日" } },
				],
			],
			["namespaces", DURATIONS.map((ttl) => [{ name: "tenant", ttl }])],
		],
	},
	{
		kind: "BackendConfig",
		spec: { type: "cache", provider: "redis", connection: { url: "redis://redis:6379" } },
		fields: [
			["type", TEXTS],
			["provider", TEXTS],
			[
				"connection.url",
				[...TEXTS, "redis://[::1]:6379", "redis://a,b,c", `redis://${"x".repeat(2000)}`, "redis://%zz"],
			],
			["connection.secretRef.name", TEXTS],
			["healthCheck.interval", DURATIONS],
			["healthCheck.timeout", DURATIONS],
			[
				"tls",
				[
					{ enabled: true, serverName: "日本" },
					{ enabled: true, secretRef: { name: "" } },
				],
			],
		],
	},
	{
		kind: "PrismNamespace",
		spec: { backend: "postgres" },
		fields: [
			["namespaceId", TEXTS],
			["ttl", DURATIONS],
			["backend", TEXTS],
			["backendConfig", TREES],
			["caching.ttl", DURATIONS],
			["rateLimit.rps", NUMBERS],
			["quotas.maxKeys", NUMBERS],
			["tags", [{ "": "x" }, { a: "日本語" }, { ["x".repeat(300)]: "y" }]],
			["displayName", TEXTS],
			["proxyRef.name", TEXTS],
			["shard.namespace", TEXTS],
		],
	},
	{
		kind: "PrismPlugin",
		spec: { version: "1.0.0" },
		fields: [
			["version", TEXTS],
			["source.image", TEXTS],
			["healthCheck.interval", DURATIONS],
			["rollout.bakeSeconds", NUMBERS],
			["rollout.canary", TEXTS],
			["deployment.replicas", NUMBERS],
			["deployment.type", ["remote", "in-process", "日"]],
			["deployment.resources.requests.cpu", QUANTITIES],
		],
	},
];

const withField = (value: unknown, [first = "", ...rest]: readonly string[], to: unknown): unknown => {
	const fields = typeof value === "object" && value !== null ? value : {};
	return { ...fields, [first]: rest.length === 0 ? to : withField(Reflect.get(fields, first), rest, to) };
};

const objectAt = (chance: Chance, index: number, namespace: string): KubeObject => {
	const { kind, spec, fields } = KINDS[index % KINDS.length] ?? chance.pick(KINDS);
	const name = `h${index}`;
	let changed: unknown = spec;
	for (let count = chance.oneIn(3) ? 2 : 1; count > 0; count -= 1) {
		const [path, values] = chance.pick(fields);
		changed = withField(changed, path.split("."), chance.pick(values));
	}
	return {
		apiVersion: API_VERSION,
		kind,
		metadata: { name, namespace },
		spec: JSON.parse(JSON.stringify(changed).replaceAll('"PATTERN"', `"${name}-kv"`)),
	};
};

/** The same objects for the same seed, each kind in turn. */
export const hostileObjects = (count: number, seed: number, namespace: string): KubeObject[] => {
	const chance = createChance(seed);
	return Array.from({ length: count }, (_, index) => objectAt(chance, index, namespace));
};
