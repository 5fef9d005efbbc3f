import { doubted, expected, holding, ran, shard, silent, told, warning } from "./prismshard-situation.ts";
import { PRISM_SHARD_CLAIM_SITUATIONS } from "./prismshard-situations-claims.ts";
import { PRISM_SHARD_LEAVING_SITUATIONS } from "./prismshard-situations-leaving.ts";
import { PRISM_SHARD_SET_SITUATIONS } from "./prismshard-situations-sets.ts";
import { PRISM_SHARD_SPEC_SITUATIONS } from "./prismshard-situations-specs.ts";
import { nothing, older, type Situation, statefulSets } from "./situations.ts";

// One situation for every reason that a shard's hook can give, with the exact message.

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
		condition: expected("True", "ScaledToZero", "Scaled to zero"),
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
			"Being created or changed: Service prism-it, Service prism-it-headless",
		),
		phase: "Pending",
	},
	{
		title: "its roster is old",
		parent: shard(),
		observed: older("PrismRoster"),
		condition: expected("False", "Progressing", "Being created or changed: PrismRoster prism-it"),
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
			"StatefulSet prism-it is rolling out: 3 of 3 pods are updated, 1 of 3 updated pods are ready; not ready: prism-it-1, prism-it-2",
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
			"StatefulSet prism-it is rolling out: 1 of 3 pods are updated, 0 of 1 updated pods are ready; not ready: prism-it-2",
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
			"StatefulSet prism-it is rolling out: 1 of 3 pods are updated, 1 of 1 updated pods are ready",
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
			"StatefulSet prism-it: 2 of 3 pods are available; not ready: prism-it-1",
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
			"Instances unreachable: prism-it-1 is not a ready endpoint of Service prism-it-headless",
		),
		phase: "Degraded",
	},
	{
		title: "a pod does not answer",
		parent: ran(),
		told: told({ "prism-it-1": silent("Overloaded") }),
		condition: expected("False", "InstancesUnreachable", "Instances unreachable: prism-it-1 does not answer"),
		phase: "Degraded",
	},
	{
		title: "pods don't answer as they should",
		parent: shard(),
		told: told({ "prism-it-0": silent("Unauthenticated"), "prism-it-2": silent("DeadlineExceeded") }),
		condition: expected(
			"False",
			"InstancesUnreachable",
			"Instances unreachable: prism-it-0 does not accept the operator's credentials, prism-it-2 does not answer",
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
		condition: expected("False", "InstancesUnreachable", "Instances unreachable: prism-it-1 does not answer"),
		phase: "Degraded",
	},
	{
		title: "a fresh volume",
		parent: ran(),
		told: told({ "prism-it-0": holding("a", "b"), "prism-it-1": holding("b", "c"), "prism-it-2": holding() }),
		condition: expected(
			"False",
			"NamespacesDiffer",
			"Namespaces differ: prism-it-0 lacks 1 of 3, prism-it-1 lacks 1 of 3, prism-it-2 lacks 3 of 3",
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
			`Namespaces differ: ${[0, 1, 2, 3, 4].map((ordinal) => `prism-it-${ordinal} lacks 1 of 1`).join(", ")} and 2 more`,
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
		condition: warning("Namespaces are not verified on instances that can't list them: prism-it-0, prism-it-1"),
		phase: "Running",
	},
	...PRISM_SHARD_SPEC_SITUATIONS,
	...PRISM_SHARD_SET_SITUATIONS,
	...PRISM_SHARD_CLAIM_SITUATIONS,
	...PRISM_SHARD_LEAVING_SITUATIONS,
];
