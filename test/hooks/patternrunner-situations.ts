import type { KubeObject } from "../../schemas/common.ts";
import { scaledTo } from "../laws/scaling.ts";
import { PATTERN_RUNNER_CHILD_SITUATIONS } from "./patternrunner-situations-children.ts";
import {
	condition,
	deployments,
	expected,
	LONG_AGO,
	leftOver,
	NOW,
	nothing,
	object,
	older,
	paused,
	type Situation,
	somebodys,
	WARNED,
	without,
} from "./situations.ts";

const spec = { pattern: "keyvalue", backend: "memstore", replicas: 2 };
const onRedis = { ...spec, backend: "redis", backendConfig: { name: "redis" } };

const redis = (status: Record<string, unknown>): KubeObject => ({
	...object("BackendConfig", { type: "cache" }, { name: "redis" }),
	status,
});
const binding = { provider: "redis", configMap: "redis-backend", urlFrom: "ConfigMap", checksum: "0" };
const gone = {
	reason: "BackendConfigNotFound",
} as const;

export const PATTERN_RUNNER_SITUATIONS: readonly Situation[] = [
	...PATTERN_RUNNER_CHILD_SITUATIONS,
	{
		title: "all pods are available",
		parent: object("PatternRunner", spec),
		condition: expected("True", "DeploymentReady"),
		phase: "Running",
	},
	{
		title: "its stack has no such backend",
		parent: object(
			"PatternRunner",
			{ ...spec, backend: "redsi" },
			{ annotations: { "prism.io/unknown-backend": "true" } },
		),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "placed by a strategy, with an anti-affinity that keeps nothing apart",
		parent: object("PatternRunner", {
			...spec,
			placement: {
				strategy: "CostOptimization",
				affinity: {
					podAntiAffinity: {
						requiredDuringSchedulingIgnoredDuringExecution: [
							{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { component: "prism-proxy" } } },
						],
					},
				},
			},
		}),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "no pods are wanted",
		parent: object("PatternRunner", { ...spec, replicas: 0 }),
		condition: expected("True", "ScaledToZero"),
		phase: "Running",
	},
	{
		title: "autoscaled, and at zero, where its autoscaler does not act",
		parent: object("PatternRunner", {
			...spec,
			autoscaling: { minReplicas: 2, maxReplicas: 6, targetCPUUtilizationPercentage: 70 },
		}),
		observed: (children) => scaledTo(children, 0),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "just created",
		parent: object("PatternRunner", spec),
		observed: nothing,
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "its Deployment is old",
		parent: object("PatternRunner", spec),
		observed: older("Deployment"),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "its Service is old",
		parent: object("PatternRunner", spec),
		observed: older("Service"),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "rolling out",
		parent: object("PatternRunner", spec),
		observed: deployments("it", 1, condition("Progressing", "True", "ReplicaSetUpdated", "on the way")),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "a pod fell out",
		parent: object("PatternRunner", spec),
		observed: deployments("it", 1),
		condition: expected("False", "ReplicasUnavailable"),
		phase: "Degraded",
	},
	{
		title: "past its deadline",
		parent: object("PatternRunner", spec),
		observed: deployments("it", 0, condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")),
		condition: expected("False", "ProgressDeadlineExceeded"),
		phase: "Failed",
	},
	{
		title: "no pod may be created",
		parent: object("PatternRunner", spec),
		observed: deployments("it", 0, condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota: pods=0")),
		condition: expected("False", "ReplicaFailure"),
		phase: "Failed",
	},
	{
		title: "its backend is not there, and it was created just now",
		parent: object("PatternRunner", onRedis, { creationTimestamp: NOW }),
		observed: nothing,
		condition: { status: "False", ...gone },
		phase: "Pending",
	},
	{
		title: "its backend vanished",
		parent: object("PatternRunner", onRedis),
		condition: { status: "False", ...gone },
		phase: "Degraded",
	},
	{
		title: "its backend has no status yet",
		parent: object("PatternRunner", onRedis),
		related: [object("BackendConfig", {}, { name: "redis" })],
		condition: expected("False", "BackendNotReady"),
		phase: "Pending",
	},
	{
		title: "its backend is not ready",
		parent: object("PatternRunner", onRedis),
		related: [
			redis({ binding, conditions: [condition("Ready", "False", "InlineCredentials", "it carries credentials")] }),
		],
		condition: expected("False", "BackendNotReady"),
		phase: "Degraded",
	},
	{
		title: "its backend is ready",
		parent: object("PatternRunner", onRedis),
		related: [redis({ binding, conditions: [condition("Ready", "True", "NotChecked", "published")] })],
		condition: expected("True", "DeploymentReady"),
		phase: "Running",
	},
	{
		title: "a backend in another namespace",
		parent: object("PatternRunner", { ...spec, backendConfig: { name: "redis", namespace: "db" } }),
		condition: expected("False", "CrossNamespaceReference"),
		phase: "Failed",
	},
	{
		title: "KEDA is not there: it runs unscaled",
		parent: object("PatternRunner", {
			...spec,
			autoscaling: { scaler: "keda", maxReplicas: 3, triggers: [{ type: "x", metadata: {} }] },
		}),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "an annotation that the installation does not allow",
		parent: object("PatternRunner", {
			...spec,
			service: { annotations: { "nginx.ingress.kubernetes.io/server-snippet": "x" } },
		}),
		condition: expected("False", "Unsupported"),
		phase: "Failed",
	},
	{
		title: "credentials in its configuration",
		parent: object("PatternRunner", { ...spec, config: { b: ["nats://t0ken@nats"], a: { url: "redis://:p@r" } } }),
		condition: expected("False", "InlineCredentials"),
		phase: "Failed",
	},
	{
		title: "two keys that are one variable",
		parent: object("PatternRunner", { ...spec, config: { maxKeys: 1, max_keys: 2 } }),
		condition: expected("False", "InvalidSpec"),
		phase: "Failed",
	},
	{
		title: "a Service whose name belongs to somebody else",
		parent: {
			...object("PatternRunner", spec),
			status: { missing: [{ kind: "Service", name: "it", since: LONG_AGO }] },
		},
		observed: without("Service"),
		related: [somebodys("v1", "Service", "it")],
		condition: expected("False", "NameTaken"),
		phase: "Failed",
	},
	{
		title: "a Service that is left over from an earlier object",
		parent: {
			...object("PatternRunner", spec),
			status: { missing: [{ kind: "Service", name: "it", since: LONG_AGO }] },
		},
		observed: without("Service"),
		related: [leftOver("v1", "Service", "it"), leftOver("apps/v1", "Deployment", "it")],
		condition: expected("False", "NameTaken"),
		phase: "Failed",
	},
	{
		title: "a Service that the API server rejects",
		parent: {
			...object("PatternRunner", spec),
			status: { missing: [{ kind: "Service", name: "it", since: LONG_AGO }] },
		},
		observed: without("Service"),
		condition: expected("False", "ChildRefused"),
		phase: "Failed",
	},
	{
		title: "paused in the middle",
		parent: object("PatternRunner", spec, paused),
		observed: older("Deployment"),
		condition: expected("False", "PausedByAnnotation"),
		phase: "Pending",
	},
	{
		title: "paused",
		parent: object("PatternRunner", spec, paused),
		condition: {
			type: "Paused",
			status: "True",
			reason: "PausedByAnnotation",
		},
		phase: "Running",
	},
	{
		title: "an image without a version",
		parent: object("PatternRunner", { ...spec, image: "runner" }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "a pattern that nobody knows",
		parent: object("PatternRunner", { ...spec, pattern: "graph" }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "one port for two things",
		parent: object("PatternRunner", { ...spec, observability: { metricsPort: 8080 } }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "memstore with a backend that is not there",
		parent: object("PatternRunner", { ...spec, backendConfig: { name: "memory" } }),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "an autoscaler that nothing can be told of",
		parent: object("PatternRunner", {
			...spec,
			autoscaling: { minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
		}),
		condition: WARNED,
		phase: "Running",
	},
	{
		title: "an autoscaler without metrics",
		parent: object("PatternRunner", {
			...spec,
			resources: { limits: { cpu: "1" } },
			autoscaling: { minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
		}),
		observed: (children) =>
			children.map((child) =>
				child.kind === "HorizontalPodAutoscaler"
					? {
							...child,
							status: { conditions: [condition("ScalingActive", "False", "FailedGetResourceMetric", "none")] },
						}
					: child,
			),
		condition: WARNED,
		phase: "Running",
	},
];
