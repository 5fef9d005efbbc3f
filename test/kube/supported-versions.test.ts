import { expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { customResourceDefinition } from "../../kube/crd.ts";
import { isRecord, recordsAt } from "../../kube/object.ts";
import { OLDEST } from "../../kube/supported-versions.ts";

// What the CRDs ask of an API server, held to what the oldest supported one has. It refuses, or drops, what only newer ones know.

/** https://kubernetes.io/docs/reference/using-api/cel/ as it was for that version. */
const FUNCTIONS = new Set(
	[
		"has all exists exists_one map filter",
		"size matches startsWith endsWith contains int uint double string bytes bool type duration timestamp",
		"isSorted sum min max indexOf lastIndexOf find findAll url isURL",
		"charAt join lowerAscii replace split substring trim upperAscii",
	].flatMap((line) => line.split(" ")),
);
const RULE_FIELDS = new Set(["rule", "message", "messageExpression", "reason", "fieldPath"]);
const VERSION_FIELDS = new Set([
	"name",
	"served",
	"storage",
	"deprecated",
	"schema",
	"subresources",
	"additionalPrinterColumns",
]);

const recordsBelow = (value: unknown): Record<string, unknown>[] => {
	if (Array.isArray(value)) return value.flatMap(recordsBelow);
	return isRecord(value) ? [value, ...Object.values(value).flatMap(recordsBelow)] : [];
};
const rulesOf = (definition: unknown) =>
	recordsBelow(definition).flatMap((schema) => recordsAt(schema, "x-kubernetes-validations"));

/** Functions that a rule calls; what it quotes is no call. */
const callsOf = (rule: string): string[] =>
	[...rule.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g, "''").matchAll(/([A-Za-z_]\w*)\(/g)].map(
		([, name]) => name ?? "",
	);

it("is 1.28: this list is that version's", () => {
	expect(OLDEST.kubernetes).toEqual([1, 28]);
});

it.each(KINDS.map((kind) => [kind.kind, customResourceDefinition(kind)] as const))(
	"knows every function and field of %s",
	(_kind, definition) => {
		const rules = rulesOf(definition);
		expect(rules.flatMap(({ rule }) => callsOf(String(rule))).filter((name) => !FUNCTIONS.has(name))).toEqual([]);
		expect(rules.flatMap((rule) => Object.keys(rule)).filter((field) => !RULE_FIELDS.has(field))).toEqual([]);
		const versions = recordsAt(definition, "spec", "versions").flatMap((version) => Object.keys(version));
		expect(versions.filter((field) => !VERSION_FIELDS.has(field))).toEqual([]);
	},
);

it("does not know what came later", () => {
	expect(KINDS.flatMap((kind) => rulesOf(customResourceDefinition(kind))).length).toBeGreaterThan(50);
	const later = callsOf("quantity(self.size).isGreaterThan(quantity('1(')) || self.text.matches('^ip(')");
	expect(later).toEqual(["quantity", "isGreaterThan", "quantity", "matches"]);
	expect(later.filter((name) => !FUNCTIONS.has(name))).toHaveLength(3);
});
