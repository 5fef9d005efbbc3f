import type { KubeObject } from "../../schemas/common.ts";
import {
	condition,
	delayed,
	deployments,
	expected,
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
	WARNED,
	without,
} from "./situations.ts";

const spec = {
	admin: { enabled: true },
	patterns: [{ name: "kv", type: "keyvalue", backend: "redis" }],
	backends: [{ name: "redis", type: "cache", connectionString: "redis://redis:6379" }],
};
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
		condition: expected("True", "StackReady"),
		phase: "Running",
	},
	{
		title: "just created",
		parent: stack(),
		observed: nothing,
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "the proxies' configuration is old",
		parent: stack(),
		observed: older("ConfigMap"),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "a pattern is being created",
		parent: stack(),
		observed: without("PatternRunner"),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "a proxy fell out",
		parent: stack({ proxy: { replicas: 3 } }),
		observed: deployments("it-proxy", 2),
		condition: expected("False", "ReplicasUnavailable"),
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
		condition: expected("False", "ProgressDeadlineExceeded"),
		phase: "Failed",
	},
	{
		title: "no proxy may be created",
		parent: stack(),
		observed: deployments("it-proxy", 0, condition("ReplicaFailure", "True", "FailedCreate", "forbidden")),
		condition: expected("False", "ReplicaFailure"),
		phase: "Failed",
	},
	{
		title: "all is ready, with a control plane that keeps its records",
		parent: stack({ admin: { enabled: true, replicas: 3, storage: {} } }),
		condition: expected("True", "StackReady"),
		phase: "Running",
	},
	{
		title: "a member of the control plane fell out",
		parent: stack({ admin: { enabled: true, replicas: 3, storage: {} } }),
		observed: statefulSets(2),
		condition: expected("False", "ReplicasUnavailable"),
		phase: "Degraded",
	},
	{
		title: "all is ready, with proxies that keep their names",
		parent: stack({ proxy: { workload: "StatefulSet", replicas: 2 } }),
		condition: expected("True", "StackReady"),
		phase: "Running",
	},
	{
		title: "a proxy that keeps its name fell out",
		parent: stack({ proxy: { workload: "StatefulSet", replicas: 3 } }),
		observed: statefulSets(2),
		condition: expected("False", "ReplicasUnavailable"),
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
		condition: expected("False", "RolloutHeld"),
		phase: "Degraded",
	},
	{
		title: "the proxies are moving to a StatefulSet",
		parent: stack({ proxy: { workload: "StatefulSet", replicas: 3 } }),
		observed: (ready) => [...statefulSets(1)(ready), formerProxies("Deployment")],
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "the proxies are moving back, and the StatefulSet that they leave is not well",
		parent: stack({ proxy: { replicas: 3 } }),
		observed: (ready) => [...deployments("it-proxy", 3)(ready), formerProxies("StatefulSet")],
		condition: expected("True", "StackReady"),
		phase: "Running",
	},
	{
		title: "proxies that register under the names of their pods, which change",
		parent: stack(),
		installation: { proxyArguments: true },
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "a pattern is not ready",
		parent: stack(),
		observed: part("PatternRunner", "kv", "Degraded", condition("Ready", "False", "ReplicasUnavailable", "1 of 2")),
		condition: expected("False", "PatternNotReady"),
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
		condition: expected("False", "BackendNotReady"),
		phase: "Failed",
	},
	{
		title: "a spec that the schema refuses",
		parent: stack({ proxy: { port: 0 } }),
		condition: expected("False", "InvalidSpec"),
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
		condition: expected("False", "NamespaceNotReady"),
		phase: "Failed",
	},
	{
		title: "deleted, with namespaces that are still there",
		parent: object("PrismStack", { ...spec, namespaces: [{ name: "orders" }] }, { deletionTimestamp: LONG_AGO }),
		condition: expected("False", "Terminating"),
		phase: "Terminating",
	},
	{
		title: "a pattern is being deleted, and was Ready",
		parent: object("PrismStack", spec),
		observed: going("PatternRunner", "example.com/hold"),
		condition: expected("False", "ChildTerminating"),
		phase: "Failed",
	},
	{
		title: "a pattern whose name belongs to somebody else",
		parent: { ...stack(), status: { missing: [{ kind: "PatternRunner", name: "kv", since: LONG_AGO }] } },
		observed: without("PatternRunner"),
		related: [somebodys("prism.io/v1alpha1", "PatternRunner", "kv")],
		condition: expected("False", "NameTaken"),
		phase: "Failed",
	},
	{
		title: "a PatternRunner that the API server rejects",
		parent: { ...stack(), status: { missing: [{ kind: "PatternRunner", name: "kv", since: LONG_AGO }] } },
		observed: without("PatternRunner"),
		condition: expected("False", "ChildRefused"),
		phase: "Failed",
	},
	{
		title: "paused in the middle",
		parent: object("PrismStack", spec, paused),
		observed: older("Deployment"),
		condition: expected("False", "PausedByAnnotation"),
		phase: "Pending",
	},
	{
		title: "a backend that nobody uses",
		parent: stack({ patterns: [] }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "a pattern on a backend that it does not have",
		parent: stack({ patterns: [{ name: "kv", type: "keyvalue", backend: "redsi" }] }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "one port for two things",
		parent: stack({ observability: { enabled: true, metrics: { port: 9090 } } }),
		condition: WARNED,
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
		condition: WARNED,
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
		condition: WARNED,
		phase: "Running",
	},
];
