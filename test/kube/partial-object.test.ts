import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { seenOf } from "../../kube/partial-object.ts";
import { checkOf, defaultsOf } from "../../kube/schema.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismNamespace } from "../../schemas/prismnamespace.ts";
import { PrismPlugin } from "../../schemas/prismplugin.ts";
import { arbitraryOf } from "../laws/arbitrary.ts";
import { deepFrozen } from "../laws/cluster.ts";

// What is read of an object is what its schema knows, whoever wrote the rest of it.

const object = (kind: string, fields: Record<string, unknown>): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind,
	metadata: { name: "it" },
	...fields,
});
const undress = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe.each(KINDS.map((kind) => [kind.kind, kind] as const))("a %s", (_, kind) => {
	it("is read whole, if it is as its schema says", () => {
		fc.assert(
			fc.property(arbitraryOf(kind.spec), (given) => {
				const spec = undress(defaultsOf(kind.spec)(given));
				fc.pre(checkOf(kind.spec)(spec));
				expect(seenOf(kind, object(kind.kind, { spec: deepFrozen(spec) })).spec).toEqual(spec);
			}),
			{ numRuns: 40 },
		);
	});

	it.each([undefined, null, "text", 7, [], [{}]])("has nothing, if its spec and status are %j", (wrong) => {
		expect(seenOf(kind, object(kind.kind, { spec: wrong, status: wrong }))).toEqual({ spec: {}, status: {} });
	});

	it("has no field that its schema does not know", () => {
		const stranger = { zz: 1, __proto__: { polluted: true } };
		expect(seenOf(kind, object(kind.kind, { spec: stranger, status: stranger }))).toEqual({ spec: {}, status: {} });
	});
});

describe("what another release wrote otherwise", () => {
	it("is left out, and what is beside it stays", () => {
		const status = {
			placements: [
				{ roster: "a", state: "Hovering", instances: [{ name: "a-0", state: 5, cause: "Pending" }, "a-1"] },
				null,
				{ roster: 3, namespace: "n", controlPlane: "yes", since: "2026-01-01T00:00:00Z" },
			],
			expiresAt: "soon",
			namespaceId: "tenant",
		};
		expect(seenOf(PrismNamespace, object("PrismNamespace", { status })).status).toEqual({
			placements: [
				{ roster: "a", instances: [{ name: "a-0", cause: "Pending" }] },
				{ namespace: "n", since: "2026-01-01T00:00:00Z" },
			],
			namespaceId: "tenant",
		});
	});

	it("is left out of lists, and a list that is none is not there", () => {
		const status = { pinnedShards: ["a", 1, "b", null], shards: "a", rollout: [], remote: { name: "r" } };
		expect(seenOf(PrismPlugin, object("PrismPlugin", { status })).status).toEqual({
			pinnedShards: ["a", "b"],
			remote: { name: "r" },
		});
	});
});
