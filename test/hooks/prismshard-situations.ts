import { isRecord } from "../../kube/object.ts";
import type { InstanceAnswer } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import {
	condition,
	LONG_AGO,
	NOW,
	nothing,
	object,
	older,
	paused,
	type Situation,
	statefulSets,
	without,
} from "./situations.ts";

const spec = { backends: ["redis"], replicas: 3 };
const shard = (changes: Record<string, unknown> = {}, metadata: Partial<KubeObject["metadata"]> = {}) =>
	object("PrismShard", { ...spec, ...changes }, metadata);
/** A shard that ran before. */
const ran = (changes: Record<string, unknown> = {}) => ({ ...shard(changes), status: { phase: "Running" } });
/** A shard that is Ready, and was found doubtful at a time. */
const doubted = (doubtfulSince: string) => ({
	...shard(),
	status: {
		phase: "Running",
		doubtfulSince,
		conditions: [{ ...condition("Ready", "True", "ShardReady", "ready"), observedGeneration: 1 }],
	},
});
const deleted = (changes: Partial<KubeObject["metadata"]> = {}, wanted: Record<string, unknown> = {}) =>
	shard(wanted, { deletionTimestamp: "2025-12-31T23:59:00Z", ...changes });
const expected = (status: string, reason: Situation["condition"]["reason"], message: string) => ({
	status,
	reason,
	message,
});
const warning = (message: string) => ({ type: "Warning", status: "True", reason: "Warnings", message }) as const;

const holding = (...namespaces: string[]): InstanceAnswer => ({
	state: "known",
	readAt: NOW,
	storeId: "store",
	namespaces: new Map(namespaces.map((name) => [name, "digest"])),
});
/** What some instances say; the others are well, and hold nothing. */
const told = (answers: Readonly<Record<string, InstanceAnswer>>) => (instance: string) => answers[instance];
const silent = (failure: Extract<InstanceAnswer, { state: "unknown" }>["failure"]): InstanceAnswer => ({
	state: "unknown",
	failure,
});

/** The roster as it says what a finalizing shard wants it to say. */
const rosterSays = (fields: Record<string, unknown>) => (children: readonly KubeObject[]) =>
	children.map((child) =>
		child.kind === "PrismRoster" && isRecord(child["spec"])
			? { ...child, spec: { ...child["spec"], ...fields } }
			: child,
	);
const draining = rosterSays({ draining: true, accepting: false });
const withoutPods = (children: readonly KubeObject[]) =>
	children.map((child) =>
		child.kind === "StatefulSet" && isRecord(child["spec"])
			? { ...child, spec: { ...child["spec"], replicas: 0 } }
			: child,
	);

const plugin = (name: string, port: number, status?: Record<string, unknown>): KubeObject => ({
	...object("PrismPlugin", { version: "1.1.0", healthCheck: { grpc: { port } } }, { name }),
	...(status && { status }),
});
const wayOut = "To delete the shard all the same: kubectl annotate prismshard it -n prism prism.io/force-delete=true";

