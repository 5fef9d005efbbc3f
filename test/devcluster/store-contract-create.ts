import { describe, expect, test } from "vitest";
import { QUANTITY_PATTERN } from "../../schemas/common.ts";
import { refused, type Subject, withMetadata } from "./store-subject.ts";
import { configMap, widget } from "./widget.ts";

const inBody = (path: string, value: string, rule: string) =>
	`spec.${path}: Invalid value: ${value}: spec.${path} in body ${rule}`;

export const describeCreation = (subject: Subject): void => {
	describe("discovery", () => {
		test("finds a resource by kind and by name", async () => {
			const expected = { apiVersion: "apps/v1", kind: "Deployment", resource: "deployments", namespaced: true };
			expect(await subject.store.resourceOf("apps/v1", "Deployment")).toMatchObject(expected);
			expect(await subject.store.resourceNamed("apps/v1", "deployments")).toMatchObject(expected);
			expect(await subject.store.resourceNamed("v1", "nodes")).toMatchObject({ namespaced: false });
		});
		test.for([
			["apps/v1", "Nonsense"],
			["nonsense.io/v1", "Nonsense"],
		] as const)("%s %s is a 404", async ([apiVersion, kind]) => {
			const gone = { status: 404, reason: "NotFound", message: "the server could not find the requested resource" };
			expect(await refused(subject.store.resourceOf(apiVersion, kind))).toEqual(gone);
		});
	});

	describe("create", () => {
		test("gives an object what only the server gives", async () => {
			const { metadata } = await subject.store.create({ ...widget("new"), status: { phase: "ignored" } });
			expect(metadata).toMatchObject({ name: "new", namespace: "contract", generation: 1 });
			expect(metadata.uid).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
			expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
			expect(Number(metadata.resourceVersion)).toBeGreaterThan(0);
			expect(await subject.get(widget("new"))).not.toHaveProperty("status");
		});
		test("fills in defaults, also below what is given, and drops what the schema does not declare", async () => {
			const free = { any: [1, { thing: null }] };
			await subject.store.create(widget("defaulted", { unknown: 1, tags: null, inner: { required: "x", free } }));
			expect((await subject.get(widget("defaulted")))["spec"]).toEqual({
				size: 1,
				colour: "red",
				inner: { required: "x", defaulted: "yes", free },
			});
		});
		test("makes a name of a prefix", async () => {
			const object = withMetadata(configMap(""), { generateName: "made-" });
			const [first, second] = [await subject.store.create(object), await subject.store.create(object)];
			expect(first.metadata.name).toMatch(/^made-.{5}$/);
			expect(second.metadata.name).not.toBe(first.metadata.name);
		});
		test("refuses a second object of that name", async () => {
			await subject.store.create(configMap("twice"));
			expect(await refused(subject.store.create(configMap("twice")))).toEqual({
				status: 409,
				reason: "AlreadyExists",
				message: 'configmaps "twice" already exists',
			});
		});
		test("refuses a namespace that is not there", async () => {
			expect(await refused(subject.store.create(configMap("lost", {}, "nowhere")))).toEqual({
				status: 404,
				reason: "NotFound",
				message: 'namespaces "nowhere" not found',
			});
		});
		test("refuses a version", async () => {
			expect(
				await refused(subject.store.create(withMetadata(configMap("old"), { resourceVersion: "1" }))),
			).toMatchObject({
				status: 500,
			});
		});
	});

	describe("validation", () => {
		test.for([
			[{ size: "5" }, inBody("size", '"string"', 'must be of type integer: "string"')],
			[{ size: -1 }, inBody("size", "-1", "should be greater than or equal to 0")],
			[{ size: 101 }, inBody("size", "101", "should be less than or equal to 100")],
			[{ name: "X1" }, inBody("name", '"X1"', "should match '^[a-z]+$'")],
			[{ quantity: "much" }, inBody("quantity", '"much"', `should match '${QUANTITY_PATTERN}'`)],
			[{ name: "abcdefghi" }, "spec.name: Too long: may not be more than 8 bytes"],
			[{ colour: "pink" }, 'spec.colour: Unsupported value: "pink": supported values: "red", "green", "blue"'],
			[{ inner: {} }, "spec.inner.required: Required value"],
			[{ inner: "x" }, inBody("inner", '"string"', 'must be of type object: "string"')],
			[{ list: "x" }, inBody("list", '"string"', 'must be of type array: "string"')],
			[{ list: ["1", "2", "3", "4"] }, "spec.list: Too many: 4: must have at most 3 items"],
			[{ tags: { a: "", b: "", c: "", d: "" } }, "spec.tags: Too many: 4: must have at most 3 items"],
			[{ tags: { a: 1 } }, inBody("tags.a", '"integer"', 'must be of type string: "integer"')],
			[
				{ entries: [{ name: "a", value: 1 }] },
				inBody("entries[0].value", '"integer"', 'must be of type string: "integer"'),
			],
			[{ entries: [{ name: "a" }, { name: "a" }] }, 'spec.entries[1]: Duplicate value: {"name":"a"}'],
		] as const)("%j is invalid", async ([spec, cause]) => {
			expect(await refused(subject.store.create(widget("bad", spec)))).toEqual({
				status: 422,
				reason: "Invalid",
				message: `Widget.test.prism.io "bad" is invalid: ${cause}`,
			});
		});
		test("all that is wrong is told at once", async () => {
			const { message } = await refused(subject.store.create(widget("bad", { size: -1, port: 0 })));
			expect(message).toContain('Widget.test.prism.io "bad" is invalid: [');
			expect(message).toContain(inBody("size", "-1", "should be greater than or equal to 0"));
			expect(message).toContain(inBody("port", "0", "should be greater than or equal to 1"));
		});
		test("an object without spec is invalid", async () => {
			const { spec: _, ...object } = widget("bad");
			expect(await refused(subject.store.create(object))).toMatchObject({ reason: "Invalid" });
		});
		test.for([
			[{ name: "A_B" }, 'metadata.name: Invalid value: "A_B"'],
			[{ name: "" }, "metadata.name: Required value: name or generateName is required"],
			[{ labels: { a: "x y" } }, 'metadata.labels: Invalid value: "x y"'],
			[{ labels: { a: "x".repeat(64) } }, "must be no more than 63 bytes"],
		] as const)("metadata %j is invalid", async ([metadata, cause]) => {
			const answer = await refused(subject.store.create(withMetadata(configMap("bad"), metadata)));
			expect(answer).toMatchObject({ status: 422, reason: "Invalid" });
			expect(answer.message).toContain(cause);
		});
	});
};
