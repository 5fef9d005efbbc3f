// The words that objects of this API carry beside their spec: they are part of the API as much as the fields are.

export const GROUP = "prism.io";
export const VERSION = "v1alpha1";
export const API_VERSION = `${GROUP}/${VERSION}`;

// ── Annotations ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** "true" freezes an object's children as they were observed. Not inherited by children. */
export const PAUSED_ANNOTATION = "prism.io/paused";
/** Hash of a child as the hook last sent it; a child that was observed with another hash is not up to date. */
export const DESIRED_HASH_ANNOTATION = "prism.io/desired-hash";
/** On a child: the operator that sent it as it is, and when, as "<revision> <time>". */
export const SENT_BY_ANNOTATION = "prism.io/sent-by";
/** "true" lets an object go although what it holds could not be moved or revoked, or although others still use it. */
export const FORCE_DELETE_ANNOTATION = "prism.io/force-delete";
/**
 * On a PrismStack, PatternRunner or PrismShard, and from there on the pod templates of its own workloads: another value
 * than before restarts the pods, as `kubectl rollout restart` would. Not inherited by children.
 */
export const RESTARTED_AT_ANNOTATION = "prism.io/restartedAt";
/** On a pod template: hash of the configuration it mounts, so that a change of configuration rolls the pods. */
export const CONFIG_CHECKSUM_ANNOTATION = "prism.io/config-checksum";
/** On a pod template: checksum of the backend binding it was built from. */
export const BINDING_CHECKSUM_ANNOTATION = "prism.io/backend-checksum";
/** On a shard's pod template: JSON of the version of each plugin that its pods have, by the plugin's name. */
export const PLUGIN_VERSIONS_ANNOTATION = "prism.io/plugin-versions";
/** Understood by Stakater Reloader: roll this workload when one of the named Secrets changes. */
export const RELOAD_SECRETS_ANNOTATION = "secret.reloader.stakater.com/reload";

// ── Labels ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Name of the stack that an object belongs to: on everything from the stack down to the runners' pods. */
export const STACK_LABEL = "stack";
/** Name of the shard that an object belongs to. */
export const SHARD_LABEL = "shard";

/** On a PrismRoster: what a PrismNamespace's shard selector matches. */
export const ROSTER_LABELS = {
	product: "prism.io/product",
	feature: "prism.io/feature",
	slaTier: "prism.io/sla-tier",
} as const;
/** On a PrismRoster, one for each backend that is served, with the value "true". */
export const servesLabel = (backend: string): string => `serves.prism.io/${backend}`;

// ── Pods ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Where a pod finds its backend's connection: PRISM_BACKEND_URL and its like, and files below the folder. */
export const BACKEND_PLACES = { prefix: "PRISM_BACKEND", folder: "/etc/prism/backend" } as const;

// ── Reasons ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Every reason that a condition may carry, each with the scenario in which it is given. The docs list is made of it. */
export const REASONS = {
	StackReady: "Everything that a PrismStack's spec wants was observed ready at this generation.",
	DeploymentReady: "All replicas of a PatternRunner's Deployment are updated and available.",
	ScaledToZero: "The spec wants no replicas, and there are none.",
	NotChecked: "A BackendConfig's connection is published; whether the backend answers is not being checked.",
	BackendHealthy: "A BackendConfig's probe reaches the backend and is answered.",
	BackendUnhealthy:
		"A BackendConfig's probe does not reach the backend, or is refused; the message says where to look.",
	Progressing: "Children were just created or changed and are not ready yet; nothing needs to be done.",
	ReplicasUnavailable: "A workload that is up to date has fewer available replicas than it should have.",
	ProgressDeadlineExceeded:
		"A rollout has made no progress for its deadline: image, configuration or resources are wrong.",
	ReplicaFailure: "Pods can't be created at all: a quota, an admission policy or a missing object refuses them.",
	PatternNotReady: "A PrismStack's PatternRunner is not ready; the message quotes its condition.",
	NamespaceNotReady: "A PrismStack's PrismNamespace is not ready; the message quotes its condition.",
	BackendNotReady: "A BackendConfig that is needed is not ready; the message quotes its condition.",
	BackendConfigNotFound: "spec.backendConfig names a BackendConfig that does not exist in the namespace.",
	NamespaceReady: "Every ready instance of the place has a PrismNamespace's configuration, as it reports itself.",
	Unverified: "Every ready instance accepted a PrismNamespace; none of them offers a way to read it back.",
	NamespaceCreated: "A PrismNamespace was read back from every ready instance of the place.",
	QuotasApplied: "A PrismNamespace's limits are part of the configuration that was read back.",
	NoMatchingShard: "No shard that serves the backend matches a PrismNamespace's selector, or takes it from there.",
	NoMatchingProxy: "There are no proxies of the name in spec.proxyRef, or they don't take namespaces from there.",
	NotAccepting: "Shards match a PrismNamespace's selector, and none of them takes new namespaces.",
	InstancesNotReady: "No instance of the place is ready, so that a PrismNamespace can't be provisioned.",
	InstancesUnreachable: "Instances do not answer, or not as they should; the message names them and says how.",
	PartiallyProvisioned: "Some instances have a PrismNamespace, and others don't; the message names them and says why.",
	ProvisioningRefused: "An instance understood a PrismNamespace and said no, in the words that the message quotes.",
	NamespaceIdTaken: "An instance has a namespace of that identifier that is not this PrismNamespace's.",
	Expired: "A PrismNamespace's ttl is over: it was revoked, and the object stays.",
	Terminating: "A PrismStack or PrismShard is being deleted, and its PrismNamespaces are told so, or not gone yet.",
	Revoking: "A PrismNamespace is being deleted, and instances still have to let go of it.",
	ShardReady: "All pods of a PrismShard are updated and ready, answer, and hold the same namespaces.",
	NamespacesDiffer: "Instances of a PrismShard lack namespaces that others of it hold; they are being given them.",
	PluginNotReady: "A PrismPlugin does not say yet which version a PrismShard is to run; the pods stay as they are.",
	NamespacesRemain: "A PrismShard is being deleted, and still holds namespaces; the message counts them.",
	NamespacesUnknown: "A PrismShard is being deleted, and its instances can't say whether they hold namespaces.",
	PluginReady: "Every PrismShard that follows a PrismPlugin runs its version, ready.",
	NotFollowed: "No PrismShard runs a PrismPlugin by its version, and there is nothing to roll out.",
	RollingBack: "A PrismPlugin's new version failed on a shard, which goes back to the last good version.",
	RolledBack: "A PrismPlugin's new version failed on a shard, which is back at the last good version; the others stay.",
	RollbackFailed: "A shard that goes back to a PrismPlugin's last good version does not become ready there either.",
	RolloutStalled: "A PrismPlugin's new version failed on a shard, and there is no other version to go back to.",
	PluginInUse: "A PrismPlugin is being deleted, and shards still use it; the message names them.",
	InvalidSpec: "The spec can't be carried out as it is; children stay as they were until it is mended.",
	CrossNamespaceReference: "A reference names another namespace; pods can only use what is in their own.",
	InlineCredentials: "A URL carries credentials, and this installation does not allow them in a spec.",
	Unsupported: "A field asks for something that this installation does not provide.",
	NameTaken: "A child has not appeared within 30 s: its name is somebody else's, or the API server refuses it.",
	PausedByAnnotation: "The annotation prism.io/paused freezes the children as they were observed.",
	Warnings: "Something works, but is probably not what was meant; the message lists what.",
} as const satisfies Record<string, string>;
