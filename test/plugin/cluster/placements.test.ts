import { expect, it } from "vitest";
import { identifierOf, placementsOf } from "../../../plugin/cluster/placements.ts";
import { NOW, ours } from "../world.ts";

const namespace = (placements: unknown, spec: Record<string, unknown> = {}, namespaceId?: string) =>
	ours("PrismNamespace", "acme", { spec, status: { placements, namespaceId } });

it.each([
	["nothing", undefined, []],
	[
		"a whole placement",
		[
			{
				roster: "prism-live",
				namespace: "infra",
				state: "Active",
				since: NOW,
				controlPlane: true,
				instances: [{ name: "a" }],
			},
		],
		[
			{
				roster: "prism-live",
				namespace: "infra",
				state: "Active",
				since: NOW,
				unreachableSince: undefined,
				controlPlane: true,
				instances: [{ name: "a" }],
			},
		],
	],
	[
		"a placement of an older release",
		[{ roster: "prism-live" }],
		[
			{
				roster: "prism-live",
				namespace: "shop",
				state: "Assigning",
				since: undefined,
				unreachableSince: undefined,
				controlPlane: false,
				instances: [],
			},
		],
	],
])("reads placements from %s", (_, placements, expected) =>
	expect(placementsOf(namespace(placements))).toEqual(expected),
);

it("has no placements of other kinds", () =>
	expect(placementsOf(ours("PrismShard", "live", { status: { placements: [{ roster: "a" }] } }))).toEqual([]));

it.each([
	[namespace([], { namespaceId: "in-spec" }, "in-status"), "in-status"],
	[namespace([], { namespaceId: "in-spec" }), "in-spec"],
	[namespace([]), "acme"],
])("has an identifier: status, then spec, then name", (object, id) => expect(identifierOf(object)).toBe(id));
