import { expect, it } from "vitest";
import { shardService } from "../../../hooks/prismshard/client-service.ts";
import { plannedShard } from "../plans.ts";

const built = (exposure: object, spec: object = {}) => shardService(plannedShard({ ...spec, exposure }).plan);

it.each([
	["ClusterIP", {}, "ClusterIP"],
	["LoadBalancer", {}, "LoadBalancer"],
	// The Ingress is what is reached from outside.
	["Ingress", { host: "prism.example.com" }, "ClusterIP"],
])("is reached as exposure %s asks", (type, more, expected) => {
	expect(built({ type, ...more }).spec?.type).toBe(expected);
});

it("offers the clients' port alone", () => {
	expect(built({ type: "LoadBalancer" }, { port: 9000 }).spec?.ports).toEqual([
		{ name: "grpc", port: 9000, targetPort: "grpc", protocol: "TCP" },
	]);
});

it("selects the shard's own pods", () => {
	const { metadata, spec } = built({});
	expect(metadata).toMatchObject({ name: "prism-it", namespace: "prism" });
	expect(spec?.selector).toEqual({ app: "prism-proxy", shard: "it" });
});

it.each([
	["LoadBalancer", {}, { "example.com/pool": "a" }],
	["Ingress", { host: "prism.example.com" }, undefined],
])("has the annotations of exposure %s, if they are for it", (type, more, expected) => {
	const annotations = { "example.com/pool": "a" };
	expect(built({ type, annotations, ...more }).metadata.annotations).toEqual(expected);
});

it("passes on what a load balancer is asked for", () => {
	const more = { externalTrafficPolicy: "Local", loadBalancerSourceRanges: ["10.0.0.0/8"] };
	expect(built({ type: "LoadBalancer", ...more }).spec).toMatchObject(more);
});