export const PRISM_SHARD_SITUATIONS: readonly Situation[] = [
	{
		title: "all pods are ready and answer",
		parent: shard(),
		condition: expected("True", "ShardReady", "3 of 3 pods are ready and answer"),
		phase: "Running",
	},
	{
		title: "all hold the same",
		parent: shard(),
		told: () => holding("a", "b"),
		condition: expected("True", "ShardReady", "3 of 3 pods are ready and answer"),
		phase: "Running",
	},
	{
		title: "a single pod holds what it holds",
		parent: shard({ replicas: 1 }),
		told: () => holding("a"),
		condition: expected("True", "ShardReady", "1 of 1 pods are ready and answer"),
		phase: "Running",
	},
	{
		title: "no pods are wanted",
		parent: shard({ replicas: 0 }),
		condition: expected("True", "ScaledToZero", "no pods are wanted, and none run"),
		phase: "Running",
	},
	{
		title: "just created",
		parent: shard(),
		observed: nothing,
		condition: expected("False", "Progressing", "StatefulSet prism-it is being created or changed"),
		phase: "Pending",
	},
	{
		title: "its StatefulSet is old",
		parent: ran(),
		observed: older("StatefulSet"),
		condition: expected("False", "Progressing", "StatefulSet prism-it is being created or changed"),
		phase: "Pending",
	},
	{
		title: "its Services are old",
		parent: shard(),
		observed: older("Service"),
		condition: expected(
			"False",
			"Progressing",
			"being created or changed: Service prism-it, Service prism-it-headless",
		),
		phase: "Pending",
	},
	{
		title: "its roster is old",
		parent: shard(),
		observed: older("PrismRoster"),
		condition: expected("False", "Progressing", "being created or changed: PrismRoster prism-it"),
		phase: "Pending",
	},
	{
		title: "its pods come up",
		parent: shard(),
		observed: statefulSets(1),
		unready: ["prism-it-1", "prism-it-2"],
		condition: expected(
			"False",
			"Progressing",
			"StatefulSet prism-it is rolling out: 3 of 3 pods are updated, 1 of 3 pods are available; not ready: prism-it-1, prism-it-2. See why: kubectl describe pod prism-it-1",
		),
		phase: "Pending",
	},
	{
		title: "an update is under way",
		parent: ran(),
		observed: statefulSets(2, 1),
		unready: ["prism-it-2"],
		condition: expected(
			"False",
			"Progressing",
			"StatefulSet prism-it is rolling out: 1 of 3 pods are updated, 2 of 3 pods are available; not ready: prism-it-2. See why: kubectl describe pod prism-it-2",
		),
		phase: "Pending",
	},
	{
		title: "an update is under way, and all pods are ready",
		parent: ran(),
		observed: statefulSets(3, 1),
		condition: expected(
			"False",
			"Progressing",
			"StatefulSet prism-it is rolling out: 1 of 3 pods are updated, 3 of 3 pods are available",
		),
		phase: "Pending",
	},
	{
		title: "a pod fell out",
		parent: ran(),
		observed: statefulSets(2),
		unready: ["prism-it-1"],
		condition: expected(
			"False",
			"ReplicasUnavailable",
			"StatefulSet prism-it: 2 of 3 pods are available; not ready: prism-it-1. See why: kubectl describe pod prism-it-1",
		),
		phase: "Degraded",
	},
	{
		title: "the endpoints lag behind",
		parent: ran(),
		unready: ["prism-it-1"],
		condition: expected(
			"False",
			"InstancesUnreachable",
			"prism-it-1 is not among the ready endpoints of Service prism-it-headless",
		),
		phase: "Degraded",
	},
	{
		title: "a pod does not answer",
		parent: ran(),
		told: told({ "prism-it-1": silent("CircuitOpen") }),
		condition: expected("False", "InstancesUnreachable", "prism-it-1 does not answer"),
		phase: "Degraded",
	},
	{
		title: "pods don't answer as they should",
		parent: shard(),
		told: told({ "prism-it-0": silent("Unauthenticated"), "prism-it-2": silent("DeadlineExceeded") }),
		condition: expected(
			"False",
			"InstancesUnreachable",
			"prism-it-0 does not accept the operator's credentials, prism-it-2 does not answer",
		),
		phase: "Pending",
	},
	{
		title: "a pod has not answered for a moment",
		parent: doubted("2025-12-31T23:59:31Z"),
		told: told({ "prism-it-1": silent("Unreachable") }),
		condition: expected("True", "ShardReady", "3 of 3 pods are ready and answer"),
		phase: "Running",
	},
	{
		title: "a pod has not answered for too long",
		parent: doubted("2025-12-31T23:59:30Z"),
		told: told({ "prism-it-1": silent("Unreachable") }),
		condition: expected("False", "InstancesUnreachable", "prism-it-1 does not answer"),
		phase: "Degraded",
	},
	{
		title: "a fresh volume",
		parent: ran(),
		told: told({ "prism-it-0": holding("a", "b"), "prism-it-1": holding("b", "c"), "prism-it-2": holding() }),
		condition: expected(
			"False",
			"NamespacesDiffer",
			"prism-it-0 lacks 1 of 3 namespaces, prism-it-1 lacks 1 of 3 namespaces, prism-it-2 lacks 3 of 3 namespaces",
		),
		phase: "Degraded",
	},
	{
		title: "more pods lack namespaces than are named",
		parent: shard({ replicas: 8 }),
		told: told({ "prism-it-7": holding("a") }),
		condition: expected(
			"False",
			"NamespacesDiffer",
			`${[0, 1, 2, 3, 4].map((ordinal) => `prism-it-${ordinal} lacks 1 of 1 namespaces`).join(", ")} and 2 more`,
		),
		phase: "Pending",
	},
	{
		title: "pods that offer no list",
		parent: shard({ replicas: 2 }),
		told: () => ({ state: "unverifiable" }),
		condition: expected("True", "ShardReady", "2 of 2 pods are ready and answer"),
		phase: "Running",
	},
	{
		title: "pods that offer no list, as a warning",
		parent: shard({ replicas: 2 }),
		told: () => ({ state: "unverifiable" }),
		condition: warning(
			"these offer no way to list their namespaces, so that what they hold is not verified: prism-it-0, prism-it-1",
		),
		phase: "Running",
	},
	{
		title: "a plugin that names no version for a new shard",
		parent: shard({ plugins: [{ name: "redis" }] }),
		related: [plugin("redis", 50100)],
		condition: expected(
			"False",
			"PluginNotReady",
			"PrismPlugin redis does not say yet which version this shard is to run",
		),
		phase: "Pending",
	},
	{
		title: "a plugin that can't be read",
		parent: shard({ plugins: [{ name: "redis", version: "1.0.0" }] }),
		related: [{ ...plugin("redis", 50100), spec: {} }],
		condition: expected(
			"False",
			"PluginNotReady",
			"PrismPlugin redis can't be read: spec.version: expected required property; spec.version: expected string",
		),
		phase: "Pending",
	},
	{
		title: "a plugin that names a version",
		parent: shard({ plugins: [{ name: "redis" }] }),
		related: [
			plugin("redis", 50100, {
				shardStates: [{ name: "it", version: "1.1.0", image: "plugins/redis:1.1.0", state: "Updated", since: NOW }],
			}),
		],
		condition: expected("True", "ShardReady", "3 of 3 pods are ready and answer"),
		phase: "Running",
	},
	{
		title: "two plugins on one port",
		parent: shard({
			plugins: [
				{ name: "mongodb", version: "1.0.0" },
				{ name: "redis", version: "1.0.0" },
			],
		}),
		related: [plugin("mongodb", 50200), plugin("redis", 50200)],
		condition: expected(
			"False",
			"InvalidSpec",
			'spec.plugins "mongodb" and "redis" both serve on port 50200 of the same pod: give one of them another port, by healthCheck.grpc.port of its PrismPlugin',
		),
		phase: "Failed",
	},
	{
		title: "a plugin on a port of the proxy",
		parent: shard({ plugins: [{ name: "redis", version: "1.0.0" }] }),
		related: [plugin("redis", 9090)],
		condition: expected(
			"False",
			"InvalidSpec",
			'spec.plugins "redis" serves on port 9090, which is spec.metricsPort of the same pod: change the one, or healthCheck.grpc.port of the PrismPlugin',
		),
		phase: "Failed",
	},
	{
		title: "credentials in its configuration",
		parent: shard({ config: { upstream: "redis://:p@redis" } }),
		condition: expected(
			"False",
			"InlineCredentials",
			"spec.config.upstream carries credentials: take them out, or let the installation allow inline credentials",
		),
		phase: "Failed",
	},
	{
		title: "a roster whose name belongs to somebody else",
		parent: { ...shard(), status: { missing: [{ kind: "PrismRoster", name: "prism-it", since: LONG_AGO }] } },
		observed: without("PrismRoster"),
		condition: expected(
			"False",
			"NameTaken",
			"PrismRoster prism-it has not appeared within 30 s: an object of that name seems to belong to somebody else, or the API server refuses it. See whose it is: kubectl get prismroster prism-it -n prism -o yaml; or why it is refused: kubectl get events -n prism --field-selector reason=SyncError,involvedObject.name=it",
		),
		phase: "Failed",
	},
	{
		title: "paused in the middle",
		parent: shard({}, paused),
		observed: older("StatefulSet"),
		condition: expected(
			"False",
			"PausedByAnnotation",
			"paused before this was done: StatefulSet prism-it is being created or changed",
		),
		phase: "Pending",
	},
	{
		title: "paused",
		parent: shard({}, paused),
		condition: {
			type: "Paused",
			status: "True",
			reason: "PausedByAnnotation",
			message: "children stay as they are until the annotation prism.io/paused is removed",
		},
		phase: "Running",
	},
	// ── Warnings ──────────────────────────────────────────────────────────────────────────────────────────────────────
	{
		title: "an image without a version",
		parent: shard({ image: "proxy" }),
		condition: warning("image proxy has no fixed version: pods that start later may run another one"),
		phase: "Running",
	},
	{
		title: "plugins without a PrismPlugin",
		parent: shard({
			plugins: [{ name: "kafka" }, { name: "redis", version: "2.0.0" }, { name: "search", deployment: "remote" }],
		}),
		condition: warning(
			'spec.plugins "kafka" has no PrismPlugin kafka in this namespace: image ghcr.io/prism/plugins/kafka-plugin:v1.0.0 is used; spec.plugins "redis" has no PrismPlugin redis in this namespace: image ghcr.io/prism/plugins/redis-plugin:2.0.0 is used; spec.plugins "search" is remote, and there is no PrismPlugin search: nothing serves it',
		),
		phase: "Running",
	},
	{
		title: "a remote plugin whose PrismPlugin is no remote one",
		parent: shard({ plugins: [{ name: "search", deployment: "remote" }] }),
		related: [plugin("search", 50100)],
		condition: warning('spec.plugins "search" is remote, but PrismPlugin search has type sidecar: nothing serves it'),
		phase: "Running",
	},
	{
		title: "volumes of another size",
		parent: shard({ storage: { size: "20Gi" } }),
		observed: (children) =>
			children.map((child): KubeObject => {
				const text = JSON.stringify(child).replaceAll('"storage":"20Gi"', '"storage":"10Gi"');
				return child.kind === "StatefulSet" ? (JSON.parse(text) as KubeObject) : child;
			}),
		condition: warning("spec.storage.size is 20Gi, but the StatefulSet was made with volumes of 10Gi, and keeps them"),
		phase: "Running",
	},
	// ── Deletion ──────────────────────────────────────────────────────────────────────────────────────────────────────
	{
		title: "just deleted",
		parent: deleted(),
		condition: expected("False", "Terminating", "being deleted: its namespaces are being told to leave"),
		phase: "Terminating",
	},
	{
		title: "deleted, and namespaces are left",
		parent: deleted(),
		observed: draining,
		told: told({ "prism-it-0": holding("a", "b"), "prism-it-1": holding("b", "c"), "prism-it-2": silent("NotReady") }),
		condition: expected(
			"False",
			"NamespacesRemain",
			`namespaces left: 3. Each moves to another shard that matches, or goes with its PrismNamespace. ${wayOut}`,
		),
		phase: "Terminating",
	},
	{
		title: "deleted, and not all can say what is left",
		parent: deleted(),
		observed: draining,
		unready: ["prism-it-2"],
		told: told({ "prism-it-0": { state: "unverifiable" }, "prism-it-1": silent("DeadlineExceeded") }),
		condition: expected(
			"False",
			"NamespacesUnknown",
			`whether namespaces are left is not known: prism-it-0 can't list its namespaces, prism-it-1 does not answer, prism-it-2 is not ready. ${wayOut}`,
		),
		phase: "Terminating",
	},
	{
		title: "deleted, and no pod is there to say what is left",
		parent: deleted({}, { replicas: 0 }),
		observed: draining,
		condition: expected(
			"False",
			"NamespacesUnknown",
			`there is no pod that could say which namespaces are left. To have one say so, and its namespaces leave: kubectl scale prismshard it -n prism --replicas=1, and wait. ${wayOut}; what its volumes hold is not revoked then`,
		),
		phase: "Terminating",
	},
	{
		title: "deleted, and no pod of an autoscaled one is there",
		parent: deleted({}, { autoscaling: { minReplicas: 2, maxReplicas: 4, targetRPS: 100 } }),
		observed: (ready) => withoutPods(draining(ready)),
		condition: expected(
			"False",
			"NamespacesUnknown",
			`there is no pod that could say which namespaces are left. To have one say so, and its namespaces leave: kubectl scale statefulset prism-it -n prism --replicas=1, and wait. ${wayOut}; what its volumes hold is not revoked then`,
		),
		phase: "Terminating",
	},
	{
		title: "deleted, and the pods were asked before that",
		parent: deleted({ deletionTimestamp: NOW }),
		observed: draining,
		condition: expected(
			"False",
			"Terminating",
			"being deleted: its pods are asked once more which namespaces they hold",
		),
		phase: "Terminating",
	},
	{
		title: "deleted by force",
		parent: deleted({ annotations: { "prism.io/force-delete": "true" } }),
		observed: draining,
		told: () => holding("a"),
		condition: expected("False", "Terminating", "being deleted: its namespaces are being told to leave"),
		phase: "Terminating",
	},
	{
		title: "deleted, and nothing is left",
		parent: deleted(),
		observed: draining,
		condition: expected("False", "Terminating", "being deleted: nothing holds it back"),
		phase: "Terminating",
	},
];
