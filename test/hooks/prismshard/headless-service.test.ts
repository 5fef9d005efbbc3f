import { expect, it } from "vitest";
import { shardHeadlessService } from "../../../hooks/prismshard/headless-service.ts";
import { plannedShard } from "../plans.ts";

it("gives each pod an address, ready or not, for its admin API and its metrics", () => {
	const { plan } = plannedShard({ adminPort: 9001, metricsPort: 9002 });
	const { metadata, spec } = shardHeadlessService(plan);
	expect(metadata.name).toBe("prism-it-headless");
	expect(spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true, selector: plan.selector });
	expect(spec?.ports?.map(({ name, port }) => [name, port])).toEqual([
		["admin", 9001],
		["metrics", 9002],
	]);
});
