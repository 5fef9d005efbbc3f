import { CONTROLLERS, metacontroller, type WhyCase } from "./why-case.ts";
import {
	condition,
	deployment,
	event,
	HOURS_AGO,
	late,
	MINUTES_AGO,
	other,
	ours,
	ownedBy,
	pod,
	ready,
	replicaSet,
	waiting,
} from "./world.ts";

// Pods, backends and specs in trouble.

/** A stack whose pattern "orders" has one Deployment with one pod, all in the state that the pod is in. */
export const brokenPattern = (
	state: Parameters<typeof pod>[2],
	told = "Deployment orders is rolling out: 1 of 1 pods are updated, 0 of 1 pods are available",
) => {
	const stack = ours("PrismStack", "shop", {
		...late("Progressing", "PatternRunner orders is not ready yet", { phase: "Pending" }),
		status: { patterns: [{ name: "orders", ready: false, phase: "Pending", reason: "Progressing" }] },
	});
	const runner = ours("PatternRunner", "orders", {
		...late("Progressing", told, { phase: "Pending" }),
		metadata: ownedBy(stack),
	});
	const set = deployment("orders", runner, 0, 1);
	const replicas = replicaSet("orders-7f9c", set);
	const orders = pod("orders-7f9c-x2x4z", replicas, state);
	return { stack, runner, set, replicas, orders, objects: [stack, runner, set, replicas, orders] };
};

const image = brokenPattern({
	phase: "Pending",
	containers: [
		{
			name: "keyvalue-runner",
			image: "ghcr.io/prism/keyvalue-runner:v9",
			state: waiting("ImagePullBackOff", 'Back-off pulling image "ghcr.io/prism/keyvalue-runner:v9"'),
		},
	],
});
const crash = brokenPattern({
	containers: [
		{
			name: "keyvalue-runner",
			restartCount: 7,
			state: waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container"),
			lastState: { terminated: { exitCode: 1, reason: "Error" } },
		},
	],
});
const oom = brokenPattern({
	containers: [
		{
			name: "keyvalue-runner",
			restartCount: 3,
			state: waiting("CrashLoopBackOff"),
			lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
		},
	],
});
const unschedulable = brokenPattern({
	phase: "Pending",
	conditions: [
		{
			type: "PodScheduled",
			status: "False",
			reason: "Unschedulable",
			message: "0/3 nodes are available: 3 Insufficient memory.",
			lastTransitionTime: MINUTES_AGO,
		},
	],
});
const secret = brokenPattern({
	phase: "Pending",
	spec: { containers: [{ name: "keyvalue-runner", envFrom: [{ secretRef: { name: "redis-credentials" } }] }] },
	containers: [
		{ name: "keyvalue-runner", state: waiting("CreateContainerConfigError", 'secret "redis-credentials" not found') },
	],
});
const mount = brokenPattern({
	phase: "Pending",
	spec: { volumes: [{ name: "config", configMap: { name: "orders-config" } }] },
	containers: [{ name: "keyvalue-runner", state: waiting("ContainerCreating") }],
});
const probe = brokenPattern({
	containers: [{ name: "keyvalue-runner", state: { running: { startedAt: HOURS_AGO } } }],
});
const young = brokenPattern({
	phase: "Pending",
	containers: [{ name: "keyvalue-runner", state: waiting("ContainerCreating") }],
});

/** All is well below, and nobody has noticed. */
const recovered = ours(
	"PatternRunner",
	"orders",
	late("ReplicasUnavailable", "Deployment orders: 0 of 1 pods are available"),
);
const wellSet = deployment("orders", recovered, 1, 1);
const wellReplicas = replicaSet("orders-7f9c", wellSet);
const unnoticed = {
	runner: recovered,
	objects: [
		recovered,
		wellSet,
		wellReplicas,
		pod("orders-7f9c-x2x4z", wellReplicas, { ready: true, containers: [{ name: "keyvalue-runner" }] }),
	],
};

