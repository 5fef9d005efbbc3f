import { expect, it } from "vitest";
import { isYielded, yielded, yielding } from "../../kube/contested-fields.ts";
import { withLastApplied } from "../../kube/dynamic-apply.ts";
import { yieldedFields } from "../../kube/last-sent.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";

const child = (spec: object, hash = "1"): KubeObject => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: { name: "a", annotations: { [DESIRED_HASH_ANNOTATION]: hash } },
	spec,
});
/** As it is stored after `sent` was applied, and another client changed its spec. */
const stored = (sent: KubeObject, spec: unknown): KubeObject => ({ ...withLastApplied(sent, sent), spec });
const WANTED = child({ a: 1, b: 1 });
const GIVEN = yielding(WANTED, stored(WANTED, { a: 2, b: 1 }));

it("a field that is changed after every write is sent as it is stored, and remembered", () => {
	expect(GIVEN["spec"]).toEqual({ a: 2, b: 1 });
	expect(yieldedFields(GIVEN)).toEqual({ stored: new Map([["spec.a", 1]]), sent: new Set() });
	expect([isYielded(GIVEN, "spec.a"), isYielded(GIVEN, "spec.b"), isYielded(WANTED, "spec.a")]).toEqual([
		true,
		false,
		false,
	]);
});

it("nothing is yielded where all is as it was sent", () => {
	expect(yielding(WANTED, stored(WANTED, { a: 1, b: 1, added: 1 }))).toBe(WANTED);
});

it.each([
	{ reason: "it goes on as stored", there: stored(GIVEN, { a: 2, b: 1 }), spec: { a: 2, b: 1 }, sent: [] },
	{
		reason: "changed again, it is sent as the spec has it",
		there: stored(GIVEN, { a: 3, b: 1 }),
		spec: { a: 1, b: 1 },
		sent: ["spec.a"],
	},
	{ reason: "another field is still corrected", there: stored(GIVEN, { a: 2, b: 2 }), spec: { a: 2, b: 1 }, sent: [] },
])("of what was yielded: $reason", ({ there, spec, sent }) => {
	const next = yielded(WANTED, there);
	expect(next["spec"]).toEqual(spec);
	expect([...yieldedFields(next).sent]).toEqual(sent);
});

it("what was changed again is not yielded a second time", () => {
	const again = yielded(WANTED, stored(GIVEN, { a: 3, b: 1 }));
	const next = yielding(again, stored(again, { a: 3, b: 1 }));
	expect([next, isYielded(next, "spec.a")]).toEqual([again, true]);
});

it.each([
	["it is not there", undefined],
	["nothing was yielded", stored(WANTED, { a: 2, b: 1 })],
	["an edit came after it", stored({ ...GIVEN, metadata: child({}, "0").metadata }, { a: 2, b: 1 })],
])("the child is sent as wanted where %s", (_reason, there) => {
	expect(yielded(WANTED, there)).toBe(WANTED);
});
