import { type Static, Type } from "@sinclair/typebox";
import { Choice, GRPC_SERVICE_PATTERN, ObjectName, Port, rules } from "./common.ts";

// Settings of the operator's pods other than scheduling: image, security, probes.

/** null: no user or group. Left out: the default. */
const Identity = (description: string) =>
	Type.Union([Type.Integer({ minimum: 0, maximum: 2147483647, format: "int64" }), Type.Null()], { description });

/** Relaxes the hardened defaults. Settings that have no field here stay hardened: capabilities, seccomp, privilege escalation. */
export const PodSecurity = Type.Object(
	{
		runAsNonRoot: Type.Boolean({
			description: "Whether the kubelet rejects images that run as root. Set false for an image that needs root.",
			default: true,
		}),
		runAsUser: Type.Optional(
			Identity(
				"User ID of the process. Required with runAsNonRoot if the image sets its user by name. Default: for control planes PRISM_RUN_AS_USER of the installation, otherwise the image's user. null: the image's user, or the user that the cluster assigns.",
			),
		),
		fsGroup: Type.Optional(
			Identity(
				"Group ID that owns the volumes. Default: for shards and control planes with storage PRISM_FS_GROUP of the installation, otherwise none. null: none, for clusters that assign a group.",
			),
		),
		readOnlyRootFilesystem: Type.Boolean({
			description: "Whether the container's root file system is read-only. /tmp is always writable.",
			default: true,
		}),
	},
	{
		description: "Relaxes the hardened pod defaults (Pod Security level restricted) for an image that needs it.",
		default: {},
	},
);
export type PodSecurity = Static<typeof PodSecurity>;

export const Image = (description: string) =>
	Type.String({ description, minLength: 1, maxLength: 512, pattern: "^\\S+$" });

export const ImagePullSecrets = Type.Array(
	Type.Object({ name: ObjectName({ description: "Name of a Secret of type kubernetes.io/dockerconfigjson." }) }),
	{ description: "Secrets of the same namespace with credentials for registries.", maxItems: 16 },
);

const probeFields = {
	type: Choice(["tcp", "http", "grpc", "none"], {
		description:
			"tcp connects to the port; http expects 2xx or 3xx; grpc asks the gRPC health service; none: a pod whose process runs is ready.",
		default: "tcp",
	}),
	path: Type.Optional(
		Type.String({
			description: "Path to GET with http. Default: /health.",
			maxLength: 1024,
			pattern: "^/",
		}),
	),
	service: Type.Optional(
		Type.String({
			description: "Service name for the gRPC health check.",
			maxLength: 253,
			pattern: GRPC_SERVICE_PATTERN,
		}),
	),
	port: Type.Optional(Port({ description: "Port to probe. Default: the port that serves clients." })),
	periodSeconds: Type.Integer({
		description: "Seconds between two probes.",
		minimum: 1,
		maximum: 3600,
		default: 10,
		format: "int32",
	}),
	timeoutSeconds: Type.Integer({
		description: "Seconds after which a probe has failed.",
		minimum: 1,
		maximum: 3600,
		default: 1,
		format: "int32",
	}),
	failureThreshold: Type.Integer({
		description: "Consecutive failures after which the pod is unready, or restarted.",
		minimum: 1,
		maximum: 1000,
		default: 3,
		format: "int32",
	}),
};

const probeOptions = {
	description: "Health probe of the pods by the kubelet.",
	...rules(
		{
			rule: "self.type == 'http' || !has(self.path)",
			message: "path is for probe type http only: set type: http, or remove path",
		},
		{
			rule: "self.type == 'grpc' || !has(self.service)",
			message: "service is for probe type grpc only: set type: grpc, or remove service",
		},
		{
			rule: "self.type != 'none' || !has(self.port)",
			message: "port has no effect with probe type none: set type, or remove port",
		},
	),
};

/** Readiness and liveness probe of a server. */
export const Probe = Type.Object(probeFields, { ...probeOptions, default: {} });
export type Probe = Static<typeof Probe>;

/** The same as an optional field, for CRDs that got it in a later version: a default would change stored objects. */
export const LaterProbe = Type.Optional(Type.Object(probeFields, probeOptions));

/** The default: proxies may not have a health endpoint. */
export const TCP_PROBE: Probe = { type: "tcp", periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };

const Seconds = (description: string) =>
	Type.Integer({ description, minimum: 0, maximum: 3600, default: 30, format: "int64" });

/** Of pods without clients behind a Service. */
export const GracePeriod = Seconds("Seconds that a pod gets to finish its work after SIGTERM.");

/** Of pods that clients reach through a Service (kube/pod-termination.ts). */
export const ServingGracePeriod = Seconds(
	"Seconds from SIGTERM until the kubelet kills the pod. The pod gets SIGTERM 5 s after its removal from its Service. 0: the kubelet kills the pod at once.",
);
