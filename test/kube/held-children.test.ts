import { describe, expect, it } from "vitest";
import { held, heldChildren, lastAppliedOf } from "../../kube/held-children.ts";
import { objectMap } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";

const LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration";

const sent: KubeObject = {
	apiVersion: "apps/v1",
	kind: "Deployment",
	metadata: { name: "d", namespace: "n", labels: { app: "prism" }, annotations: { "prism.io/desired-hash": "1" } },
	spec: {
		replicas: 2,
		template: {
			spec: { containers: [{ name: "main", image: "a:1", args: ["--x"], env: [{ name: "A", value: "1" }] }] },
		},
	},
};

const observed = (change: Partial<KubeObject> = {}, applied: unknown = sent): KubeObject => ({
	...sent,
	metadata: {
		...sent.metadata,
		uid: "u",
		resourceVersion: "7",
		generation: 3,
		creationTimestamp: "2026-01-01T00:00:00Z",
		labels: { app: "prism", "controller-uid": "p", "added-by": "somebody" },
		annotations: {
			"prism.io/desired-hash": "1",
			"deployment.kubernetes.io/revision": "4",
			...(applied !== null && { [LAST_APPLIED]: typeof applied === "string" ? applied : JSON.stringify(applied) }),
		},
		ownerReferences: [{ apiVersion: "prism.io/v1alpha1", kind: "PatternRunner", name: "d", uid: "p" }],
		managedFields: [{}],
	},
	status: { replicas: 2 },
	...change,
});

describe("a held child", () => {
	it("is what was sent, when nobody changed anything", () => {
		expect(held(observed())).toEqual(sent);
	});

	it.each([
		{
			reason: "the count that an autoscaler moved is echoed",
			spec: { ...specOf(sent), replicas: 7 },
			expected: { ...specOf(sent), replicas: 7 },
		},
		{
			reason: "a field that somebody set is left to them",
			spec: { ...specOf(sent), paused: true, revisionHistoryLimit: 10 },
			expected: specOf(sent),
		},
		{
			reason: "a field that somebody changed by hand stays changed",
			spec: withContainers([{ name: "main", image: "a:hotfix", args: ["--x"], env: [{ name: "A", value: "1" }] }]),
			expected: withContainers([{ name: "main", image: "a:hotfix", args: ["--x"], env: [{ name: "A", value: "1" }] }]),
		},
		{
			reason: "a sidecar that was injected is not claimed, whatever the order",
			spec: withContainers([
				{ name: "mesh", image: "m" },
				{ name: "main", image: "a:1", args: ["--x"], env: [{ name: "A", value: "1" }], imagePullPolicy: "Always" },
			]),
			expected: specOf(sent),
		},
		{
			reason: "a variable that somebody added is not claimed",
			spec: withContainers([
				{
					name: "main",
					image: "a:1",
					args: ["--x"],
					env: [
						{ name: "A", value: "2" },
						{ name: "B", value: "3" },
					],
				},
			]),
			expected: withContainers([{ name: "main", image: "a:1", args: ["--x"], env: [{ name: "A", value: "2" }] }]),
		},
		{
			reason: "a list without keys is echoed whole",
			spec: withContainers([{ name: "main", image: "a:1", args: ["--y", "--z"], env: [{ name: "A", value: "1" }] }]),
			expected: withContainers([
				{ name: "main", image: "a:1", args: ["--y", "--z"], env: [{ name: "A", value: "1" }] },
			]),
		},
		{
			reason: "a field that somebody removed is not put back",
			spec: { template: specOf(sent)["template"] },
			expected: { template: specOf(sent)["template"] },
		},
	])("$reason", ({ spec, expected }) => {
		expect(held(observed({ spec }))["spec"]).toEqual(expected);
	});

	it.each([
		{ reason: "there is no annotation", applied: null },
		{ reason: "the annotation is no JSON", applied: "{" },
		{ reason: "the annotation is no object", applied: "[]" },
		{ reason: "the annotation names no object", applied: "{}" },
	])("is all but what the API server set, when $reason", ({ applied }) => {
		const { status: _status, ...object } = observed({}, applied);
		expect(held(object)).toEqual({
			...sent,
			metadata: {
				name: "d",
				namespace: "n",
				labels: { app: "prism", "controller-uid": "p", "added-by": "somebody" },
				annotations: { "prism.io/desired-hash": "1", "deployment.kubernetes.io/revision": "4" },
			},
		});
	});

	it("keeps a Service's ports apart by their number", () => {
		const ports = [
			{ port: 80, name: "a", targetPort: "a" },
			{ port: 81, name: "b", targetPort: "b" },
		];
		const service = {
			...observed(),
			kind: "Service",
			spec: { ports: ports.map((port) => ({ ...port, nodePort: 30000 })) },
		};
		const applied = { ...sent, kind: "Service", spec: { ports } };
		expect(held({ ...service, metadata: observed({}, applied).metadata })["spec"]).toEqual({ ports });
	});
});

