import { type Static, Type } from "@sinclair/typebox";
import {
	Conditions,
	DelayedChildren,
	type Described,
	ExternalAddress,
	type KindDescriptor,
	ListBy,
	MissingChildren,
	NAME_RULE,
	ObservedGeneration,
	OperatorStamp,
	readyColumns,
	rules,
	Timestamp,
} from "./common.ts";
import { NetworkPolicySpec } from "./networkpolicy.ts";
import { ImagePullSecrets } from "./pods.ts";
import { Affinity } from "./scheduling.ts";
import { AdminSpec, Backend, Observability, Pattern, ProxySpec } from "./stackparts.ts";
import { AllowedNamespaces, StackNamespace } from "./tenancy.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const Spec = Type.Object(
	{
		proxy: ProxySpec,
		admin: AdminSpec,
		patterns: Type.Optional(
			ListBy(Pattern, ["name"], { description: "Patterns to run: one PatternRunner each.", maxItems: 100 }),
		),
		backends: Type.Optional(
			ListBy(Backend, ["name"], {
				description: "Backends of the patterns: one BackendConfig each.",
				maxItems: 100,
			}),
		),
		namespaces: Type.Optional(
			ListBy(StackNamespace, ["name"], {
				description: "Namespaces to provision on the proxies: one PrismNamespace each.",
				maxItems: 100,
			}),
		),
		observability: Observability,
		affinity: Type.Optional(
			Affinity("Affinity of the proxies, unless proxy.runnerSpec.affinity or proxy.placement.affinity is set."),
		),
		imagePullSecrets: Type.Optional(ImagePullSecrets),
		allowedNamespaces: AllowedNamespaces,
		networkPolicy: Type.Optional(NetworkPolicySpec),
	},
	{
		description: "The desired deployment.",
		...rules({
			rule: "!self.observability.enabled || self.observability.metrics.port != self.proxy.adminPort",
			message: "observability.metrics.port must differ from proxy.adminPort: the admin API is not served by HTTP",
			fieldPath: ".observability.metrics.port",
		}),
	},
);
export type PrismStackSpec = Static<typeof Spec>;

// ── Status ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const Summary = (description: string) => Type.Optional(Type.String({ description, maxLength: 32 }));

const Component = (component: string) =>
	Type.Optional(
		Type.Object(
			{
				desired: Type.Integer({ description: "Desired pods.", minimum: 0, format: "int32" }),
				ready: Type.Integer({
					description: "Ready and updated pods.",
					minimum: 0,
					format: "int32",
				}),
				summary: Type.String({ description: "Ready and desired pods, such as 2/2.", maxLength: 32 }),
			},
			{ description: `Pods of the ${component}.` },
		),
	);

const Part = (what: string) =>
	Type.Object(
		{
			name: Type.String({ description: `Name of the ${what}.`, maxLength: 253 }),
			ready: Type.Boolean({ description: "Whether it is ready and up to date." }),
			phase: Type.String({ description: "Observed phase.", maxLength: 32 }),
			reason: Type.Optional(Type.String({ description: "Why it is not ready.", maxLength: 1024 })),
		},
		{ description: `One ${what}.` },
	);

const Status = Type.Object(
	{
		observedGeneration: Type.Optional(ObservedGeneration),
		phase: Type.Optional(Type.String({ description: "Pending, Running, Degraded or Failed.", maxLength: 32 })),
		proxy: Component("proxy"),
		admin: Component("admin control plane"),
		patternsReady: Summary("PatternRunners, as ready/desired."),
		patterns: Type.Optional(
			ListBy(Part("PatternRunner"), ["name"], { description: "The PatternRunners.", maxItems: 100 }),
		),
		backendsReady: Summary("BackendConfigs, as ready/desired."),
		backends: Type.Optional(
			ListBy(Part("BackendConfig"), ["name"], { description: "The BackendConfigs.", maxItems: 100 }),
		),
		namespacesReady: Summary("PrismNamespaces, as ready/desired."),
		namespaces: Type.Optional(
			ListBy(Part("PrismNamespace"), ["name"], { description: "The PrismNamespaces.", maxItems: 100 }),
		),
		endpoints: Type.Optional(
			Type.Object(
				{
					proxy: Type.Optional(Type.String({ description: "Address for clients.", maxLength: 512 })),
					admin: Type.Optional(Type.String({ description: "Address of the admin control plane.", maxLength: 512 })),
					metrics: Type.Optional(Type.String({ description: "Address of the proxies' metrics.", maxLength: 512 })),
				},
				{ description: "Addresses inside the cluster." },
			),
		),
		doubtfulSince: Type.Optional(
			Timestamp({
				description:
					"Since when the admin control plane has not answered. In a stack without a control plane: since when a ready proxy has not answered. After 30 s, the operator checks the namespaces.",
			}),
		),
		operator: Type.Optional(OperatorStamp),
		missing: Type.Optional(MissingChildren),
		delayed: Type.Optional(DelayedChildren),
		externalAddress: Type.Optional(ExternalAddress),
		conditions: Type.Optional(Conditions),
	},
	{ description: "Observed state of the deployment." },
);
export type PrismStackStatus = Static<typeof Status>;

// ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PrismStack = {
	group: GROUP,
	version: VERSION,
	kind: "PrismStack",
	plural: "prismstacks",
	singular: "prismstack",
	shortNames: ["pstack"],
	categories: ["prism"],
	description:
		"PrismStack is a whole Prism deployment: proxies, admin control plane, patterns, backends and observability.",
	spec: Spec,
	status: Status,
	rules: [
		NAME_RULE,
		{
			// The names are computed once, outside the loop: the estimated cost of a rule assumes the longest possible metadata.name.
			rule: "!has(self.spec.patterns) || [self.metadata.name + '-proxy', self.metadata.name + '-proxy-headless', self.metadata.name + '-admin'].all(n, self.spec.patterns.all(p, p.name != n))",
			message:
				"A pattern can't be named <stack>-proxy, <stack>-proxy-headless or <stack>-admin: the stack's own objects have these names",
		},
		{
			rule: "!has(self.spec.admin.storage) || !has(self.spec.patterns) || [self.metadata.name + '-admin-headless'].all(n, self.spec.patterns.all(p, p.name != n))",
			message:
				"With admin.storage, a pattern can't be named <stack>-admin-headless: a Service of the stack's own has this name",
		},
	],
	printerColumns: [
		{ name: "Phase", type: "string", jsonPath: ".status.phase", description: "Pending, Running, Degraded or Failed." },
		{ name: "Proxy", type: "string", jsonPath: ".status.proxy.summary", description: "Proxies, ready/desired." },
		{ name: "Admin", type: "string", jsonPath: ".status.admin.summary", description: "Admin pods, ready/desired." },
		{
			name: "Patterns",
			type: "string",
			jsonPath: ".status.patternsReady",
			description: "PatternRunners, ready/desired.",
		},
		{
			name: "Backends",
			type: "string",
			jsonPath: ".status.backendsReady",
			description: "BackendConfigs, ready/desired.",
		},
		{
			name: "Namespaces",
			type: "string",
			jsonPath: ".status.namespacesReady",
			description: "PrismNamespaces, ready/desired.",
			priority: 1,
		},
		...readyColumns("Whether the desired state was observed ready."),
	],
} as const satisfies KindDescriptor;
export type PrismStack = Described<typeof PrismStack>;
