import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { World } from "./fake-kubectl.ts";
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
	silent,
	statefulSet,
	waiting,
} from "./world.ts";

// Clusters in trouble, each with the object that somebody asks about.

export interface WhyCase extends World {
	readonly name: string;
	readonly about: KubeObject;
}

const ORIGIN = "http://prism-operator.prism-system.svc:8080";

const CONTROLLERS = REGISTRY.map((row) => controllerObject(row, { origin: ORIGIN, features: {} }));
const SYSTEM = { namespace: "prism-system" };
const HOOK_LABELS = { "app.kubernetes.io/name": "prism-operator", "app.kubernetes.io/component": "hooks" };

const metacontroller = (available: number): KubeObject =>
	other(
		"apps/v1",
		"StatefulSet",
		"metacontroller",
		{ namespace: "metacontroller" },
		{
			spec: {
				replicas: 1,
				template: {
					spec: { containers: [{ name: "metacontroller", image: "ghcr.io/metacontroller/metacontroller:v4.17.2" }] },
				},
			},
			status: { replicas: 1, availableReplicas: available },
		},
	);

const hooksDeployment = other(
	"apps/v1",
	"Deployment",
	"prism-operator-controller-manager",
	{ ...SYSTEM, labels: HOOK_LABELS },
	{
		spec: { replicas: 2 },
		status: { availableReplicas: 2 },
	},
);
const hooksService = other(
	"v1",
	"Service",
	"prism-operator",
	{ ...SYSTEM, labels: HOOK_LABELS },
	{ spec: { ports: [] } },
);
const hooksPod = (state: Parameters<typeof pod>[2]) =>
	pod("prism-operator-controller-manager-6d8f-x7x2p", hooksDeployment, {
		...state,
		metadata: { ...SYSTEM, labels: HOOK_LABELS },
	});
const MACHINERY = [
	...CONTROLLERS,
	metacontroller(1),
	hooksDeployment,
	hooksService,
	hooksPod({ ready: true, containers: [{ name: "hooks" }] }),
];

