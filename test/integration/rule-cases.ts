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

type Pair = RuleCase["accepted"];

const runner = { pattern: "keyvalue", backend: "memstore" };
const backend = { type: "cache", connection: { url: "redis://redis:6379" } };
const cpu = { targetCPUUtilizationPercentage: 80 };
const utilization = { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } };
const external = (target: object) => ({ type: "External", external: { metric: { name: "jobs" }, target } });
const tenant = { backend: "postgres" };
const shard = { backends: ["redis"] };
const plugin = { version: "1.0.0" };
const NAME_RULE = "metadata.name must be a DNS label";
const ADDRESS_RULE = "secretRef is needed: only a provider without an address";

/** What a user adds to a container, in the three kinds that run one; a stack's components have the same rules. */
const CONTAINERS = [
	{ kind: "PatternRunner", at: (fields) => ({ ...runner, ...fields }) },
	{ kind: "PrismShard", at: (fields) => ({ ...shard, ...fields }) },
	{ kind: "PrismPlugin", at: (fields) => ({ ...plugin, deployment: fields }) },
] as const satisfies readonly { kind: RuleCase["kind"]; at: (fields: object) => unknown }[];

const mountedAt = (mountPath: string) => ({
	volumes: [{ name: "records", emptyDir: {} }],
	volumeMounts: [{ name: "records", mountPath }],
});

interface PartRule {
	readonly message: string;
	readonly accepted: object;
	readonly rejected: object;
}

/** A rule's pair in a whole spec. */
const spread = ({ message, accepted, rejected }: PartRule, specOf: (part: object) => unknown) => ({
	message,
	accepted: { spec: specOf(accepted) },
	rejected: { spec: specOf(rejected) },
});

const METRIC_RULES: readonly PartRule[] = [
	{
		message: "A metric is either name and averageValue, or type with the field of that type alone",
		accepted: { type: "Resource", resource: utilization },
		rejected: { type: "Pods", resource: utilization },
	},
	{
		message: "type Utilization needs averageUtilization, type AverageValue needs averageValue",
		accepted: { type: "Resource", resource: utilization },
		rejected: {
			type: "Resource",
			resource: { ...utilization, target: { type: "Utilization", averageValue: "500m" } },
		},
	},
	{
		message: "type Value needs value, type AverageValue needs averageValue",
		accepted: external({ type: "Value", value: 100 }),
		rejected: external({ type: "Value", value: 100, averageValue: 10 }),
	},
];

const TOLERATION_RULES: readonly PartRule[] = [
	{
		message: "Without key, operator must be Exists",
		accepted: { operator: "Exists" },
		rejected: { value: "prism" },
	},
	{
		message: "value is for operator Equal only",
		accepted: { key: "dedicated", value: "prism" },
		rejected: { key: "dedicated", operator: "Exists", value: "prism" },
	},
	{
		message: "tolerationSeconds is for effect NoExecute only",
		accepted: { operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 },
		rejected: { operator: "Exists", tolerationSeconds: 60 },
	},
];

const nodeName = { fieldRef: { fieldPath: "spec.nodeName" } };
const CONTAINER_RULES = [
	{
		message: "value and valueFrom are mutually exclusive",
		accepted: { env: [{ name: "A", value: "a" }] },
		rejected: { env: [{ name: "A", value: "a", valueFrom: nodeName }] },
	},
	{
		message: "valueFrom needs exactly one of",
		accepted: { env: [{ name: "A", valueFrom: nodeName }] },
		rejected: { env: [{ name: "A", valueFrom: {} }] },
	},
	{
		message: "This name is in use by the operator's own volume",
		accepted: { volumes: [{ name: "mine", emptyDir: {} }] },
		rejected: { volumes: [{ name: "config", emptyDir: {} }] },
	},
	{
		message: "A volume needs exactly one of",
		accepted: { volumes: [{ name: "mine", secret: { secretName: "s" } }] },
		rejected: { volumes: [{ name: "mine", secret: { secretName: "s" }, emptyDir: {} }] },
	},
	{
		message: "A source needs exactly one of",
		accepted: { volumes: [{ name: "mine", projected: { sources: [{ configMap: { name: "c" } }] } }] },
		rejected: { volumes: [{ name: "mine", projected: { sources: [{}] } }] },
	},
	{
		message: "This path is in use by the operator's own volume",
		accepted: { volumes: [{ name: "mine", emptyDir: {} }], volumeMounts: [{ name: "mine", mountPath: "/mine" }] },
		rejected: { volumes: [{ name: "mine", emptyDir: {} }], volumeMounts: [{ name: "mine", mountPath: "/tmp" }] },
	},
];
const PROBE_RULES = [
	{
		message: "path is for probe type http only",
		accepted: { probe: { type: "http", path: "/ready" } },
		rejected: { probe: { type: "tcp", path: "/ready" } },
	},
	{
		message: "service is for probe type grpc only",
		accepted: { probe: { type: "grpc", service: "prism.Runner" } },
		rejected: { probe: { type: "http", service: "prism.Runner" } },
	},
	{
		message: "port has no effect with probe type none",
		accepted: { probe: { type: "none" } },
		rejected: { probe: { type: "none", port: 80 } },
	},
];

