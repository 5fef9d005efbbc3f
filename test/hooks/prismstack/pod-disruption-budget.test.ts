import { expect, it } from "vitest";
import { componentBudget } from "../../../hooks/prismstack/pod-disruption-budget.ts";
import { plannedAdmin } from "./planned.ts";

it("lets one pod of each component go at a time", () => {
	const { plan, admin } = plannedAdmin();
	for (const own of [plan.proxy, admin]) {
		const child = componentBudget(plan, own);
		expect(child.metadata.name).toBe(own.name);
		expect(child.spec).toMatchObject({ maxUnavailable: 1, selector: { matchLabels: own.selector } });
	}
});
