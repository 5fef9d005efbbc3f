import { expect, it } from "vitest";
import { parseMetrics, quantile, sumOf } from "../../../plugin/doctor/samples.ts";

const TEXT = `# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{hook="sync",code="200"} 3
calls_total{hook="sync",code="500"} 1 1395066363000
calls_total{hook="finalize",code="200"} 2
path{value="a \\"quoted\\", {odd} one"} 1
up 1
broken
`;

it("reads names, labels and values, and skips what is none", () => {
	expect(parseMetrics(TEXT).map(({ name, value }) => `${name} ${value}`)).toEqual([
		"calls_total 3",
		"calls_total 1",
		"calls_total 2",
		"path 1",
		"up 1",
	]);
	expect(parseMetrics(TEXT)[1]?.labels).toEqual({ hook: "sync", code: "500" });
	expect(parseMetrics(TEXT)[3]?.labels).toEqual({ value: 'a \\"quoted\\", {odd} one' });
	expect(parseMetrics("a 1e3\nb +Inf\nc -2.5").map(({ value }) => value)).toEqual([
		1000,
		Number.POSITIVE_INFINITY,
		-2.5,
	]);
});

it.each<[Record<string, string>, number]>([
	[{}, 6],
	[{ hook: "sync" }, 4],
	[{ hook: "sync", code: "500" }, 1],
	[{ hook: "customize" }, 0],
	[{ other: "x" }, 0],
])("sums the samples with labels %j", (labels, sum) => {
	expect(sumOf(parseMetrics(TEXT), "calls_total", labels)).toBe(sum);
});

const buckets = (...counts: readonly (readonly [string, number])[]) =>
	parseMetrics(counts.map(([le, count]) => `seconds_bucket{le="${le}"} ${count}`).join("\n"));

it.each<[string, ReturnType<typeof buckets>, number, number | undefined]>([
	["no observations", buckets(["0.1", 0], ["+Inf", 0]), 0.5, undefined],
	["no buckets", [], 0.5, undefined],
	["all in the first bucket", buckets(["0.1", 4], ["1", 4], ["+Inf", 4]), 0.99, 0.1],
	["half of them above it", buckets(["0.1", 2], ["1", 4], ["+Inf", 4]), 0.5, 0.1],
	["most of them above it", buckets(["0.1", 2], ["1", 4], ["+Inf", 4]), 0.51, 1],
	["some above all bounds", buckets(["0.1", 2], ["1", 3], ["+Inf", 4]), 0.99, 1],
	[
		"buckets of two replicas, in any order",
		[...buckets(["+Inf", 4], ["1", 4]), ...buckets(["1", 0], ["+Inf", 4])],
		0.5,
		1,
	],
])("a quantile with %s", (_, samples, share, bound) => {
	expect(quantile(samples, "seconds", share)).toBe(bound);
});
