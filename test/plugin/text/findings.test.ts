import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { rowOf } from "../../../plugin/render/render.ts";
import { findingOf, foundBy, relatedTo, warningRemedies } from "../../../plugin/text/findings.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { readConfig } from "../../../server/config.ts";
import { late, NOW, ours, ready } from "../world.ts";

const RUNNER = (reason: string) =>
	ours("PatternRunner", "orders", {
		...late(reason, "m"),
		spec: { pattern: "keyvalue", backend: "redis", backendConfig: { name: "redis" } },
	});
const BACKEND = ours("BackendConfig", "redis", { ...ready("NotChecked", "m"), spec: { provider: "redis" } });
const view = (...objects: KubeObject[]) => viewOf({ objects, now: NOW });

describe("the finding of an object", () => {
	it.each([
		["its hook finds the same reason", RUNNER("BackendConfigNotFound"), [], "BackendConfigNotFound"],
		["its status has another reason", RUNNER("Progressing"), [], undefined],
		["the cause is gone by now", RUNNER("BackendConfigNotFound"), [BACKEND], undefined],
	])("is known if %s", (_, object, others, reason) =>
		expect(findingOf(view(object, ...others), object)?.reason).toBe(reason),
	);

	it("has parameters", () =>
		expect(findingOf(view(), RUNNER("BackendConfigNotFound"))).toMatchObject({ field: "spec.backendConfig.name" }));

	it("is unknown for kinds without a hook", () => {
		const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } };
		expect([findingOf(view(), pod), warningRemedies(view(), pod)]).toEqual([undefined, []]);
	});
});

it("takes from all objects those that the hook relates to", () => {
	const runner = RUNNER("Progressing");
	const row = rowOf(runner);
	if (row === undefined) throw new Error("no row");
	const elsewhere = ours("BackendConfig", "redis", { metadata: { namespace: "elsewhere" } });
	const related = relatedTo(row, runner, [runner, BACKEND, elsewhere, ours("BackendConfig", "other")]);
	expect(related).toEqual([BACKEND]);
	const context = { now: NOW, installation: readConfig({}).installation };
	expect(foundBy(row, runner, { observed: [], related: [] }, context).verdict.finding.reason).toBe(
		"BackendConfigNotFound",
	);
});