describe("held children", () => {
	it("are all that were observed, sorted, less those on their way out", () => {
		const named = (name: string, deletionTimestamp?: string): KubeObject => {
			const object = observed();
			return { ...object, metadata: { ...object.metadata, name, ...(deletionTimestamp && { deletionTimestamp }) } };
		};
		const map = objectMap([
			named("c"),
			named("a"),
			named("gone", "2026-01-01T00:00:00Z"),
			{ ...named("b"), kind: "Atom" },
		]);
		expect(heldChildren(map).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
			"Atom b",
			"Deployment a",
			"Deployment c",
		]);
	});

	it("are none when none were observed", () => {
		expect(heldChildren({ "Service.v1": {} })).toEqual([]);
	});
});

function specOf(object: KubeObject): Record<string, unknown> {
	return Object.fromEntries(Object.entries(object["spec"] ?? {}));
}

function withContainers(containers: readonly unknown[]): Record<string, unknown> {
	return { replicas: 2, template: { spec: { containers } } };
}

describe("a held child that was applied server-side", () => {
	it("has no field that is not there", () => {
		const bare = held({ apiVersion: "v1", kind: "Namespace", metadata: { name: "n", uid: "u", annotations: {} } });
		expect(bare).toStrictEqual({ apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } });
	});

	it("keeps what may be somebody's", () => {
		const metadata = { name: "n", namespace: "m", labels: { a: "b" }, annotations: { c: "d" }, finalizers: ["f"] };
		const child = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, uid: "u" }, spec: {} };
		expect(held(child)).toStrictEqual({ apiVersion: "v1", kind: "Pod", metadata, spec: {} });
	});
});

describe("a held child of which fields were sent", () => {
	it("that are gone now, is without them", () => {
		const { replicas: _replicas, ...spec } = specOf(sent);
		expect(held(observed({ spec }))["spec"]).toStrictEqual(spec);
	});
});

describe("what an object was sent as last", () => {
	it("is read once, and again when the annotation has another text", () => {
		const object = observed();
		const first = lastAppliedOf(object);
		expect(first).toEqual(sent);
		expect(lastAppliedOf(object)).toBe(first);
		const { annotations } = object.metadata;
		if (annotations !== undefined) annotations[LAST_APPLIED] = JSON.stringify({ ...sent, kind: "StatefulSet" });
		expect(lastAppliedOf(object)).toEqual({ ...sent, kind: "StatefulSet" });
	});

	it.each(["{", "[]", '"text"'])("is not known when the annotation is %s", (text) => {
		const { metadata, ...rest } = observed();
		const object = { ...rest, metadata: { ...metadata, annotations: { [LAST_APPLIED]: text } } };
		expect([lastAppliedOf(object), lastAppliedOf(object)]).toEqual([undefined, undefined]);
	});
});
