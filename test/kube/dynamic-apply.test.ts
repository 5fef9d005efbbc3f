import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepFreeze, type JsonObject } from "../../devcluster/json.ts";
import { applyUpdate, merge, withLastApplied } from "../../kube/dynamic-apply.ts";
import { LAST_APPLIED } from "../../kube/held-children.ts";
import type { KubeObject } from "../../schemas/common.ts";

interface Case {
	reason: string;
	observed: JsonObject;
	last: JsonObject;
	desired: JsonObject;
	merged: JsonObject;
}

const http = { name: "http", port: 80 };
const grpc = { name: "grpc", port: 90 };

const cases: Case[] = [
	{
		reason: "a field that nobody sent is left to whoever set it",
		observed: { a: 1, b: 2 },
		last: { a: 1 },
		desired: { a: 3 },
		merged: { a: 3, b: 2 },
	},
	{
		reason: "a field that was sent and no longer is goes",
		observed: { a: 1, b: 2, c: { d: 1, e: 2 } },
		last: { b: 2, c: { d: 1 } },
		desired: { c: {} },
		merged: { a: 1, c: { e: 2 } },
	},
	{
		reason: "a list of scalars is replaced",
		observed: { list: ["x", "y"] },
		last: { list: ["x"] },
		desired: { list: ["z"] },
		merged: { list: ["z"] },
	},
	{
		reason: "a list whose entries have no common key is replaced",
		observed: { list: [{ key: "x" }] },
		last: {},
		desired: { list: [{ key: "y" }] },
		merged: { list: [{ key: "y" }] },
	},
	{
		reason: "a list map keeps its order and foreign entries, and new entries follow",
		observed: {
			ports: [
				{ ...grpc, nodePort: 3 },
				{ name: "foreign", port: 1 },
			],
		},
		last: { ports: [grpc] },
		desired: { ports: [http, { ...grpc, protocol: "TCP" }] },
		merged: { ports: [{ ...grpc, nodePort: 3, protocol: "TCP" }, { name: "foreign", port: 1 }, http] },
	},
	{
		reason: "an entry of a list map that was sent and no longer is goes",
		observed: { ports: [http, grpc] },
		last: { ports: [http, grpc] },
		desired: { ports: [grpc] },
		merged: { ports: [grpc] },
	},
	{
		reason: "port goes before name, so a port that is renamed stays one port",
		observed: { ports: [{ name: "old", port: 80, nodePort: 3 }] },
		last: {},
		desired: { ports: [{ name: "new", port: 80 }] },
		merged: { ports: [{ name: "new", port: 80, nodePort: 3 }] },
	},
	{
		reason: "containerPort goes before port and name",
		observed: { ports: [{ name: "a", port: 1, containerPort: 8080, extra: true }] },
		last: {},
		desired: { ports: [{ name: "b", port: 2, containerPort: 8080 }] },
		merged: { ports: [{ name: "b", port: 2, containerPort: 8080, extra: true }] },
	},
	{
		reason: "mountPath goes before name: a volume may be mounted twice",
		observed: { volumeMounts: [{ name: "v", mountPath: "/a" }] },
		last: {},
		desired: { volumeMounts: [{ name: "v", mountPath: "/b" }] },
		merged: {
			volumeMounts: [
				{ name: "v", mountPath: "/a" },
				{ name: "v", mountPath: "/b" },
			],
		},
	},
	{
		reason: "two entries with one key collapse into the last: a trap with a port for TCP and for UDP",
		observed: { ports: [] },
		last: {},
		desired: {
			ports: [
				{ containerPort: 53, protocol: "TCP" },
				{ containerPort: 53, protocol: "UDP" },
			],
		},
		merged: { ports: [{ containerPort: 53, protocol: "UDP" }] },
	},
	{
		reason: "a null in place of a value is kept, and so differs at every sync",
		observed: { a: 1 },
		last: {},
		desired: { a: null, b: null },
		merged: { a: null, b: null },
	},
	{
		reason: "a null in place of an object takes away only what was sent of it",
		observed: { a: { b: 1, c: 2 } },
		last: { a: { b: 1 } },
		desired: { a: null },
		merged: { a: { c: 2 } },
	},
	{
		reason: "a null in place of a list map takes away only the entries that were sent",
		observed: { ports: [http, grpc] },
		last: { ports: [http] },
		desired: { ports: null },
		merged: { ports: [grpc] },
	},
	{
		reason: "a null in place of an ordinary list is a null",
		observed: { list: [1] },
		last: {},
		desired: { list: null },
		merged: { list: null },
	},
	{
		reason: "an object that is observed is not replaced by a scalar",
		observed: { a: { b: 1 } },
		last: {},
		desired: { a: "text" },
		merged: { a: { b: 1 } },
	},
	{
		reason: "what is nobody's own field is not looked up in the prototype",
		observed: { labels: {} },
		last: { labels: {} },
		desired: { labels: { constructor: "x" } },
		merged: { labels: { constructor: "x" } },
	},
];
describe("merge", () => {
	it.each(cases)("$reason", ({ observed, last, desired, merged }) => {
		expect(merge(deepFreeze(observed), deepFreeze(last), deepFreeze(desired))).toEqual(merged);
	});
});