/** A stack whose pattern "orders" has one Deployment with one pod, all in the state that the pod is in. */
const brokenPattern = (
	state: Parameters<typeof pod>[2],
	told = "Deployment orders is rolling out: 1 of 1 pods are updated, 0 of 1 pods are available",
) => {
	const stack = ours(
		"PrismStack",
		"shop",
		late("Progressing", "PatternRunner orders is not ready yet", { phase: "Pending" }),
	);
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
	containers: [
		{ name: "keyvalue-runner", state: waiting("CreateContainerConfigError", 'secret "redis-credentials" not found') },
	],
});
const mount = brokenPattern({
	phase: "Pending",
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
	...late(
		"BackendUnhealthy",
		"the backend (redis) does not answer as it should. See why: kubectl logs deployment/shop-redis-probe",
	),
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

const refusedStack = ours(
	"PrismStack",
	"shop",
	late("PatternNotReady", "PatternRunner orders: InlineCredentials: spec.config.password carries credentials", {
		stalled: true,
		phase: "Failed",
	}),
);
const refused = ours("PatternRunner", "orders", {
	...late(
		"InlineCredentials",
		"spec.config.password carries credentials: put them into a Secret and refer to it by a BackendConfig's connection.secretRef, or let the installation allow inline credentials",
		{ stalled: true, phase: "Failed" },
	),
	metadata: ownedBy(refusedStack),
});

const paused = ours("PatternRunner", "orders", {
	phase: "Pending",
	metadata: { annotations: { "prism.io/paused": "true" } },
	conditions: [
		condition(
			"Ready",
			"False",
			"PausedByAnnotation",
			"paused before this was done: Deployment orders is being created or changed",
		),
		condition(
			"Stalled",
			"True",
			"PausedByAnnotation",
			"paused before this was done: Deployment orders is being created or changed",
		),
		condition(
			"Paused",
			"True",
			"PausedByAnnotation",
			"children stay as they are until the annotation prism.io/paused is removed",
		),
	],
});

const roster = (shard: KubeObject, labels: Record<string, string>, spec: Record<string, unknown> = {}) =>
	ours("PrismRoster", `prism-${shard.metadata.name}`, {
		metadata: { ...ownedBy(shard), labels },
		spec: {
			instances: [],
			accepting: true,
			draining: false,
			deleting: false,
			weight: 1,
			backends: ["redis"],
			allowedNamespaces: { from: "Same" },
			...spec,
		},
	});
const shard = ours("PrismShard", "live", ready("ShardReady", "2 of 2 pods are ready and answer"));
const nowhere = ours("PrismNamespace", "acme", {
	...late(
		"NoMatchingShard",
		"no PrismShard in namespace shop serves backend postgres with product=video and takes namespaces from shop: change spec.shard or spec.backend, or the shard's spec.allowedNamespaces",
		{ phase: "Pending" },
	),
	spec: { backend: "postgres", shard: { product: "video" } },
});

const partly = ours("PrismNamespace", "acme", {
	...late("PartiallyProvisioned", "1 of 2 instances have it; prism-live-1: can't be reached"),
	status: {
		placements: [
			{
				roster: "prism-live",
				namespace: "shop",
				state: "Active",
				instances: [
					{ name: "prism-live-0", state: "Applied" },
					{ name: "prism-live-1", state: "Waiting", message: "can't be reached" },
				],
			},
		],
	},
});
const liveSet = statefulSet("prism-live", shard, 2, 2);

const first = ours("PrismNamespace", "acme", {
	...ready("NamespaceReady", "2 of 2 ready instances of live have it"),
	status: { namespaceId: "tenant-acme" },
	metadata: { namespace: "other" },
});
const second = ours("PrismNamespace", "acme-copy", {
	...late(
		"NamespaceIdTaken",
		'prism-live-0: the identifier "tenant-acme" belongs to somebody else there, or was made by hand',
		{ stalled: true, phase: "Failed" },
	),
	status: { namespaceId: "tenant-acme" },
});

const failure =
	"shard search-eu did not become ready at 2.0.0 within 600 s: 0 of 1 pods are ready: prism-search-eu-0: Ready is False";
const plugin = ours("PrismPlugin", "clickhouse", {
	...late("RollbackFailed", `2.0.0 failed: ${failure}`, { stalled: true, phase: "Failed" }),
	spec: { version: "2.0.0" },
	status: {
		lastGoodVersion: "1.0.0",
		rollout: { version: "2.0.0", phase: "RollingBack", failure },
		shardStates: [
			{ name: "search-asia", state: "Pending", version: "1.0.0", since: HOURS_AGO },
			{ name: "search-eu", state: "RollingBack", version: "1.0.0", since: MINUTES_AGO, message: failure },
		],
	},
});
const euShard = ours(
	"PrismShard",
	"search-eu",
	late("Progressing", "StatefulSet prism-search-eu is rolling out", { phase: "Pending" }),
);
const euSet = statefulSet("prism-search-eu", euShard, 0, 1);
const euPod = pod("prism-search-eu-0", euSet, {
	containers: [
		{
			name: "plugin-clickhouse",
			state: waiting("ImagePullBackOff"),
			image: "ghcr.io/prism/plugins/clickhouse-plugin:1.0.0",
		},
	],
});

const rolledBack = ours("PrismPlugin", "clickhouse", {
	...late("RolledBack", `2.0.0 failed, and goes no further: ${failure}`, { stalled: true, phase: "RolledBack" }),
	spec: { version: "2.0.0" },
	status: {
		lastGoodVersion: "1.0.0",
		rollout: { version: "2.0.0", phase: "RolledBack", failure },
		shardStates: [
			{ name: "search-asia", state: "Updated", version: "2.0.0", since: HOURS_AGO },
			{ name: "search-eu", state: "RolledBack", version: "1.0.0", since: MINUTES_AGO, message: failure },
		],
	},
});

const leaving = { deletionTimestamp: MINUTES_AGO, finalizers: ["metacontroller.io/compositecontroller-prismstack"] };
const leavingShard = ours("PrismShard", "live", {
	...late(
		"NamespacesRemain",
		"namespaces left: 1. Each moves to another shard that matches, or goes with its PrismNamespace. To delete the shard all the same: kubectl annotate prismshard live -n shop prism.io/force-delete=true",
		{ phase: "Terminating" },
	),
	metadata: { deletionTimestamp: MINUTES_AGO, finalizers: ["metacontroller.io/compositecontroller-prismshard"] },
});
const nobody = (what: string) =>
	`there is no pod that could say which namespaces are left. To have one say so, and its namespaces leave: kubectl scale ${what} -n shop --replicas=1, and wait. To delete the shard all the same: kubectl annotate prismshard live -n shop prism.io/force-delete=true; what its volumes hold is not revoked then`;
const sleeping = (what: string, spec: object) => {
	const sleeper = ours("PrismShard", "live", {
		...late("NamespacesUnknown", nobody(what), { phase: "Terminating" }),
		metadata: { deletionTimestamp: MINUTES_AGO, finalizers: ["metacontroller.io/compositecontroller-prismshard"] },
	});
	return { ...sleeper, spec };
};
const sleepingShard = sleeping("prismshard live", { replicas: 0 });
const sleepingScaled = sleeping("statefulset prism-live", { autoscaling: { enabled: true, minReplicas: 2 } });
const onLeaving = ours("PrismNamespace", "acme", {
	...ready("NamespaceReady", "2 of 2 ready instances of live have it"),
	status: { placements: [{ roster: "prism-live", namespace: "shop", state: "Active", instances: [] }] },
});

const changed = ours("PrismStack", "shop", {
	...ready("StackReady", "ready"),
	metadata: { generation: 2, managedFields: [{ time: MINUTES_AGO, fieldsV1: { "f:spec": {} } }] },
});

export const WHY_CASES: readonly WhyCase[] = [
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
	{ name: "name-taken-nobody", about: taken, objects: [taken] },
	{ name: "refused", about: refusedStack, objects: [refusedStack, refused] },
	{ name: "paused", about: paused, objects: [paused] },
	{
		name: "no-shard",
		about: nowhere,
		objects: [nowhere, shard, roster(shard, { "prism.io/product": "playback", "serves.prism.io/redis": "true" })],
	},
	{
		name: "partly",
		about: partly,
		objects: [
			partly,
			shard,
			roster(shard, {}),
			liveSet,
			pod("prism-live-0", liveSet, { ready: true, containers: [{ name: "prism-proxy" }] }),
			pod("prism-live-1", liveSet, { ready: true, containers: [{ name: "prism-proxy" }] }),
		],
	},
	{ name: "identifier-taken", about: second, objects: [first, second] },
	{ name: "rollback-failed", about: plugin, objects: [plugin, euShard, euSet, euPod] },
	{ name: "rolled-back", about: rolledBack, objects: [rolledBack, euShard] },
	{
		name: "namespaces-remain",
		about: leavingShard,
		objects: [...MACHINERY, leavingShard, roster(leavingShard, {}, { draining: true }), onLeaving],
	},
	{
		name: "nobody-to-ask",
		about: sleepingShard,
		objects: [
			...MACHINERY,
			sleepingShard,
			roster(sleepingShard, {}, { draining: true }),
			statefulSet("prism-live", sleepingShard, 0, 0),
		],
	},
	{
		name: "nobody-to-ask-autoscaled",
		about: sleepingScaled,
		objects: [
			...MACHINERY,
			sleepingScaled,
			roster(sleepingScaled, {}, { draining: true }),
			statefulSet("prism-live", sleepingScaled, 0, 0),
		],
	},
	{
		name: "no-metacontroller",
		about: silent("PrismStack", "shop"),
		objects: [],
		unknown: ["compositecontrollers.metacontroller.k8s.io", "decoratorcontrollers.metacontroller.k8s.io"],
	},
	{
		name: "no-controller",
		about: silent("PrismStack", "shop"),
		objects: MACHINERY.filter(({ kind }) => !kind.endsWith("Controller")),
	},
	{ name: "metacontroller-down", about: changed, objects: [...CONTROLLERS, metacontroller(0)] },
	{
		name: "hooks-down",
		about: changed,
		objects: [
			...CONTROLLERS,
			metacontroller(1),
			hooksDeployment,
			hooksService,
			hooksPod({
				containers: [
					{
						name: "hooks",
						restartCount: 4,
						state: waiting("CrashLoopBackOff"),
						lastState: {
							terminated: {
								exitCode: 1,
								reason: "Error",
								message: "cannot read the configuration: PRISM_TOKEN_FILE is not there",
							},
						},
					},
				],
			}),
		],
	},
	{
		name: "sync-error",
		about: silent("PrismShard", "live", { uid: "live-uid" }),
		objects: [
			...MACHINERY,
			event(
				silent("PrismShard", "live", { uid: "live-uid" }),
				"SyncError",
				'Sync error: sync hook failed for PrismShard shop/live: http error: Post "http://prism-operator.prism-system.svc:8080/prismshard/sync": dial tcp 10.96.4.2:8080: connect: connection refused',
				{ count: 31 },
			),
		],
	},
	{ name: "unexplained", about: silent("PrismStack", "shop"), objects: MACHINERY },
	{
		name: "stuck-finalizer",
		about: silent("PrismStack", "shop", leaving),
		objects: MACHINERY.filter(({ metadata }) => metadata.name !== "prismstack"),
	},
	{
		name: "foreign-finalizer",
		about: silent("PrismStack", "shop", { deletionTimestamp: MINUTES_AGO, finalizers: ["example.com/audit"] }),
		objects: MACHINERY,
	},
	{
		name: "foreign-finalizer-left",
		about: ours("PrismStack", "shop", {
			...late("Terminating", "its namespaces are told that the proxies go", { phase: "Terminating" }),
			metadata: { deletionTimestamp: MINUTES_AGO, finalizers: ["example.com/audit"] },
		}),
		objects: MACHINERY,
	},
	{
		name: "left-by-the-operator",
		about: ours("PrismNamespace", "acme", {
			...late("Revoking", "still to be taken away from prism-live-0", { phase: "Terminating" }),
			metadata: { deletionTimestamp: HOURS_AGO, finalizers: ["metacontroller.io/decoratorcontroller-prismnamespace"] },
		}),
		objects: [...CONTROLLERS, metacontroller(0)],
	},
	{
		name: "left-outside",
		about: ours("PrismNamespace", "acme", {
			...late("Revoking", "still to be taken away from prism-live-0", { phase: "Terminating" }),
			metadata: { deletionTimestamp: HOURS_AGO, finalizers: ["metacontroller.io/decoratorcontroller-prismnamespace"] },
		}),
		objects: [],
		unknown: ["compositecontrollers.metacontroller.k8s.io", "decoratorcontrollers.metacontroller.k8s.io"],
	},
	{
		name: "stale",
		about: unnoticed.runner,
		objects: [...unnoticed.objects, ...CONTROLLERS, metacontroller(0)],
	},
	{
		name: "ready-with-warning",
		about: ours("PrismStack", "shop", {
			conditions: [
				...(ready("StackReady", "ready: 1 deployment, 2 patterns, 1 backend").conditions ?? []),
				condition(
					"Warning",
					"True",
					"Warnings",
					"image ghcr.io/prism/prism-proxy:latest has no fixed version: pods that start later may run another one",
				),
			],
		}),
		objects: [],
	},
];
