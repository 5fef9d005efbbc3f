import { type Static, Type } from "@sinclair/typebox";
import { Choice, checked, Dns1035Label, HOST_PATTERN, MapOf, ObjectName, rules } from "./common.ts";
import { serviceFields, serviceRules } from "./services.ts";
import { volumeFields, volumeRules } from "./volumes.ts";

// The parts of a PrismShard's spec: plugins, load, volumes, exposure, admission of namespaces.

export const Plugin = Type.Object(
	{
		name: Dns1035Label({ description: "Name of the plugin, and of its PrismPlugin in this namespace." }),
		version: Type.Optional(
			Type.String({
				description: "Fixed version. Default: the shard follows the rollout of the PrismPlugin.",
				minLength: 1,
				maxLength: 128,
				pattern: "^[a-zA-Z0-9_][-.a-zA-Z0-9_]*$",
			}),
		),
		deployment: Type.Optional(
			Choice(["sidecar", "in-process", "remote"], {
				description:
					"sidecar: a container in each pod. in-process: a library that each proxy loads. remote: the PrismPlugin's own Service. Default: the type of the PrismPlugin, or sidecar.",
			}),
		),
	},
	{ description: "A plugin that the proxies use." },
);
export type PluginSpec = Static<typeof Plugin>;

const Retention = (description: string) => Choice(["Retain", "Delete"], { description, default: "Retain" });

export const Storage = Type.Object(
	{
		...volumeFields,
		retention: Type.Object(
			{
				whenDeleted: Retention("Whether the volumes stay when the shard is deleted."),
				whenScaled: Retention("Whether the volumes of removed pods stay when the shard is scaled down."),
			},
			{ description: "Retention of the volumes. Default: they stay.", default: {} },
		),
	},
	{
		description: "Volume of each pod, at /var/lib/prism. The proxy stores its namespaces there.",
		default: {},
		...rules(
			...volumeRules({
				size: "grow the PersistentVolumeClaims data-prism-<shard>-<n> themselves, or create another shard and drain this one",
				storageClassName: "create another shard with the other class, and drain this one",
			}),
		),
	},
);

export const Exposure = Type.Object(
	{
		type: Choice(["ClusterIP", "LoadBalancer", "Ingress"], {
			description:
				"ClusterIP: inside the cluster only. LoadBalancer and Ingress: only the client port is reachable from outside.",
			default: "ClusterIP",
		}),
		...serviceFields,
		annotations: Type.Optional(
			MapOf(Type.String({ maxLength: 4096 }), {
				description: "Annotations of the Ingress, or of the Service if there is no Ingress.",
				maxProperties: 32,
				...checked("annotationKeys"),
			}),
		),
		host: Type.Optional(
			Type.String({
				description: "Host name of the Ingress.",
				minLength: 1,
				maxLength: 253,
				pattern: HOST_PATTERN,
				...checked("host"),
			}),
		),
		ingressClassName: Type.Optional(
			ObjectName({ description: "IngressClass. Default: the default class of the cluster." }),
		),
		tlsSecretName: Type.Optional(
			ObjectName({ description: "Secret of type kubernetes.io/tls in this namespace, with the certificate of host." }),
		),
	},
	{
		description: "Access of clients to the shard.",
		default: {},
		...checked("sourceRanges"),
		...rules(
			{
				rule: "self.type != 'Ingress' || has(self.host)",
				message: "type Ingress needs host: without one it would take all traffic of the controller",
				fieldPath: ".host",
				reason: "FieldValueRequired",
			},
			{
				rule: "self.type == 'Ingress' || !has(self.host) && !has(self.ingressClassName) && !has(self.tlsSecretName)",
				message:
					"host, ingressClassName and tlsSecretName are for type Ingress only: set type: Ingress, or remove them",
			},
			...serviceRules("LoadBalancer"),
		),
	},
);

export const Capacity = Type.Object(
	{
		maxNamespaces: Type.Optional(
			Type.Integer({
				description:
					"Maximum number of namespaces. A full shard accepts new namespaces again below 95 % of this number. Existing namespaces do not move.",
				minimum: 1,
				maximum: 1_000_000,
				format: "int32",
			}),
		),
	},
	{ description: "Capacity of the shard.", default: {} },
);
