import fc from "fast-check";
import { KINDS } from "../../hooks/index.ts";
import { isRecord } from "../../kube/object.ts";
import { durationMillis } from "../../kube/time.ts";
import type { KindDescriptor } from "../../schemas/common.ts";
import { arbitraryOf, nearly } from "../laws/arbitrary.ts";

// What users declare: specs that mean something together, the same with parts out of the schema, and with parts that are wrong.

export type Kind = "PrismStack" | "PatternRunner" | "BackendConfig" | "PrismShard" | "PrismNamespace" | "PrismPlugin";

/** Few names, so that objects meet. A runner and a stack's pattern may want the same ones. */
export const NAMES = {
	PrismStack: ["shop", "prism"],
	PatternRunner: ["cache", "events"],
	BackendConfig: ["redis", "nats"],
	PrismShard: ["eu", "us", "asia"],
	PrismNamespace: ["acme", "orders", "profiles", "sessions"],
	PrismPlugin: ["postgres", "clickhouse"],
} as const satisfies Record<Kind, readonly string[]>;

type Spec = Record<string, unknown>;
type Arbitrary = fc.Arbitrary<Spec>;

const constants = (fields: Spec) =>
	Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fc.constant(value)]));

const NOTHING = fc.constant(undefined);
const some = <Value>(value: fc.Arbitrary<Value>) => fc.oneof(NOTHING, value);
const withoutUndefined = (spec: Spec): Spec =>
	Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
const record = (fields: Record<string, fc.Arbitrary<unknown>>): Arbitrary => fc.record(fields).map(withoutUndefined);

const FEW = fc.integer({ min: 0, max: 3 });
const BACKEND = fc.constantFrom("memstore", "redis", "nats", "postgres");
/** Of what shards serve, so that most namespaces find one. */
const SERVED = fc.constantFrom("postgres", "postgres", "redis", "nats");
const rarely = <Value>(value: fc.Arbitrary<Value>) =>
	fc.oneof({ weight: 4, arbitrary: NOTHING }, { weight: 1, arbitrary: value });
const URL_OF = (scheme: string) =>
	fc.oneof(
		{ weight: 5, arbitrary: fc.constantFrom(`${scheme}://${scheme}:6379`, `${scheme}://${scheme}:6380`) },
		{ weight: 1, arbitrary: fc.constant(`${scheme}://:hunter2-canary@${scheme}:6379`) },
	);
const TIER = fc.constantFrom("p99_10ms", "p99_100ms");

const QUOTAS = record({ maxKeys: some(fc.integer({ min: 1, max: 3 })), maxConnections: some(fc.constant(10)) });

/** What an autoscaler may act on. */
const SCALED = {
	PatternRunner: { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 70 },
	PrismShard: { minReplicas: 1, maxReplicas: 2, targetRPS: 100 },
} as const;

/** The spec of an object that an autoscaler scales; of another kind, as it is. */
export const autoscaled = (kind: Kind, spec: unknown): unknown =>
	(kind === "PatternRunner" || kind === "PrismShard") && isRecord(spec)
		? { ...spec, autoscaling: { enabled: true, ...SCALED[kind] } }
		: spec;

const RUNNER = {
	backend: BACKEND,
	replicas: some(FEW),
	config: some(fc.dictionary(fc.constantFrom("ttl", "size"), fc.constantFrom("1", "2"))),
	autoscaling: some(record({ enabled: fc.boolean(), ...constants(SCALED.PatternRunner) })),
	backendConfig: some(
		record({ name: fc.constantFrom(...NAMES.BackendConfig, "nowhere"), namespace: rarely(fc.constant("team-b")) }),
	),
};

