import { expect, it } from "vitest";
import { shardSecret } from "../../../hooks/prismshard/secret.ts";
import { plannedShard } from "../plans.ts";

it("is not wanted if the configuration file has no credentials", () => {
	expect(shardSecret(plannedShard().plan)).toBeUndefined();
});

it("holds the file if it has, as the API server stores it", () => {
	const { plan } = plannedShard({ config: { password: "x" } }, { installation: { inlineCredentials: true } });
	const secret = shardSecret(plan);
	expect(secret?.metadata.name).toBe("prism-it");
	expect(atob(secret?.data?.["config.json"] ?? "")).toBe(plan.config.data["config.json"]);
	expect(secret).not.toHaveProperty("stringData");
});