const quotaRunner = ours(
	"PatternRunner",
	"orders",
	late("ReplicaFailure", "Deployment orders can't create its pods: exceeded quota", { phase: "Failed" }),
);
const quotaSet = deployment("orders", quotaRunner, 0, 2, {
	conditions: [
		condition(
			"ReplicaFailure",
			"True",
			"FailedCreate",
			'pods "orders-7f9c-x2x4z" is forbidden: exceeded quota: team-quota, requested: pods=1, used: pods=10, limited: pods=10',
		),
	],
});

const backend = ours("BackendConfig", "shop-redis", {
	...late("BackendUnhealthy", "The health check of the backend (redis) fails"),
	status: { binding: { provider: "redis", secret: { name: "redis-credentials" } } },
});
const backendSet = deployment("shop-redis-probe", backend, 0, 1);
const backendReplicas = replicaSet("shop-redis-probe-5c4", backendSet);
const backendPod = pod("shop-redis-probe-5c4-9k2lq", backendReplicas, { containers: [{ name: "probe" }] });

const lost = ours("PatternRunner", "carts", {
	...late("BackendConfigNotFound", 'spec.backendConfig.name is "shop-rdis", and there is no such BackendConfig'),
	spec: { backendConfig: { name: "shop-rdis" } },
});

const taken = ours("PatternRunner", "orders", {
	...late(
		"NameTaken",
		"ConfigMap orders-config has not appeared within 30 s: an object of that name seems to belong to somebody else.",
		{ stalled: true, phase: "Failed" },
	),
	status: { missing: [{ kind: "ConfigMap", name: "orders-config", since: MINUTES_AGO }] },
});

/** Where names of children are not watched. */
const unknownName = ours("PatternRunner", "orders", {
	...late(
		"ChildRefused",
		"ConfigMap orders-config was not created within 30 s: rejected by the API server, or its name is in use",
		{ stalled: true, phase: "Failed" },
	),
	status: { missing: [{ kind: "ConfigMap", name: "orders-config", since: MINUTES_AGO }] },
});

const refusedStack = ours("PrismStack", "shop", {
	...late("PatternNotReady", "PatternRunner orders: InlineCredentials: spec.config.password carries credentials", {
		stalled: true,
		phase: "Failed",
	}),
	status: { patterns: [{ name: "orders", ready: false, phase: "Failed", reason: "InlineCredentials" }] },
});
const refused = ours("PatternRunner", "orders", {
	...late(
		"InlineCredentials",
		"spec.config.password carries credentials: put them into a Secret, and name it in connection.secretRef of a BackendConfig",
		{ stalled: true, phase: "Failed" },
	),
	metadata: ownedBy(refusedStack),
	spec: { pattern: "keyvalue", backend: "redis", config: { password: "hunter2" } },
});

const paused = ours("PatternRunner", "orders", {
	phase: "Pending",
	metadata: { annotations: { "prism.io/paused": "true" } },
	conditions: [
		condition(
			"Ready",
			"False",
			"PausedByAnnotation",
			"Paused before this was done: Deployment orders is being created or changed",
		),
		condition(
			"Stalled",
			"True",
			"PausedByAnnotation",
			"Paused before this was done: Deployment orders is being created or changed",
		),
		condition(
			"Paused",
			"True",
			"PausedByAnnotation",
			"Children stay as they are until the annotation prism.io/paused is removed",
		),
	],
});

