import { describe, expect, it } from "vitest";
import { converted } from "../../../plugin/convert/kinds.ts";
import type { KubeObject } from "../../../schemas/common.ts";

const object = (kind: string, spec: unknown, metadata: Record<string, unknown> = {}): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name: "it", namespace: "team", ...metadata },
	spec,
});
const RUNNER = { pattern: "keyvalue", backend: "redis", service: { port: 8080 } };
const fieldsOf = (given: KubeObject) => converted(given)?.notes.map(({ at }) => at.join("."));
const specOf = (given: KubeObject) => converted(given)?.object["spec"];

describe("an object", () => {
	it.each([
		["PrismPattern", RUNNER, "PatternRunner"],
		["PrismBackend", { type: "redis" }, "BackendConfig"],
		["PrismStack", { proxy: { autoscaling: {} } }, "PrismStack"],
		["PrismStack", { admin: { leaderElection: {} } }, "PrismStack"],
		["PrismStack", { admin: { service: { port: 1 } } }, "PrismStack"],
		["PrismStack", { proxy: { placement: { nodeName: "a" } } }, "PrismStack"],
		// Both APIs have these.
		["PrismStack", { proxy: { placement: {} } }, undefined],
		["PrismStack", { proxy: { port: 1 } }, undefined],
		["PatternRunner", RUNNER, undefined],
		["PrismShard", {}, undefined],
	])("%s %j becomes %s", (kind, spec, expected) => expect(converted(object(kind, spec))?.object.kind).toBe(expected));

	it("of another group stays as it is", () =>
		expect(converted({ ...object("PrismPattern", RUNNER), apiVersion: "example.com/v1" })).toBeUndefined());

	it("keeps the metadata that a user writes", () => {
		const given = object("PrismPattern", RUNNER, {
			uid: "u",
			resourceVersion: "1",
			labels: { a: "b" },
			annotations: { keep: "1", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
			finalizers: ["x/y"],
		});
		expect(converted(given)?.object.metadata).toEqual({
			name: "it",
			namespace: "team",
			labels: { a: "b" },
			annotations: { keep: "1" },
		});
		expect(fieldsOf(given)).toEqual(["metadata.finalizers"]);
	});
});

describe("the fields that change", () => {
	const { service: _, ...bare } = RUNNER;
	it.each<[string, unknown, string[]]>([
		["PrismPattern", RUNNER, []],
		["PrismPattern", bare, ["spec.service"]],
		["PrismPattern", undefined, ["spec", "spec.service"]],
		["PrismPattern", { ...RUNNER, odd: 1 }, ["spec.odd"]],
		["PrismPattern", { ...RUNNER, service: { type: "ExternalName" } }, ["spec.service.type"]],
		["PrismPattern", { ...RUNNER, backendConfig: { url: "a" } }, ["spec.backendConfig"]],
		["PrismPattern", { ...RUNNER, backendConfig: { name: "a", namespace: "team" } }, []],
		["PrismPattern", { ...RUNNER, backendConfig: { name: "a", namespace: "b" } }, ["spec.backendConfig.namespace"]],
		["PrismBackend", { tls: { enabled: false, secretRef: { name: "a" } } }, ["spec.tls.secretRef"]],
		["PrismBackend", { tls: { enabled: true, secretRef: { name: "a" } } }, []],
		[
			"PrismBackend",
			{ connection: { secretRef: { name: "a", namespace: "b" } } },
			["spec.connection.secretRef.namespace"],
		],
		["PrismStack", { admin: { leaderElection: {} } }, ["spec.admin.leaderElection"]],
		["PrismStack", { admin: { service: { port: 1 } } }, ["spec.admin.service.port"]],
	])("of %s %j have notes: %j", (kind, spec, fields) => expect(fieldsOf(object(kind, spec))).toEqual(fields));

	it("keep the port of the control plane, if its Service has another", () => {
		expect(specOf(object("PrismStack", { admin: { port: 7, leaderElection: {}, service: { port: 7 } } }))).toEqual({
			admin: { port: 7, service: {} },
		});
	});

	it("leave out a namespace that a reference must not have", () =>
		expect(specOf(object("PrismPattern", { ...RUNNER, backendConfig: { name: "a", namespace: "b" } }))).toEqual({
			...RUNNER,
			backendConfig: { name: "a" },
		}));
});
