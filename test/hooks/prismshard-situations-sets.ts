import type { DelayCause, KubeObject } from "../../schemas/common.ts";
import { expected, ran, shard, warning } from "./prismshard-situation.ts";
import { condition, delayed, LONG_AGO, object, only, type Situation } from "./situations.ts";

// What a shard's StatefulSet and its load balancer report: pods that are left in place, growth, an address that does not come.

const counts = (status: Record<string, unknown>) =>
	only("StatefulSet", undefined, (child) => ({ ...child, status: { observedGeneration: 1, replicas: 3, ...status } }));
const since = (cause: DelayCause, at: string) => delayed({ kind: "StatefulSet", name: "prism-it", cause, since: at });
const kept = (at: string): KubeObject => ({ ...ran(), status: { phase: "Running", ...since("PodsKept", at) } });
const changed = counts({ updatedReplicas: 0, readyReplicas: 2, currentRevision: "old", updateRevision: "new" });
const reverted = counts({ updatedReplicas: 2, readyReplicas: 2, currentRevision: "new", updateRevision: "new" });
const held = expected(
	"False",
	"RolloutHeld",
	"StatefulSet prism-it is not rolled out: not ready, of an older revision, and not replaced by Kubernetes: prism-it-2",
);
const rollingOut = (updated: number) =>
	expected(
		"False",
		"Progressing",
		`StatefulSet prism-it is rolling out: ${updated} of 3 pods are updated${updated === 0 ? "" : `, ${updated - 1} of ${updated} updated pods are ready`}; not ready: prism-it-2`,
	);
const grown = (before: number, status: Record<string, unknown>) => ({
	...shard(),
	status: {
		observedGeneration: 1,
		phase: "Running",
		readyReplicas: before,
		conditions: [{ ...condition("Ready", "True", "ShardReady", "ready"), observedGeneration: 1 }],
		...status,
	},
});
const growing = (ready: number) =>
	counts({ updatedReplicas: 3, readyReplicas: ready, currentRevision: "new", updateRevision: "new" });
const balanced = (status: Record<string, unknown> = {}) => ({
	...object("PrismShard", { backends: ["redis"], replicas: 3, exposure: { type: "LoadBalancer" } }),
	status: { observedGeneration: 1, ...status },
});
const noAddress = delayed({ kind: "Service", name: "prism-it", cause: "NoAddress", since: LONG_AGO });
const withoutAddress = "Service prism-it is of type LoadBalancer, and has had no address for 60 s";

export const PRISM_SHARD_SET_SITUATIONS: readonly Situation[] = [
	{
		title: "a broken pod of an older revision is left in place after a change",
		parent: kept("2025-12-31T23:59:15Z"),
		observed: changed,
		unready: ["prism-it-2"],
		condition: held,
		phase: "Degraded",
	},
	{
		title: "a broken pod is left in place after a revert",
		parent: kept("2025-12-31T23:59:15Z"),
		observed: reverted,
		unready: ["prism-it-2"],
		condition: held,
		phase: "Degraded",
	},
	{
		title: "a pod of an older revision is not ready for a moment",
		parent: kept("2025-12-31T23:59:16Z"),
		observed: changed,
		unready: ["prism-it-2"],
		condition: rollingOut(0),
		phase: "Pending",
	},
	{
		title: "the new pod itself does not get ready",
		parent: kept(LONG_AGO),
		observed: counts({ updatedReplicas: 1, readyReplicas: 2, currentRevision: "old", updateRevision: "new" }),
		unready: ["prism-it-2"],
		condition: rollingOut(1),
		phase: "Pending",
	},
	{
		title: "it is scaled up, and all that was ready still is",
		parent: grown(2, {}),
		observed: growing(2),
		unready: ["prism-it-2"],
		condition: expected("True", "Progressing", "StatefulSet prism-it is scaled up: 2 of 3 pods are available"),
		phase: "Running",
	},
	{
		title: "it is scaled down, and the pods beyond that still end",
		parent: grown(5, {}),
		observed: counts({
			replicas: 5,
			updatedReplicas: 3,
			readyReplicas: 3,
			currentRevision: "new",
			updateRevision: "new",
		}),
		condition: expected("True", "ShardReady", "3 of 3 pods are ready and answer"),
		phase: "Running",
	},
	{
		title: "it is scaled up, and a pod fell out",
		parent: grown(2, {}),
		observed: growing(1),
		unready: ["prism-it-1", "prism-it-2"],
		condition: expected(
			"False",
			"ReplicasUnavailable",
			"StatefulSet prism-it: 1 of 3 pods are available; not ready: prism-it-1, prism-it-2",
		),
		phase: "Degraded",
	},
	{
		title: "it was scaled up long ago, and a pod does not come up",
		parent: grown(2, since("PodsUnavailable", LONG_AGO)),
		observed: growing(2),
		unready: ["prism-it-2"],
		condition: expected(
			"False",
			"ReplicasUnavailable",
			"StatefulSet prism-it: 2 of 3 pods are available; not ready: prism-it-2",
		),
		phase: "Degraded",
	},
	{
		title: "it is to be exposed, and its load balancer has no address",
		parent: balanced(noAddress),
		condition: expected("False", "NoAddress", withoutAddress),
		phase: "Degraded",
	},
	{
		title: "the same as a warning",
		parent: balanced(noAddress),
		condition: warning(withoutAddress),
		phase: "Degraded",
	},
	{
		title: "its load balancer has an address by now",
		parent: balanced(noAddress),
		observed: only("Service", "prism-it", (child) => ({
			...child,
			status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
		})),
		condition: expected("True", "ShardReady", "3 of 3 pods are ready and answer"),
		phase: "Running",
	},
];