export const WORKLOAD_CASES: readonly WhyCase[] = [
	{
		name: "image",
		about: image.stack,
		objects: [
			...image.objects,
			event(
				image.orders,
				"Failed",
				'Failed to pull image "ghcr.io/prism/keyvalue-runner:v9": rpc error: code = NotFound desc = ghcr.io/prism/keyvalue-runner:v9: not found',
			),
		],
	},
	{
		name: "crash-loop",
		about: crash.stack,
		objects: crash.objects,
		logs: {
			"shop/orders-7f9c-x2x4z/keyvalue-runner previous":
				"starting keyvalue on redis\ncan't connect to redis://app:hunter2@redis:6379/0: connection refused\ngiving up after 5 attempts, password=hunter2\n",
		},
	},
	{ name: "out-of-memory", about: oom.runner, objects: oom.objects },
	{ name: "unschedulable", about: unschedulable.runner, objects: unschedulable.objects },
	{ name: "missing-secret", about: secret.runner, objects: secret.objects },
	{
		name: "volume",
		about: mount.runner,
		objects: [
			...mount.objects,
			event(
				mount.orders,
				"FailedMount",
				'MountVolume.SetUp failed for volume "config" : configmap "orders-config" not found',
			),
		],
	},
	{
		name: "readiness",
		about: probe.runner,
		objects: [
			...probe.objects,
			event(probe.orders, "Unhealthy", "Readiness probe failed: dial tcp 10.0.3.7:8080: connect: connection refused", {
				count: 40,
			}),
		],
		logs: { "shop/orders-7f9c-x2x4z/keyvalue-runner": "waiting for schema migration 14\n" },
	},
	{ name: "starting", about: young.runner, objects: young.objects },
	{ name: "quota", about: quotaRunner, objects: [quotaRunner, quotaSet, replicaSet("orders-7f9c", quotaSet, 2)] },
	{
		name: "backend",
		about: backend,
		objects: [backend, backendSet, backendReplicas, backendPod],
		logs: {
			"shop/shop-redis-probe-5c4-9k2lq":
				'{"level":40,"msg":"redis refuses the credentials: WRONGPASS invalid username-password pair"}\n',
		},
	},
	{
		name: "backend-not-found",
		about: lost,
		objects: [lost, ours("BackendConfig", "shop-redis", ready("NotChecked", "published"))],
	},
	{
		name: "name-taken",
		about: taken,
		objects: [
			taken,
			other("v1", "ConfigMap", "orders-config", { annotations: { "meta.helm.sh/release-name": "legacy-orders" } }),
		],
	},
	{
		name: "name-taken-left-over",
		about: taken,
		objects: [
			taken,
			other("v1", "ConfigMap", "orders-config", {
				labels: { "controller-uid": "earlier" },
				annotations: { "prism.io/desired-hash": "0" },
			}),
		],
	},
	{
		name: "name-unknown",
		about: unknownName,
		objects: [
			unknownName,
			other("v1", "ConfigMap", "orders-config", { annotations: { "meta.helm.sh/release-name": "legacy-orders" } }),
		],
	},
	{
		name: "name-unknown-rejected",
		about: unknownName,
		objects: [
			unknownName,
			other("v1", "ConfigMap", "orders-config", { annotations: { "meta.helm.sh/release-name": "legacy-orders" } }),
			event(
				unknownName,
				"SyncError",
				'Sync error: configmaps "orders-config" is forbidden: exceeded quota: team-quota',
			),
		],
	},
	{ name: "name-taken-nobody", about: taken, objects: [taken] },
	{ name: "refused", about: refusedStack, objects: [refusedStack, refused] },
	{ name: "paused", about: paused, objects: [paused] },
	{
		name: "stale",
		about: unnoticed.runner,
		objects: [...unnoticed.objects, ...CONTROLLERS, metacontroller(0)],
	},
	{
		name: "ready-with-warning",
		about: ours("PrismStack", "shop", {
			conditions: [
				...(ready("StackReady", "Ready: 1 deployment, 2 patterns, 1 backend").conditions ?? []),
				condition(
					"Warning",
					"True",
					"Warnings",
					"Image ghcr.io/prism/prism-proxy:latest has no fixed version: pods that start later may run another one",
				),
			],
		}),
		objects: [],
	},
];
