import { type Static, Type } from "@sinclair/typebox";
import { Choice, DNS_LABEL_PATTERN, Dns1035Label, Duration, MapOf, NAME_PATTERN, rules } from "./common.ts";

// Tenants: the namespaces that a stack lists itself, and the PrismNamespaces that it accepts.

const Limit = (description: string) =>
	Type.Optional(Type.Integer({ description, minimum: 0, maximum: 1_000_000_000_000, format: "int64" }));

export const NamespaceId = (description: string) =>
	Type.String({
		description,
		minLength: 1,
		maxLength: 253,
		pattern: "^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$",
	});

const quotas = (description: string) =>
	Type.Object(
		{
			maxKeys: Limit("Maximum number of keys."),
			maxConnections: Limit("Maximum number of connections."),
			rateLimit: Type.Optional(
				Type.Object(
					{
						requestsPerSecond: Limit("Sustained requests per second."),
						burstSize: Limit("Maximum burst of requests."),
					},
					{ description: "Limit on requests." },
				),
			),
		},
		{ description },
	);

export const Quotas = quotas("Limits that the proxy enforces.");
export type Quotas = Static<typeof Quotas>;

/** Fields of a tenant's namespace, both in a stack's list and in a PrismNamespace. */
export const tenantFields = {
	displayName: Type.Optional(Type.String({ description: "Display name.", maxLength: 253 })),
	quotas: Type.Optional(Quotas),
	patterns: Type.Optional(
		Type.Array(Type.String({ minLength: 1, maxLength: 63, pattern: NAME_PATTERN }), {
			description: "Patterns that the tenant may use.",
			maxItems: 100,
			"x-kubernetes-list-type": "set",
		}),
	),
	tags: Type.Optional(
		MapOf(Type.String({ maxLength: 253 }), {
			description: "Tags for observability and billing.",
			maxProperties: 32,
		}),
	),
	ttl: Type.Optional(
		Duration({
			description:
				"Lifetime since creation, such as 720h for 30 days. Then the operator revokes the namespace. The object stays, with the reason Expired.",
		}),
	),
};

export const StackNamespace = Type.Object(
	{
		name: Dns1035Label({
			description: "Short name. The PrismNamespace is named <stack>-<name>, with a hash if either has a hyphen.",
		}),
		namespaceId: Type.Optional(
			NamespaceId(
				"Identifier of the namespace on the proxy. Default: the PrismNamespace's name. The identifier can't be changed.",
			),
		),
		...tenantFields,
	},
	{ description: "A tenant's namespace on this stack's proxies." },
);

export const AllowedNamespaces = Type.Object(
	{
		from: Choice(["Same", "All", "List"], {
			description: "Same: only this object's namespace. All: every namespace. List: the namespaces in names.",
			default: "Same",
		}),
		names: Type.Optional(
			Type.Array(Type.String({ minLength: 1, maxLength: 63, pattern: DNS_LABEL_PATTERN }), {
				description: "Kubernetes namespaces, for from: List.",
				maxItems: 256,
				"x-kubernetes-list-type": "set",
			}),
		),
		unverified: Type.Optional(
			Type.Boolean({
				description:
					"Whether to accept PrismNamespaces even if the admin API can't be read back. Two Kubernetes namespaces can then use one identifier and replace each other's settings.",
			}),
		),
		ceilings: Type.Optional(
			quotas(
				"Maximum quotas of PrismNamespaces of other Kubernetes namespaces. If a quota has a maximum, a PrismNamespace must set this quota, to at most the maximum. 0 is not accepted, because a proxy can take 0 as no limit. A quota without a maximum is not limited.",
			),
		),
		backendConfig: Type.Optional(
			Type.Boolean({
				description:
					"Whether to accept spec.backendConfig (connection strings and options for the proxies) of PrismNamespaces of other Kubernetes namespaces. If false, a PrismNamespace with backendConfig is not accepted.",
			}),
		),
	},
	{
		description: "Kubernetes namespaces whose PrismNamespaces are accepted, and their limits.",
		default: {},
		...rules({
			rule: "(self.from == 'List') == (has(self.names) && size(self.names) > 0)",
			message: "names is required with from: List, and not allowed otherwise",
			fieldPath: ".names",
		}),
	},
);
export type AllowedNamespaces = Static<typeof AllowedNamespaces>;
