import { type Static, Type } from "@sinclair/typebox";
import {
	Choice,
	Conditions,
	type Described,
	DNS_LABEL_PATTERN,
	Duration,
	FreeForm,
	type KindDescriptor,
	MapOf,
	ObjectName,
	ObservedGeneration,
	Port,
	readyColumns,
	rules,
	Timestamp,
	Word,
} from "./common.ts";
import { INSTANCE_CAUSES } from "./findings/prismnamespace.ts";
import { NamespaceId, tenantFields } from "./tenancy.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const KubernetesNamespace = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 63, pattern: DNS_LABEL_PATTERN });

const ProxyReference = Type.Object(
	{
		name: ObjectName({ description: "Name of the stack's proxies: <stack>-proxy." }),
		namespace: Type.Optional(KubernetesNamespace("Kubernetes namespace of the stack. Default: this object's own.")),
	},
	{ description: "The proxies of a PrismStack, which provision the namespace." },
);

const LabelText = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 63, pattern: "^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$" });

const ShardSelector = Type.Object(
	{
		product: Type.Optional(LabelText("Only shards of this product.")),
		feature: Type.Optional(LabelText("Only shards of this feature.")),
		slaTier: Type.Optional(LabelText("Only shards of this tier, such as p99_10ms.")),
		namespace: Type.Optional(KubernetesNamespace("Kubernetes namespace of the shards. Default: this object's own.")),
	},
	{ description: "Selects the shards that the namespace may be assigned to." },
);

const Auth = Type.Object(
	{
		oidcIssuer: Type.Optional(
			Type.String({ description: "URL of the OpenID provider.", minLength: 1, maxLength: 2048 }),
		),
		oidcClientId: Type.Optional(
			Type.String({ description: "Required audience of tokens: the client ID.", minLength: 1, maxLength: 253 }),
		),
		serviceAccounts: Type.Optional(
			Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
				description: "Service accounts that may use the namespace.",
				maxItems: 100,
				"x-kubernetes-list-type": "set",
			}),
		),
	},
	{ description: "Access of clients to the namespace." },
);

const Caching = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether the proxy caches responses.", default: true }),
		ttl: Type.Optional(Duration({ description: "How long a response may be cached, such as 300s." })),
	},
	{ description: "Caching in the proxy." },
);

