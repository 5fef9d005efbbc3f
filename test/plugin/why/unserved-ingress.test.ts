import { describe, expect, it } from "vitest";
import { keyOf, type Need } from "../../../plugin/why/diagnosis.ts";
import { ingressNeeds, unservedIngresses } from "../../../plugin/why/unserved-ingress.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { knownOf } from "../why-case.ts";
import { HOURS_AGO, NOW, other, ours, ownedBy } from "../world.ts";

const SHARD = ours("PrismShard", "eu");
const ingress = (fields: Partial<KubeObject> = {}, creationTimestamp = HOURS_AGO): KubeObject => ({
	...other("networking.k8s.io/v1", "Ingress", "prism-eu", { ...ownedBy(SHARD), creationTimestamp }),
	spec: { ingressClassName: "traefik" },
	...fields,
});
const KEY: Need = { need: "object", resource: "ingressclass", namespace: undefined, name: "traefik" };

describe("an Ingress without an address", () => {
	it.each<[string, KubeObject, number]>([
		["needs its class", ingress(), 1],
		["is new", ingress({}, NOW), 0],
		["has one", ingress({ status: { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } } }), 0],
		["names no class", ingress({ spec: {} }), 0],
	])("%s", (_, child, needs) => {
		expect(ingressNeeds(knownOf([SHARD, child]), SHARD)).toEqual(Array.from({ length: needs }, () => KEY));
	});

	it.each<[string, KubeObject, KubeObject | undefined, RegExp]>([
		["of a class that is missing", ingress(), undefined, /IngressClass traefik is not found/],
		[
			"of a class of a controller",
			ingress(),
			{ ...other("networking.k8s.io/v1", "IngressClass", "traefik"), spec: { controller: "traefik.io/x" } },
			/\(traefik\.io\/x\) run/,
		],
		["without a class", ingress({ spec: {} }), undefined, /the default IngressClass/],
	])("is reported: %s", (_, child, found, expected) => {
		const known = knownOf([SHARD, child], { objects: new Map([[keyOf(KEY), found]]) });
		expect(ingressNeeds(known, SHARD)).toEqual([]);
		expect(unservedIngresses(known, SHARD)).toEqual([expect.stringMatching(expected)]);
	});
});
