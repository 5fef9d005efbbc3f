import {
	condition,
	deployments,
	LONG_AGO,
	nothing,
	object,
	older,
	part,
	paused,
	type Situation,
	without,
} from "./situations.ts";

const spec = {
	admin: { enabled: true },
	patterns: [{ name: "kv", type: "keyvalue", backend: "redis" }],
	backends: [{ name: "redis", type: "cache", connectionString: "redis://redis:6379" }],
};
const expected = (status: string, reason: Situation["condition"]["reason"], message: string) => ({
	status,
	reason,
	message,
});
const warning = (message: string) => ({ type: "Warning", status: "True", reason: "Warnings", message }) as const;
const stack = (changes: Record<string, unknown> = {}) => object("PrismStack", { ...spec, ...changes });

export const PRISM_STACK_SITUATIONS: readonly Situation[] = [
	{
		title: "all is ready",
		parent: stack(),
		condition: expected("True", "StackReady", "ready: 2 deployments, 1 pattern, 1 backend"),
		phase: "Running",
	},
	{
		title: "just created",
		parent: stack(),
		observed: nothing,
		condition: expected("False", "Progressing", "Deployment it-proxy is being created or changed"),
		phase: "Pending",
	},
	{
		title: "the proxies' configuration is old",
		parent: stack(),
		observed: older("ConfigMap"),
		condition: expected("False", "Progressing", "being created or changed: ConfigMap it-admin, ConfigMap it-proxy"),
		phase: "Pending",
	},
	{
		title: "a pattern is being created",
		parent: stack(),
		observed: without("PatternRunner"),
		condition: expected("False", "Progressing", "PatternRunner kv is not ready yet"),
		phase: "Pending",
	},
	{
		title: "a proxy fell out",
		parent: stack({ proxy: { replicas: 3 } }),
		observed: deployments("it-proxy", 2),
		condition: expected("False", "ReplicasUnavailable", "Deployment it-proxy: 2 of 3 pods are available"),
		phase: "Degraded",
	},
	{
		title: "admin is past its deadline, which explains more than a proxy that fell out",
		parent: stack({ proxy: { replicas: 3 } }),
		observed: (ready) =>
			deployments(
				"it-proxy",
				2,
			)(deployments("it-admin", 0, condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out"))(ready)),
		condition: expected(
			"False",
			"ProgressDeadlineExceeded",
			"Deployment it-admin makes no progress: 0 of 1 pods are available: an image that can't be pulled, a container that ends, a probe that fails, or no room for it. See which: kubectl describe pods -n prism -l app=prism-admin,stack=it",
		),
		phase: "Failed",
	},
	{
		title: "no proxy may be created",
		parent: stack(),
		observed: deployments("it-proxy", 0, condition("ReplicaFailure", "True", "FailedCreate", "forbidden")),
		condition: expected("False", "ReplicaFailure", "Deployment it-proxy can't create its pods: forbidden"),
		phase: "Failed",
	},
	{
		title: "a pattern is not ready",
		parent: stack(),
		observed: part("PatternRunner", "kv", "Degraded", condition("Ready", "False", "ReplicasUnavailable", "1 of 2")),
		condition: expected("False", "PatternNotReady", "PatternRunner kv: ReplicasUnavailable: 1 of 2"),
		phase: "Degraded",
	},
	{
		title: "a backend is not ready, which explains the pattern as well",
		parent: stack(),
		observed: (ready) =>
			part(
				"PatternRunner",
				"kv",
				"Degraded",
				condition("Ready", "False", "BackendNotReady", "wait"),
			)(part("BackendConfig", "it-redis", "Failed", condition("Ready", "False", "InlineCredentials", "secret"))(ready)),
		condition: expected("False", "BackendNotReady", "BackendConfig it-redis: InlineCredentials: secret"),
		phase: "Failed",
	},
	{
		title: "a spec that the schema refuses",
		parent: stack({ proxy: { port: 0 } }),
		condition: expected("False", "InvalidSpec", "spec.proxy.port: expected integer to be greater or equal to 1, got 0"),
		phase: "Failed",
	},
	{
		title: "a namespace is not ready",
		parent: stack({ namespaces: [{ name: "orders" }] }),
		observed: part(
			"PrismNamespace",
			"it-orders",
			"Failed",
			condition("Ready", "False", "NamespaceIdTaken", "choose another"),
		),
		condition: expected("False", "NamespaceNotReady", "PrismNamespace it-orders: NamespaceIdTaken: choose another"),
		phase: "Failed",
	},
	{
		title: "deleted, with namespaces that are still there",
		parent: object("PrismStack", { ...spec, namespaces: [{ name: "orders" }] }, { deletionTimestamp: LONG_AGO }),
		condition: expected(
			"False",
			"Terminating",
			'waits until its PrismNamespaces are gone: it-orders; the annotation prism.io/force-delete: "true" lets the stack go without that',
		),
		phase: "Terminating",
	},
	{
		title: "a pattern whose name belongs to somebody else",
		parent: { ...stack(), status: { missing: [{ kind: "PatternRunner", name: "kv", since: LONG_AGO }] } },
		observed: without("PatternRunner"),
		condition: expected(
			"False",
			"NameTaken",
			"PatternRunner kv has not appeared within 30 s: an object of that name seems to belong to somebody else, or the API server refuses it. See whose it is: kubectl get patternrunner kv -n prism -o yaml; or why it is refused: kubectl get events -n prism --field-selector reason=SyncError,involvedObject.name=it",
		),
		phase: "Failed",
	},
	{
		title: "paused in the middle",
		parent: object("PrismStack", spec, paused),
		observed: older("Deployment"),
		condition: expected(
			"False",
			"PausedByAnnotation",
			"paused before this was done: Deployment it-proxy is being created or changed",
		),
		phase: "Pending",
	},
	{
		title: "a backend that nobody uses",
		parent: stack({ patterns: [] }),
		condition: warning('spec.backends has "redis", which no pattern uses'),
		phase: "Running",
	},
	{
		title: "one port for two things",
		parent: stack({ observability: { enabled: true, metrics: { port: 9090 } } }),
		condition: warning(
			"spec.observability.metrics.port equals spec.proxy.port 9090: one port serves both; give metrics a port of its own",
		),
		phase: "Running",
	},
	{
		title: "an image without a version, and an anti-affinity that keeps nothing apart",
		parent: stack({
			proxy: { image: "prism-proxy:latest" },
			affinity: {
				podAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [
						{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { component: "prism-proxy" } } },
					],
				},
			},
		}),
		condition: warning(
			"image prism-proxy:latest has no fixed version: pods that start later may run another one; the proxy's podAntiAffinity selects component=prism-proxy, which matches none of its own pods (labels app=prism-proxy, component=proxy)",
		),
		phase: "Running",
	},
];
