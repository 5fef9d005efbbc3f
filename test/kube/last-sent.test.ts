import { describe, expect, it } from "vitest";
import { lastSent, remembering, yieldedFields } from "../../kube/last-sent.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { YIELDED_ANNOTATION } from "../../schemas/vocabulary.ts";

describe("what a child was last sent as", () => {
	const LAST = "metacontroller.k8s.io/last-applied-configuration";
	const ports = [{ name: "a", port: 1 }];
	const sent = { apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec: { type: "ClusterIP", ports } };
	const stored = (fields: Record<string, unknown>, last: object | undefined = sent): KubeObject => ({
		...sent,
		metadata: {
			name: "s",
			annotations: {
				[YIELDED_ANNOTATION]: JSON.stringify({ stored: fields, sent: [] }),
				...(last && { [LAST]: JSON.stringify(last) }),
			},
		},
	});
	const specSent = (fields: Record<string, unknown>) => lastSent(stored(fields))["spec"];

	it("is the copy of it, where nothing was yielded", () => {
		expect(lastSent(stored({}))).toEqual(sent);
		expect(lastSent(sent)).toBe(sent);
	});
	it("has the spec's value in each field that was sent as it is stored", () => {
		expect(specSent({ "spec.type": "LoadBalancer" })).toEqual({ type: "LoadBalancer", ports });
		expect(specSent({ "spec.ports[port=1].name": "b" })).toEqual({
			type: "ClusterIP",
			ports: [{ name: "b", port: 1 }],
		});
	});
	it("has fields that are not stored, each where it belongs", () => {
		expect(specSent({ "spec.externalName": "x" })).toEqual({ type: "ClusterIP", ports, externalName: "x" });
		expect(specSent({ "spec.other[0]": "x", "spec.type.below": "x", "elsewhere.a": "x" })).toEqual(sent.spec);
	});
	it("leaves as they are stored the fields that are too long to be remembered", () => {
		expect(specSent({ "spec.type": null, "spec.gone": null })).toEqual(sent.spec);
		const remembered = remembering(sent, {
			stored: new Map([["spec.a", "x".repeat(2000)]]),
			sent: new Set(["spec.c", "spec.b"]),
		});
		expect(yieldedFields(remembered)).toEqual({
			stored: new Map([["spec.a", null]]),
			sent: new Set(["spec.b", "spec.c"]),
		});
	});
	it.each(["{", "[]", '"x"', "null"])("does not trust what anybody wrote there: %s", (text) => {
		const object = { ...sent, metadata: { name: "s", annotations: { [YIELDED_ANNOTATION]: text } } };
		expect(yieldedFields(object)).toEqual({ stored: new Map(), sent: new Set() });
	});
});
