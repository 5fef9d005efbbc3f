import type { FindingReason } from "./findings/finding.ts";

// Names and values outside the specs: annotations, labels, reasons. They are as much part of the API as fields are.

export const GROUP = "prism.io";
export const VERSION = "v1alpha1";
export const API_VERSION = `${GROUP}/${VERSION}`;

// ── Annotations ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** "true" keeps an object's children in their observed state. Not inherited by children. */
export const PAUSED_ANNOTATION = "prism.io/paused";
/** Hash of a child as the hook last sent it. A child with another hash is out of date. */
export const DESIRED_HASH_ANNOTATION = "prism.io/desired-hash";
/** The label by which Metacontroller selects a parent's children. Metacontroller adds it. */
export const OWNER_LABEL = "controller-uid";
/** On a PatternRunner: "true" if its BackendConfig must have the same owner, because the BackendConfig's name was computed. */
export const OWN_BACKEND_ANNOTATION = "prism.io/own-backend";
/** On a PatternRunner: "true" if its stack has backends, but not the one in spec.backend. */
export const UNKNOWN_BACKEND_ANNOTATION = "prism.io/unknown-backend";
/** On a child: the operator that last sent it, and when, as "<revision> <time>". */
export const SENT_BY_ANNOTATION = "prism.io/sent-by";
/** On a workload that an autoscaler scales or scaled: spec.replicas before the autoscaler. */
export const REPLICAS_BEFORE_ANNOTATION = "prism.io/replicas-before-autoscaling";
/** On a workload: the generation that it had before it was last changed in more than its replica count. */
export const PODS_CHANGED_AFTER_ANNOTATION = "prism.io/pods-changed-after-generation";
/** On a workload: the default resources of its containers. The installation's when the workload was created. */
export const DEFAULT_RESOURCES_ANNOTATION = "prism.io/default-resources";
/**
 * On a child that another client changed: since when it differs. The annotation's presence shows that the API server stored the child as
 * sent.
 */
export const CORRECTION_ANNOTATION = "prism.io/correction";
/** On a child: JSON of the fields that admission changes on each write, and of what the operator sends for each, "stored" or "sent". */
export const YIELDED_ANNOTATION = "prism.io/yielded-fields";
/** "true" deletes an object even if its namespaces could not be moved or revoked, or other objects still use it. */
export const FORCE_DELETE_ANNOTATION = "prism.io/force-delete";
/**
 * On a PrismStack, PatternRunner or PrismShard; the operator copies it to the pod templates of the object's own workloads. A new value
 * restarts the pods, as `kubectl rollout restart` does. Not inherited by children.
 */
export const RESTARTED_AT_ANNOTATION = "prism.io/restartedAt";
/** On a pod template: hash of the mounted configuration, so that a change of the configuration rolls the pods. */
export const CONFIG_CHECKSUM_ANNOTATION = "prism.io/config-checksum";
/** On a pod template: checksum of the backend binding that the template was built from. */
export const BINDING_CHECKSUM_ANNOTATION = "prism.io/backend-checksum";
/** On a shard's pod template: JSON of the plugin versions in its pods, by the plugin's name. */
export const PLUGIN_VERSIONS_ANNOTATION = "prism.io/plugin-versions";
/** Of Stakater Reloader: rolls the workload when one of the named Secrets changes. */
export const RELOAD_SECRETS_ANNOTATION = "secret.reloader.stakater.com/reload";

// ── Labels ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Name of an object's stack: on all objects of the stack, including the runners' pods. */
export const STACK_LABEL = "stack";
/** Name of an object's shard. */
export const SHARD_LABEL = "shard";

/** On a PrismRoster, for the shard selectors of PrismNamespaces. */
export const ROSTER_LABELS = {
	product: "prism.io/product",
	feature: "prism.io/feature",
	slaTier: "prism.io/sla-tier",
} as const;
/** On a PrismRoster: one label for each backend that is served, with the value "true". */
export const servesLabel = (backend: string): string => `serves.prism.io/${backend}`;

// ── Pods ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Prefix of the environment variables with the backend's connection, such as PRISM_BACKEND_URL, and the folder with its files. */
export const BACKEND_PLACES = { prefix: "PRISM_BACKEND", folder: "/etc/prism/backend" } as const;

/** Key and name of a runner's configuration file. */
export const RUNNER_FILE = "runner.json";

// ── Reasons ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Every reason of a condition, with its scenario. The list in the docs is generated from it. A reason's parameters are in findings/, its
 * messages in messages/.
 */
