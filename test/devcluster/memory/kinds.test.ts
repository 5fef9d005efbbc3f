import { describe, expect, it } from "vitest";
import { copyJson, type JsonObject, valueAt } from "../../../devcluster/json.ts";
import {
	builtInKinds,
	defaultBuiltIn,
	definedKinds,
	describedKind,
	firstStatus,
} from "../../../devcluster/memory/kinds.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { crd } from "../metacontroller/bench.ts";
import { Widget, widgetDefinition } from "../widget.ts";

const kindNamed = (name: string) => {
	const found = builtInKinds.find(({ kind }) => kind === name);
	if (found === undefined) throw new Error(name);
	return found;
};
const NOW = "2026-01-01T00:00:00Z";

it("a kind is the same by its descriptor and by its definition", () => {
	const { descriptor, ...described } = describedKind(Widget);
	expect(descriptor).toBe(Widget);
	expect(definedKinds(widgetDefinition)).toEqual([described]);
});

it.each([
	["Cluster", { status: {} }, { namespaced: false, statusSubresource: true }],
	["Namespaced", {}, { namespaced: true, statusSubresource: false }],
])("a definition of scope %s, with the subresources %o", (scope, subresources, kind) => {
	expect(definedKinds(crd("Thing", "things", scope, subresources))).toMatchObject([
		{ apiVersion: "test.prism.io/v1", kind: "Thing", resource: "things", ...kind },
	]);
});

it("a version that is not served is none", () => {
	const versions = [{ name: "v1", served: false }, { name: "v2", served: true }, { name: "v3" }];
	const definition: KubeObject = { ...crd("Thing", "things") };
	definition["spec"] = { group: "g", names: { kind: "Thing", plural: "things" }, versions };
	expect(definedKinds(definition).map(({ apiVersion }) => apiVersion)).toEqual(["g/v2", "g/v3"]);
});

it.each<[string, unknown]>([
	["Namespace", { phase: "Active" }],
	["Pod", { phase: "Pending" }],
	["PersistentVolumeClaim", { phase: "Pending" }],
	["Service", { loadBalancer: {} }],
	["ConfigMap", undefined],
	["Deployment", undefined],
])("the first status of a %s", (name, status) => {
	expect(firstStatus(kindNamed(name), NOW)).toEqual(status);
});

describe("defaults", () => {
	const defaulted = (name: string, fields: JsonObject, live?: JsonObject, number = 1): KubeObject => {
		const { apiVersion, kind } = kindNamed(name);
		const head = { apiVersion, kind, metadata: { name: "it" } };
		const object: KubeObject = { ...head, ...copyJson(fields) };
		defaultBuiltIn(kindNamed(name), object, live && { ...head, ...live }, number);
		return object;
	};

	it.each<[string, JsonObject, object]>([
		["Secret", {}, { type: "Opaque" }],
		["Secret", { type: "tls" }, { type: "tls" }],
		["ReplicaSet", { spec: {} }, { spec: { replicas: 1 } }],
		["ReplicaSet", { spec: { replicas: 0 } }, { spec: { replicas: 0 } }],
		[
			"Deployment",
			{ spec: { strategy: { type: "Recreate" } } },
			{ spec: { strategy: { type: "Recreate" }, replicas: 1 } },
		],
		["StatefulSet", { spec: {} }, { spec: { podManagementPolicy: "OrderedReady" } }],
		[
			"Service",
			{ spec: { ports: [{ port: 80 }] } },
			{ spec: { type: "ClusterIP", ports: [{ protocol: "TCP", targetPort: 80 }] } },
		],
		["Service", { spec: { ports: [{ port: 80, targetPort: "http" }] } }, { spec: { ports: [{ targetPort: "http" }] } }],
	])("of a %s with %o", (name, fields, expected) => {
		expect(defaulted(name, fields)).toMatchObject(expected);
	});

	it.each([
		["by its number", { spec: {} }, undefined, "10.96.1.2"],
		["as before", { spec: {} }, { spec: { clusterIP: "10.96.9.9" } }, "10.96.9.9"],
		["as asked", { spec: { clusterIP: "None" } }, { spec: { clusterIP: "10.96.9.9" } }, "None"],
		["none for a name elsewhere", { spec: { type: "ExternalName" } }, undefined, undefined],
	])("a Service's address: %s", (_, fields, live, address) => {
		expect(valueAt(defaulted("Service", fields, live, 258), "spec", "clusterIP")).toBe(address);
	});

	it("two objects share no default", () => {
		const [first, second] = [defaulted("Deployment", { spec: {} }), defaulted("Deployment", { spec: {} })];
		expect(valueAt(first, "spec", "strategy")).not.toBe(valueAt(second, "spec", "strategy"));
	});
});
