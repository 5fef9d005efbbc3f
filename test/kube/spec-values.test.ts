import { describe, expect, it } from "vitest";
import { valueProblems, valuesOf } from "../../kube/spec-values.ts";
import { problemText } from "../../schemas/messages/specs.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { PrismShard } from "../../schemas/prismshard.ts";

const nested = (levels: number): unknown =>
	Array.from({ length: levels }).reduce<unknown>((inner) => ({ a: inner }), "leaf");

const problems = (value: unknown) => valueProblems(value, "spec").map(problemText);

const EXACT = "integers beyond 2^53 are not kept exactly: write it in quotes";

describe("values that would not arrive as they were written", () => {
	it.each([
		{ json: "1180594104520355841", says: [`spec.config.v: ${EXACT}`] },
		{ json: "9007199254740992", says: [`spec.config.v: ${EXACT}`] },
		{ json: "-9007199254740993", says: [`spec.config.v: ${EXACT}`] },
		{ json: "1.8446744073709552e+19", says: [`spec.config.v: ${EXACT}`] },
		{ json: '[1,"two",null,{"id":9223372036854775807}]', says: [`spec.config.v[3].id: ${EXACT}`] },
		{
			json: '{"__proto__":{"a":1}}',
			says: ["spec.config.v.__proto__: a field of this name is not kept: give it another name"],
		},
		{ json: "9007199254740991", says: [] },
		{ json: "-9007199254740991", says: [] },
		{ json: "0.30000000000000004", says: [] },
		{ json: "1e-9", says: [] },
		{ json: '{"constructor":{"prototype":1},"toString":2,"":3}', says: [] },
		{ json: '"1180594104520355841"', says: [] },
	])("$json", ({ json, says }) => {
		const config: unknown = JSON.parse(`{"v":${json}}`);
		expect(problems({ config })).toEqual(says);
	});

	it("nest no deeper than 128 levels", () => {
		expect(problems(nested(128))).toEqual([]);
		expect(problems(nested(129))).toEqual(["spec.a.a: nests more than 128 levels"]);
		expect(problems({ config: { deep: nested(100_000) } })).toEqual(["spec.config.deep: nests more than 128 levels"]);
	});

	it("are not all listed where there are very many", () => {
		expect(problems(Array.from({ length: 10_000 }, () => 2 ** 60))).toHaveLength(16);
	});
});

describe("quantities that an API server stores with another value", () => {
	it("are found by the schema, wherever they are", () => {
		const resources = { requests: { cpu: "1000E", memory: "1Gi" }, limits: { cpu: 2 } };
		const spec = { resources, runnerSpec: { resources }, autoscaling: { metrics: [{ averageValue: "1e21" }] } };
		const found = valuesOf(PatternRunner.spec)(spec, "spec").map(problemText);
		expect(found.toSorted()).toEqual([
			'spec.autoscaling.metrics[0].averageValue: must be a quantity of at most 9223372036854775807, got "1e21"',
			'spec.resources.requests.cpu: must be a quantity of at most 9223372036854775807, got "1000E"',
			'spec.runnerSpec.resources.requests.cpu: must be a quantity of at most 9223372036854775807, got "1000E"',
		]);
		expect(valuesOf(PrismShard.spec)({ storage: { size: "10Gi" } }, "spec")).toEqual([]);
	});
});
