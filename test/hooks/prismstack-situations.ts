import type { KubeObject } from "../../schemas/common.ts";
import {
	condition,
	delayed,
	deployments,
	going,
	LONG_AGO,
	nothing,
	object,
	older,
	part,
	paused,
	type Situation,
	somebodys,
	statefulSets,
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
const FORGETS =
	"spec.admin.storage is not set: the admin pod loses its namespaces when it is replaced, until they are pushed again";
const warning = (message: string) => ({ type: "Warning", status: "True", reason: "Warnings", message }) as const;
const stack = (changes: Record<string, unknown> = {}) => object("PrismStack", { ...spec, ...changes });

/** The proxies' workload of before spec.proxy.workload was changed, with three pods that are not available. */
const formerProxies = (kind: "Deployment" | "StatefulSet"): KubeObject => ({
	apiVersion: "apps/v1",
	kind,
	metadata: { name: "it-proxy", namespace: "prism", generation: 1, labels: { app: "prism-proxy", stack: "it" } },
	spec: {
		replicas: 3,
		selector: { matchLabels: { app: "prism-proxy", stack: "it" } },
		template: {
			metadata: { labels: { app: "prism-proxy", stack: "it" } },
			spec: { containers: [{ name: "prism-proxy", image: "prism-proxy:v1.0.0" }] },
		},
	},
	status: { observedGeneration: 1, replicas: 3 },
});

export const PRISM_STACK_SITUATIONS: readonly Situation[] = [
	{
		title: "all is ready",
		parent: stack(),
		condition: expected("True", "StackReady", "Ready: 2 deployments, 1 pattern, 1 backend"),
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
		condition: expected("False", "Progressing", "Being created or changed: ConfigMap it-admin, ConfigMap it-proxy"),
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
			"Deployment it-admin makes no progress: 0 of 1 pods are available",
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
		title: "all is ready, with a control plane that keeps its records",
		parent: stack({ admin: { enabled: true, replicas: 3, storage: {} } }),
		condition: expected("True", "StackReady", "Ready: 2 deployments, 1 pattern, 1 backend"),
		phase: "Running",
	},
	{
		title: "a member of the control plane fell out",
		parent: stack({ admin: { enabled: true, replicas: 3, storage: {} } }),
		observed: statefulSets(2),
		condition: expected("False", "ReplicasUnavailable", "StatefulSet it-admin: 2 of 3 pods are available"),
		phase: "Degraded",
	},
	{
		title: "all is ready, with proxies that keep their names",
		parent: stack({ proxy: { workload: "StatefulSet", replicas: 2 } }),
		condition: expected("True", "StackReady", "Ready: 2 deployments, 1 pattern, 1 backend"),
		phase: "Running",
	},
	{
		title: "a proxy that keeps its name fell out",
		parent: stack({ proxy: { workload: "StatefulSet", replicas: 3 } }),
		observed: statefulSets(2),
		condition: expected("False", "ReplicasUnavailable", "StatefulSet it-proxy: 2 of 3 pods are available"),
		phase: "Degraded",
	},
	{
		title: "a broken proxy is left in place after its spec was reverted",
		parent: {
			...stack({ proxy: { workload: "StatefulSet", replicas: 3 } }),
			status: {
				phase: "Running",
				...delayed({ kind: "StatefulSet", name: "it-proxy", cause: "PodsKept", since: LONG_AGO }),
			},
		},
		observed: statefulSets(2, 2, "new"),
		unready: ["it-proxy-2"],
		condition: expected(
			"False",
			"RolloutHeld",
			"StatefulSet it-proxy is not rolled out: not ready, of an older revision, and not replaced by Kubernetes: it-proxy-2",
		),
		phase: "Degraded",
	},
	{
		title: "the proxies are moving to a StatefulSet",
		parent: stack({ proxy: { workload: "StatefulSet", replicas: 3 } }),
		observed: (ready) => [...statefulSets(1)(ready), formerProxies("Deployment")],
		condition: expected(
			"False",
			"Progressing",
			"StatefulSet it-proxy is rolling out: 3 of 3 pods are updated, 1 of 3 updated pods are ready",
		),
		phase: "Pending",
	},
	{
		title: "the proxies are moving back, and the StatefulSet that they leave is not well",
		parent: stack({ proxy: { replicas: 3 } }),
		observed: (ready) => [...deployments("it-proxy", 3)(ready), formerProxies("StatefulSet")],
		condition: expected("True", "StackReady", "Ready: 2 deployments, 1 pattern, 1 backend"),
		phase: "Running",
	},
	{
		title: "proxies that register under the names of their pods, which change",
		parent: stack(),
		installation: { proxyArguments: true },
		condition: warning(
			`${FORGETS}; spec.proxy.workload is Deployment: each new pod registers with a new id, and prism-admin never removes the ids of deleted pods`,
		),
		phase: "Running",
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
		condition: expected("False", "Terminating", "Waiting for the deletion of its PrismNamespaces: it-orders"),
		phase: "Terminating",
	},
	{
		title: "a pattern is being deleted, and was Ready",
		parent: object("PrismStack", spec),
		observed: going("PatternRunner", "example.com/hold"),
		condition: expected(
			"False",
			"ChildTerminating",
			"PatternRunner kv is being deleted since 2025-12-01T00:00:00Z, finalizers: example.com/hold; it is created again after that",
		),
		phase: "Failed",
	},
	{
		title: "a pattern whose name belongs to somebody else",
		parent: { ...stack(), status: { missing: [{ kind: "PatternRunner", name: "kv", since: LONG_AGO }] } },
		observed: without("PatternRunner"),
		related: [somebodys("prism.io/v1alpha1", "PatternRunner", "kv")],
		condition: expected(
			"False",
			"NameTaken",
			"PatternRunner kv was not created within 30 s: the name is in use by an object that this controller does not own",
		),
		phase: "Failed",
	},
	{
		title: "a PatternRunner that the API server rejects",
		parent: { ...stack(), status: { missing: [{ kind: "PatternRunner", name: "kv", since: LONG_AGO }] } },
		observed: without("PatternRunner"),
		condition: expected(
			"False",
			"ChildRefused",
			"PatternRunner kv was not created within 30 s: rejected by the API server",
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
			"Paused before this was done: Deployment it-proxy is being created or changed",
		),
		phase: "Pending",
	},
	{
		title: "a backend that nobody uses",
		parent: stack({ patterns: [] }),
		condition: warning(`${FORGETS}; spec.backends has "redis", which no pattern uses`),
		phase: "Running",
	},
	{
		title: "a pattern on a backend that it does not have",
		parent: stack({ patterns: [{ name: "kv", type: "keyvalue", backend: "redsi" }] }),
		condition: warning(
			`${FORGETS}; spec.backends has "redis", which no pattern uses; spec.patterns[0].backend is "redsi", and the stack has no backend of that name (it has redis): the runner gets no address`,
		),
		phase: "Running",
	},
	{
		title: "one port for two things",
		parent: stack({ observability: { enabled: true, metrics: { port: 9090 } } }),
		condition: warning(
			`${FORGETS}; spec.observability.metrics.port equals spec.proxy.port 9090: one port serves both; give metrics a port of its own`,
		),
		phase: "Running",
	},
	{
		title: "placed by strategies, whose anti-affinity is against others",
		parent: stack({
			proxy: { placement: { strategy: "DedicatedNodes" } },
			admin: { enabled: true, placement: { strategy: "ControlPlaneIsolation" } },
			patterns: [
				{ name: "kv", type: "keyvalue", backend: "memstore", placement: { strategy: "MultiRegion" } },
				{ name: "q", type: "queue", backend: "memstore", placement: { strategy: "PatternSpecific" } },
			],
		}),
		condition: warning(`${FORGETS}; spec.backends has "redis", which no pattern uses`),
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
			`Image prism-proxy:latest has no fixed version: pods that start later may run another one; The proxy's podAntiAffinity selects component=prism-proxy, which matches none of its own pods (labels app=prism-proxy, component=proxy); ${FORGETS}`,
		),
		phase: "Running",
	},
];
