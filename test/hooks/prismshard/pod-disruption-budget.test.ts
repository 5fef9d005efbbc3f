import { expect, it } from "vitest";
import { shardBudget } from "../../../hooks/prismshard/pod-disruption-budget.ts";
import { plannedShard } from "../plans.ts";

it("is for the pods of the shard, whatever their number", () => {
	const { metadata, spec } = shardBudget(plannedShard({ replicas: 1 }).plan);
	expect(metadata).toMatchObject({ name: "prism-it", namespace: "prism" });
	expect(spec?.selector).toEqual({ matchLabels: { app: "prism-proxy", shard: "it" } });
});
