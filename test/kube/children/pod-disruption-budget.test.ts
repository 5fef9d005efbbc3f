import { expect, it } from "vitest";
import { podDisruptionBudget } from "../../../kube/children/pod-disruption-budget.ts";

it("lets one pod at a time go, and broken ones hold up no drain", () => {
	expect(podDisruptionBudget({ name: "it" }, { app: "it" })).toEqual({
		apiVersion: "policy/v1",
		kind: "PodDisruptionBudget",
		metadata: { name: "it" },
		spec: { maxUnavailable: 1, selector: { matchLabels: { app: "it" } }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
	});
});
