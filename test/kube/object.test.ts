import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	canonicalJson,
	contentHash,
	describeObject,
	isKubeObject,
	isRecord,
	isSameJson,
	kindKey,
	objectKey,
	objectsOf,
	observedOf,
	recordsAt,
	stamped,
	valueAt,
	withoutReplicas,
	withoutSpec,
	withoutUndefined,
} from "../../kube/object.ts";
import { objectMap } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";

const object = (kind: string, name: string, namespace?: string): KubeObject => ({
	apiVersion: "v1",
	kind,
	metadata: { name, ...(namespace !== undefined && { namespace }) },
});

describe("keys and names", () => {
	it.each([
		["apps/v1", "Deployment", "Deployment.apps/v1"],
		["v1", "Service", "Service.v1"],
	])("of a kind: %s %s", (apiVersion, kind, key) => {
		expect(kindKey(apiVersion, kind)).toBe(key);
	});

	it("of an object: with its namespace, where it has one", () => {
		expect(objectKey(object("Pod", "p", "n"))).toBe("n/p");
		expect(objectKey(object("Node", "n"))).toBe("n");
		expect(describeObject(object("Pod", "p", "n"))).toBe("Pod n/p");
		expect(describeObject(object("Node", "n"))).toBe("Node n");
	});
});

describe("a map of objects", () => {
	const map = objectMap([
		object("Service", "b", "n"),
		object("Pod", "z", "n"),
		object("Pod", "a", "o"),
		object("Pod", "a", "n"),
	]);

	it("is read by kind, namespace and name", () => {
		expect(objectsOf(map).map(describeObject)).toEqual(["Pod n/a", "Pod n/z", "Pod o/a", "Service n/b"]);
	});

	it("finds what stands where another should stand", () => {
		expect(observedOf(map, { ...object("Pod", "z", "n"), spec: 1 })).toEqual(object("Pod", "z", "n"));
		expect(observedOf(map, object("Pod", "b", "n"))).toBeUndefined();
		expect(observedOf(map, object("Secret", "z", "n"))).toBeUndefined();
	});
});

describe("what is at a path", () => {
	const value = { a: { b: [{ c: 1 }, "text", [2], null, { c: 3 }], d: "text" } };

	it.each([
		[["a", "d"], "text"],
		[["a", "d", "length"], undefined],
		[["a", "x", "y"], undefined],
		[["a", "b", "0"], undefined],
		[[], value],
	])("%j", (path, found) => {
		expect(valueAt(value, ...path)).toEqual(found);
	});

	it("as a list of objects leaves out everything else", () => {
		expect(recordsAt(value, "a", "b")).toEqual([{ c: 1 }, { c: 3 }]);
		expect(recordsAt(value, "a", "d")).toEqual([]);
		expect(recordsAt(undefined, "a")).toEqual([]);
	});
});

describe("what a value is", () => {
	it.each([
		[{}, true],
		[[], false],
		[null, false],
		["text", false],
		[undefined, false],
	])("a record: %j", (value, expected) => {
		expect(isRecord(value)).toBe(expected);
	});

	const whole = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" } };
	it.each([
		["all there", whole, true],
		["nothing", null, false],
		["no version", { ...whole, apiVersion: undefined }, false],
		["a version that is none", { ...whole, apiVersion: 1 }, false],
		["a kind that is none", { ...whole, kind: 1 }, false],
		["no metadata", { ...whole, metadata: undefined }, false],
		["metadata that is a text", { ...whole, metadata: "p" }, false],
		["no name", { ...whole, metadata: {} }, false],
		["a name that is none", { ...whole, metadata: { name: 1 } }, false],
	])("a Kubernetes object: %s", (_, value, expected) => {
		expect(isKubeObject(value)).toBe(expected);
	});
});

describe("what is sent", () => {
	it("has no undefined field, however deep, and all else", () => {
		expect(
			withoutUndefined<object>({
				a: undefined,
				b: [{ c: undefined, d: 0 }, null, "", [undefined]],
				e: { f: undefined },
			}),
		).toStrictEqual({ b: [{ d: 0 }, null, "", [undefined]], e: {} });
	});

	it("is hashed by what it says, not by the order in which it says it", () => {
		expect(canonicalJson({ b: 1, a: [2, { d: 3, c: 4 }] })).toBe('{"a":[2,{"c":4,"d":3}],"b":1}');
		expect(canonicalJson(undefined)).toBe("null");
		expect(contentHash({ b: 1, a: 2 })).toBe(contentHash({ a: 2, b: 1 }));
		expect(contentHash({ a: 1 })).toMatch(/^[0-9a-f]{16}$/);
		expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: 2 }));
	});

	it("is the same as another whose JSON is", () => {
		const values = fc.letrec<{ value: unknown }>((tie) => ({
			value: fc.oneof(
				{ maxDepth: 3 },
				fc.constantFrom(0, 1, "", "a", true, null),
				fc.dictionary(fc.constantFrom("a", "b", "constructor"), fc.option(tie("value"), { nil: undefined })),
				fc.array(tie("value"), { maxLength: 2 }),
			),
		})).value;
		fc.assert(
			fc.property(values, values, (left, right) => {
				expect(isSameJson(left, right)).toBe(canonicalJson(left) === canonicalJson(right));
				expect(isSameJson(left, structuredClone(left))).toBe(true);
			}),
			{ numRuns: 2000 },
		);
		expect(isSameJson({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1, d: undefined })).toBe(true);
	});

	it("is stamped with a hash of itself, beside its other annotations", () => {
		const child = { ...object("Pod", "p", "n"), spec: { a: 1, b: undefined } };
		child.metadata.annotations = { mine: "1" };
		const sent = stamped(child, "hash");
		expect(sent["spec"]).toStrictEqual({ a: 1 });
		expect(sent.metadata).toEqual({
			...child.metadata,
			annotations: { mine: "1", hash: contentHash({ ...child, spec: { a: 1 } }) },
		});
		expect(stamped(sent, "other").metadata.annotations?.["hash"]).toBe(sent.metadata.annotations?.["hash"]);
	});

	it("may leave out of the hash fields of the spec that another controller owns", () => {
		const child = (replicas: number, image = "a") => ({ ...object("Pod", "p", "n"), spec: { image, replicas } });
		const hash = (...given: Parameters<typeof stamped>) => stamped(...given).metadata.annotations?.["hash"];
		expect(hash(child(1), "hash", withoutReplicas)).toBe(hash(child(2), "hash", withoutReplicas));
		expect(hash(child(1), "hash", withoutReplicas)).not.toBe(hash(child(1, "b"), "hash", withoutReplicas));
		expect(hash(child(1), "hash")).not.toBe(hash(child(2), "hash"));
		expect(withoutSpec("image", "replicas")(child(1))).toEqual({ ...child(1), spec: {} });
		expect(withoutSpec("image")(object("Pod", "p"))).toEqual(object("Pod", "p"));
	});
});
