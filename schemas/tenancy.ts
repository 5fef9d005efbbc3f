import { Type } from "@sinclair/typebox";
import { Choice, Dns1035Label, Duration, MapOf, rules } from "./common.ts";

// Tenants: the namespaces that a stack makes itself, and whose PrismNamespaces it takes.

const Limit = (description: string) =>
	Type.Optional(Type.Integer({ description, minimum: 0, maximum: 1_000_000_000_000, format: "int64" }));

export const StackNamespace = Type.Object(
	{
		name: Dns1035Label({ description: "Short name; the PrismNamespace is named <stack>-<name>." }),
		namespaceId: Type.Optional(
			Type.String({
				description: "Identifier of the namespace on the proxy. Default: the PrismNamespace's name.",
				minLength: 1,
				maxLength: 253,
			}),
		),
		displayName: Type.Optional(Type.String({ description: "Name for people.", maxLength: 253 })),
		quotas: Type.Optional(
			Type.Object(
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
			),
		),
		patterns: Type.Optional(
			Type.Array(Type.String({ maxLength: 63 }), {
				description: "Patterns that the tenant may use.",
				maxItems: 100,
			}),
		),
		tags: Type.Optional(
			MapOf(Type.String({ maxLength: 253 }), {
				description: "Tags for observability and billing.",
				maxProperties: 32,
			}),
		),
		ttl: Type.Optional(Duration({ description: "Lifetime from creation, such as 720h." })),
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
		description: "Kubernetes namespaces whose PrismNamespaces this stack takes.",
		default: {},
		...rules({
			rule: "(self.from == 'List') == (has(self.names) && size(self.names) > 0)",
			message: "names goes with from: List, and from: List needs names",
			fieldPath: ".names",
		}),
	},
);
