import { doubted, holding, ran, shard, silent, told } from "./prismshard-situation.ts";
import { PRISM_SHARD_CLAIM_SITUATIONS } from "./prismshard-situations-claims.ts";
import { PRISM_SHARD_LEAVING_SITUATIONS } from "./prismshard-situations-leaving.ts";
import { PRISM_SHARD_SET_SITUATIONS } from "./prismshard-situations-sets.ts";
import { PRISM_SHARD_SPEC_SITUATIONS } from "./prismshard-situations-specs.ts";
import { expected, nothing, older, type Situation, statefulSets, WARNED } from "./situations.ts";

// One situation for every reason that a shard's hook can give.

export const PRISM_SHARD_SITUATIONS: readonly Situation[] = [
	{
		title: "all pods are ready and answer",
		parent: shard(),
		condition: expected("True", "ShardReady"),
		phase: "Running",
	},
	{
		title: "all hold the same",
		parent: shard(),
		told: () => holding("a", "b"),
		condition: expected("True", "ShardReady"),
		phase: "Running",
	},
	{
		title: "a single pod holds what it holds",
		parent: shard({ replicas: 1 }),
		told: () => holding("a"),
		condition: expected("True", "ShardReady"),
		phase: "Running",
	},
	{
		title: "no pods are wanted",
		parent: shard({ replicas: 0 }),
		condition: expected("True", "ScaledToZero"),
		phase: "Running",
	},
	{
		title: "just created",
		parent: shard(),
		observed: nothing,
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "its StatefulSet is old",
		parent: ran(),
		observed: older("StatefulSet"),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "its Services are old",
		parent: shard(),
		observed: older("Service"),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "its roster is old",
		parent: shard(),
		observed: older("PrismRoster"),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "its pods come up",
		parent: shard(),
		observed: statefulSets(1),
		unready: ["prism-it-1", "prism-it-2"],
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "an update is under way",
		parent: ran(),
		observed: statefulSets(2, 1),
		unready: ["prism-it-2"],
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "an update is under way, and all pods are ready",
		parent: ran(),
		observed: statefulSets(3, 1),
		condition: expected("False", "Progressing"),
		phase: "Pending",
	},
	{
		title: "a pod fell out",
		parent: ran(),
		observed: statefulSets(2),
		unready: ["prism-it-1"],
		condition: expected("False", "ReplicasUnavailable"),
		phase: "Degraded",
	},
	{
		title: "the endpoints lag behind",
		parent: ran(),
		unready: ["prism-it-1"],
		condition: expected("False", "InstancesUnreachable"),
		phase: "Degraded",
	},
	{
		title: "a pod does not answer",
		parent: ran(),
		told: told({ "prism-it-1": silent("Overloaded") }),
		condition: expected("False", "InstancesUnreachable"),
		phase: "Degraded",
	},
	{
		title: "pods don't answer as they should",
		parent: shard(),
		told: told({ "prism-it-0": silent("Unauthenticated"), "prism-it-2": silent("DeadlineExceeded") }),
		condition: expected("False", "InstancesUnreachable"),
		phase: "Pending",
	},
	{
		title: "a pod has not answered for a moment",
		parent: doubted("2025-12-31T23:59:31Z"),
		told: told({ "prism-it-1": silent("Unreachable") }),
		condition: expected("True", "ShardReady"),
		phase: "Running",
	},
	{
		title: "a pod has not answered for too long",
		parent: doubted("2025-12-31T23:59:30Z"),
		told: told({ "prism-it-1": silent("Unreachable") }),
		condition: expected("False", "InstancesUnreachable"),
		phase: "Degraded",
	},
	{
		title: "a fresh volume",
		parent: ran(),
		told: told({ "prism-it-0": holding("a", "b"), "prism-it-1": holding("b", "c"), "prism-it-2": holding() }),
		condition: expected("False", "NamespacesDiffer"),
		phase: "Degraded",
	},
	{
		title: "more pods lack namespaces than are named",
		parent: shard({ replicas: 8 }),
		told: told({ "prism-it-7": holding("a") }),
		condition: expected("False", "NamespacesDiffer"),
		phase: "Pending",
	},
	{
		title: "pods that offer no list",
		parent: shard({ replicas: 2 }),
		told: () => ({ state: "unverifiable" }),
		condition: expected("True", "ShardReady"),
		phase: "Running",
	},
	{
		title: "pods that offer no list, as a warning",
		parent: shard({ replicas: 2 }),
		told: () => ({ state: "unverifiable" }),
		condition: WARNED,
		phase: "Running",
	},
	...PRISM_SHARD_SPEC_SITUATIONS,
	...PRISM_SHARD_SET_SITUATIONS,
	...PRISM_SHARD_CLAIM_SITUATIONS,
	...PRISM_SHARD_LEAVING_SITUATIONS,
];