/** What is placed by runnerSpec, or by placement. */
const PLACED = [
	{ kind: "PrismStack", at: (fields) => ({ proxy: fields }) },
	{ kind: "PrismStack", at: (fields) => ({ admin: fields }) },
	{
		kind: "PrismStack",
		at: (fields) => ({ patterns: [{ name: "kv", type: "keyvalue", backend: "memstore", ...fields }] }),
	},
	{ kind: "PatternRunner", at: (fields) => ({ ...runner, ...fields }) },
] as const satisfies readonly { kind: RuleCase["kind"]; at: (fields: object) => unknown }[];

/** Of a Service that is reached from outside, in the three places where there is one. */
const SERVICES = [
	{ kind: "PrismStack", name: "dev", outside: "NodePort and LoadBalancer", at: (service) => ({ proxy: { service } }) },
	{
		kind: "PrismStack",
		name: "admin",
		outside: "NodePort and LoadBalancer",
		at: (service) => ({ admin: { service } }),
	},
	{
		kind: "PatternRunner",
		name: "kv",
		outside: "NodePort and LoadBalancer",
		at: (service) => ({ ...runner, service }),
	},
	{ kind: "PrismShard", name: "eu", outside: "LoadBalancer", at: (exposure) => ({ ...shard, exposure }) },
] as const satisfies readonly {
	kind: RuleCase["kind"];
	name: string;
	outside: string;
	at: (service: object) => unknown;
}[];

const balanced = (ranges: readonly string[]) => ({ type: "LoadBalancer", loadBalancerSourceRanges: ranges });
const RANGES = ["203.0.113.0/24", "0.0.0.0/0", "2001:db8::/32", "::/0", "::1/128", "fe80:0:0:0:0:0:0:1/64", "1::8/9"];

