import { type Static, type TProperties, Type } from "@sinclair/typebox";
import { type CelRule, Choice, checked, MapOf, Worded } from "./common.ts";

// A Service that clients outside the cluster use: settings for load balancers and dual-stack clusters.

const OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const GROUP = "[0-9a-fA-F]{1,4}";
/** `::` stands for at least one group. */
const SHORTENED = Array.from({ length: 8 }, (_, before) => {
	const head = before === 0 ? ":" : `(${GROUP}:){${before}}`;
	return before === 7 ? `${head}:` : `${head}(:|(:${GROUP}){1,${7 - before}})`;
});
const IPV6 = [`(${GROUP}:){7}${GROUP}`, ...SHORTENED].join("|");
/** CEL has functions for IP addresses only since Kubernetes 1.31. */
const CIDR_PATTERN = `^(${OCTET}([.]${OCTET}){3}/(3[0-2]|[12]?[0-9])|(${IPV6})/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$`;

/** One address range. */
export const Cidr = Worded(CIDR_PATTERN, "Must be a CIDR such as 203.0.113.0/24 or 2001:db8::/32", { maxLength: 49 });

export const serviceFields = {
	annotations: Type.Optional(
		MapOf(Type.String({ maxLength: 4096 }), {
			description: "Annotations of the Service, such as those for load balancers.",
			maxProperties: 32,
			...checked("annotationKeys"),
		}),
	),
	externalTrafficPolicy: Type.Optional(
		Choice(["Cluster", "Local"], {
			description:
				"Local: a node sends external requests only to its own pods, which then see the client's address. Default: Cluster.",
		}),
	),
	loadBalancerSourceRanges: Type.Optional(
		Type.Array(Cidr, {
			description: "Client address ranges that the load balancer allows, such as 203.0.113.0/24. Default: all.",
			maxItems: 32,
			"x-kubernetes-list-type": "set",
		}),
	),
	ipFamilyPolicy: Type.Optional(
		Choice(["SingleStack", "PreferDualStack", "RequireDualStack"], {
			description:
				"Whether the Service has an IPv4 and an IPv6 address. Default: one address, of the cluster's family.",
		}),
	),
	ipFamilies: Type.Optional(
		// Kubernetes 1.28 estimates the cost of a rule by maxLength alone.
		Type.Array(Choice(["IPv4", "IPv6"], { maxLength: 4 }), {
			description:
				"IP families of the Service's addresses. With RequireDualStack: both, the primary one first. Default: the cluster's family.",
			minItems: 1,
			maxItems: 2,
		}),
	),
} as const satisfies TProperties;
export type ServiceFields = { readonly [Field in keyof typeof serviceFields]?: Static<(typeof serviceFields)[Field]> };

/** What the API server would reject in the Service. `outside`: types with which clients outside the cluster can connect. */
export const serviceRules = (...outside: readonly string[]): CelRule[] => [
	{
		rule: `self.type in [${outside.map((type) => `'${type}'`).join(", ")}] || !has(self.externalTrafficPolicy)`,
		message: `externalTrafficPolicy is for type ${outside.join(" and ")} only: set that type, or remove it`,
		fieldPath: ".externalTrafficPolicy",
	},
	{
		rule: "self.type == 'LoadBalancer' || !has(self.loadBalancerSourceRanges)",
		message: "loadBalancerSourceRanges is for type LoadBalancer only: set that type, or remove it",
		fieldPath: ".loadBalancerSourceRanges",
	},
	{
		rule: "!has(self.ipFamilies) || (size(self.ipFamilies) == 2 ? self.ipFamilies[0] != self.ipFamilies[1] && has(self.ipFamilyPolicy) && self.ipFamilyPolicy == 'RequireDualStack' : !has(self.ipFamilyPolicy) || self.ipFamilyPolicy == 'SingleStack')",
		message:
			"ipFamilies must have two families with ipFamilyPolicy RequireDualStack, one with SingleStack, and none with PreferDualStack",
		fieldPath: ".ipFamilies",
	},
	{
		rule: "!has(self.ipFamilies) || !has(oldSelf.ipFamilies) || self.ipFamilies[0] == oldSelf.ipFamilies[0]",
		message: "The first of ipFamilies can't be changed: the primary IP family of a Service is immutable",
		fieldPath: ".ipFamilies",
	},
];
