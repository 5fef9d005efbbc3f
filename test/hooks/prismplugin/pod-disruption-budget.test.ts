import { expect, it } from "vitest";
import { pluginBudget } from "../../../hooks/prismplugin/pod-disruption-budget.ts";
import { plannedPlugin } from "../plans.ts";

it("is for the pods of the plugin's Deployment", () => {
	const { plan, surroundings } = plannedPlugin();
	const { metadata, spec } = pluginBudget(plan, surroundings);
	expect(metadata).toMatchObject({ name: "it-plugin", namespace: "prism" });
	expect(spec?.selector).toEqual({ matchLabels: { app: "prism-plugin", plugin: "it" } });
});
