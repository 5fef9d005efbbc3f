import { type Static, Type } from "@sinclair/typebox";
import { Grants } from "./grants.ts";
import { Resources } from "./placement.ts";

// What one installation of the operator decides for all objects: image sources and optional features.

export const Installation = Type.Object({
	/** Prefix of every default image, without a trailing slash. */
	imageRegistry: Type.String({ minLength: 1, default: "ghcr.io/prism" }),
	/** Tag of the default images, except a plugin's. */
	imageTag: Type.String({ minLength: 1, default: "v1.0.0" }),
	/** Image that the backend probes run. Left out: prism-operator-probe beside the default images. */
	probeImage: Type.Optional(Type.String({ minLength: 1 })),
	/** Group that owns volumes; null: none, where the cluster assigns one. Left out: 65532. */
	fsGroup: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
	/** User of images that name their user by a name; null: the image's, or the one that the cluster assigns. Left out: 65532. */
	runAsUser: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
	/** Of each container, as far as its spec names none. Left out: none. */
	resources: Type.Optional(Resources("Of each container.")),
	/** Tells clusters that share proxies apart: first part of every owner that is written into a proxy's record. */
	clusterId: Type.String({ minLength: 1, default: "default" }),
	/** Whether a URL that carries credentials may be written in a spec; it is then kept in a generated Secret. */
	inlineCredentials: Type.Boolean({ default: false }),
	/** Whether the cluster has KEDA, and runners may be scaled by it. */
	keda: Type.Boolean({ default: false }),
	/** Whether the cluster has the Prometheus operator's ServiceMonitor kind. */
	serviceMonitors: Type.Boolean({ default: false }),
	/** Kubernetes namespace that the operator runs in: NetworkPolicies let it in. Left out: prism-system. */
	operatorNamespace: Type.Optional(Type.String({ minLength: 1 })),
	/** Domain of the cluster's Services, in which pods look up names. Left out: their names are without it. */
	clusterDomain: Type.Optional(Type.String({ minLength: 1 })),
	/** Whether pods may wait by the kubelet's own sleep action before they are stopped. Left out: they may. */
	sleepAction: Type.Optional(Type.Boolean()),
	/** Whether the proxies' image takes --admin-endpoint and --proxy-id. Left out: it takes no arguments. */
	proxyArguments: Type.Optional(Type.Boolean()),
	/** Whether objects with the names of children are watched, to tell a name in use from a rejected creation. Left out: they are. */
	watchChildNames: Type.Optional(Type.Boolean()),
	/** What users may ask for. Left out: whatever the kinds have. */
	grants: Type.Optional(Grants),
});
export const DEFAULT_OPERATOR_NAMESPACE = "prism-system";
export type Installation = Readonly<Static<typeof Installation>>;

/** What a hook knows beside its request. `now` is RFC 3339 in seconds, UTC. */
export interface Context {
	readonly now: string;
	readonly installation: Installation;
	/** Names what this operator makes of a spec (kube/handoff.ts). Left out: offline, where nobody else answers. */
	readonly revision?: string;
	/**
	 * Keys of the installation, the same in every replica: they sign what only the operator writes. No object, record or log has them.
	 * Left out: offline, where nobody is called.
	 */
	readonly keys?: readonly string[];
}
