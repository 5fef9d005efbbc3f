import { describe, expect, test } from "vitest";
import { MIB, syncBody, toy, toyApp, toyRow } from "./toy.ts";

// Bodies that are made to keep the server busy.

const text = (change: Record<string, unknown> = {}) => JSON.stringify(syncBody(change));

/** A sync's body with raw JSON in its parent's spec. */
const withSpec = (spec: string) => text({ parent: { ...toy, spec: "SPEC" } }).replace('"SPEC"', () => spec);

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const list = (entries: number) => `[${"0,".repeat(entries - 1)}0]`;
const object = (fields: number, value = "0") =>
	`{${Array.from({ length: fields }, (_, index) => `"k${index}":${value}`).join(",")}}`;

/** The parent and its spec are two levels. */
const ROOM = 512 - 2;

describe("a shape that is served", () => {
	test.each([
		{ reason: "512 levels", body: withSpec(nested(ROOM)) },
		{
			reason: "512 levels of objects",
			body: withSpec(`${'{"__proto__":0,"a":'.repeat(ROOM)}1${"}".repeat(ROOM)}`),
		},
		{ reason: "brackets in strings", body: withSpec(JSON.stringify({ a: `\\"${"[{".repeat(9999)}`, "[\\": "[" })) },
		{ reason: "many levels side by side", body: withSpec(`[${`${nested(400)},`.repeat(1000)}0]`) },
		{ reason: "a list of 50,000", body: withSpec(list(50_000)) },
		{ reason: "commas in strings", body: withSpec(JSON.stringify(",".repeat(2_000_000))) },
	])("$reason", async ({ body }) => {
		expect((await toyApp(toyRow()).post("/toy/sync", body)).statusCode).toBe(200);
	});
});

describe("levels beyond those that hooks see", () => {
	test.each([
		{ reason: "one more", levels: ROOM + 1 },
		{ reason: "as many as an API server stores", levels: 10_000 },
		{ reason: "in a large body", levels: 1000, beside: "x".repeat(MIB) },
	])("$reason: they are cut off, and the hook is asked", async ({ levels, beside = "" }) => {
		const toys = toyRow();
		const body = withSpec(`{"beside":"${beside}","deep":${nested(levels)},"after":1}`);
		expect((await toyApp(toys).post("/toy/sync", body)).statusCode).toBe(200);
		const spec = toys.seen[0]?.parent["spec"];
		expect(spec).toMatchObject({ beside, after: 1 });
		expect(JSON.stringify(Reflect.get(spec as object, "deep"))).toBe(`${"[".repeat(509)}null${"]".repeat(509)}`);
	});
});

describe("a shape that is refused", () => {
	const deep = "the request's body nests too deep";
	const wide = "the request's body has an object or a list with too many entries";
	const many = "the request's body has too many values";
	test.each([
		{ reason: "11,000 lists", error: deep, body: nested(11_000) },
		{ reason: "11,000 objects", error: deep, body: `${'{"a":'.repeat(11_000)}1${"}".repeat(11_000)}` },
		{ reason: "levels that are never closed", error: deep, body: "[".repeat(16 * MIB) },
		{ reason: "50,001 entries", error: wide, body: withSpec(list(50_001)) },
		{ reason: "a million labels", error: wide, body: withSpec(object(1_000_000)) },
		{
			reason: "two million values in lists of ten",
			error: many,
			body: withSpec(`[${`[${`${list(10)},`.repeat(999)}0],`.repeat(200)}0]`),
		},
		{ reason: "a string that never ends", error: "the request's body is not JSON", body: `{"a":"${"x".repeat(MIB)}\\` },
		{ reason: "closed before it is opened", error: "the request's body is not JSON", body: "]}".repeat(MIB) },
	])("$reason, within a second", async ({ body, error }) => {
		const { app, post, captured } = toyApp(toyRow());
		await app.ready();
		const began = performance.now();
		const response = await post("/toy/sync", body);
		expect(performance.now() - began).toBeLessThan(1000);
		expect(response.statusCode).toBe(400);
		expect(response.json()).toMatchObject({ error });
		expect(captured.lines("request refused")).toHaveLength(1);
	});
});
