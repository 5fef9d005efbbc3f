import { deleted, draining, expected, holding, silent, told, withoutPods } from "./prismshard-situation.ts";
import { NOW, type Situation } from "./situations.ts";

// A shard on its way out.

export const PRISM_SHARD_LEAVING_SITUATIONS: readonly Situation[] = [
	{
		title: "just deleted",
		parent: deleted(),
		condition: expected("False", "Terminating", "Being deleted: its namespaces are moving away"),
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
			"Namespaces left: 3. Each moves to another shard that matches, or is revoked with its PrismNamespace",
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
			"Whether namespaces are left is unknown: prism-it-0 can't list its namespaces, prism-it-1 does not answer, prism-it-2 is not ready",
		),
		phase: "Terminating",
	},
	{
		title: "deleted, and no pod is there to say what is left",
		parent: deleted({}, { replicas: 0 }),
		observed: draining,
		condition: expected("False", "NamespacesUnknown", "No pod can report which namespaces are left"),
		phase: "Terminating",
	},
	{
		title: "deleted, and no pod of an autoscaled one is there",
		parent: deleted({}, { autoscaling: { minReplicas: 2, maxReplicas: 4, targetRPS: 100 } }),
		observed: (ready) => withoutPods(draining(ready)),
		condition: expected("False", "NamespacesUnknown", "No pod can report which namespaces are left"),
		phase: "Terminating",
	},
	{
		title: "deleted, and the pods were asked before that",
		parent: deleted({ deletionTimestamp: NOW }),
		observed: draining,
		condition: expected(
			"False",
			"Terminating",
			"Being deleted: its pods are queried again for the namespaces that are left",
		),
		phase: "Terminating",
	},
	{
		title: "deleted by force",
		parent: deleted({ annotations: { "prism.io/force-delete": "true" } }),
		observed: draining,
		told: () => holding("a"),
		condition: expected("False", "Terminating", "Being deleted: its namespaces are moving away"),
		phase: "Terminating",
	},
	{
		title: "deleted, and nothing is left",
		parent: deleted(),
		observed: draining,
		condition: expected("False", "Terminating", "Being deleted: no namespaces are left"),
		phase: "Terminating",
	},
];
