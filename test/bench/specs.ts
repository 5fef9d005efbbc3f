import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";

// What the hooks are measured with: for each kind a small object, a usual one, and one as large as it gets.

export type Size = "small" | "usual" | "large" | "largest";

const NAMESPACE = "team";
const CREATED = "2026-01-01T00:00:00Z";

export const object = (kind: string, name: string, spec: unknown, status?: unknown): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: {
		name,
		namespace: NAMESPACE,
		uid: `00000000-0000-4000-8000-${Buffer.from(`${kind}${name}`).toString("hex").slice(-12).padStart(12, "0")}`,
		generation: 1,
		creationTimestamp: CREATED,
	},
	spec,
	...(status !== undefined && { status }),
});

const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
	Array.from({ length: count }, (_, index) => make(index));

const RESOURCES = { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "2", memory: "2Gi" } };

/** Free-form settings of about so many bytes. */
const settings = (bytes: number) => {
	const count = Math.min(100, Math.ceil(bytes / 64));
	return Object.fromEntries(times(count, (index) => [`setting${index}`, "x".repeat(bytes / count)]));
};

// ── PrismStack ──────────────────────────────────────────────────────────────────────────────────────────────────────

const pattern = (backends: number, configBytes: number) => (index: number) => ({
	name: `pattern-${index}`,
	type: ["keyvalue", "pubsub", "queue"][index % 3],
	backend: `backend-${index % backends}`,
	replicas: 2,
	runnerSpec: { resources: RESOURCES },
	config: settings(configBytes),
});

const backend = (index: number) => ({
	name: `backend-${index}`,
	type: "messaging",
	provider: "nats",
	connectionString: `nats://nats-${index}.backends.svc:4222`,
});

const stack = (patterns: number, backends: number, configBytes: number): KubeObject =>
	object("PrismStack", "prism", {
		proxy: { replicas: 3, resources: RESOURCES },
		admin: { enabled: true },
		patterns: times(patterns, pattern(backends, configBytes)),
		backends: times(backends, backend),
		observability: { enabled: true, tracing: { endpoint: "http://jaeger.observability.svc:14268" } },
	});

// ── PatternRunner and BackendConfig ─────────────────────────────────────────────────────────────────────────────────

const runner = (spec: Record<string, unknown>): KubeObject =>
	object("PatternRunner", "orders-keyvalue", { pattern: "keyvalue", backend: "redis", ...spec });

const BINDING = {
	provider: "redis",
	configMap: "redis-backend",
	checksum: "0123456789abcdef",
	secret: { name: "redis-credentials", username: "username", password: "password", optional: [] },
};

const backendConfig = (spec: Record<string, unknown>, status?: unknown): KubeObject =>
	object("BackendConfig", "redis", { type: "cache", ...spec }, status);

const READY = {
	observedGeneration: 1,
	conditions: [
		{
			type: "Ready",
			status: "True",
			reason: "BackendHealthy",
			message: "the backend answers",
			lastTransitionTime: CREATED,
		},
	],
};

// ── PrismShard, PrismPlugin ─────────────────────────────────────────────────────────────────────────────────────────

const shard = (name: string, replicas: number, plugins: number, status?: unknown): KubeObject =>
	object(
		"PrismShard",
		name,
		{
			product: "playback",
			feature: "live",
			slaTier: "p99_10ms",
			backends: ["redis", "postgres", "kafka"],
			replicas,
			resources: RESOURCES,
			...(plugins > 0 && { plugins: times(plugins, (index) => ({ name: `plugin-${index}`, version: "1.2.0" })) }),
			capacity: { maxNamespaces: 500 },
		},
		status,
	);

const plugin = (index: number): KubeObject =>
	object(
		"PrismPlugin",
		`plugin-${index}`,
		{
			version: "1.2.0",
			deployment: { type: "sidecar", resources: RESOURCES },
			healthCheck: { grpc: { port: 50100 + index } },
			rollout: { bakeSeconds: 0, maxUnavailableShards: 100 },
		},
		ROLLED_OUT,
	);

