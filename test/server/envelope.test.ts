import { Type } from "@sinclair/typebox";
import { describe, expect, test } from "vitest";
import { compileEnvelope } from "../../server/envelope.ts";
import { syncBody, toyApp, toyRow } from "./toy.ts";

const text = (change: Record<string, unknown> = {}) => JSON.stringify(syncBody(change));

describe("the first place that is wrong", () => {
	const child = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };
	const fill = (fields: number, value: unknown) =>
		Object.fromEntries(Array.from({ length: fields }, (_, index) => [`a/${index}`, value]));

	test.each([
		{ reason: "of very many", children: { "ConfigMap.v1": fill(50_000, 0) }, field: "/children/ConfigMap.v1/a~10" },
		{
			reason: "after very many that are right",
			children: { "ConfigMap.v1": fill(49_000, child), "~Secret.v1": { x: { ...child, metadata: {} } } },
			field: "/children/~0Secret.v1/x/metadata/name",
		},
		{
			reason: "among very many labels",
			children: { a: { b: { ...child, metadata: { name: "x", labels: { ...fill(49_000, ""), z: 1 } } } } },
			field: "/children/a/b/metadata/labels/z",
		},
		{ reason: "a list instead of a map", children: [], field: "/children" },
		{
			reason: "an owner",
			children: { a: { b: { ...child, metadata: { name: "x", ownerReferences: [1] } } } },
			field: "/children/a/b/metadata/ownerReferences/0",
		},
	])("$reason is told within 5 seconds", async ({ children, field }) => {
		const { app, post } = toyApp(toyRow());
		await app.ready();
		const body = text({ children });
		const began = performance.now();
		const response = await post("/toy/sync", body);
		expect(performance.now() - began).toBeLessThan(5000);
		expect(response.statusCode).toBe(400);
		expect(response.json()).toMatchObject({ field });
	});
});

describe("a schema", () => {
	const schema = Type.Object({
		name: Type.String(),
		count: Type.Optional(Type.Integer({ minimum: 1 })),
		labels: Type.Optional(Type.Record(Type.String(), Type.String())),
		parent: Type.Optional(
			Type.Object({ uid: Type.String(), weights: Type.Object({}, { additionalProperties: Type.Number() }) }),
		),
	});
	const validate = compileEnvelope({ schema, method: "POST", url: "/", httpPart: "body" });
	const pathOf = (value: unknown): unknown => {
		const result: unknown = validate(value);
		const error: unknown = typeof result === "object" && result !== null ? Reflect.get(result, "error") : undefined;
		return Array.isArray(error) ? error.map(({ instancePath }: { instancePath: string }) => instancePath) : undefined;
	};

	test.each([
		{ name: "a" },
		{ name: "a", count: 1, labels: {}, other: [] },
		{ name: "a", labels: { a: "b" }, parent: { uid: "u", weights: { a: 1 } } },
	])("accepts %o as it is", (value) => {
		expect(validate(value)).toEqual({ value });
	});

	test.each<[unknown, string]>([
		[undefined, ""],
		[null, ""],
		[[], ""],
		[{}, "/name"],
		[{ name: 1 }, "/name"],
		[{ name: "a", count: 0 }, "/count"],
		[{ name: "a", labels: [] }, "/labels"],
		[{ name: "a", labels: { "x/y~z": 1 } }, "/labels/x~1y~0z"],
		[{ name: "a", parent: {} }, "/parent/uid"],
		[{ name: "a", parent: { uid: "u", weights: { a: 1, b: "1" } } }, "/parent/weights/b"],
	])("rejects %o at %s, and nowhere else", (value, path) => {
		expect(pathOf(value)).toEqual([path]);
	});
});
