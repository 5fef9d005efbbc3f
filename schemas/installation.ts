import { type Static, Type } from "@sinclair/typebox";
import { Grants } from "./permitted-fields.ts";
import { Resources } from "./scheduling.ts";

// What an installation of the operator sets for all objects: image sources and optional features.

export const Installation = Type.Object({
	/** Prefix of every default image, without a trailing slash. */
	imageRegistry: Type.String({ minLength: 1, default: "ghcr.io/prism" }),
	/** Tag of the default images, including those of plugins without a PrismPlugin and without a version. */
	imageTag: Type.String({ minLength: 1, default: "v1.0.0" }),
	/** Image of the backend probes. Left out: prism-operator-probe from the registry of the default images. */
	probeImage: Type.Optional(Type.String({ minLength: 1 })),
	/** Group that owns volumes; null: none, if the cluster assigns one. Left out: 65532. */
	fsGroup: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
	/** User ID for images that name their user by name; null: the image's user, or the one that the cluster assigns. Left out: 65532. */
	runAsUser: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
	/** Default resources of each container, for values that its spec leaves out. Left out: none. */
	resources: Type.Optional(Resources("Of each container.")),
	/** Distinguishes clusters that share proxies: the first part of every owner in a proxy's records. */
	clusterId: Type.String({ minLength: 1, default: "default" }),
	/** Whether a spec may contain a URL with credentials. The operator then keeps the URL in a generated Secret. */
	inlineCredentials: Type.Boolean({ default: false }),
	/** Whether the cluster has KEDA, and autoscaling may use it. */
	keda: Type.Boolean({ default: false }),
	/** Whether the cluster has the Prometheus Operator's ServiceMonitor CRD. */
	serviceMonitors: Type.Boolean({ default: false }),
	/** Kubernetes namespace of the operator: NetworkPolicies allow traffic from it. Left out: prism-system. */
	operatorNamespace: Type.Optional(Type.String({ minLength: 1 })),
	/** Domain of the cluster's Services, in which pods resolve names. Left out: names without a domain. */
	clusterDomain: Type.Optional(Type.String({ minLength: 1 })),
	/** Whether preStop hooks may use the kubelet's sleep action. Left out: true. */
	sleepAction: Type.Optional(Type.Boolean()),
	/** Whether the proxies' image accepts --admin-endpoint and --proxy-id. Left out: false. */
	proxyArguments: Type.Optional(Type.Boolean()),
	/** Whether Metacontroller watches objects with the names of children, to distinguish a name in use from a rejected creation. Left out: true. */
	watchChildNames: Type.Optional(Type.Boolean()),
	/** What users may request. Left out: everything that the CRDs have. */
	grants: Type.Optional(Grants),
});
export const DEFAULT_OPERATOR_NAMESPACE = "prism-system";
/** kubeconfig context of the cluster that `make run` starts. Metacontroller and the operator run beside the cluster, not in it. */
export const LOCAL_CONTEXT = "prism-local";
export type Installation = Readonly<Static<typeof Installation>>;

/** What a hook knows in addition to its request. `now` is RFC 3339 in seconds, UTC. */
export interface Context {
	readonly now: string;
	readonly installation: Installation;
	/**
	 * Identifies the children that this operator version generates from a spec (kube/revision-handoff.ts). Left out: offline, where no other version
	 * acts.
	 */
	readonly revision?: string;
	/**
	 * Signing keys of the installation, the same in every replica. No object, record or log contains them. Left out: offline, where the hooks
	 * make no calls.
	 */
	readonly keys?: readonly string[];
}
