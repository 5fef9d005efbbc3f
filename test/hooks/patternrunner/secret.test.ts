import { expect, it } from "vitest";
import { runnerSecret } from "../../../hooks/patternrunner/secret.ts";
import { plannedRunner } from "../plans.ts";

const built = (spec: object) => runnerSecret(plannedRunner(spec, { installation: { inlineCredentials: true } }).plan);

it.each([
	["without spec.config", {}],
	["if it has no credentials", { config: { size: 1 } }],
])("is not wanted %s", (_, spec) => {
	expect(built(spec)).toBeUndefined();
});

it("holds spec.config with its credentials, as the API server stores them", () => {
	const secret = built({ config: { password: "x" } });
	expect(secret?.metadata.name).toBe("it-config");
	expect(atob(secret?.data?.["PRISM_CONFIG_PASSWORD"] ?? "")).toBe("x");
});
