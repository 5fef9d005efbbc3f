import { type Static, Type } from "@sinclair/typebox";

// What one installation of the operator decides for all objects: image sources and optional features.

export const Installation = Type.Object({
	/** Prefix of every default image, without a trailing slash. */
	imageRegistry: Type.String({ minLength: 1, default: "ghcr.io/prism" }),
	/** Tag of the default images, except a plugin's. */
	imageTag: Type.String({ minLength: 1, default: "v1.0.0" }),
	/** Image of the operator itself, which the backend probes run. Left out: prism-operator beside the default images. */
	operatorImage: Type.Optional(Type.String({ minLength: 1 })),
	/** Tells clusters that share proxies apart: first part of every owner that is written into a proxy's record. */
	clusterId: Type.String({ minLength: 1, default: "default" }),
	/** Whether a URL that carries credentials may be written in a spec; it is then kept in a generated Secret. */
	inlineCredentials: Type.Boolean({ default: false }),
	/** Whether the cluster has KEDA, and runners may be scaled by it. */
	keda: Type.Boolean({ default: false }),
	/** Whether the cluster has the Prometheus operator's ServiceMonitor kind. */
	serviceMonitors: Type.Boolean({ default: false }),
});
export type Installation = Readonly<Static<typeof Installation>>;

/** What a hook knows beside its request. `now` is RFC 3339 in seconds, UTC. */
export interface Context {
	readonly now: string;
	readonly installation: Installation;
	/** Names what this operator makes of a spec (kube/succession.ts). Left out: offline, where nobody else answers. */
	readonly revision?: string;
}
