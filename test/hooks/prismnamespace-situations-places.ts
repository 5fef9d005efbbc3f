import type { Placement } from "../../schemas/prismnamespace.ts";
import { NamespaceWorld, type RosterOptions, roster } from "./namespace-world.ts";
import { down, type NamespaceSituation, SHARD, SPEC, settled, troubled } from "./prismnamespace-situation.ts";
import { WARNED } from "./situations.ts";

// Situations of namespaces that are on the move, have nowhere to go, or whose instances differ.

const OTHER = "prism-other";

/** On one shard, then on its way to another, after so many syncs; `happen` comes first. */
const moving = (syncs: number, happen: (world: NamespaceWorld) => void = () => {}): NamespaceWorld => {
	const world = settled(SPEC, [{ name: SHARD }]);
	happen(world);
	world.relate({ name: SHARD, draining: true }, { name: OTHER });
	for (let done = 0; done < syncs; done += 1) world.sync();
	return world;
};

/** Being taken away from as many places as there may be, none of which answers. */
const crowded = (rosters: readonly RosterOptions[], more: readonly Placement[] = []): NamespaceWorld => {
	const world = new NamespaceWorld(SPEC);
	world.related = rosters.map(roster);
	const gone = Array.from({ length: 12 - more.length }, (_, index): Placement => {
		const name = `prism-gone-${index}`;
		world.at(name, 0).trouble = down;
		return { ...place(name), state: "Revoking" };
	});
	world.object = { ...world.object, status: { placements: [...more, ...gone] } };
	world.sync();
	return world;
};

const place = (name: string): Placement => ({
	roster: name,
	namespace: "team",
	state: "Active",
	since: "2026-01-01T00:00:00Z",
	port: 8981,
	controlPlane: false,
	instances: [{ name: `${name}-0` }],
});

export const MORE_PRISM_NAMESPACE_SITUATIONS: readonly NamespaceSituation[] = [
	{
		title: "its time is over, and nobody has it any more",
		world: () => {
			const world = settled({ ...SPEC, ttl: "1h" }, [{ name: SHARD }]);
			world.pass(3600);
			world.settle();
			world.pass(30);
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "Expired",
		},
		phase: "Expired",
	},
	{
		title: "proxies that take nothing new",
		world: () => settled({ proxyRef: { name: "dev-proxy" } }, [{ name: "dev-proxy", accepting: false }]),
		condition: { status: "False", reason: "NotAccepting" },
		phase: "Pending",
	},
	{
		title: "its shard goes, and every other is full",
		world: () =>
			settled(SPEC, [{ name: SHARD }], (world) =>
				world.relate({ name: SHARD, deleting: true }, { name: OTHER, accepting: false }),
			),
		condition: {
			status: "False",
			reason: "NotAccepting",
		},
		phase: "Degraded",
	},
	{
		title: "too many places to leave, and none to be in",
		world: () => crowded([{ name: SHARD }]),
		condition: { status: "False", reason: "NotAccepting" },
		phase: "Pending",
	},
	{
		title: "too many places to leave, and one that drains",
		world: () => crowded([{ name: SHARD, draining: true, replicas: 1 }, { name: OTHER }], [place(SHARD)]),
		condition: WARNED,
		phase: "Active",
	},
	{
		title: "its instances are no longer ready",
		world: () => settled(SPEC, [{ name: SHARD }], (world) => world.relate({ name: SHARD, unready: [0, 1] })),
		condition: { status: "False", reason: "InstancesNotReady" },
		phase: "Degraded",
	},
	{
		title: "written ahead, where not all are ready",
		world: () => {
			const world = new NamespaceWorld(SPEC);
			world.relate({ name: SHARD, unready: [1] });
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "Progressing",
		},
		phase: "Provisioning",
	},
	{
		title: "no instance takes calls yet",
		world: () =>
			troubled(SPEC, [{ name: SHARD }], (world) => {
				for (const index of [0, 1]) world.at(SHARD, index).trouble = { kind: "failsCalls", failure: "NotReady" };
			}),
		condition: {
			status: "False",
			reason: "Progressing",
		},
		phase: "Provisioning",
	},
	{
		title: "edited, and the instances take their time",
		world: () =>
			settled(SPEC, [{ name: SHARD }], (world) => {
				for (const index of [0, 1]) world.at(SHARD, index).trouble = { kind: "slow" };
				world.edit({ ...SPEC, quotas: { maxKeys: 10 } });
			}),
		condition: {
			status: "False",
			reason: "Progressing",
		},
		phase: "Updating",
	},
	{
		title: "edited, and one instance can't be reached",
		world: () =>
			settled(SPEC, [{ name: SHARD }], (world) => {
				world.at(SHARD, 1).trouble = { kind: "down", failure: "Unreachable" };
				world.edit({ ...SPEC, quotas: { maxKeys: 10 } });
			}),
		condition: {
			status: "False",
			reason: "PartiallyProvisioned",
		},
		phase: "Degraded",
	},
	{
		title: "paused before the instances were told, one of which does not answer",
		world: () => {
			const world = new NamespaceWorld(SPEC);
			world.relate({ name: SHARD });
			world.sync();
			world.annotate({ "prism.io/paused": "true" });
			world.at(SHARD, 1).trouble = down;
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "PausedByAnnotation",
		},
		phase: "Provisioning",
	},
	{
		title: "one of two can't be read back",
		world: () => {
			const world = troubled(SPEC, [{ name: SHARD }], (before) => {
				before.at(SHARD, 1).trouble = { kind: "noReadBack" };
			});
			world.settle();
			return world;
		},
		condition: {
			status: "True",
			reason: "Unverified",
		},
		phase: "Active",
	},
	{
		title: "about to move",
		world: () => moving(1),
		condition: {
			status: "True",
			reason: "NamespaceReady",
		},
		phase: "Active",
	},
	{
		title: "moved, and not yet taken away",
		world: () => moving(3),
		condition: { status: "True", reason: "NamespaceReady" },
		phase: "Active",
	},
	{
		title: "on its way to a shard that says no",
		world: () =>
			moving(3, (world) => {
				world.at(OTHER, 0).trouble = { kind: "refuses", message: "too big" };
			}),
		condition: WARNED,
		phase: "Active",
	},
	{
		title: "moved away from an instance that is out of reach for a minute",
		world: () => {
			const world = moving(4, (before) => {
				before.at(SHARD, 1).trouble = down;
			});
			world.pass(60);
			world.sync();
			return world;
		},
		condition: WARNED,
		phase: "Active",
	},
	{
		title: "moved away from an instance that is out of reach for less",
		world: () => {
			const world = moving(4, (before) => {
				before.at(SHARD, 1).trouble = down;
			});
			world.pass(59);
			world.sync();
			return world;
		},
		condition: { status: "True", reason: "NamespaceReady" },
		phase: "Active",
	},
	{
		title: "two places that must let go, of which one does not answer",
		world: () => {
			const world = moving(1);
			world.at(OTHER, 0).trouble = down;
			world.delete();
			world.sync();
			return world;
		},
		condition: {
			status: "False",
			reason: "Revoking",
		},
		phase: "Terminating",
	},
];
