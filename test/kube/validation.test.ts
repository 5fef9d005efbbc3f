import { describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { objectProblems } from "../../kube/validation.ts";
import type { KindDescriptor, KubeObject } from "../../schemas/common.ts";
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