const Spec = Type.Object(
	{
		namespaceId: Type.Optional(
			NamespaceId(
				"Identifier of the namespace on the proxy. Default: this object's name. The identifier can't be changed.",
			),
		),
		proxyRef: Type.Optional(ProxyReference),
		shard: Type.Optional(ShardSelector),
		backend: Type.Optional(
			LabelText("Backend that stores the namespace's data, such as postgres. The shard must serve it."),
		),
		pattern: Type.Optional(LabelText("Pattern of the namespace, such as keyvalue.")),
		consistency: Type.Optional(LabelText("Consistency of reads, such as strong or eventual.")),
		backendConfig: Type.Optional(
			MapOf(FreeForm({ description: "Any JSON value." }), {
				description:
					"The backend's settings for this namespace, such as connection_string and pool_size. Do not put credentials here.",
				maxProperties: 64,
			}),
		),
		caching: Type.Optional(Caching),
		rateLimit: Type.Optional(
			Type.Object(
				{
					rps: Type.Integer({
						description: "Requests per second; the same limit as quotas.rateLimit.requestsPerSecond.",
						minimum: 0,
						maximum: 1_000_000_000_000,
						format: "int64",
					}),
				},
				{ description: "Limit on requests." },
			),
		),
		auth: Type.Optional(Auth),
		...tenantFields,
	},
	{
		description: "The desired namespace.",
		...rules(
			{
				rule: "!has(self.proxyRef) || !has(self.shard)",
				message:
					"proxyRef and shard are mutually exclusive: a namespace is provisioned on a stack's proxies or assigned to a shard",
				fieldPath: ".shard",
				reason: "FieldValueForbidden",
			},
			{
				rule: "has(self.proxyRef) || has(self.backend)",
				message: "backend is required, because a shard must serve it; or name a stack's proxies in proxyRef",
				fieldPath: ".backend",
				reason: "FieldValueRequired",
			},
			{
				rule: "!has(self.rateLimit) || !has(self.quotas) || !has(self.quotas.rateLimit) || !has(self.quotas.rateLimit.requestsPerSecond) || self.rateLimit.rps == self.quotas.rateLimit.requestsPerSecond",
				message: "rateLimit.rps and quotas.rateLimit.requestsPerSecond are one limit and disagree: keep one of them",
				fieldPath: ".rateLimit.rps",
			},
		),
	},
);
export type PrismNamespaceSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const PlacedInstance = Type.Object(
	{
		name: ObjectName({ description: "Name of the pod, or of the control plane's Service." }),
		host: Type.Optional(
			Type.String({
				description: "First label of the instance's address, if it differs from the name.",
				maxLength: 63,
				pattern: DNS_LABEL_PATTERN,
			}),
		),
		state: Type.Optional(
			Choice(["Applied", "Accepted", "Waiting", "Refused", "Taken", "Kept"], {
				description:
					"Applied: the instance reports the desired configuration. Accepted: the instance accepted the namespace, and can't be read back. Waiting: not done yet. Refused: the instance rejected the namespace. Taken: the identifier has another owner there. Kept: the instance reports that it can't revoke the namespace.",
			}),
		),
		cause: Type.Optional(
			Word(
				INSTANCE_CAUSES,
				"Why the namespace is not Applied. Pending: no error, the next call applies the namespace. Unavailable: the instance answers that it can't serve now, such as a control plane without a leader. Rejected: the instance rejects the call as malformed. Absent if state is Refused: message then quotes the instance.",
			),
		),
		message: Type.Optional(
			Type.String({
				description:
					"The instance's own message, if the instance sent one with its answer. Otherwise, the cause in words. For people only.",
				maxLength: 512,
			}),
		),
		tried: Type.Optional(
			Type.Boolean({
				description:
					"Whether a call of the operator may have created the namespace. If a control plane then lists no such namespace, the operator calls AssignNamespace, because CreateNamespace may be rejected the second time.",
			}),
		),
		silentSince: Type.Optional(
			Timestamp({
				description:
					"Since when the instance does not answer, or answers Unavailable. The operator does not use reports that it read before this time.",
			}),
		),
		lastKnownAt: Type.Optional(
			Timestamp({
				description:
					"When the instance was last Applied or Accepted. Set while the instance does not answer or is not ready.",
			}),
		),
		newerSince: Type.Optional(
			Timestamp({
				description:
					"Since when the instance reports a newer version than this object has, because the object was restored from an older state.",
			}),
		),
		readySince: Type.Optional(
			Timestamp({
				description:
					"When the instance last became ready, as its PrismRoster reports. The operator discards the state of the instance from before this time.",
			}),
		),
		accepted: Type.Optional(
			Type.String({
				description: "Last digest that the instance accepted, if the instance can't be read back.",
				maxLength: 64,
			}),
		),
		assignedProxy: Type.Optional(
			Type.String({
				description: "Proxy that the instance chose, if the instance is a control plane.",
				maxLength: 253,
			}),
		),
	},
	{ description: "One instance of the placement." },
);
export type PlacedInstance = Static<typeof PlacedInstance>;

export const Placement = Type.Object(
	{
		roster: ObjectName({ description: "Name of the PrismRoster: <stack>-proxy, or prism-<shard>." }),
		namespace: Type.String({ description: "Kubernetes namespace of the roster.", minLength: 1, maxLength: 63 }),
		state: Choice(["Assigning", "Active", "Revoking"], {
			description:
				"Assigning: the operator may call the instances. Active: all ready instances have the namespace. Revoking: the operator is revoking the namespace.",
		}),
		since: Timestamp({ description: "When the placement entered this state." }),
		port: Port({ description: "Port of the admin API." }),
		controlPlane: Type.Boolean({ description: "Whether a control plane provisions instead of the proxies." }),
		unreachableSince: Type.Optional(
			Timestamp({ description: "Since when an instance that must revoke the namespace is unreachable." }),
		),
		claimingSince: Type.Optional(
			Timestamp({
				description:
					"Since when the placement waits for its claim on the identifier. Without the claim, instances that can't be read back get no calls.",
			}),
		),
		clearSince: Type.Optional(
			Timestamp({ description: "When the namespace was revoked on all of its instances for the first time." }),
		),
		instances: Type.Array(PlacedInstance, {
			description: "Instances that the operator may call.",
			maxItems: 1000,
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["name"],
		}),
		proofs: Type.Optional(
			Type.Array(Type.String({ maxLength: 64 }), {
				description:
					"Signatures of the operator, one per key of the installation. Without a valid signature, the operator calls only instances of the placement that a PrismRoster lists.",
				maxItems: 2,
			}),
		),
	},
	{
		description: "A current, former or future placement of the namespace. Written before the first call.",
	},
);
export type Placement = Static<typeof Placement>;
const Placements = Type.Array(Placement, {
	description: "Where the operator provisioned the namespace, and where it still has to revoke the namespace.",
	maxItems: 16,
	"x-kubernetes-list-type": "map",
	"x-kubernetes-list-map-keys": ["namespace", "roster"],
});

