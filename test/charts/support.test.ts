import { expect, it } from "vitest";
import { METACONTROLLER_NEEDS } from "../../codegen/docs/support.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import { METACONTROLLER, OLDEST } from "../../kube/supported-versions.ts";
import { template } from "./helm.ts";

// What the page of supported versions says of Metacontroller, held to the controllers.

const minorOf = (version: string): number => Number(version.split(".")[1]);

it("no supported minor version of Metacontroller lacks what is needed, and the chart's own has all of it", () => {
	for (const { what, since } of METACONTROLLER_NEEDS) {
		expect(minorOf(since), what).toBeLessThanOrEqual(OLDEST.metacontroller[1]);
		expect(METACONTROLLER.localeCompare(since, "en", { numeric: true }), what).toBeGreaterThanOrEqual(0);
	}
});

it("the controllers need what the page lists", async () => {
	const rendered = JSON.stringify(await template());
	expect(rendered).toContain('"endpointConfigs":');
	for (const row of REGISTRY) {
		const controller = JSON.stringify(controllerObject(row, { origin: "", features: {} }));
		expect(controller, row.name).toContain('"version":"v2"');
		expect(controller, row.name).toContain('"ignoreStatusChanges":true');
	}
});
