import { type Static, Type } from "@sinclair/typebox";
import { rules } from "./common.ts";
import { LabelSelector } from "./scheduling.ts";

// Which clients can connect to the pods of a stack or shard.

const CIDR_PATTERN =
	"^([0-9]{1,3}(\\.[0-9]{1,3}){3}/([0-9]|[12][0-9]|3[0-2])|[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{1,40}/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))$";
const Cidr = (description: string) => Type.String({ description, maxLength: 64, pattern: CIDR_PATTERN });

const Peer = Type.Object(
	{
		podSelector: Type.Optional(
			LabelSelector(
				"Pods of this namespace, or of the namespaces in namespaceSelector. Default: all pods of these namespaces.",
			),
		),
		namespaceSelector: Type.Optional(
			LabelSelector("Namespaces, such as kubernetes.io/metadata.name: team-a. Default: this namespace. {}: all."),
		),
		ipBlock: Type.Optional(
			Type.Object(
				{
					cidr: Cidr("The range, such as 10.0.0.0/8."),
					except: Type.Optional(
						Type.Array(Cidr("A range inside cidr."), {
							description: "Parts of this range that are not included.",
							maxItems: 16,
						}),
					),
				},
				{ description: "Addresses, such as those outside the cluster." },
			),
		),
	},
	{
		description: "Pods or addresses.",
		...rules({
			rule: "has(self.ipBlock) != (has(self.podSelector) || has(self.namespaceSelector))",
			message: "A peer is either ipBlock, or podSelector, namespaceSelector or both",
		}),
	},
);

const Peers = (description: string) => Type.Optional(Type.Array(Peer, { description, maxItems: 16 }));

export const NetworkPolicySpec = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether there are NetworkPolicies.", default: true }),
		clients: Peers("Peers that may reach the client port. Default: all. Empty: none."),
		admin: Peers(
			"Peers that may reach the admin ports. The operator, and the stack's own proxies and control plane, always may.",
		),
		metrics: Peers("Peers that may reach the metrics port. Default: all. Empty: none."),
	},
	{
		description:
			"Limits ingress to the pods. Default: no NetworkPolicy, and the whole cluster can reach the admin API.",
	},
);
export type NetworkPolicySpec = Static<typeof NetworkPolicySpec>;
export type Peer = Static<typeof Peer>;
