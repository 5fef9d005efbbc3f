import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { readerOf } from "../../kube/read.ts";
import { isRefusal } from "../../kube/refusal.ts";
import { objectProblems } from "../../kube/validation.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
import { findingText } from "../../schemas/messages/text.ts";
import { PatternRunner } from "../../schemas/patternrunner.ts";
import { PrismStack } from "../../schemas/prismstack.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { RULE_CASES } from "../integration/rule-cases.ts";

const object = (kind: string, spec: unknown, name = "case"): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name, namespace: "n" },
	spec,
});

const kindNamed = (name: string): KindDescriptor => {
	const row = REGISTRY.find(({ parent }) => parent.kind === name);
	if (row === undefined) throw new Error(`no kind ${name}`);
	return row.parent;
};

describe("what is wrong with an object", () => {
	it.each([
		{ reason: "nothing", kind: PrismStack, spec: {}, problems: [] },
		{ reason: "a field nobody knows", kind: PrismStack, spec: { proxi: {} }, problems: ["spec.proxi: unknown field"] },
		{
			reason: "in a list",
			kind: PrismStack,
			spec: { patterns: [{ name: "a", type: "b", backend: "c", x: 1 }] },
			problems: ["spec.patterns[0].x: unknown field"],
		},
		{ reason: "in a map", kind: PrismStack, spec: { proxy: { service: { annotations: { a: "b" } } } }, problems: [] },
		{
			reason: "several at once, unknown ones first",
			kind: PrismStack,
			spec: { proxy: { port: 0, prot: 1 }, admin: { enabled: "yes" } },
			problems: [
				"spec.proxy.prot: unknown field",
				"spec.proxy.port: expected integer to be greater or equal to 1, got 0",
				'spec.admin.enabled: expected boolean, got "yes"',
			],
		},
		{
			reason: "free-form data is anybody's",
			kind: PatternRunner,
			spec: { pattern: "p", backend: "b", config: { any: { thing: [1] } } },
			problems: [],
		},
		{
			reason: "required fields",
			kind: PatternRunner,
			spec: { pattern: "p" },
			problems: ["spec.backend: expected required property", "spec.backend: expected string"],
		},
		{
			reason: "no spec",
			kind: PatternRunner,
			spec: undefined,
			problems: [
				"spec.pattern: expected required property",
				"spec.backend: expected required property",
				"spec.pattern: expected string",
				"spec.backend: expected string",
			],
		},
		{
			reason: "a spec that is no object",
			kind: PatternRunner,
			spec: "broken",
			problems: ['spec: expected object, got "broken"'],
		},
		{
			reason: "rules are left for when the types are right",
			kind: PrismStack,
			spec: { proxy: { port: 8981 }, admin: { port: "x" } },
			problems: ['spec.admin.port: expected integer, got "x"'],
		},
		{
			reason: "a rule names its field",
			kind: PrismStack,
			spec: { proxy: { port: 8981 } },
			problems: ["spec.proxy.adminPort: adminPort must differ from port: the proxy serves both at once"],
		},
	])("$reason", ({ kind, spec, problems }) => {
		expect(objectProblems(kind, object(kind.kind, spec))).toEqual(problems);
	});

	it.each([
		{
			reason: "a choice lists what there is",
			spec: { proxy: { service: { type: "Public" } } },
			message: 'must be one of ClusterIP, NodePort, LoadBalancer, got "Public"',
		},
		{
			reason: "a quantity shows some",
			spec: { proxy: { resources: { limits: { cpu: "much" } } } },
			message: 'spec.proxy.resources.limits.cpu: must be a quantity such as 500m, 2 or 1Gi, got "much"',
		},
		{
			reason: "an amount below zero",
			spec: { proxy: { resources: { limits: { cpu: "-1" } } } },
			message: 'spec.proxy.resources.limits.cpu: must not be below 0, got "-1"',
		},
		{
			reason: "a size below zero",
			spec: { proxy: { volumes: [{ name: "v", emptyDir: { sizeLimit: -1 } }] } },
			message: "spec.proxy.volumes[0].emptyDir.sizeLimit: must not be below 0, got -1",
		},
		{
			reason: "a fraction that is a number, which the API server does not take either",
			spec: { proxy: { resources: { requests: { cpu: 0.5 } } } },
			message:
				"spec.proxy.resources.requests.cpu: numbers with a fraction are not accepted: write it in quotes, got 0.5",
		},
		{
			reason: "days",
			spec: { namespaces: [{ name: "a", ttl: "7d" }] },
			message: 'spec.namespaces[0].ttl: must be a duration such as 30s, 1h30m, or 168h for 7 days, got "7d"',
		},
		{
			reason: "a key with a slash",
			spec: { proxy: { resources: { limits: { "a.b/c~d": "much" } } } },
			message: "limits.a.b/c~d: must be a quantity",
		},
		{
			reason: "a place in a list",
			spec: { patterns: [{ name: "a", type: "b", backend: "c" }, { name: "B" }] },
			message: "spec.patterns[1].name:",
		},
		{
			reason: "a URL is not quoted: it may hold a password",
			spec: { backends: [{ name: "r", type: "c", connectionString: " redis://:hunter2@r" }] },
			message: "spec.backends[0].connectionString: expected string to match",
		},
	])("is said so that it can be mended: $reason", ({ spec, message }) => {
		const read = readerOf(PrismStack)(object("PrismStack", spec));
		if (!isRefusal(read)) throw new Error("was not refused");
		expect(read.finding.reason).toBe("InvalidSpec");
		const text = findingText(read.finding);
		expect(text).toContain(message);
		expect(text).not.toContain("hunter2");
		expect(text).not.toContain("undefined");
	});

	it("fills in defaults, and leaves what it was given alone", () => {
		const given = object("PrismStack", { proxy: {} });
		const read = readerOf(PrismStack)(given);
		if (isRefusal(read)) throw new Error(read.finding.reason);
		expect(read.spec.proxy).toMatchObject({ port: 9090, adminPort: 8981, replicas: 1 });
		expect(given["spec"]).toEqual({ proxy: {} });
	});
});

describe("rules", () => {
	const problems = (kind: string, { name, spec }: { name?: string; spec: unknown }) =>
		objectProblems(kindNamed(kind), object(kind, spec, name)).join("; ");

	it.each(RULE_CASES)("$kind: $message", ({ kind, message, before, accepted, rejected }) => {
		expect(problems(kind, accepted)).toBe("");
		// Behind a field, a message begins with a small letter. A rule about a change says nothing of one object alone.
		if (before === undefined) expect(problems(kind, rejected)).toContain(message.slice(1));
		else expect(problems(kind, rejected)).toBe("");
	});
});
