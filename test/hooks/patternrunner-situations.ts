import type { KubeObject } from "../../schemas/common.ts";
import {
	condition,
	deployments,
	LONG_AGO,
	NOW,
	nothing,
	object,
	older,
	paused,
	type Situation,
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
	message:
		'spec.backendConfig.name is "redis", and there is no such BackendConfig in namespace prism: create it, or change the name',
} as const;
const expected = (status: string, reason: Situation["condition"]["reason"], message: string) => ({
	status,
	reason,
	message,
});
const warning = (message: string) => ({ type: "Warning", status: "True", reason: "Warnings", message }) as const;

export const PATTERN_RUNNER_SITUATIONS: readonly Situation[] = [
	{
		title: "all pods are available",
		parent: object("PatternRunner", spec),
		condition: expected("True", "DeploymentReady", "2 of 2 pods are available"),
		phase: "Running",
	},
	{
		title: "no pods are wanted",
		parent: object("PatternRunner", { ...spec, replicas: 0 }),
		condition: expected("True", "ScaledToZero", "no pods are wanted, and none run"),
		phase: "Running",
	},
	{
		title: "just created",
		parent: object("PatternRunner", spec),
		observed: nothing,
		condition: expected("False", "Progressing", "Deployment it is being created or changed"),
		phase: "Pending",
	},
	{
		title: "its Deployment is old",
		parent: object("PatternRunner", spec),
		observed: older("Deployment"),
		condition: expected("False", "Progressing", "Deployment it is being created or changed"),
		phase: "Pending",
	},
	{
		title: "its Service is old",
		parent: object("PatternRunner", spec),
		observed: older("Service"),
		condition: expected("False", "Progressing", "being created or changed: Service it"),
		phase: "Pending",
	},
	{
		title: "rolling out",
		parent: object("PatternRunner", spec),
		observed: deployments("it", 1, condition("Progressing", "True", "ReplicaSetUpdated", "on the way")),
		condition: expected(
			"False",
			"Progressing",
			"Deployment it is rolling out: 2 of 2 pods are updated, 1 of 2 pods are available",
		),
		phase: "Pending",
	},
	{
		title: "a pod fell out",
		parent: object("PatternRunner", spec),
		observed: deployments("it", 1),
		condition: expected("False", "ReplicasUnavailable", "Deployment it: 1 of 2 pods are available"),
		phase: "Degraded",
	},
	{
		title: "past its deadline",
		parent: object("PatternRunner", spec),
		observed: deployments("it", 0, condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")),
		condition: expected(
			"False",
			"ProgressDeadlineExceeded",
			"Deployment it makes no progress: 0 of 2 pods are available: an image that can't be pulled, a container that ends, a probe that fails, or no room for it. See which: kubectl describe pods -n prism -l app=prism,runner=it",
		),
		phase: "Failed",
	},
	{
		title: "no pod may be created",
		parent: object("PatternRunner", spec),
		observed: deployments("it", 0, condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota: pods=0")),
		condition: expected("False", "ReplicaFailure", "Deployment it can't create its pods: exceeded quota: pods=0"),
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
		condition: expected("False", "BackendNotReady", "BackendConfig redis has no status yet"),
		phase: "Pending",
	},
	{
		title: "its backend is not ready",
		parent: object("PatternRunner", onRedis),
		related: [
			redis({ binding, conditions: [condition("Ready", "False", "InlineCredentials", "it carries credentials")] }),
		],
		condition: expected(
			"False",
			"BackendNotReady",
			"BackendConfig redis is not ready: InlineCredentials: it carries credentials",
		),
		phase: "Degraded",
	},
	{
		title: "its backend is ready",
		parent: object("PatternRunner", onRedis),
		related: [redis({ binding, conditions: [condition("Ready", "True", "NotChecked", "published")] })],
		condition: expected("True", "DeploymentReady", "2 of 2 pods are available"),
		phase: "Running",
	},
	{
		title: "a backend in another namespace",
		parent: object("PatternRunner", { ...spec, backendConfig: { name: "redis", namespace: "db" } }),
		condition: expected(
			"False",
			"CrossNamespaceReference",
			'spec.backendConfig.namespace is "db", but pods can only use what is in their own namespace "prism": create BackendConfig redis and its Secrets there, and remove the field',
		),
		phase: "Failed",
	},
	{
		title: "KEDA",
		parent: object("PatternRunner", {
			...spec,
			autoscaling: { scaler: "keda", maxReplicas: 3, triggers: [{ type: "x", metadata: {} }] },
		}),
		condition: expected(
			"False",
			"Unsupported",
			'spec.autoscaling.scaler is "keda", which this installation does not provide: use scaler: hpa',
		),
		phase: "Failed",
	},
	{
		title: "credentials in its configuration",
		parent: object("PatternRunner", { ...spec, config: { b: ["nats://t0ken@nats"], a: { url: "redis://:p@r" } } }),
		condition: expected(
			"False",
			"InlineCredentials",
			"spec.config.a.url, spec.config.b[0] carries credentials: put them into a Secret and refer to it by a BackendConfig's connection.secretRef, or let the installation allow inline credentials",
		),
		phase: "Failed",
	},
	{
		title: "two keys that are one variable",
		parent: object("PatternRunner", { ...spec, config: { maxKeys: 1, max_keys: 2 } }),
		condition: expected(
			"False",
			"InvalidSpec",
			'spec.config has the keys "maxKeys" and "max_keys", which are one environment variable, PRISM_CONFIG_MAX_KEYS: keep one of them',
		),
		phase: "Failed",
	},
	{
		title: "a Service whose name belongs to somebody else",
		parent: {
			...object("PatternRunner", spec),
			status: { missing: [{ kind: "Service", name: "it", since: LONG_AGO }] },
		},
		observed: without("Service"),
		condition: expected(
			"False",
			"NameTaken",
			"Service it has not appeared within 30 s: an object of that name seems to belong to somebody else, or the API server refuses it. See whose it is: kubectl get service it -n prism -o yaml; or why it is refused: kubectl get events -n prism --field-selector reason=SyncError,involvedObject.name=it",
		),
		phase: "Failed",
	},
	{
		title: "paused in the middle",
		parent: object("PatternRunner", spec, paused),
		observed: older("Deployment"),
		condition: expected(
			"False",
			"PausedByAnnotation",
			"paused before this was done: Deployment it is being created or changed",
		),
		phase: "Pending",
	},
	{
		title: "paused",
		parent: object("PatternRunner", spec, paused),
		condition: {
			type: "Paused",
			status: "True",
			reason: "PausedByAnnotation",
			message: "children stay as they are until the annotation prism.io/paused is removed",
		},
		phase: "Running",
	},
	{
		title: "an image without a version",
		parent: object("PatternRunner", { ...spec, image: "runner" }),
		condition: warning("image runner has no fixed version: pods that start later may run another one"),
		phase: "Running",
	},
	{
		title: "a pattern that nobody knows",
		parent: object("PatternRunner", { ...spec, pattern: "graph" }),
		condition: warning(
			'spec.pattern "graph" is none of keyvalue, pubsub, queue: its default image may not exist; set spec.image',
		),
		phase: "Running",
	},
	{
		title: "one port for two things",
		parent: object("PatternRunner", { ...spec, observability: { metricsPort: 8080 } }),
		condition: warning("spec.observability.metricsPort equals spec.service.port 8080: one port serves both"),
		phase: "Running",
	},
	{
		title: "memstore with a backend that is not there",
		parent: object("PatternRunner", { ...spec, backendConfig: { name: "memory" } }),
		condition: warning("spec.backendConfig names BackendConfig memory, which does not exist; memstore does without"),
		phase: "Running",
	},
];
