import { expect, it } from "vitest";
import { shardConfigMap } from "../../../hooks/prismshard/config-map.ts";
import { plannedShard } from "../plans.ts";

const CREDENTIALS = { config: { password: "x" } };

it("holds the configuration file under the shard's own name", () => {
	const { plan } = plannedShard();
	expect(shardConfigMap(plan)).toMatchObject({ metadata: { name: "prism-it" }, data: plan.config.data });
});

it("is not wanted if the file has credentials", () => {
	const { plan } = plannedShard(CREDENTIALS, { installation: { inlineCredentials: true } });
	expect(shardConfigMap(plan)).toBeUndefined();
});
