import { expect, it } from "vitest";
import { runnerBudget } from "../../../hooks/patternrunner/pod-disruption-budget.ts";
import { plannedRunner } from "../plans.ts";

it("is for the pods of the runner", () => {
	const { metadata, spec } = runnerBudget(plannedRunner().plan);
	expect(metadata).toMatchObject({ name: "it", namespace: "prism" });
	expect(spec?.selector).toEqual({ matchLabels: { app: "prism", runner: "it" } });
});