const deployment = (extra: JsonObject = {}, metadata: JsonObject = {}): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "web", namespace: "default", ...metadata },
	...extra,
});

const listMap = (key: string, entry: fc.Arbitrary<JsonObject>) =>
	fc.uniqueArray(entry, { selector: (each) => each[key], maxLength: 4 });

describe("applyUpdate", () => {
	it("keeps what only the server says, whatever the hook answers", () => {
		const system = { uid: "u", resourceVersion: "7", generation: 2, creationTimestamp: "then", managedFields: [{}] };
		const observed = deployment({ spec: { replicas: 1 }, status: { replicas: 1 } }, system);
		const echoed = { uid: "x", resourceVersion: "1", generation: 9, deletionTimestamp: "now", managedFields: [] };
		const updated = applyUpdate(observed, deployment({ spec: { replicas: 2 }, status: { replicas: 5 } }, echoed));
		expect(updated.metadata).toMatchObject(system);
		expect(updated.metadata).not.toHaveProperty("deletionTimestamp");
		expect(updated).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 1 } });
	});

	it("remembers what was applied with sorted keys and escaped HTML", () => {
		const created = withLastApplied(deployment(), deployment({ spec: { b: "<&>", a: 1 } }));
		expect(created.metadata.annotations?.[LAST_APPLIED]).toBe(
			String.raw`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default"},"spec":{"a":1,"b":"\u003c\u0026\u003e"}}`,
		);
	});

	it("does not nest the annotation when the hook echoes it", () => {
		const desired = deployment({ spec: { replicas: 1 } });
		const observed = withLastApplied(desired, desired);
		const updated = applyUpdate(observed, observed);
		expect(updated.metadata.annotations?.[LAST_APPLIED]).not.toContain(LAST_APPLIED);
	});

	it("refuses an annotation that is no JSON", () => {
		const observed = deployment({}, { annotations: { [LAST_APPLIED]: "{" } });
		expect(() => applyUpdate(observed, deployment())).toThrow("cannot read the annotation");
	});

	it("changes nothing when the same is applied once more", () => {
		// Of one shape, as the objects of one kind are: where a list meets a scalar, the outcome swings.
		const text = fc.string({ maxLength: 3 });
		const some = { requiredKeys: [] };
		const env = fc.record({ name: text, value: text }, { requiredKeys: ["name"] });
		const container = fc.record(
			{ name: text, image: text, args: fc.array(text, { maxLength: 2 }), env: listMap("name", env) },
			{ requiredKeys: ["name"] },
		);
		const port = fc.record({ port: fc.nat(3), name: text }, { requiredKeys: ["port"] });
		const spec = fc.record(
			{
				replicas: fc.nat(9),
				selector: fc.dictionary(fc.constantFrom("a", "b", "__proto__"), text, { maxKeys: 3 }),
				containers: listMap("name", container),
				ports: listMap("port", port),
			},
			some,
		);
		fc.assert(
			fc.property(spec, spec, spec, (observed, last, desired) => {
				const before = withLastApplied(deployment({ spec: observed }), deployment({ spec: last }));
				const wanted = deepFreeze(deployment({ spec: desired }));
				const once = applyUpdate(deepFreeze(before), wanted);
				expect(applyUpdate(once, wanted)).toEqual(once);
			}),
			{ numRuns: 500 },
		);
	});
});
