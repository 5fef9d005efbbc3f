import { Type } from "@sinclair/typebox";
import { Choice, Dns1035Label, Duration, MapOf, rules } from "./common.ts";

// Tenants: the namespaces that a stack makes itself, and whose PrismNamespaces it takes.

const Limit = (description: string) =>
	Type.Optional(Type.Integer({ description, minimum: 0, maximum: 1_000_000_000_000, format: "int64" }));

export const NamespaceId = (description: string) =>
	Type.String({
		description,
		minLength: 1,
		maxLength: 253,
		pattern: "^[a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?$",
	});

export const Quotas = Type.Object(
	{
		maxKeys: Limit("Greatest number of keys."),
		maxConnections: Limit("Greatest number of connections."),
		rateLimit: Type.Optional(
			Type.Object(
				{
					requestsPerSecond: Limit("Requests per second that are let through for long."),
					burstSize: Limit("Requests that are let through at once."),
				},
				{ description: "Limit on requests." },
			),
		),
	},
	{ description: "Limits that the proxy enforces." },
);

/** What a tenant's namespace is, whoever asks for it: a stack's entry or a PrismNamespace. */
export const tenantFields = {
	displayName: Type.Optional(Type.String({ description: "Name for people.", maxLength: 253 })),
	quotas: Type.Optional(Quotas),
	patterns: Type.Optional(
		Type.Array(Type.String({ minLength: 1, maxLength: 63 }), {
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
			description: "Lifetime from creation, such as 720h. Then the namespace is revoked; the object stays, as Expired.",
		}),
	),
};

export const StackNamespace = Type.Object(
	{
		name: Dns1035Label({ description: "Short name; the PrismNamespace is named <stack>-<name>." }),
		namespaceId: Type.Optional(
			NamespaceId("Identifier of the namespace on the proxy. Default: the PrismNamespace's name. It can't be changed."),
		),
		...tenantFields,
	},
	{ description: "A tenant's namespace on this stack's proxies." },
);

export const AllowedNamespaces = Type.Object(
	{
		from: Choice(["Same", "All", "List"], {
			description: "Same: only this object's namespace. All: every namespace. List: those in names.",
			default: "Same",
		}),
		names: Type.Optional(
			Type.Array(Type.String({ minLength: 1, maxLength: 63 }), {
				description: "Kubernetes namespaces, with from: List.",
				maxItems: 256,
				"x-kubernetes-list-type": "set",
			}),
		),
	},
	{
		description: "Kubernetes namespaces whose PrismNamespaces are taken.",
		default: {},
		...rules({
			rule: "(self.from == 'List') == (has(self.names) && size(self.names) > 0)",
			message: "names goes with from: List, and from: List needs names",
			fieldPath: ".names",
		}),
	},
);
