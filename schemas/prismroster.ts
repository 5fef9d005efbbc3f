import { type Static, Type } from "@sinclair/typebox";
import {
	type Described,
	Dns1035Label,
	type KindDescriptor,
	ListBy,
	NAME_RULE,
	ObjectName,
	Port,
	Timestamp,
} from "./common.ts";
import { AllowedNamespaces } from "./tenancy.ts";
import { GROUP, VERSION } from "./vocabulary.ts";

// The instances that can be assigned namespaces, and their addresses: the counterpart of an EndpointSlice. Each shard or stack has one. It
// changes only when an assignment could change, so that it triggers no other reconciliation.

// ── Spec ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const RosterInstance = Type.Object(
	{
		name: ObjectName({ description: "Name of the pod." }),
		host: Type.Optional(
			Type.String({
				description: "First label of the pod's address, if it differs from the pod's name.",
				minLength: 1,
				maxLength: 63,
				pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
			}),
		),
		ready: Type.Boolean({ description: "Whether the pod passes its readiness probe." }),
		storeId: Type.Optional(
			Type.String({ description: "Store that the pod last reported. A new volume has another store.", maxLength: 64 }),
		),
		uid: Type.Optional(Type.String({ description: "UID of the pod, while the pod is ready.", maxLength: 64 })),
		readySince: Type.Optional(
			Timestamp({ description: "When the pod last became ready. Earlier reports are outdated." }),
		),
		silentSince: Type.Optional(
			Timestamp({ description: "Since when the admin API of the pod does not answer, although the pod is ready." }),
		),
	},
	{ description: "One proxy." },
);
export type RosterInstance = Static<typeof RosterInstance>;

const Spec = Type.Object(
	{
		instances: ListBy(RosterInstance, ["name"], { description: "Existing proxies.", maxItems: 1000 }),
		port: Port({ description: "Port of each proxy's own admin API." }),
		controlPlane: Type.Optional(
			Type.Object(
				{
					service: Dns1035Label({ description: "Name of the control plane's Service, in this namespace." }),
					port: Port({ description: "Port of its admin API." }),
					instances: Type.Optional(
						ListBy(RosterInstance, ["name"], {
							description: "The pods behind the control plane's Service.",
							maxItems: 100,
						}),
					),
					foreign: Type.Optional(
						Type.Boolean({
							description:
								"Whether an object of another owner has the name of the control plane's Service. The operator does not call that object.",
						}),
					),
					silentSince: Type.Optional(Timestamp({ description: "Since when the control plane does not answer." })),
				},
				{ description: "The control plane that provisions instead of the proxies." },
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
			description: "Share of new namespaces, relative to other shards.",
			minimum: 0,
			maximum: 1_000_000,
		}),
		accepting: Type.Boolean({ description: "Whether the proxies accept new namespaces." }),
		draining: Type.Boolean({ description: "Whether the namespaces move to other shards." }),
		deleting: Type.Boolean({ description: "Whether the stack or shard is being deleted, and its namespaces leave." }),
		allowedNamespaces: AllowedNamespaces,
	},
	{ description: "The proxies of one shard or stack, with the fields that assignments depend on." },
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
		"PrismRoster is internal: an endpoint registry that the operator maintains for each shard and stack, to assign PrismNamespaces. Do not create one.",
	spec: Spec,
	status: Type.Object({}, { description: "Not used." }),
	rules: [NAME_RULE],
	printerColumns: [
		{ name: "Weight", type: "integer", jsonPath: ".spec.weight", description: "Share of namespaces." },
		{ name: "Accepting", type: "boolean", jsonPath: ".spec.accepting", description: "Accepts new namespaces." },
		{
			name: "Draining",
			type: "boolean",
			jsonPath: ".spec.draining",
			description: "Its namespaces move to other shards.",
		},
		{ name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", description: "Age of the object." },
	],
} as const satisfies KindDescriptor;
export type PrismRoster = Described<typeof PrismRoster>;