const RELEASE = { version: "1.2.0", image: "ghcr.io/prism/plugins/plugin-0-plugin:1.2.0" };

/** As it is once every shard has it. */
const ROLLED_OUT = {
	observedGeneration: 1,
	rollout: { generation: 1, ...RELEASE, phase: "Complete", startedAt: CREATED, finishedAt: CREATED },
	lastGoodVersion: RELEASE.version,
	lastGoodImage: RELEASE.image,
};

/** A shard with a status as its own hook writes it, for the plugin that relates to it. */
const follower = (index: number): KubeObject =>
	shard(`playback-${index}`, 3, 0, {
		...READY,
		phase: "Running",
		replicas: 3,
		readyReplicas: 3,
		updatedReplicas: 3,
		namespaces: 200,
		aggregateMetrics: { totalRPS: 1200, avgP99Latency: "7.5ms" },
		plugins: [
			{
				name: "plugin-0",
				deployment: "sidecar",
				pinned: false,
				version: "1.2.0",
				image: "ghcr.io/prism/plugins/plugin-0-plugin:1.2.0",
				desired: 3,
				updated: 3,
				ready: 3,
			},
		],
	});

const following = (index: number): KubeObject => {
	const one = follower(index);
	return { ...one, spec: { ...(one["spec"] as object), plugins: [{ name: "plugin-0" }] } };
};

// ── Cases ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A parent of a composite, or of a decorator that asks nobody. */
export interface SpecCase {
	readonly size: Size;
	readonly title: string;
	readonly parent: KubeObject;
	readonly related: readonly KubeObject[];
}

export const SPEC_CASES: readonly SpecCase[] = [
	{ size: "small", title: "1 pattern", parent: stack(1, 1, 64), related: [] },
	{ size: "usual", title: "10 patterns", parent: stack(10, 3, 128), related: [] },
	{ size: "large", title: "100 patterns", parent: stack(100, 20, 128), related: [] },
	{ size: "largest", title: "100 patterns, 8 MiB", parent: stack(100, 20, 14_500), related: [] },
	{ size: "small", title: "memstore", parent: runner({ backend: "memstore" }), related: [] },
	{
		size: "usual",
		title: "backend, autoscaled",
		parent: runner({
			backendConfig: { name: "redis" },
			replicas: 3,
			autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 75 },
			runnerSpec: { resources: RESOURCES },
			config: settings(256),
		}),
		related: [backendConfig({ provider: "redis" }, { ...READY, binding: BINDING })],
	},
	{ size: "large", title: "64 KiB of config", parent: runner({ config: settings(65_000) }), related: [] },
	{
		size: "small",
		title: "URL",
		parent: backendConfig({ provider: "redis", connection: { url: "redis://r:6379" } }),
		related: [],
	},
	{
		size: "usual",
		title: "probed, from a Secret",
		parent: backendConfig({
			provider: "redis",
			connection: { url: "rediss://r:6379", secretRef: { name: "redis-credentials" } },
			healthCheck: { enabled: true },
			config: settings(256),
		}),
		related: [],
	},
	{
		size: "large",
		title: "64 KiB of config",
		parent: backendConfig({ provider: "redis", connection: { url: "redis://r:6379" }, config: settings(65_000) }),
		related: [],
	},
	{ size: "small", title: "1 pod", parent: shard("live", 1, 0), related: [] },
	{
		size: "usual",
		title: "3 pods, 2 plugins",
		parent: shard("live", 3, 2),
		related: times(2, (index) => plugin(index)),
	},
	{
		size: "large",
		title: "20 pods, 10 plugins",
		parent: shard("live", 20, 10),
		related: times(10, (index) => plugin(index)),
	},
	{ size: "small", title: "1 shard", parent: plugin(0), related: times(1, following) },
	{ size: "usual", title: "10 shards", parent: plugin(0), related: times(10, following) },
	{ size: "large", title: "500 shards", parent: plugin(0), related: times(500, following) },
];