const SENSIBLE: Readonly<Record<Kind, Arbitrary>> = {
	PrismStack: record({
		proxy: record({ replicas: some(FEW) }),
		admin: some(record({ enabled: fc.boolean() })),
		patterns: some(
			fc.uniqueArray(record({ name: fc.constantFrom("cache", "queue"), type: fc.constant("keyvalue"), ...RUNNER }), {
				maxLength: 2,
				selector: ({ name }) => name,
			}),
		),
		backends: some(
			fc.uniqueArray(
				record({
					name: fc.constantFrom("nats", "redis"),
					type: fc.constant("messaging"),
					connectionString: fc.oneof(URL_OF("nats"), URL_OF("redis")),
					healthCheck: some(record({ enabled: fc.boolean() })),
				}),
				{ maxLength: 2, selector: ({ name }) => name },
			),
		),
		namespaces: some(
			fc.uniqueArray(record({ name: fc.constantFrom("orders", "carts"), quotas: some(QUOTAS) }), {
				maxLength: 2,
				selector: ({ name }) => name,
			}),
		),
		observability: some(record({ enabled: fc.boolean() })),
		allowedNamespaces: some(record({ from: fc.constantFrom("All", "Same") })),
	}),
	PatternRunner: record({ pattern: fc.constantFrom("keyvalue", "pubsub"), ...RUNNER }),
	BackendConfig: record({
		type: fc.constant("cache"),
		provider: some(fc.constantFrom("redis", "memstore", "s3")),
		connection: record({
			url: URL_OF("redis"),
			secretRef: rarely(record({ name: fc.constantFrom("redis", "other"), namespace: rarely(fc.constant("team-b")) })),
		}),
		healthCheck: some(record({ enabled: fc.boolean() })),
	}),
	PrismShard: record({
		product: fc.constantFrom("playback", "playback", "search"),
		slaTier: some(TIER),
		backends: fc.constantFrom(["postgres"], ["postgres", "redis"], ["postgres", "nats"], ["redis"]),
		replicas: rarely(fc.integer({ min: 0, max: 2 })),
		weight: some(fc.constantFrom(0, 100, 300)),
		plugins: some(
			fc.uniqueArray(
				record({
					name: fc.constantFrom(...NAMES.PrismPlugin),
					version: some(fc.constant("1.0.0")),
					deployment: some(fc.constantFrom("sidecar", "in-process", "remote")),
				}),
				{ maxLength: 2, selector: ({ name }) => name },
			),
		),
		capacity: rarely(record({ maxNamespaces: rarely(fc.integer({ min: 1, max: 3 })), draining: some(fc.boolean()) })),
		autoscaling: rarely(record(constants(SCALED.PrismShard))),
		storage: some(
			record({
				retention: record({
					whenDeleted: fc.constantFrom("Retain", "Delete"),
					whenScaled: fc.constantFrom("Retain", "Delete"),
				}),
			}),
		),
		allowedNamespaces: some(record({ from: fc.constantFrom("All", "Same") })),
		config: some(fc.dictionary(fc.constantFrom("ttl", "size"), fc.constantFrom("1", "2"))),
	}),
	PrismNamespace: fc.oneof(
		record({
			namespaceId: some(fc.constant("acme-prod")),
			proxyRef: record({
				name: fc.constantFrom("shop-proxy", "prism-proxy"),
				namespace: rarely(fc.constantFrom("team-a", "team-b")),
			}),
			quotas: some(QUOTAS),
			ttl: rarely(fc.constantFrom("1m", "90s", "24h")),
		}),
		record({
			backend: SERVED,
			pattern: some(fc.constant("keyvalue")),
			shard: some(
				record({
					product: rarely(fc.constantFrom("playback", "search")),
					slaTier: rarely(TIER),
					namespace: some(fc.constant("team-a")),
				}),
			),
			quotas: some(QUOTAS),
			backendConfig: some(
				fc.dictionary(fc.constantFrom("pool_size", "password"), fc.constantFrom("1", "hunter2-canary")),
			),
		}),
	),
	PrismPlugin: record({
		version: fc.constantFrom("1.0.0", "1.1.0", "2.0.0", "broken"),
		deployment: some(record({ type: fc.constantFrom("sidecar", "in-process", "remote") })),
		rollout: some(
			record({
				canary: some(fc.constantFrom("eu", "us")),
				maxUnavailableShards: some(fc.integer({ min: 1, max: 2 })),
				bakeSeconds: fc.constantFrom(0, 5),
				deadlineSeconds: fc.constantFrom(60, 300),
				graceSeconds: fc.constantFrom(10, 30),
			}),
		),
	}),
};

const descriptorOf = (kind: Kind): KindDescriptor => {
	const found = KINDS.find((descriptor) => descriptor.kind === kind);
	if (found === undefined) throw new Error(`${kind} is none of our kinds`);
	return found;
};

/** Counts of pods that a simulation can bear. */
const COUNTS = new Set(["replicas", "minReplicas", "maxReplicas", "idleReplicas"]);
const MOST = 4;

const bearable = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(bearable);
	if (!isRecord(value)) return value;
	return Object.fromEntries(
		Object.entries(value).map(([name, member]) => {
			if (COUNTS.has(name) && typeof member === "number" && member > MOST) return [name, member % MOST];
			// A rollout that bakes for longer than a world lasts waits in earnest.
			if (name === "bakeSeconds" && typeof member === "number" && member > 120) return [name, 30];
			return [name, name === "ttl" && endsAtRest(member) ? "24h" : bearable(member)];
		}),
	);
};

/** Worlds come to rest at different times: what expires meanwhile would be so in one of two. */
const endsAtRest = (ttl: unknown): boolean => {
	const millis = typeof ttl === "string" ? durationMillis(ttl) : Number.NaN;
	return millis > 120_000 && millis < 6_000_000;
};

/** What the API server would refuse as a change of a volume or an identifier: the store in memory knows no rules on changes. */
const FIXED: Readonly<Partial<Record<Kind, readonly string[]>>> = {
	PrismShard: ["storage"],
	PrismNamespace: ["namespaceId"],
};

/** A sensible spec in which one field is whatever the schema allows there. */
const mixed = (kind: Kind): Arbitrary => {
	const any = arbitraryOf(descriptorOf(kind).spec) as Arbitrary;
	return fc.tuple(SENSIBLE[kind], any, fc.nat()).map(([sensible, other, choice]) => {
		const names = Object.keys(other).filter((name) => FIXED[kind]?.includes(name) !== true);
		const name = names[choice % Math.max(1, names.length)];
		return name === undefined ? sensible : { ...sensible, [name]: other[name] };
	});
};

const made = new Map<Kind, fc.Arbitrary<unknown>>();

/** Mostly sensible; some out of the schema; a few that are wrong. Without sharing a change of what can't be changed. */
export const specOf = (kind: Kind): fc.Arbitrary<unknown> => {
	const known = made.get(kind);
	if (known !== undefined) return known;
	const specs = fc
		.oneof(
			{ weight: 12, arbitrary: SENSIBLE[kind] },
			{ weight: 3, arbitrary: mixed(kind) },
			{ weight: 1, arbitrary: nearly(SENSIBLE[kind]) },
		)
		.map(bearable);
	made.set(kind, specs);
	return specs;
};
