import { describe, expect, it } from "vitest";
import { defaultResources, recording, resourceProblems, withDefaultResources } from "../../kube/resources.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { problemText } from "../../schemas/messages/specs.ts";
import { DEFAULT_RESOURCES_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";

const NOW = { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "256Mi" } };
const THEN = { requests: { cpu: "10m" } };

describe("resources of a container whose spec names some", () => {
	it.each([
		{ reason: "none at all", own: undefined, filled: NOW },
		{ reason: "an empty one", own: {}, filled: NOW },
		{
			reason: "a request above the default limit is the limit",
			own: { requests: { cpu: 2, memory: "1Gi" } },
			filled: { requests: { cpu: 2, memory: "1Gi" }, limits: { cpu: 2, memory: "1Gi" } },
		},
		{
			reason: "a limit alone is what is requested",
			own: { limits: { cpu: "20m" } },
			filled: { requests: { memory: "64Mi" }, limits: { cpu: "20m", memory: "256Mi" } },
		},
		{
			reason: "other resources stay",
			own: { limits: { "example.com/gpu": 1 } },
			filled: { requests: NOW.requests, limits: { ...NOW.limits, "example.com/gpu": 1 } },
		},
	])("$reason", ({ own, filled }) => {
		expect(withDefaultResources(own, NOW)).toEqual(filled);
		expect(withDefaultResources(own, undefined)).toBe(own);
	});

	it("has no default request above a default limit", () => {
		expect(withDefaultResources({}, { requests: { cpu: 1 }, limits: { cpu: "100m" } })).toEqual({
			requests: { cpu: "100m" },
			limits: { cpu: "100m" },
		});
	});

	it("is left as it is where there are no defaults", () => {
		expect(withDefaultResources(undefined, {})).toBeUndefined();
	});
});

describe("defaults of a workload", () => {
	const workload = (annotations: Record<string, string>, restartedAt?: string): KubeObject => ({
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { name: "a", annotations },
		spec: {
			template: {
				metadata: { annotations: restartedAt === undefined ? {} : { [RESTARTED_AT_ANNOTATION]: restartedAt } },
			},
		},
	});
	const made = (restartedAt?: string) => workload(recording({ name: "a" }, THEN).annotations ?? {}, restartedAt);

	it.each([
		{ reason: "a new one has the installation's", observed: undefined, restartedAt: undefined, is: NOW },
		{ reason: "one keeps those it was made with", observed: made(), restartedAt: undefined, is: THEN },
		{ reason: "one from before has none", observed: workload({}), restartedAt: undefined, is: undefined },
		{ reason: "a restart takes the present ones", observed: made(), restartedAt: "1", is: NOW },
		{ reason: "one from before, too", observed: workload({}, "0"), restartedAt: "1", is: NOW },
		{ reason: "once it is restarted it keeps them", observed: made("1"), restartedAt: "1", is: THEN },
		{
			reason: "what makes no sense is none",
			observed: workload({ [DEFAULT_RESOURCES_ANNOTATION]: "{" }),
			restartedAt: undefined,
			is: undefined,
		},
		{
			reason: "nor are other values",
			observed: workload({ [DEFAULT_RESOURCES_ANNOTATION]: '{"requests":{"cpu":"much"}}' }),
			restartedAt: undefined,
			is: undefined,
		},
	])("$reason", ({ observed, restartedAt, is }) => {
		expect(defaultResources(observed, { resources: NOW }, restartedAt)).toEqual(is);
	});

	it("leaves the metadata of one from before as it is", () => {
		const metadata = { name: "a" };
		expect(recording(metadata, undefined)).toBe(metadata);
	});
});

describe("amounts that the API server would reject", () => {
	it.each<[name: string, amount: string, says: string[]]>([
		["hugepages-2Mi", "4Mi", []],
		["hugepages-2Mi", "3Mi", ['spec.limits.hugepages-2Mi: must be a multiple of 2Mi, got "3Mi"']],
		["hugepages-1Gi", "512Mi", ['spec.limits.hugepages-1Gi: must be a multiple of 1Gi, got "512Mi"']],
		["memory", "-1", ['spec.limits.memory: must not be below zero, got "-1"']],
	])("%s: %s", (name, amount, says) =>
		expect(resourceProblems({ limits: { cpu: 1, [name]: amount } }, "spec").map(problemText)).toEqual(says),
	);
});
