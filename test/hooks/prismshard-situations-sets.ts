import type { DelayCause, KubeObject } from "../../schemas/common.ts";
import { ran, shard } from "./prismshard-situation.ts";
import { condition, delayed, expected, LONG_AGO, object, only, type Situation, WARNED } from "./situations.ts";

// What a shard's StatefulSet and its load balancer report: pods that are left in place, growth, an address that does not come.

const counts = (status: Record<string, unknown>) =>
	only("StatefulSet", undefined, (child) => ({ ...child, status: { observedGeneration: 1, replicas: 3, ...status } }));
const since = (cause: DelayCause, at: string) => delayed({ kind: "StatefulSet", name: "prism-it", cause, since: at });
const kept = (at: string): KubeObject => ({ ...ran(), status: { phase: "Running", ...since("PodsKept", at) } });
const changed = counts({ updatedReplicas: 0, readyReplicas: 2, currentRevision: "old", updateRevision: "new" });
const reverted = counts({ updatedReplicas: 2, readyReplicas: 2, currentRevision: "new", updateRevision: "new" });
const held = expected("False", "RolloutHeld");
const rollingOut = expected("False", "Progressing");
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
		condition: rollingOut,
		phase: "Pending",
	},
	{
		title: "the new pod itself does not get ready",
		parent: kept(LONG_AGO),
		observed: counts({ updatedReplicas: 1, readyReplicas: 2, currentRevision: "old", updateRevision: "new" }),
		unready: ["prism-it-2"],
		condition: rollingOut,
		phase: "Pending",
	},
	{
		title: "it is scaled up, and all that was ready still is",
		parent: grown(2, {}),
		observed: growing(2),
		unready: ["prism-it-2"],
		condition: expected("True", "Progressing"),
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
		condition: expected("True", "ShardReady"),
		phase: "Running",
	},
	{
		title: "it is scaled up, and a pod fell out",
		parent: grown(2, {}),
		observed: growing(1),
		unready: ["prism-it-1", "prism-it-2"],
		condition: expected("False", "ReplicasUnavailable"),
		phase: "Degraded",
	},
	{
		title: "it was scaled up long ago, and a pod does not come up",
		parent: grown(2, since("PodsUnavailable", LONG_AGO)),
		observed: growing(2),
		unready: ["prism-it-2"],
		condition: expected("False", "ReplicasUnavailable"),
		phase: "Degraded",
	},
	{
		title: "it is to be exposed, and its load balancer has no address",
		parent: balanced(noAddress),
		condition: expected("False", "NoAddress"),
		phase: "Degraded",
	},
	{
		title: "the same as a warning",
		parent: balanced(noAddress),
		condition: WARNED,
		phase: "Degraded",
	},
	{
		title: "its load balancer has an address by now",
		parent: balanced(noAddress),
		observed: only("Service", "prism-it", (child) => ({
			...child,
			status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
		})),
		condition: expected("True", "ShardReady"),
		phase: "Running",
	},
];
