import { type Static, Type } from "@sinclair/typebox";
import { type Described, Dns1035Label, type KindDescriptor, ListBy, NAME_RULE, ObjectName, Port } from "./common.ts";
import { AllowedNamespaces } from "./tenancy.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// Who can be given namespaces, and where: what EndpointSlice is to Service. One child per shard or stack; it changes only
// when an assignment could change, so that whoever relates to it is woken for nothing else.

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const RosterInstance = Type.Object(
	{
		name: ObjectName({ description: "Name of the pod." }),
		host: Type.Optional(
			Type.String({
				description: "First label of its address, where that is not the pod's name.",
				minLength: 1,
				maxLength: 63,
				pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
			}),
		),
		ready: Type.Boolean({ description: "Whether it passes its readiness probe." }),
		storeId: Type.Optional(
			Type.String({ description: "Store that it last told of: a fresh volume has another one.", maxLength: 64 }),
		),
	},
	{ description: "One proxy." },
);
export type RosterInstance = Static<typeof RosterInstance>;

const Spec = Type.Object(
	{
		instances: ListBy(RosterInstance, ["name"], { description: "The proxies that there are.", maxItems: 1000 }),
		port: Port({ description: "Port of each proxy's own admin API." }),
		controlPlane: Type.Optional(
			Type.Object(
				{
					service: Dns1035Label({ description: "Name of its Service, in this namespace." }),
					port: Port({ description: "Its port." }),
				},
				{ description: "The control plane that provisions in the proxies' stead." },
			),
		),
		backends: Type.Optional(
			Type.Array(Type.String({ maxLength: 63 }), {
				description: "Backends that the proxies serve.",
				maxItems: 100,
				"x-kubernetes-list-type": "set",
			}),
		),
		weight: Type.Integer({
			description: "Its share of namespaces, relative to others.",
			minimum: 0,
			maximum: 1_000_000,
		}),
		accepting: Type.Boolean({ description: "Whether it takes new namespaces." }),
		draining: Type.Boolean({ description: "Whether the namespaces it has are to leave." }),
		deleting: Type.Boolean({ description: "Whether it is about to go: namespaces let go of it." }),
		allowedNamespaces: AllowedNamespaces,
	},
	{ description: "The proxies behind one shard or stack, as far as an assignment depends on them." },
);
export type PrismRosterSpec = Static<typeof Spec>;

// ── Kind ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export const PrismRoster = {
	group: GROUP,
	version: VERSION,
	kind: "PrismRoster",
	plural: "prismrosters",
	singular: "prismroster",
	shortNames: [],
	categories: [],
	description:
		"PrismRoster is internal: the operator keeps one for each shard and stack, and PrismNamespaces are assigned by it. Don't write one.",
	spec: Spec,
	status: Type.Object({}, { description: "Not used." }),
	rules: [NAME_RULE],
	printerColumns: [
		{ name: "Weight", type: "integer", jsonPath: ".spec.weight", description: "Share of namespaces." },
		{ name: "Accepting", type: "boolean", jsonPath: ".spec.accepting", description: "Takes new namespaces." },
		{ name: "Draining", type: "boolean", jsonPath: ".spec.draining", description: "Its namespaces are to leave." },
		{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", description: "Age of the object." },
	],
} as const satisfies KindDescriptor;
export type PrismRoster = Described<typeof PrismRoster>;
