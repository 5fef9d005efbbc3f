import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { knownParts, parseBody } from "../../server/body.ts";
import { Refusal } from "../../server/rejected-request.ts";

// Bodies whose parts come again are parsed to the same as others.

const CONTROLLER = { kind: "DecoratorController", spec: { resources: [], note: "x".repeat(200) } };
const ROSTERS = {
	"PrismRoster.prism.io/v1alpha1": Object.fromEntries(
		Array.from({ length: 16 }, (_, index) => [`team/prism-${index}`, { spec: { instances: [], weight: index } }]),
	),
};

const decorated = (object: unknown, { controller = CONTROLLER, related = ROSTERS, finalizing = false }: Change = {}) =>
	JSON.stringify({ controller, object, attachments: {}, related, finalizing });

interface Change {
	readonly controller?: unknown;
	readonly related?: unknown;
	readonly finalizing?: boolean;
}

type Body = Record<"controller" | "object" | "related", unknown>;

const parser = () => {
	const parts = knownParts();
	return (text: string) => parseBody(Buffer.from(text), parts) as Body;
};

/** What comes of a body: its text, in which the order of fields can be seen, or why it is refused. */
const fateOf = (parse: () => unknown): unknown => {
	try {
		return JSON.stringify(parse());
	} catch (error) {
		if (error instanceof Refusal) return [error.status, error.body];
		throw error;
	}
};

describe("parts that come again", () => {
	test("are one object in all bodies, from the third on", () => {
		const parse = parser();
		const bodies = Array.from({ length: 4 }, (_, index) => parse(decorated({ name: `tenant-${index}` })));
		expect(bodies.map(({ object }) => object)).toEqual([0, 1, 2, 3].map((index) => ({ name: `tenant-${index}` })));
		for (const body of bodies) expect(body).toMatchObject({ controller: CONTROLLER, related: ROSTERS });
		expect(bodies[3]?.related).toBe(bodies[2]?.related);
		expect(bodies[3]?.controller).toBe(bodies[2]?.controller);
		expect(bodies[2]?.related).not.toBe(bodies[0]?.related);
	});

	test("are so beside what Go escapes, and not beside a letter of a key that could harm", () => {
		const shared = (sequence: string): boolean => {
			const parse = parser();
			const text = decorated({ name: "tenant", note: "HERE" }).replace("HERE", sequence);
			const bodies = [1, 2, 3, 4].map(() => parse(text));
			expect(bodies[3]).toEqual(JSON.parse(text));
			return bodies[3]?.related === bodies[2]?.related;
		};
		for (const sequence of ["\\u0026", "\\u003c", "\\u003E", "\\u0001"])
			expect([sequence, shared(sequence)]).toEqual([sequence, true]);
		for (const letter of "_prot") {
			const sequence = `\\u00${letter.charCodeAt(0).toString(16)}`;
			expect([letter, shared(sequence)]).toEqual([letter, false]);
			expect([letter, shared(sequence.toUpperCase().replace("U", "u"))]).toEqual([letter, false]);
		}
	});

	test("can't be changed by who is given them, down to the last field", () => {
		const parse = parser();
		const [, , third] = Array.from({ length: 3 }, (_, index) => parse(decorated({ name: `tenant-${index}` })));
		const { related, object } = third as { related: typeof ROSTERS; object: { name: string } };
		const roster = related["PrismRoster.prism.io/v1alpha1"]["team/prism-0"] as { spec: { weight: number } };
		expect(() => {
			roster.spec.weight = 9;
		}).toThrow(TypeError);
		object.name = "other";
		expect(parse(decorated({ name: "tenant" })).related).toEqual(ROSTERS);
	});

	test("are others as soon as one byte is another", () => {
		const parse = parser();
		const text = decorated({ name: "tenant" });
		for (let turn = 0; turn < 3; turn++) parse(text);
		for (let weight = 0; weight < 16; weight++) {
			const changed = text.replace(`"weight":${weight}}`, `"weight":${(weight + 1) % 10}}`);
			expect(parse(changed)).toEqual(JSON.parse(changed));
		}
		expect(parse(text)).toEqual(JSON.parse(text));
	});

	test("of a composite are found behind its children", () => {
		const parse = parser();
		const text = (name: string) =>
			JSON.stringify({
				controller: CONTROLLER,
				parent: { name, related: { of: "its own" } },
				children: { "Service.v1": { related: { too: 1 } } },
				related: ROSTERS,
				finalizing: true,
			});
		const [, , third, fourth] = ["a", "b", "c", "d"].map((name) => {
			const body = parse(text(name));
			expect(body).toEqual(JSON.parse(text(name)));
			return body;
		});
		expect(fourth?.related).toBe(third?.related);
	});

	test("a key that could harm is taken out of them as well", () => {
		const parse = parser();
		const harmful = decorated({ name: "a" }).replace('"weight":7', '"__proto__":{"polluted":1},"weight":7');
		for (let turn = 0; turn < 4; turn++) {
			expect(parse(harmful)).toEqual(JSON.parse(decorated({ name: "a" })));
			expect(parse(decorated({ name: "b" }))).toEqual(JSON.parse(decorated({ name: "b" })));
		}
	});

	test("nest no deeper than others", () => {
		const parse = parser();
		const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
		const body = (levels: number) => decorated({}, { related: { deep: "HERE" } }).replace('"HERE"', nested(levels));
		for (let turn = 0; turn < 4; turn++) {
			const parsed: unknown = JSON.parse(body(510));
			expect(parse(body(510))).toEqual(parsed);
			expect(parse(body(511))).toEqual(JSON.parse(body(510).replace("[]]", "[null]]")));
		}
	});
});

