import { expect, it } from "vitest";
import { runnerConfigMap } from "../../../hooks/patternrunner/config-map.ts";
import { plannedRunner } from "../plans.ts";

it("holds spec.config", () => {
	const { plan } = plannedRunner({ config: { size: 1 } });
	expect(runnerConfigMap(plan)).toMatchObject({
		metadata: { name: "it-config", namespace: "prism" },
		data: { "config.json": '{"size":1}\n', PRISM_CONFIG_SIZE: "1" },
	});
});

it.each([
	["without spec.config", {}],
	["if it has credentials", { config: { password: "x" } }],
])("is not wanted %s", (_, spec) => {
	expect(runnerConfigMap(plannedRunner(spec, { installation: { inlineCredentials: true } }).plan)).toBeUndefined();
});
