import { type Static, Type } from "@sinclair/typebox";
import {
	Choice,
	Conditions,
	type Described,
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
} from "./common.ts";
import { NamespaceId, tenantFields } from "./tenancy.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const KubernetesNamespace = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 63, pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" });

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
	{ description: "Which shards the namespace may be assigned to." },
);

const Auth = Type.Object(
	{
		oidcIssuer: Type.Optional(
			Type.String({ description: "URL of the OpenID provider.", minLength: 1, maxLength: 2048 }),
		),
		oidcClientId: Type.Optional(
			Type.String({ description: "Client that tokens must be issued for.", minLength: 1, maxLength: 253 }),
		),
		serviceAccounts: Type.Optional(
			Type.Array(Type.String({ minLength: 1, maxLength: 253 }), {
				description: "Service accounts that are let in.",
				maxItems: 100,
				"x-kubernetes-list-type": "set",
			}),
		),
	},
	{ description: "Who may use the namespace." },
);

const Caching = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether the proxy caches answers.", default: true }),
		ttl: Type.Optional(Duration({ description: "How long an answer may be cached, such as 300s." })),
	},
	{ description: "Caching in the proxy." },
);

const Spec = Type.Object(
	{
		namespaceId: Type.Optional(
			NamespaceId("Identifier of the namespace on the proxy. Default: this object's name. It can't be changed."),
		),
		proxyRef: Type.Optional(ProxyReference),
		shard: Type.Optional(ShardSelector),
		backend: Type.Optional(
			LabelText("Backend that the namespace's data lives on, such as postgres. A shard must serve it."),
		),
		pattern: Type.Optional(LabelText("Pattern that the namespace offers, such as keyvalue.")),
		consistency: Type.Optional(LabelText("Consistency that reads are given, such as strong or eventual.")),
		backendConfig: Type.Optional(
			MapOf(FreeForm({ description: "Any JSON value." }), {
				description:
					"The backend's settings for this namespace, such as connection_string and pool_size. Credentials don't belong here.",
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
		description: "The namespace that is wanted.",
		...rules(
			{
				rule: "!has(self.proxyRef) || !has(self.shard)",
				message:
					"proxyRef and shard exclude each other: a namespace is provisioned on a stack's proxies or assigned to a shard",
				fieldPath: ".shard",
				reason: "FieldValueForbidden",
			},
			{
				rule: "has(self.proxyRef) || has(self.backend)",
				message: "backend is needed, for a shard must serve it; or name a stack's proxies in proxyRef",
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
			Type.String({ description: "First label of its address, where that is not its name.", maxLength: 63 }),
		),
		state: Type.Optional(
			Choice(["Applied", "Accepted", "Waiting", "Refused", "Taken"], {
				description:
					"Applied: read back as wanted. Accepted: it said yes and can't be asked. Waiting: not done yet. Refused: it said no. Taken: the identifier belongs to somebody else there.",
			}),
		),
		message: Type.Optional(Type.String({ description: "Why it is not applied.", maxLength: 512 })),
		tried: Type.Optional(Type.Boolean({ description: "A creation was tried: from then on it is an assignment." })),
		newerSince: Type.Optional(
			Timestamp({
				description:
					"Since when it reports a newer version than this object has, which then was restored from an older state.",
			}),
		),
		accepted: Type.Optional(
			Type.String({ description: "Digest that it accepted last, where it can't be read back.", maxLength: 64 }),
		),
	},
	{ description: "One instance of the place." },
);
export type PlacedInstance = Static<typeof PlacedInstance>;

export const Placement = Type.Object(
	{
		roster: ObjectName({ description: "Name of the PrismRoster: <stack>-proxy, or prism-<shard>." }),
		namespace: Type.String({ description: "Kubernetes namespace of the roster.", minLength: 1, maxLength: 63 }),
		state: Choice(["Assigning", "Active", "Revoking"], {
			description:
				"Assigning: calls may be made there. Active: all ready instances have it. Revoking: it is being taken away there.",
		}),
		since: Timestamp({ description: "When it came into this state." }),
		port: Port({ description: "Port of the admin API there." }),
		controlPlane: Type.Boolean({ description: "Whether a control plane provisions in the proxies' stead." }),
		unreachableSince: Type.Optional(
			Timestamp({ description: "Since when an instance that must let go of the namespace can't be reached." }),
		),
		clearSince: Type.Optional(
			Timestamp({ description: "When all of its instances had let go of the namespace for the first time." }),
		),
		instances: Type.Array(PlacedInstance, {
			description: "Instances that calls may be made to.",
			maxItems: 1000,
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["name"],
		}),
	},
	{
		description:
			"A place that the namespace is, was, or is about to be in. Written before the first call is made there.",
	},
);
export type Placement = Static<typeof Placement>;
const Placements = Type.Array(Placement, {
	description: "Where the namespace lives, and where it still has to be taken away.",
	maxItems: 16,
	"x-kubernetes-list-type": "map",
	"x-kubernetes-list-map-keys": ["namespace", "roster"],
});

const Word = (description: string) => Type.Optional(Type.String({ description, maxLength: 63 }));
const Figure = (description: string) => Type.Optional(Type.Number({ description, minimum: 0 }));

const Metrics = Type.Object(
	{
		currentKeys: Figure("Keys."),
		currentConnections: Figure("Connections, of all instances together."),
		requestRate: Figure("Requests per second, of all instances together."),
		rps: Figure("The same as requestRate."),
		p99Latency: Type.Optional(
			Type.String({ description: "99th percentile of latency, of the slowest instance: 8ms.", maxLength: 32 }),
		),
	},
	{ description: "Figures from the instances, rounded to two digits and at most 10 minutes apart." },
);

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Word("Pending, Provisioning, Active, Updating, Degraded, Failed, Expired or Terminating."),
		state: Word("Active, or what phase says."),
		shard: Type.Optional(Type.String({ description: "Shard or proxies that serve the namespace.", maxLength: 253 })),
		namespaceId: Type.Optional(Type.String({ description: "Identifier on the proxies.", maxLength: 253 })),
		prismInstances: Type.Optional(
			Type.Array(Type.String({ maxLength: 253 }), { description: "Instances that serve it.", maxItems: 1000 }),
		),
		health: Word("Healthy, Degraded or Unknown."),
		provisionedAt: Type.Optional(Timestamp({ description: "When it was first there." })),
		lastSyncedAt: Type.Optional(
			Timestamp({ description: "When something was last pushed to an instance, or repaired there." }),
		),
		expiresAt: Type.Optional(Timestamp({ description: "When its ttl is over." })),
		proxyStatus: Word("Ready, NotReady or Unknown."),
		assignedProxy: Type.Optional(Type.String({ description: "Proxy that the control plane chose.", maxLength: 253 })),
		version: Type.Optional(
			Type.Integer({
				description: "Least version that calls carry, where instances know a newer one than this object has.",
				minimum: 0,
				format: "int64",
			}),
		),
		digest: Type.Optional(Type.String({ description: "Digest of the configuration that is wanted.", maxLength: 64 })),
		placements: Type.Optional(Placements),
		metrics: Type.Optional(Metrics),
		metricsUpdatedAt: Type.Optional(Timestamp({ description: "When metrics last changed." })),
		conditions: Type.Optional(Conditions),
	},
	{ description: "What the instances report of the namespace." },
);

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
		"PrismNamespace is a tenant's namespace: provisioned on a stack's proxies (proxyRef), or assigned to a shard that serves its backend.",
	spec: Spec,
	status: Status,
	rules: [
		{
			rule: "(has(self.spec.namespaceId) ? self.spec.namespaceId : self.metadata.name) == (has(oldSelf.spec.namespaceId) ? oldSelf.spec.namespaceId : oldSelf.metadata.name)",
			message:
				"spec.namespaceId can't be changed, for it would be another namespace: create a PrismNamespace for the new identifier, move the data, delete this one",
		},
	],
	printerColumns: [
		{ name: "Phase", type: "string", jsonPath: ".status.phase", description: "What it is doing." },
		{ name: "Shard", type: "string", jsonPath: ".status.shard", description: "Shard or proxies that serve it." },
		{ name: "Backend", type: "string", jsonPath: ".spec.backend", description: "Backend of its data." },
		{
			name: "Instances",
			type: "string",
			jsonPath: ".status.prismInstances",
			description: "Instances that serve it.",
			priority: 1,
		},
		...readyColumns("Whether every ready instance has it as spec wants it."),
	],
} as const satisfies KindDescriptor;
export type PrismNamespace = Described<typeof PrismNamespace>;