// ── Laws ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const NAMES = fc.oneof(
	{
		arbitrary: fc.constantFrom("controller", "object", "parent", "related", "finalizing", 'a","related":{'),
		weight: 50,
	},
	{ arbitrary: fc.constantFrom("__proto__", "constructor"), weight: 1 },
);
const values = fc.letrec<{ value: unknown; fields: object }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 3 },
		fc.oneof(NAMES, fc.constantFrom(',"related":{}', "\u2028ü😀"), fc.integer(), fc.boolean(), fc.constant(null)),
		tie("fields"),
		fc.array(tie("value"), { maxLength: 3 }),
	),
	fields: fc.dictionary(fc.oneof(NAMES, fc.constantFrom("x", "y")), tie("value"), { maxKeys: 4 }),
}));
const FIELDS = values.fields;

/** In Metacontroller's order or another, with members that are doubled or left out. */
const bodies = fc
	.record({
		controller: FIELDS,
		middle: fc.array(fc.tuple(fc.constantFrom("object", "parent", "children", "related", "controller"), FIELDS), {
			maxLength: 4,
		}),
		related: FIELDS,
		finalizing: fc.boolean(),
	})
	.map(({ controller, middle, related, finalizing }) => {
		const members = [["controller", controller] as const, ...middle, ["related", related], ["finalizing", finalizing]];
		return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
	});

describe("whatever a body is", () => {
	test("its parts make no difference", () => {
		fc.assert(
			fc.property(fc.array(bodies, { minLength: 1, maxLength: 3 }), (texts) => {
				const parts = knownParts();
				for (let turn = 0; turn < 3; turn++) {
					for (const text of texts) {
						const bytes = Buffer.from(text);
						expect(fateOf(() => parseBody(bytes, parts))).toEqual(fateOf(() => parseBody(bytes)));
					}
				}
			}),
			{ numRuns: 500 },
		);
	});

	test("nor do they where it is broken", () => {
		const parts = knownParts();
		const whole = Buffer.from(decorated({ name: "tenant", related: { x: '","related":' } }));
		for (let turn = 0; turn < 3; turn++) parseBody(whole, parts);
		fc.assert(
			fc.property(
				fc.nat(whole.length),
				fc.nat(40),
				fc.constantFrom("", '"', "{", "}", ",", ":", ',"related":{}', ',"related":{"a":1},"finalizing":true}', "\\"),
				(at, cut, put) => {
					const bytes = Buffer.concat([whole.subarray(0, at), Buffer.from(put), whole.subarray(at + cut)]);
					expect(fateOf(() => parseBody(bytes, parts))).toEqual(fateOf(() => parseBody(bytes)));
				},
			),
			{ numRuns: 1000 },
		);
	});
});
