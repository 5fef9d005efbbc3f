import { type Static, Type } from "@sinclair/typebox";
import { Choice, ObjectName, Port, rules } from "./common.ts";

// What a pod of ours is, beside where it is placed: its image, its security, how the kubelet checks it.

/** Relaxes the hardened defaults; what is not here (capabilities, seccomp, privilege escalation) stays hardened. */
export const PodSecurity = Type.Object(
	{
		runAsNonRoot: Type.Boolean({
			description: "Whether the kubelet refuses to run the image as root. Switch off for an image that needs root.",
			default: true,
		}),
		runAsUser: Type.Optional(
			Type.Integer({
				description: "User ID of the process. Needed with runAsNonRoot when the image names its user by name.",
				minimum: 0,
				maximum: 2147483647,
				format: "int64",
			}),
		),
		fsGroup: Type.Optional(
			Type.Integer({
				description: "Group ID that owns the volumes.",
				minimum: 0,
				maximum: 2147483647,
				format: "int64",
			}),
		),
		readOnlyRootFilesystem: Type.Boolean({
			description: "Whether the container's root file system is read-only; /tmp is writable in any case.",
			default: true,
		}),
	},
	{
		description: "Relaxes the hardened pod defaults (Pod Security level restricted) for an image that needs it.",
		default: {},
	},
);
export type PodSecurity = Static<typeof PodSecurity>;

export const Image = (description: string) => Type.String({ description, minLength: 1, maxLength: 512 });

export const ImagePullSecrets = Type.Array(
	Type.Object({ name: ObjectName({ description: "Name of a Secret of type kubernetes.io/dockerconfigjson." }) }),
	{ description: "Secrets of the same namespace to pull images with.", maxItems: 16 },
);

/** Probe of a server's readiness and liveness. */
export const Probe = Type.Object(
	{
		type: Choice(["tcp", "http", "grpc"], {
			description: "tcp connects to the port; http expects 2xx or 3xx; grpc asks the gRPC health service.",
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
			Type.String({ description: "Service name to ask the gRPC health service about.", maxLength: 253 }),
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
			description: "Failures in a row after which the pod is not ready, or restarted.",
			minimum: 1,
			maximum: 1000,
			default: 3,
			format: "int32",
		}),
	},
	{
		description: "How the kubelet finds out whether a pod serves.",
		default: {},
		...rules(
			{
				rule: "self.type == 'http' || !has(self.path)",
				message: "path is for probe type http only: set type: http, or remove path",
			},
			{
				rule: "self.type == 'grpc' || !has(self.service)",
				message: "service is for probe type grpc only: set type: grpc, or remove service",
			},
		),
	},
);
export type Probe = Static<typeof Probe>;
