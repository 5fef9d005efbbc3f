import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { paintOf } from "../../../plugin/text/paint.ts";
import { tenantPlacementsOf, tenantsOf, whereData, whereLines } from "../../../plugin/where/where.ts";
import { expectGolden, HOURS_AGO, late, MINUTES_AGO, NOW, ours, ownedBy, pod, ready, statefulSet } from "../world.ts";

const SPEECH = { program: "kubectl prism", flags: [] };
const shard = ours(
	"PrismShard",
	"live",
	late("ReplicasUnavailable", "StatefulSet prism-live: 2 of 3 pods are available"),
);
const set = statefulSet("prism-live", shard, 2, 3);
const roster = ours("PrismRoster", "prism-live", {
	metadata: ownedBy(shard),
	spec: {
		accepting: true,
		draining: true,
		instances: ["0", "1", "2", "3", "4", "5", "6"].map((index) => ({
			name: `prism-live-${index}`,
			ready: index !== "2" && index !== "5",
		})),
	},
});
const tenant = ours("PrismNamespace", "acme", {
	...late(
		"PartiallyProvisioned",
		"1 of 2 instances have the namespace; prism-live-1: is busy with other calls of the operator",
	),
	status: {
		namespaceId: "tenant-acme",
		provisionedAt: HOURS_AGO,
		expiresAt: "2026-01-31T12:00:00Z",
		metrics: { requestRate: 150, p99Latency: "8ms" },
		placements: [
			{
				roster: "prism-live",
				namespace: "shop",
				state: "Active",
				since: HOURS_AGO,
				instances: [
					{ name: "prism-live-0", state: "Applied" },
					{ name: "prism-live-1", state: "Waiting", message: "is busy with other calls of the operator" },
					{ name: "prism-live-2", lastKnownAt: MINUTES_AGO },
					{
						name: "prism-live-3",
						state: "Waiting",
						message: "does not answer",
						silentSince: MINUTES_AGO,
						lastKnownAt: HOURS_AGO,
					},
					{ name: "prism-live-4", state: "Waiting", message: "does not answer", silentSince: MINUTES_AGO },
				],
			},
			{
				roster: "prism-old",
				namespace: "shop",
				state: "Revoking",
				since: MINUTES_AGO,
				unreachableSince: MINUTES_AGO,
				instances: [{ name: "prism-old-0" }, { name: "prism-old-1", state: "Kept", message: "not yet implemented" }],
			},
		],
	},
});
const placed = ours("PrismNamespace", "globex", {
	...ready("NamespaceReady", "1 of 1 ready instances of shop-proxy have the namespace"),
	status: {
		placements: [
			{
				roster: "shop-proxy",
				state: "Active",
				controlPlane: true,
				instances: [{ name: "shop-admin", state: "Accepted" }],
			},
		],
	},
});

const view = viewOf({
	objects: [
		shard,
		set,
		roster,
		tenant,
		placed,
		...["0", "1"].map((index) =>
			pod(`prism-live-${index}`, set, { ready: true, containers: [{ name: "prism-proxy" }] }),
		),
		pod("prism-live-2", set, { containers: [{ name: "prism-proxy" }] }),
	],
	now: NOW,
});
const text = (id: string) =>
	`${tenantsOf(view, id)
		.flatMap((object) =>
			whereLines(tenantPlacementsOf(view, object), paintOf({ color: false, columns: 80 }), NOW, SPEECH),
		)
		.join("\n")}\n`;

describe("where", () => {
	it("tells the shard, each instance and what it says, and where it is being taken away", () =>
		expectGolden("where", text("tenant-acme")));
	it("tells of a control plane that provisions for the proxies", () =>
		expectGolden("where-control-plane", text("globex")));
	it("goes by the identifier, and by the object's name only where nobody has it", () => {
		expect(tenantsOf(view, "acme").map(({ metadata }) => metadata.name)).toEqual(["acme"]);
		expect(tenantsOf(view, "tenant-acme").map(({ metadata }) => metadata.name)).toEqual(["acme"]);
		expect(tenantsOf(view, "nobody")).toEqual([]);
	});
	it("is data for scripts", () => {
		expect(whereData(tenantPlacementsOf(view, tenant))).toMatchObject({
			namespaceId: "tenant-acme",
			ready: false,
			places: [
				{
					roster: "prism-live",
					state: "Active",
					host: { kind: "PrismShard", name: "live" },
					instances: [
						{ state: "Applied" },
						{ state: "Waiting" },
						{ state: "Missing", ready: false, lastKnownAt: MINUTES_AGO },
						{ state: "Waiting" },
						{ state: "Waiting" },
						{ state: "Missing", ready: false },
						{ state: "Missing", ready: true },
					],
				},
				{ state: "Revoking" },
			],
		});
	});
});
