// One pair for every CEL rule of every kind: what it accepts and what it rejects. `message` is (the beginning of) the
// rule's own message; a test holds this table against the rules in the schemas, so that none is without its pair.

export interface RuleCase {
	readonly kind: "PrismStack" | "PatternRunner" | "BackendConfig" | "PrismShard" | "PrismNamespace" | "PrismPlugin";
	readonly message: string;
	/** A rule about a change: the object as it is before. Offline nothing is known of that. */
	readonly before?: { readonly name?: string; readonly spec: unknown };
	readonly accepted: { readonly name?: string; readonly spec: unknown };
	readonly rejected: { readonly name?: string; readonly spec: unknown };
}

const runner = { pattern: "keyvalue", backend: "memstore" };
const backend = { type: "cache", connection: { url: "redis://redis:6379" } };
const cpu = { targetCPUUtilizationPercentage: 80 };
const tenant = { backend: "postgres" };
const shard = { backends: ["redis"] };
const plugin = { version: "1.0.0" };
const NAME_RULE = "metadata.name must be a DNS label";
const ADDRESS_RULE = "secretRef is needed: only a provider without an address";

export const RULE_CASES: readonly RuleCase[] = [
	{
		kind: "PrismStack",
		message: NAME_RULE,
		accepted: { name: "prism-dev", spec: {} },
		rejected: { name: "prism.dev", spec: {} },
	},
	{
		kind: "PrismStack",
		message: "a pattern can't be named <stack>-proxy, <stack>-proxy-headless or <stack>-admin",
		accepted: { name: "dev", spec: { patterns: [{ name: "other-proxy", type: "keyvalue", backend: "memstore" }] } },
		rejected: { name: "dev", spec: { patterns: [{ name: "dev-proxy", type: "keyvalue", backend: "memstore" }] } },
	},
	{
		kind: "PrismStack",
		message: "adminPort must differ from port",
		accepted: { spec: { proxy: { port: 9000 } } },
		rejected: { spec: { proxy: { port: 8981 } } },
	},
	{
		kind: "PrismStack",
		message: "observability.metrics.port must differ from proxy.adminPort",
		accepted: { spec: { observability: { enabled: false, metrics: { port: 8981 } } } },
		rejected: { spec: { observability: { enabled: true, metrics: { port: 8981 } } } },
	},
	{
		kind: "PrismStack",
		message: "names goes with from: List",
		accepted: { spec: { allowedNamespaces: { from: "List", names: ["team-a"] } } },
		rejected: { spec: { allowedNamespaces: { from: "Same", names: ["team-a"] } } },
	},
	{
		kind: "PrismStack",
		message: `connectionString or ${ADDRESS_RULE}`,
		accepted: { spec: { backends: [{ name: "memstore", type: "cache" }] } },
		rejected: { spec: { backends: [{ name: "redis", type: "cache" }] } },
	},
	{
		kind: "PrismStack",
		message: "tls.secretRef has no effect",
		accepted: {
			spec: {
				backends: [
					{
						name: "redis",
						type: "cache",
						connectionString: "redis://r",
						tls: { enabled: true, secretRef: { name: "t" } },
					},
				],
			},
		},
		rejected: {
			spec: {
				backends: [{ name: "redis", type: "cache", connectionString: "redis://r", tls: { secretRef: { name: "t" } } }],
			},
		},
	},
	{
		kind: "PatternRunner",
		message: NAME_RULE,
		accepted: { name: "keyvalue-001", spec: runner },
		rejected: { name: "1-keyvalue", spec: runner },
	},
	{
		kind: "PatternRunner",
		message: "path is for probe type http only",
		accepted: { spec: { ...runner, probe: { type: "http", path: "/ready" } } },
		rejected: { spec: { ...runner, probe: { type: "tcp", path: "/ready" } } },
	},
	{
		kind: "PatternRunner",
		message: "service is for probe type grpc only",
		accepted: { spec: { ...runner, probe: { type: "grpc", service: "prism.Runner" } } },
		rejected: { spec: { ...runner, probe: { type: "http", service: "prism.Runner" } } },
	},
	{
		kind: "PatternRunner",
		message: "minReplicas must be at most maxReplicas",
		accepted: { spec: { ...runner, autoscaling: { minReplicas: 2, maxReplicas: 2, ...cpu } } },
		rejected: { spec: { ...runner, autoscaling: { minReplicas: 3, maxReplicas: 2, ...cpu } } },
	},
	{
		kind: "PatternRunner",
		message: "minReplicas 0 needs scaler: keda",
		accepted: {
			spec: {
				...runner,
				autoscaling: { minReplicas: 0, maxReplicas: 2, scaler: "keda", triggers: [{ type: "kafka", metadata: {} }] },
			},
		},
		rejected: { spec: { ...runner, autoscaling: { minReplicas: 0, maxReplicas: 2, ...cpu } } },
	},
	{
		kind: "PatternRunner",
		message: "scaler hpa needs targetCPUUtilizationPercentage",
		accepted: { spec: { ...runner, autoscaling: { enabled: false, maxReplicas: 2 } } },
		rejected: { spec: { ...runner, autoscaling: { maxReplicas: 2 } } },
	},
	{
		kind: "PatternRunner",
		message: "scaler keda needs triggers",
		accepted: {
			spec: { ...runner, autoscaling: { maxReplicas: 2, scaler: "keda", triggers: [{ type: "kafka", metadata: {} }] } },
		},
		rejected: { spec: { ...runner, autoscaling: { maxReplicas: 2, scaler: "keda", ...cpu } } },
	},
	{
		kind: "BackendConfig",
		message: NAME_RULE,
		accepted: { name: "redis-main", spec: backend },
		rejected: { name: "redis.main", spec: backend },
	},
	{
		kind: "BackendConfig",
		message: `connection.url or connection.${ADDRESS_RULE}`,
		accepted: { spec: { type: "cache", provider: "memstore" } },
		rejected: { spec: { type: "cache", provider: "redis" } },
	},
	{
		kind: "BackendConfig",
		message: "tls.secretRef has no effect",
		accepted: { spec: { ...backend, tls: { enabled: true, secretRef: { name: "redis-tls" } } } },
		rejected: { spec: { ...backend, tls: { enabled: false, secretRef: { name: "redis-tls" } } } },
	},
	{
		kind: "BackendConfig",
		message: "interval must lie between 1s and 24h",
		accepted: { spec: { ...backend, healthCheck: { interval: "24h", timeout: "1s" } } },
		rejected: { spec: { ...backend, healthCheck: { interval: "500ms", timeout: "100ms" } } },
	},
	{
		kind: "BackendConfig",
		message: "timeout must be above 0s and at most interval",
		accepted: { spec: { ...backend, healthCheck: { interval: "5s", timeout: "5s" } } },
		rejected: { spec: { ...backend, healthCheck: { interval: "5s", timeout: "6s" } } },
	},
	{
		kind: "PrismShard",
		message: NAME_RULE,
		accepted: { name: "playback-live", spec: shard },
		rejected: { name: "playback.live", spec: shard },
	},
	{
		kind: "PrismShard",
		message: "a shard can't be named proxy, admin or headless",
		accepted: { name: "proxy-eu", spec: shard },
		rejected: { name: "eu-proxy", spec: shard },
	},
	{
		kind: "PrismShard",
		message: "port, adminPort and metricsPort must differ",
		accepted: { spec: { ...shard, port: 9000 } },
		rejected: { spec: { ...shard, port: 9090 } },
	},
	{
		kind: "PrismShard",
		message: "minReplicas must be at most maxReplicas",
		accepted: { spec: { ...shard, autoscaling: { minReplicas: 2, maxReplicas: 2, targetRPS: 100 } } },
		rejected: { spec: { ...shard, autoscaling: { minReplicas: 3, maxReplicas: 2, targetRPS: 100 } } },
	},
	{
		kind: "PrismShard",
		message: "size can't be changed: a StatefulSet keeps the volumes",
		before: { name: "sized", spec: { ...shard, storage: { size: "10Gi" } } },
		accepted: { name: "sized", spec: { ...shard, storage: { retention: { whenDeleted: "Delete" } } } },
		rejected: { name: "sized", spec: { ...shard, storage: { size: "20Gi" } } },
	},
	{
		kind: "PrismShard",
		message: "storageClassName can't be changed",
		before: { name: "classed", spec: { ...shard, storage: { storageClassName: "fast" } } },
		accepted: { name: "classed", spec: { ...shard, replicas: 3, storage: { storageClassName: "fast" } } },
		rejected: { name: "classed", spec: shard },
	},
	{
		kind: "PrismShard",
		message: "type Ingress needs host",
		accepted: { spec: { ...shard, exposure: { type: "Ingress", host: "prism.example.com" } } },
		rejected: { spec: { ...shard, exposure: { type: "Ingress" } } },
	},
	{
		kind: "PrismShard",
		message: "host, ingressClassName and tlsSecretName are for type Ingress only",
		accepted: { spec: { ...shard, exposure: { type: "LoadBalancer", annotations: { a: "b" } } } },
		rejected: { spec: { ...shard, exposure: { type: "LoadBalancer", host: "prism.example.com" } } },
	},
	{
		kind: "PrismShard",
		message: "names goes with from: List",
		accepted: { spec: { ...shard, allowedNamespaces: { from: "All" } } },
		rejected: { spec: { ...shard, allowedNamespaces: { from: "List" } } },
	},
	{
		kind: "PrismNamespace",
		message: "proxyRef and shard exclude each other",
		accepted: { spec: { proxyRef: { name: "dev-proxy" } } },
		rejected: { spec: { ...tenant, proxyRef: { name: "dev-proxy" }, shard: { product: "cart" } } },
	},
	{
		kind: "PrismNamespace",
		message: "backend is needed, for a shard must serve it",
		accepted: { spec: tenant },
		rejected: { spec: { pattern: "keyvalue" } },
	},
	{
		kind: "PrismNamespace",
		message: "rateLimit.rps and quotas.rateLimit.requestsPerSecond are one limit and disagree",
		accepted: { spec: { ...tenant, rateLimit: { rps: 5 }, quotas: { rateLimit: { requestsPerSecond: 5 } } } },
		rejected: { spec: { ...tenant, rateLimit: { rps: 5 }, quotas: { rateLimit: { requestsPerSecond: 6 } } } },
	},
	{
		kind: "PrismNamespace",
		message: "spec.namespaceId can't be changed",
		before: { name: "acme", spec: { ...tenant, namespaceId: "acme-prod" } },
		accepted: { name: "acme", spec: { ...tenant, namespaceId: "acme-prod", displayName: "ACME" } },
		rejected: { name: "acme", spec: { ...tenant, namespaceId: "acme-staging" } },
	},
	{
		kind: "PrismPlugin",
		message: NAME_RULE,
		accepted: { name: "mongodb", spec: plugin },
		rejected: { name: "mongo.db", spec: plugin },
	},
	{
		kind: "PrismPlugin",
		message: "replicas and podSecurity are for type remote only",
		accepted: { spec: { ...plugin, deployment: { type: "remote", replicas: 3 } } },
		rejected: { spec: { ...plugin, deployment: { type: "sidecar", replicas: 3 } } },
	},
	{
		kind: "PrismPlugin",
		message: "interval must lie between 1s and 1h",
		accepted: { spec: { ...plugin, healthCheck: { interval: "1h" } } },
		rejected: { spec: { ...plugin, healthCheck: { interval: "2h" } } },
	},
	{
		kind: "PrismPlugin",
		message: "timeout must be above 0s and at most interval",
		accepted: { spec: { ...plugin, healthCheck: { interval: "5s", timeout: "5s" } } },
		rejected: { spec: { ...plugin, healthCheck: { interval: "5s", timeout: "6s" } } },
	},
];