const serviceCases = SERVICES.flatMap(({ kind, name, outside, at }): RuleCase[] => [
	{
		kind,
		message: `externalTrafficPolicy is for type ${outside} only`,
		accepted: { spec: at({ type: "LoadBalancer", externalTrafficPolicy: "Local" }) },
		rejected: { spec: at({ externalTrafficPolicy: "Local" }) },
	},
	{
		kind,
		message: "loadBalancerSourceRanges is for type LoadBalancer only",
		accepted: { spec: at(balanced(RANGES)) },
		rejected: { spec: at({ loadBalancerSourceRanges: ["203.0.113.0/24"] }) },
	},
	...["203.0.113.0", "203.0.113.256/24", "10.0.0.0/33", "2001:db8::1::/32", "1:2:3:4:5:6:7::8/64", "::/129", ""].map(
		(range): RuleCase => ({
			kind,
			message: "Must be a CIDR such as 203.0.113.0/24 or 2001:db8::/32",
			accepted: { spec: at(balanced(RANGES)) },
			rejected: { spec: at(balanced([range])) },
		}),
	),
	...(
		[
			["IPv4", "IPv6", undefined],
			["IPv4", "IPv4", "RequireDualStack"],
			["IPv6", undefined, "RequireDualStack"],
			["IPv6", undefined, "PreferDualStack"],
			["IPv6", "IPv4", "PreferDualStack"],
		] as const
	).map(([first, second, ipFamilyPolicy], index): RuleCase => {
		const accepted = [{ ipFamilies: ["IPv6"] }, { ipFamilyPolicy: "PreferDualStack" }] as const;
		const dual = { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv6", "IPv4"] };
		const ipFamilies = [first, ...(second === undefined ? [] : [second])];
		return {
			kind,
			message: "ipFamilies must have two families with ipFamilyPolicy RequireDualStack",
			accepted: { spec: at(accepted[index] ?? dual) },
			rejected: { spec: at({ ipFamilies, ...(ipFamilyPolicy && { ipFamilyPolicy }) }) },
		};
	}),
	{
		kind,
		message: "The first of ipFamilies can't be changed",
		before: { name, spec: at({ ipFamilies: ["IPv4"] }) },
		accepted: { name, spec: at({ ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv4", "IPv6"] }) },
		rejected: { name, spec: at({ ipFamilies: ["IPv6"] }) },
	},
]);

/** Whoever writes days is told the hours. */
const durationCases = ["7d", "1w", "1h 30m", "30", "-5s", "1d12h"].flatMap((text): RuleCase[] => {
	const message = "Must be a duration such as 30s, 1h30m, or 168h for 7 days";
	return [
		{
			kind: "PrismNamespace",
			message,
			accepted: { spec: { ...tenant, ttl: "168h" } },
			rejected: { spec: { ...tenant, ttl: text } },
		},
		{
			kind: "PrismStack",
			message,
			accepted: { spec: { namespaces: [{ name: "a", ttl: "1h30m" }] } },
			rejected: { spec: { namespaces: [{ name: "a", ttl: text }] } },
		},
		{
			kind: "BackendConfig",
			message,
			accepted: { spec: { ...backend, healthCheck: { interval: "10s", timeout: "1.5s" } } },
			rejected: { spec: { ...backend, healthCheck: { interval: text } } },
		},
		{
			kind: "PrismPlugin",
			message,
			accepted: { spec: { ...plugin, healthCheck: { interval: "10s", timeout: "1.5s" } } },
			rejected: { spec: { ...plugin, healthCheck: { timeout: text } } },
		},
	];
});

export const RULE_CASES: readonly RuleCase[] = [
	...serviceCases,
	...durationCases,
	{
		kind: "PrismStack",
		message: NAME_RULE,
		accepted: { name: "prism-dev", spec: {} },
		rejected: { name: "prism.dev", spec: {} },
	},
	{
		kind: "PrismStack",
		message: "A pattern can't be named <stack>-proxy, <stack>-proxy-headless or <stack>-admin",
		accepted: { name: "dev", spec: { patterns: [{ name: "other-proxy", type: "keyvalue", backend: "memstore" }] } },
		rejected: { name: "dev", spec: { patterns: [{ name: "dev-proxy", type: "keyvalue", backend: "memstore" }] } },
	},
	{
		kind: "PrismStack",
		message: "With admin.storage, a pattern can't be named <stack>-admin-headless",
		accepted: {
			name: "dev",
			spec: { patterns: [{ name: "dev-admin-headless", type: "keyvalue", backend: "memstore" }] },
		},
		rejected: {
			name: "dev",
			spec: {
				admin: { storage: {} },
				patterns: [{ name: "dev-admin-headless", type: "keyvalue", backend: "memstore" }],
			},
		},
	},
	{
		kind: "PrismStack",
		message: "replicas must be odd with storage",
		accepted: { spec: { admin: { replicas: 3, storage: {} } } },
		rejected: { spec: { admin: { replicas: 2, storage: {} } } },
	},
	{
		kind: "PrismStack",
		message: "port must not be set with storage and several replicas",
		accepted: { spec: { admin: { port: 7000, storage: {} } } },
		rejected: { spec: { admin: { port: 7000, replicas: 3, storage: {} } } },
	},
	{
		kind: "PrismStack",
		message: "With storage, the volume of each pod is mounted at /var/lib/prism-admin",
		accepted: { spec: { admin: { ...mountedAt("/var/lib/prism-admin") } } },
		rejected: { spec: { admin: { storage: {}, ...mountedAt("/var/lib/prism-admin") } } },
	},
	{
		kind: "PrismStack",
		message: "replicas can't be changed with storage",
		before: { name: "members", spec: { admin: { enabled: true, storage: {} } } },
		accepted: { name: "members", spec: { admin: { enabled: false, replicas: 3, storage: {} } } },
		rejected: { name: "members", spec: { admin: { enabled: true, replicas: 3, storage: {} } } },
	},
	{
		kind: "PrismStack",
		message: "size can't be changed: grow the PersistentVolumeClaims",
		before: { name: "recorded", spec: { admin: { storage: { size: "1Gi" } } } },
		accepted: { name: "recorded", spec: { admin: { storage: { size: "1024Mi" } } } },
		rejected: { name: "recorded", spec: { admin: { storage: { size: "2Gi" } } } },
	},
	{
		kind: "PrismStack",
		message: "storageClassName can't be changed",
		before: { name: "classed", spec: { admin: { storage: { storageClassName: "fast" } } } },
		accepted: { name: "classed", spec: { admin: { storage: { storageClassName: "fast" } } } },
		rejected: { name: "classed", spec: { admin: { storage: {} } } },
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
		message: "names is required with from: List",
		accepted: { spec: { allowedNamespaces: { from: "List", names: ["team-a"] } } },
		rejected: { spec: { allowedNamespaces: { from: "Same", names: ["team-a"] } } },
	},
	{
		kind: "PrismStack",
		message: "A peer is either ipBlock, or",
		accepted: { spec: { networkPolicy: { clients: [{ ipBlock: { cidr: "10.0.0.0/8" } }, { podSelector: {} }] } } },
		rejected: { spec: { networkPolicy: { admin: [{}] } } },
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
	...CONTAINERS.filter(({ kind }) => kind !== "PrismPlugin").flatMap(({ kind, at }) =>
		[
			...METRIC_RULES.map((each) =>
				spread(each, (metric) => at({ autoscaling: { maxReplicas: 2, metrics: [metric] } })),
			),
			...TOLERATION_RULES.flatMap((each) =>
				["runnerSpec", ...(kind === "PrismShard" ? [] : ["placement"])].map((field) =>
					spread(each, (one) => at({ [field]: { tolerations: [one] } })),
				),
			),
		].map((each): RuleCase => ({ kind, ...each })),
	),
	...CONTAINERS.flatMap(({ kind, at }) =>
		[...CONTAINER_RULES, ...(kind === "PrismPlugin" ? [] : PROBE_RULES)].map(
			({ message, accepted, rejected }): RuleCase => ({
				kind,
				message,
				accepted: { spec: at(accepted) },
				rejected: { spec: at(rejected) },
			}),
		),
	),
	{
		kind: "PrismPlugin",
		message: "args, env, volumes and volumeMounts are for types sidecar and remote",
		accepted: { spec: { ...plugin, deployment: { type: "remote", args: ["-v"] } } },
		rejected: { spec: { ...plugin, deployment: { type: "in-process", args: ["-v"] } } },
	},
	...PLACED.map(
		({ kind, at }): RuleCase => ({
			kind,
			message: "placement and runnerSpec are two names of one field",
			accepted: { spec: at({ placement: { strategy: "MultiZone", nodeSelector: { pool: "a" } } }) },
			rejected: { spec: at({ placement: {}, runnerSpec: {} }) },
		}),
	),
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
	...CONTAINERS.filter(({ kind }) => kind !== "PrismPlugin" && kind !== "PrismShard").map(({ kind, at }): RuleCase => {
		const named = (...names: (string | undefined)[]) => {
			const triggers = names.map((name) => ({ type: "kafka", metadata: {}, ...(name !== undefined && { name }) }));
			return { spec: at({ autoscaling: { maxReplicas: 2, scaler: "keda", triggers } }) };
		};
		return {
			kind,
			message: "Two triggers have the same name",
			accepted: named("a", "b", undefined, undefined, "", ""),
			rejected: named("a", undefined, "a"),
		};
	}),
	{
		kind: "BackendConfig",
		message: "runnerFile has no credentials",
		accepted: {
			spec: {
				type: "messaging",
				provider: "kafka",
				connection: { secretRef: { name: "kafka" } },
				runnerFile: { namespaces: [{ name: "audit", pattern: "pubsub" }] },
			},
		},
		rejected: {
			spec: {
				type: "cache",
				provider: "redis",
				connection: { secretRef: { name: "redis" } },
				runnerFile: { namespaces: [{ name: "orders", pattern: "keyvalue" }] },
			},
		},
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
		message: "interval must be between 1s and 24h",
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
		message: "A shard's name can't be, or end in, proxy, admin or headless",
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
		message: "autoscaling needs targetRPS",
		accepted: { spec: { ...shard, autoscaling: { maxReplicas: 2, ...cpu } } },
		rejected: { spec: { ...shard, autoscaling: { maxReplicas: 2 } } },
	},
	{
		kind: "PrismShard",
		message: "minReplicas must be at most maxReplicas",
		accepted: { spec: { ...shard, autoscaling: { minReplicas: 2, maxReplicas: 2, targetRPS: 100 } } },
		rejected: { spec: { ...shard, autoscaling: { minReplicas: 3, maxReplicas: 2, targetRPS: 100 } } },
	},
	{
		kind: "PrismShard",
		message: "size can't be changed: grow the PersistentVolumeClaims",
		before: { name: "sized", spec: { ...shard, storage: { size: "10Gi" } } },
		accepted: { name: "sized", spec: { ...shard, storage: { retention: { whenDeleted: "Delete" } } } },
		rejected: { name: "sized", spec: { ...shard, storage: { size: "20Gi" } } },
	},
	...[
		["gi", "1Gi", "1024Mi", "1025Mi"],
		["fraction", "1.5Gi", "1536Mi", "1.5G"],
		["exponent", "1e9", "1G", "1Gi"],
		["capital", "1E9", 1_000_000_000, "1E"],
		["bytes", 1_073_741_824, "1Gi", "1M"],
	].map(([name, ...sizes]): RuleCase => {
		const [before, accepted, rejected] = sizes.map((size) => ({
			name: `sized-${name}`,
			spec: { ...shard, storage: { size } },
		})) as [Pair, Pair, Pair];
		return { kind: "PrismShard", message: "size can't be changed", before, accepted, rejected };
	}),
	{
		kind: "PrismShard",
		message: "storageClassName can't be changed",
		before: { name: "classed", spec: { ...shard, storage: { storageClassName: "fast" } } },
		accepted: { name: "classed", spec: { ...shard, replicas: 3, storage: { storageClassName: "fast" } } },
		rejected: { name: "classed", spec: shard },
	},
	{
		kind: "PrismShard",
		message: "storageClassName can't be changed",
		before: { name: "classless", spec: { ...shard, storage: { storageClassName: "" } } },
		accepted: { name: "classless", spec: { ...shard, replicas: 3, storage: { storageClassName: "" } } },
		rejected: { name: "classless", spec: shard },
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
		message: "names is required with from: List",
		accepted: { spec: { ...shard, allowedNamespaces: { from: "All" } } },
		rejected: { spec: { ...shard, allowedNamespaces: { from: "List" } } },
	},
	{
		kind: "PrismShard",
		message: "A peer is either ipBlock, or",
		accepted: {
			spec: { ...shard, networkPolicy: { clients: [{ ipBlock: { cidr: "10.0.0.0/8" } }, { podSelector: {} }] } },
		},
		rejected: { spec: { ...shard, networkPolicy: { admin: [{}] } } },
	},
	{
		kind: "PrismNamespace",
		message: "proxyRef and shard are mutually exclusive",
		accepted: { spec: { proxyRef: { name: "dev-proxy" } } },
		rejected: { spec: { ...tenant, proxyRef: { name: "dev-proxy" }, shard: { product: "cart" } } },
	},
	{
		kind: "PrismNamespace",
		message: "backend is required, because a shard must serve it",
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
		message: "interval must be between 1s and 1h",
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
