import { describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { isRecord, valueAt } from "../../kube/object.ts";
import { rowOf } from "../../plugin/render/render.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { settle, sync } from "../laws/cluster.ts";
import { undocumented } from "../laws/findings.ts";
import { asComposite } from "../world/decorators.ts";
import { stored } from "../world/stored.ts";
import { type Case, casesOfToday, definitionsOfToday, readBaseline, scenarioOf } from "./baseline.ts";
import { type Finding, incompatibilities } from "./compatible.ts";
import { type Difference, INTENDED_CASES, INTENDED_CHILDREN, INTENDED_SCHEMAS } from "./differences.ts";

// Two versions at once: while replicas are replaced, requests go to the one and to the other in turn. Each has to go on
// with what the other made, and neither may roll a pod or delete a child because of the other.

const BASELINE = readBaseline();
const used = new Set<Difference>();

const isIntended = (list: readonly Difference[], kind: string, path: string): boolean => {
	const found = list.find(
		(entry) =>
			(entry.kind === kind || entry.kind === "*") &&
			(typeof entry.path === "string"
				? path === entry.path || path.startsWith(`${entry.path}.`)
				: entry.path.test(path)),
	);
	if (found) used.add(found);
	return found !== undefined;
};

/** Paths at which two values differ. */
const differing = (one: unknown, other: unknown, path = ""): string[] => {
	if (JSON.stringify(one) === JSON.stringify(other)) return [];
	if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
		return one.flatMap((item, index) => differing(item, other[index], `${path}.${index}`));
	if (!isRecord(one) || !isRecord(other)) return [path.slice(1)];
	return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((name) =>
		differing(one[name], other[name], `${path}.${name}`),
	);
};

const titleOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;

/** What a version leaves out of, adds to or changes in the children of the other. */
const quarrels = (theirs: readonly KubeObject[], mine: readonly KubeObject[]): string[] => {
	const others = new Map(mine.map((child) => [titleOf(child), child]));
	const known = new Set(theirs.map(titleOf));
	return [
		...theirs.flatMap((child) => {
			const other = others.get(titleOf(child));
			if (other === undefined)
				return isIntended(INTENDED_CHILDREN, child.kind, "") ? [] : [`${titleOf(child)} is deleted`];
			return differing(child, other)
				.filter((path) => !isIntended(INTENDED_CHILDREN, child.kind, path))
				.map((path) => `${titleOf(child)} is changed at ${path}`);
		}),
		...mine
			.filter((child) => !known.has(titleOf(child)) && !isIntended(INTENDED_CHILDREN, child.kind, ""))
			.map((child) => `${titleOf(child)} is new, and the other version deletes it`),
	];
};

const rowFor = (parent: KubeObject) => {
	const row = rowOf(parent);
	if (row === undefined) throw new Error(`no hook answers for ${parent.kind}`);
	return asComposite(row);
};

describe(`beside version ${BASELINE.version}`, () => {
	it("there is something to compare", () => {
		expect(BASELINE.cases.length).toBeGreaterThan(60);
		expect(new Set(BASELINE.cases.map(({ parent }) => parent.kind)).size).toBe(6);
		expect(BASELINE.cases.flatMap(({ children }) => children).length).toBeGreaterThan(150);
	});

	it.each(INTENDED_CASES)("has cases of $name", ({ name }) => {
		expect(BASELINE.cases.some((recorded) => name.test(recorded.name))).toBe(true);
	});

	const compared = BASELINE.cases.filter((recorded) => !INTENDED_CASES.some(({ name }) => name.test(recorded.name)));
	it.each(compared.map((recorded) => [recorded.name, recorded] as const))(
		"goes on with what it made of %s",
		(_, recorded: Case) => {
			const row = rowFor(recorded.parent);
			const scenario = scenarioOf(recorded);
			const present = recorded.children.map((child) => stored(child, recorded.parent, undefined));
			// At the first call, and once it has come to rest.
			const first = sync(row, scenario, present);
			expect(quarrels(recorded.children, first.children)).toEqual([]);
			const { answer } = settle(row, scenario, present);
			expect(quarrels(recorded.children, answer.children)).toEqual([]);
			const [before, after] = [recorded.status, answer.status].map((status) =>
				conditionOf({ ...recorded.parent, status }, "Ready"),
			);
			expect([after?.status, after?.reason]).toEqual([before?.status, before?.reason]);
			// The API server drops what a definition does not know: a status of the one is whole under the other's.
			expect(undocumented(row, recorded.status)).toEqual([]);
		},
	);

	it("would find a pod template that rolls, and a child that is lost", () => {
		const recorded = BASELINE.cases.find(({ children }) => children.some(({ kind }) => kind === "Deployment"));
		const children = recorded?.children ?? [];
		const rolled = children.map((child) => {
			const template = valueAt(child, "spec", "template");
			if (child.kind !== "Deployment" || !isRecord(template) || !isRecord(child["spec"])) return child;
			return { ...child, spec: { ...child["spec"], template: { ...template, x: 1 } } };
		});
		expect(quarrels(children, rolled).some((text) => /is changed at spec\.template\.x/.test(text))).toBe(true);
		expect(quarrels(children, children.slice(1))).toEqual([expect.stringContaining("is deleted")]);
		expect(quarrels(children.slice(1), children)).toEqual([expect.stringContaining("deletes it")]);
	});
});

describe("the kinds", () => {
	const after = definitionsOfToday();
	const findings = BASELINE.definitions.flatMap((before) => {
		const kind = String(valueAt(before, "spec", "names", "kind"));
		const now = after.find(({ metadata }) => metadata.name === before.metadata.name);
		return incompatibilities(before, now)
			.filter(({ path, what }) => !isIntended(INTENDED_SCHEMAS, kind, `${path}: ${what}`))
			.map(({ path, what }) => `${kind} ${path}: ${what}`);
	});

	it("take every object that the version before took", () => {
		expect(findings).toEqual([]);
	});

	const [first] = BASELINE.definitions;
	const spec = {
		type: "object",
		properties: { a: { type: "string", enum: ["x", "y"], maxLength: 5 }, n: { type: "integer", minimum: 1 } },
		required: ["a"],
	};
	const definition = (schema: object, version: object = {}): KubeObject => ({
		...(first as KubeObject),
		spec: {
			group: "g",
			scope: "Namespaced",
			names: { kind: "K", plural: "ks" },
			versions: [
				{ name: "v1", served: true, subresources: { status: {} }, ...version, schema: { openAPIV3Schema: schema } },
			],
		},
	});
	it.each<[string, KubeObject | undefined, string]>([
		["a kind that is gone", undefined, "the kind is gone"],
		["a field that is gone", definition({ ...spec, properties: { a: spec.properties.a } }), "v1.n: the field is gone"],
		["a new required field", definition({ ...spec, required: ["a", "n"] }), "v1: n became required"],
		[
			"another type",
			definition({ ...spec, properties: { ...spec.properties, n: { type: "string" } } }),
			"v1.n: type changed",
		],
		[
			"an enum's value that is gone",
			definition({ ...spec, properties: { ...spec.properties, a: { ...spec.properties.a, enum: ["x"] } } }),
			"v1.a: a value of the enum is gone",
		],
		[
			"a lower bound",
			definition({ ...spec, properties: { ...spec.properties, a: { ...spec.properties.a, maxLength: 4 } } }),
			"v1.a: maxLength was lowered",
		],
		[
			"a new bound",
			definition({ ...spec, properties: { ...spec.properties, n: { ...spec.properties.n, maximum: 9 } } }),
			"v1.n: maximum was lowered",
		],
		[
			"a higher bound",
			definition({ ...spec, properties: { ...spec.properties, n: { type: "integer", minimum: 2 } } }),
			"v1.n: minimum was raised",
		],
		[
			"a pattern",
			definition({ ...spec, properties: { ...spec.properties, a: { ...spec.properties.a, pattern: "^x" } } }),
			"v1.a: pattern changed",
		],
		[
			"another default",
			definition({ ...spec, properties: { ...spec.properties, a: { ...spec.properties.a, default: "x" } } }),
			"v1.a: default changed",
		],
		[
			"a rule",
			definition({ ...spec, "x-kubernetes-validations": [{ rule: "self.n > 3", message: "m" }] }),
			"v1: a rule is new: self.n > 3",
		],
		[
			"a rule with an alternative that is none of the new fields",
			definition({ ...spec, "x-kubernetes-validations": [{ rule: "self.n > 3 || !has(self.a)", message: "m" }] }),
			"v1: a rule is new: self.n > 3 || !has(self.a)",
		],
		["a status that is gone", definition(spec, { subresources: {} }), "v1: the status subresource is gone"],
		["a version that is not served", definition(spec, { served: false }), "v1: service of the version is gone"],
	])("%s would be found", (_, changed, expected) => {
		const found: Finding[] = incompatibilities(definition(spec), changed);
		expect(found.map(({ path, what }) => (path === "" ? what : `${path}: ${what}`))).toEqual([expected]);
	});

	it("may grow: fields, values, wider bounds", () => {
		const wider = {
			...spec,
			properties: {
				a: { type: "string", enum: ["x", "y", "z"], maxLength: 9 },
				n: { type: "integer" },
				more: { type: "object" },
			},
			required: [],
		};
		expect(incompatibilities(definition(spec), definition(wider))).toEqual([]);
		const rule = (text: string) => ({ "x-kubernetes-validations": [{ rule: text, message: "m" }] });
		const onNew = { ...wider, ...rule("self.n > 3 || !has(self.more)") };
		expect(incompatibilities(definition(spec), definition(onNew))).toEqual([]);
		const [ruled, lax] = ["self.n > 3", "!has(self.n) || self.n > 3"].map((text) => ({ ...spec, ...rule(text) }));
		expect(incompatibilities(definition(ruled ?? {}), definition(lax ?? {}))).toEqual([]);
		const text = (options: object) => definition({ type: "object", properties: { a: { type: "string", ...options } } });
		expect(incompatibilities(text({ pattern: "^a\\.b$" }), text(rule("self.matches('^a[.]b$')")))).toEqual([]);
	});
});

it("no difference is listed that is none", () => {
	expect([...INTENDED_CHILDREN, ...INTENDED_SCHEMAS].filter((entry) => !used.has(entry))).toEqual([]);
});

it("what is recorded can be recorded again", () => {
	expect(casesOfToday().length).toBeGreaterThan(60);
});