const ShortText = (description: string) => Type.Optional(Type.String({ description, maxLength: 63 }));
const Figure = (description: string) => Type.Optional(Type.Number({ description, minimum: 0 }));

export const Metrics = Type.Object(
	{
		currentKeys: Figure("Number of keys."),
		currentConnections: Figure("Connections of all instances."),
		requestRate: Figure("Requests per second of all instances."),
		rps: Figure("The same as requestRate."),
		p99Latency: Type.Optional(
			Type.String({ description: "99th percentile of latency of the slowest instance, such as 8ms.", maxLength: 32 }),
		),
	},
	{ description: "Metrics of the instances, rounded to two digits. They change at most every 10 min." },
);
export type Metrics = Static<typeof Metrics>;

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: ShortText("Pending, Provisioning, Active, Updating, Degraded, Failed, Expired or Terminating."),
		state: ShortText("The same as phase."),
		shard: Type.Optional(Type.String({ description: "Shard or proxies that serve the namespace.", maxLength: 253 })),
		namespaceId: Type.Optional(Type.String({ description: "Identifier on the proxies.", maxLength: 253 })),
		prismInstances: Type.Optional(
			Type.Array(Type.String({ maxLength: 253 }), {
				description: "Instances that serve the namespace.",
				maxItems: 1000,
			}),
		),
		health: ShortText("Healthy, Degraded or Unknown."),
		provisionedAt: Type.Optional(Timestamp({ description: "When the namespace was first provisioned." })),
		lastSyncedAt: Type.Optional(
			Timestamp({ description: "When the operator last applied the namespace to an instance." }),
		),
		expiresAt: Type.Optional(Timestamp({ description: "When the ttl ends." })),
		proxyStatus: ShortText("Ready, NotReady or Unknown."),
		assignedProxy: Type.Optional(Type.String({ description: "Proxy that the control plane chose.", maxLength: 253 })),
		version: Type.Optional(
			Type.Integer({
				description:
					"Lowest version that the operator sends with its calls. Set if an instance had a newer version of the namespace than this object has.",
				minimum: 0,
				format: "int64",
			}),
		),
		digest: Type.Optional(Type.String({ description: "Digest of the desired configuration.", maxLength: 64 })),
		placements: Type.Optional(Placements),
		metrics: Type.Optional(Metrics),
		metricsUpdatedAt: Type.Optional(Timestamp({ description: "When metrics last changed." })),
		conditions: Type.Optional(Conditions),
	},
	{ description: "Observed state of the namespace." },
);
export type PrismNamespaceStatus = Static<typeof Status>;

// ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PrismNamespace = {
	group: GROUP,
	version: VERSION,
	kind: "PrismNamespace",
	plural: "prismnamespaces",
	singular: "prismnamespace",
	shortNames: ["pns"],
	categories: ["prism"],
	description:
		"PrismNamespace is a tenant's namespace. The operator provisions it on the proxies of a stack (proxyRef), or on a shard that serves its backend.",
	spec: Spec,
	status: Status,
	rules: [
		{
			rule: "(has(self.spec.namespaceId) ? self.spec.namespaceId : self.metadata.name) == (has(oldSelf.spec.namespaceId) ? oldSelf.spec.namespaceId : oldSelf.metadata.name)",
			message:
				"spec.namespaceId can't be changed: create a PrismNamespace for the new identifier, move the data, delete this one",
		},
	],
	printerColumns: [
		{ name: "Phase", type: "string", jsonPath: ".status.phase", description: "Phase of the namespace." },
		{ name: "Shard", type: "string", jsonPath: ".status.shard", description: "Shard or proxies that serve it." },
		{ name: "Backend", type: "string", jsonPath: ".spec.backend", description: "Backend that stores its data." },
		{
			name: "Instances",
			type: "string",
			jsonPath: ".status.prismInstances",
			description: "Instances that serve the namespace.",
			priority: 1,
		},
		...readyColumns("Whether every ready instance has the desired configuration."),
	],
} as const satisfies KindDescriptor;
export type PrismNamespace = Described<typeof PrismNamespace>;
