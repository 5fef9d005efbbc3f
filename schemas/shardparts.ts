import { type Static, Type } from "@sinclair/typebox";
import { ScalingBehavior } from "./autoscaling.ts";
import { Choice, Dns1035Label, MapOf, ObjectName, Quantity, rules } from "./common.ts";

// What a PrismShard's spec is made of: its plugins, its load, its volumes, how it is reached, what it takes on.

export const Plugin = Type.Object(
	{
		name: Dns1035Label({ description: "Name of the plugin, and of its PrismPlugin in this namespace." }),
		version: Type.Optional(
			Type.String({
				description: "Version to stay at. Left out: the shard follows the PrismPlugin's rollout.",
				minLength: 1,
				maxLength: 128,
				pattern: "^[a-zA-Z0-9_][-.a-zA-Z0-9_]*$",
			}),
		),
		deployment: Type.Optional(
			Choice(["sidecar", "in-process", "remote"], {
				description:
					"sidecar: a container in each pod. in-process: a library that each proxy loads. remote: the PrismPlugin's own Service. Default: as the PrismPlugin says, or sidecar.",
			}),
		),
	},
	{ description: "A plugin that the proxies use." },
);
export type PluginSpec = Static<typeof Plugin>;

export const Autoscaling = Type.Object(
	{
		enabled: Type.Boolean({ description: "Whether the count of pods follows the load.", default: true }),
		minReplicas: Type.Integer({
			description: "Least number of pods.",
			minimum: 1,
			maximum: 1000,
			default: 1,
			format: "int32",
		}),
		maxReplicas: Type.Integer({ description: "Greatest number of pods.", minimum: 1, maximum: 1000, format: "int32" }),
		targetRPS: Type.Integer({
			description: "Requests per second and pod to hold, by the pods' metric prism_requests_per_second.",
			minimum: 1,
			maximum: 1_000_000_000,
			format: "int64",
		}),
		behavior: Type.Optional(ScalingBehavior),
	},
	{
		description: "Lets the count of pods follow the load. While it is on, replicas is without effect.",
		...rules({
			rule: "self.minReplicas <= self.maxReplicas",
			message: "minReplicas must be at most maxReplicas",
			fieldPath: ".minReplicas",
		}),
	},
);

const Retention = (description: string) => Choice(["Retain", "Delete"], { description, default: "Retain" });

export const Storage = Type.Object(
	{
		size: Quantity({ description: "Size of each pod's volume, such as 10Gi.", default: "10Gi" }),
		storageClassName: Type.Optional(
			ObjectName({ description: "StorageClass of the volumes. Left out: the cluster's default." }),
		),
		retention: Type.Object(
			{
				whenDeleted: Retention("Whether the volumes stay when the shard is deleted."),
				whenScaled: Retention("Whether the volumes of pods that are scaled away stay."),
			},
			{ description: "What becomes of the volumes. By default they stay: data outlives mistakes.", default: {} },
		),
	},
	{
		description: "The volume of each pod, at /var/lib/prism: namespaces that a proxy was given are kept there.",
		default: {},
		...rules(
			{
				rule: "self.size == oldSelf.size",
				message:
					"size can't be changed: a StatefulSet keeps the volumes it began with. Grow the PersistentVolumeClaims data-prism-<shard>-<n> themselves, or make another shard and drain this one",
				fieldPath: ".size",
			},
			{
				rule: "has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)",
				message:
					"storageClassName can't be changed: a StatefulSet keeps the volumes it began with. Make another shard with the other class and drain this one",
				fieldPath: ".storageClassName",
			},
		),
	},
);

export const Exposure = Type.Object(
	{
		type: Choice(["ClusterIP", "LoadBalancer", "Ingress"], {
			description:
				"ClusterIP: inside the cluster only. LoadBalancer and Ingress: clients' port is reached from outside, nothing else is.",
			default: "ClusterIP",
		}),
		annotations: Type.Optional(
			MapOf(Type.String({ maxLength: 4096 }), {
				description: "Annotations of the Ingress, or else of the Service, for controllers that read them.",
				maxProperties: 32,
			}),
		),
		host: Type.Optional(
			Type.String({
				description: "Host name of the Ingress.",
				minLength: 1,
				maxLength: 253,
				pattern: "^(\\*\\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
			}),
		),
		ingressClassName: Type.Optional(ObjectName({ description: "IngressClass. Left out: the cluster's default." })),
		tlsSecretName: Type.Optional(
			ObjectName({ description: "Secret of this namespace with the certificate of host, of type kubernetes.io/tls." }),
		),
	},
	{
		description: "How clients reach the shard.",
		default: {},
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
		),
	},
);

export const Capacity = Type.Object(
	{
		maxNamespaces: Type.Optional(
			Type.Integer({
				description:
					"Namespaces from which on the shard takes no new ones; below 95 % of it, it takes some again. None that it has is moved for it.",
				minimum: 1,
				maximum: 1_000_000,
				format: "int32",
			}),
		),
	},
	{ description: "How much the shard takes on.", default: {} },
);