export const REASONS = {
	StackReady: "The desired state of a PrismStack was observed ready at this generation.",
	DeploymentReady: "All replicas of a PatternRunner's Deployment are updated and available.",
	ScaledToZero: "The desired number of replicas is 0, and no pods exist.",
	NotChecked: "A BackendConfig's connection is published. The operator does not check the health of the backend.",
	BackendHealthy: "The probe of a BackendConfig gets an answer from the backend.",
	BackendUnhealthy: "A BackendConfig's probe does not reach the backend, or the backend rejects the probe.",
	Progressing: "Children were created or changed and are not ready yet. No action is needed.",
	ReplicasUnavailable: "A workload that is up to date has fewer available replicas than desired.",
	ProgressDeadlineExceeded:
		"A rollout has made no progress within its deadline. Check the image, the configuration and the resources.",
	ReplicaFailure: "Pods can't be created at all: a quota, an admission policy or a missing object prevents it.",
	PatternNotReady: "A PatternRunner of a PrismStack is not ready. The message quotes its condition.",
	NamespaceNotReady: "A PrismNamespace of a PrismStack is not ready. The message quotes its condition.",
	BackendNotReady: "A required BackendConfig is not ready. The message quotes its condition.",
	BackendConfigNotFound: "spec.backendConfig names a BackendConfig that does not exist in the namespace.",
	NamespaceReady: "Every ready instance of the placement reports a PrismNamespace's configuration.",
	Unverified: "Every ready instance accepted a PrismNamespace, but the operator can't read the namespace back.",
	NamespaceCreated: "Every ready instance of the placement reports a PrismNamespace.",
	QuotasApplied: "Every ready instance of the placement reports the quotas of a PrismNamespace.",
	NoMatchingShard:
		"No shard serves the backend, matches the selector and allows the Kubernetes namespace of a PrismNamespace.",
	NoMatchingProxy:
		"There are no proxies with the name in spec.proxyRef, or the proxies don't allow the Kubernetes namespace.",
	NotAccepting: "Shards match a PrismNamespace's selector, and none of them accepts new namespaces.",
	NotPermitted:
		"A stack or shard does not allow a quota or the backend settings of a PrismNamespace of another Kubernetes namespace.",
	InstancesNotReady: "No instance of the placement is ready, so the operator can't provision a PrismNamespace.",
	InstancesUnreachable: "Instances do not answer, or return errors; the message names them and the cause.",
	PartiallyProvisioned:
		"Some instances have a PrismNamespace, and others don't; the message names these others and the cause.",
	ProvisioningRefused: "An instance rejected a PrismNamespace; the message quotes the instance.",
	NamespaceIdTaken: "An instance has a namespace with this identifier that belongs to another owner.",
	Expired: "The ttl of a PrismNamespace has ended. The operator revoked the namespace, and the object stays.",
	Terminating: "A PrismStack or PrismShard is being deleted, and its PrismNamespaces are not gone yet.",
	Revoking: "A PrismNamespace is being deleted, and instances still have the namespace.",
	ShardReady: "All pods of a PrismShard are updated and ready, answer, and have the same namespaces.",
	NamespacesDiffer:
		"Instances of a PrismShard lack namespaces that other instances have. The operator re-applies the namespaces.",
	PluginNotReady:
		"A PrismShard can't use a plugin yet: the PrismPlugin has no version for this shard or is invalid, or the name of the plugin's Service is in use. The pods stay as they are.",
	NamespacesRemain: "A PrismShard is being deleted, and still has namespaces. The message has their number.",
	NamespacesUnknown: "A PrismShard is being deleted, and its instances can't report whether namespaces are left.",
	PluginReady: "Every PrismShard that follows a PrismPlugin runs its version and is ready.",
	NotFollowed: "No PrismShard follows a PrismPlugin, so there is nothing to roll out.",
	RollingBack: "The new version of a PrismPlugin failed on a shard, which is rolling back to the last good version.",
	RolledBack:
		"The new version of a PrismPlugin failed on a shard, which runs the last good version again. The other shards stay as they are.",
	RollbackFailed: "A shard does not become ready with the last good version of a PrismPlugin either.",
	RolloutStalled: "The new version of a PrismPlugin failed on a shard, and there is no last good version.",
	PluginInUse: "A PrismPlugin is being deleted, and shards still use it. The message names the shards.",
	InvalidSpec: "The spec is invalid. The children stay unchanged until a user corrects the spec.",
	CrossNamespaceReference:
		"A reference names another Kubernetes namespace. Pods can use only objects of their own namespace.",
	InlineCredentials: "A URL contains credentials, and this installation does not allow credentials in a spec.",
	Unsupported: "A field requires a feature that this installation does not allow.",
	NameTaken: "A child was not created within 30 s: the name is in use by an object that the controller does not own.",
	RolloutHeld:
		"Pods are not updated: a user paused a Deployment or holds a StatefulSet, or Kubernetes does not replace its unready pods.",
	VolumeUnavailable:
		"Pods wait for a PersistentVolumeClaim that is unbound, being deleted or missing; the message has the cause.",
	NoAddress: "A Service of type LoadBalancer, which exposure requires, has had no address for 60 s.",
	ChildRefused:
		"A child was not created, updated or corrected within 30 s: the API server rejects it, and the events have the error.",
	ChildTerminating:
		"A child is being deleted. The operator creates it again afterwards. The message names its finalizers.",
	PausedByAnnotation: "The annotation prism.io/paused freezes the children in their observed state.",
	Warnings: "The object works, but a part of the spec has no effect or carries a risk; the message lists the parts.",
} as const satisfies Record<FindingReason, string>;

/** Key of a container's configuration file in its ConfigMap. */
export const CONFIG_FILE = "config.json";
