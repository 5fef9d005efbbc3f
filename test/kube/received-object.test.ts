import { describe, expect, it } from "vitest";
import { defaulted, readerOf, specProblems } from "../../kube/received-object.ts";
import { isRefusal } from "../../kube/spec-refusal.ts";
import { PrismStack } from "../../schemas/prismstack.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";

const object = (spec?: unknown) => ({
	apiVersion: API_VERSION,
	kind: "PrismStack",
	metadata: { name: "case", namespace: "n" },
	spec,
});
const proxy = (field: object) => ({ proxy: field });
const limits = (cpu: unknown) => proxy({ resources: { limits: { cpu } } });
const CPU = "spec.proxy.resources.limits.cpu";

describe("a field that is wrong", () => {
	it.each([
		{
			reason: "a choice lists what there is",
			spec: proxy({ service: { type: "Public" } }),
			problem: {
				field: "spec.proxy.service.type",
				expected: { oneOf: ["ClusterIP", "NodePort", "LoadBalancer"] },
				got: "Public",
			},
		},
		{ reason: "no quantity", spec: limits("much"), problem: { field: CPU, expected: { quantity: true }, got: "much" } },
		{
			reason: "an amount below zero",
			spec: limits("-1"),
			problem: { field: CPU, expected: { words: "must not be below 0" }, got: "-1" },
		},
		{
			reason: "a size below zero",
			spec: proxy({ volumes: [{ name: "v", emptyDir: { sizeLimit: -1 } }] }),
			problem: {
				field: "spec.proxy.volumes[0].emptyDir.sizeLimit",
				expected: { words: "must not be below 0" },
				got: -1,
			},
		},
		{
			reason: "a fraction that is a number, which the API server does not take either",
			spec: limits(0.5),
			problem: { field: CPU, expected: { quoted: true }, got: 0.5 },
		},
		{
			reason: "a key with a slash",
			spec: proxy({ resources: { limits: { "a.b/c~d": "much" } } }),
			problem: { field: "spec.proxy.resources.limits.a.b/c~d", expected: { quantity: true }, got: "much" },
		},
		{
			reason: "a pattern is in the words of its field",
			spec: { namespaces: [{ name: "a", ttl: "7d" }] },
			problem: { field: "spec.namespaces[0].ttl", got: "7d" },
		},
		{
			reason: "a place in a list",
			spec: {
				patterns: [
					{ name: "a", type: "b", backend: "c" },
					{ name: "B", type: "b", backend: "c" },
				],
			},
			problem: { field: "spec.patterns[1].name", got: "B" },
		},
		{ reason: "a type", spec: { admin: { enabled: "yes" } }, problem: { field: "spec.admin.enabled", got: "yes" } },
	])("is named with what is expected: $reason", ({ spec, problem }) => {
		const read = readerOf(PrismStack)(object(spec));
		expect(read).toMatchObject({ finding: { reason: "InvalidSpec", problems: [problem] } });
		const all = specProblems(PrismStack, object(spec));
		expect(all.filter(({ field }) => field === problem.field)).toMatchObject([problem]);
	});

	it("is not quoted, if it may hold a password", () => {
		const spec = { backends: [{ name: "r", type: "c", connectionString: " redis://:hunter2@r" }] };
		expect(JSON.stringify(readerOf(PrismStack)(object(spec)))).not.toContain("hunter2");
	});

	it("hides no other", () => {
		const spec = { proxy: { port: 0 }, admin: { port: 0 } };
		expect(specProblems(PrismStack, object(spec)).map(({ field }) => field)).toEqual([
			"spec.proxy.port",
			"spec.admin.port",
		]);
		expect(specProblems(PrismStack, object({ proxy: { config: { a: 2 ** 60 } } }))).toHaveLength(1);
	});
});

it("fills in defaults, and leaves what it was given alone", () => {
	const given = object({ proxy: {} });
	const read = readerOf(PrismStack)(given);
	if (isRefusal(read)) throw new Error(read.finding.reason);
	expect(read.spec.proxy).toMatchObject({ port: 9090, adminPort: 8981, replicas: 1 });
	expect(defaulted(PrismStack, given)).toEqual(read.spec);
	expect(given.spec).toEqual({ proxy: {} });
	expect(defaulted(PrismStack, object())).toMatchObject({ proxy: { port: 9090 } });
});
