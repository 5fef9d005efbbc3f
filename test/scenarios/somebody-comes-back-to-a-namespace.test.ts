import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import type { Placement } from "../../schemas/prismnamespace.ts";
import { NamespaceWorld, type RosterOptions, roster, START } from "../hooks/namespace-world.ts";

// When somebody comes back to a namespace: soon where something is to happen, rarely where all is well, never not at all.

const SPEC = { backend: "postgres", pattern: "keyvalue" };
const A = "prism-a";
const B = "prism-b";
const down = { kind: "down", failure: "Unreachable" } as const;
/** 300 s, lengthened for this very object. */
const SETTLED = 355;

const settled = (spec: unknown, ...rosters: readonly RosterOptions[]): NamespaceWorld => {
	const world = new NamespaceWorld(spec);
	world.relate(...rosters);
	world.settle();
	return world;
};
const next = (world: NamespaceWorld): number | undefined => world.sync().resyncAfterSeconds;
/** Once what the sync before it said is written. */
const nextAtRest = (world: NamespaceWorld): number | undefined => {
	world.sync();
	return next(world);
};
const at = (world: NamespaceWorld, now: string): NamespaceWorld => Object.assign(world, { now });

describe("somebody comes back to a namespace", () => {
	it("soon, to make the calls that were written ahead", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: A });
		expect(next(world)).toBe(0.2);
	});

	it("rarely when all is well, the spec makes no sense, or it is paused", () => {
		const world = settled(SPEC, { name: A });
		expect(next(world)).toBe(SETTLED);
		world.annotate({ "prism.io/paused": "true" });
		world.at(A, 0).trouble = down;
		expect(nextAtRest(world)).toBe(SETTLED);
		world.annotate({});
		world.edit({ ...SPEC, namespaceId: 5 });
		expect(nextAtRest(world)).toBe(SETTLED);
	});

	// Another write came first, of which nobody hears: Metacontroller gives up the status, and news of a status wake nobody.
	it("within ten seconds of a status that may not have been written, until it is", () => {
		const world = settled(SPEC, { name: A, replicas: 1 });
		world.relate({ name: A, replicas: 2 });
		world.sync();
		const { object } = world;
		expect(next(world)).toBe(10);
		expect(world.status["prismInstances"]).toHaveLength(2);
		world.object = object;
		expect(next(world)).toBe(10);
		expect(next(world)).toBe(SETTLED);
		expect(world.status["prismInstances"]).toHaveLength(2);
	});

	it("differently for each, by its name where it has no uid", () => {
		const nameless = new NamespaceWorld(SPEC, { uid: undefined as never });
		expect(nextAtRest(nameless)).not.toBe(SETTLED);
		expect(nextAtRest(nameless)).toBe(nextAtRest(new NamespaceWorld(SPEC, { uid: "profiles" })));
	});

	it.each([
		["2026-01-01T00:50:00Z", SETTLED],
		["2026-01-01T00:59:50Z", 11],
		["2026-01-01T00:59:59Z", 2],
	])("right after its time is over: at %s in %d s", (now, seconds) => {
		expect(next(at(settled({ ...SPEC, ttl: "1h" }, { name: A }), now))).toBe(seconds);
	});

	it("rarely once its time was over", () => {
		const world = at(settled({ ...SPEC, ttl: "1h" }, { name: A }), "2026-01-01T01:00:00Z");
		for (const _ of [1, 2, 3]) world.sync();
		world.pass(30);
		for (const _ of [1, 2]) world.sync();
		expect(world.placements).toEqual([]);
		expect(next(world)).toBe(SETTLED);
	});

	it("the less often the longer it is not Ready, and at once when it was edited", () => {
		const world = settled(SPEC, { name: A });
		world.at(A, 0).trouble = down;
		const after = (seconds: number) => {
			world.pass(seconds);
			return next(world);
		};
		expect([0, 6, 10, 24, 196, 4, 10, 4000].map(after)).toEqual([1, 2, 4, 10, 59, 60, 60, 60]);
		world.edit({ ...SPEC, quotas: { maxKeys: 1 } });
		expect(next(world)).toBe(1);
	});

	it("before its time is over, however long it is not Ready", () => {
		const world = settled({ ...SPEC, ttl: "1h" }, { name: A });
		world.at(A, 0).trouble = down;
		world.sync();
		at(world, "2026-01-01T00:59:50Z");
		expect(next(world)).toBe(11);
	});

	it("often to a place that is being left, but rarely to one that is out of reach for long", () => {
		const world = settled(SPEC, { name: A });
		world.at(A, 1).trouble = down;
		world.relate({ name: A, draining: true }, { name: B });
		for (const _ of [1, 2, 3, 4]) world.sync();
		expect(next(world)).toBe(10);
		world.pass(59);
		expect(next(world)).toBe(10);
		world.pass(1);
		expect(nextAtRest(world)).toBe(SETTLED);
	});

	it("when nobody has it and there is nowhere to go, rarely", () => {
		expect(next(settled(SPEC))).toBe(SETTLED);
	});
});

describe("a namespace that goes", () => {
	const going = (created: string, placements: readonly Placement[] | undefined, now = START): unknown => {
		const world = at(new NamespaceWorld(SPEC, { creationTimestamp: created }), now);
		world.object = { ...world.object, status: { ...(placements !== undefined && { placements }) } };
		world.delete();
		return world.sync();
	};
	const place: Placement = {
		roster: A,
		namespace: "team",
		state: "Active",
		since: START,
		port: 8981,
		controlPlane: false,
		instances: [{ name: `${A}-0` }],
	};
	const gone = { attachments: [], finalized: true, resyncAfterSeconds: 10 };

	it.each([
		["which was nowhere", START, undefined, START, gone],
		["in the second of its creation", START, [place], START, { attachments: [], resyncAfterSeconds: 1 }],
		["in the second after", START, [place], "2026-01-01T00:00:01Z", { attachments: [], resyncAfterSeconds: 1 }],
		["two seconds after", START, [place], "2026-01-01T00:00:02Z", gone],
		["before its creation", "2026-01-01T00:00:09Z", [place], START, gone],
	])("goes at once or not, %s", (_, created, placements, now, answer) => {
		expect(going(created, placements, now)).toEqual(answer);
	});

	it("says whom it waits for, and nothing that is not true any more", () => {
		const world = settled(SPEC, { name: A }, { name: B, weight: 0 });
		world.pass(100);
		world.at(A, 0).trouble = { kind: "down", failure: "Unauthenticated" };
		world.delete();
		expect(world.sync()).toMatchObject({ attachments: [], resyncAfterSeconds: 1 });
		expect(world.status).toMatchObject({
			phase: "Terminating",
			state: "Terminating",
			namespaceId: "profiles",
			shard: "a",
		});
		for (const field of ["prismInstances", "health", "proxyStatus"]) expect(world.status).not.toHaveProperty(field);
		expect(world.placements).toMatchObject([{ roster: A, state: "Revoking", since: world.now }]);
		world.pass(40);
		expect(next(world)).toBe(10);
	});

	it("is let go by force, whoever has it", () => {
		const world = settled(SPEC, { name: A });
		world.pass(100);
		for (const index of [0, 1]) world.at(A, index).trouble = down;
		world.delete();
		world.annotate({ "prism.io/force-delete": "true" });
		expect(world.sync()).toEqual(gone);
	});

	it("bears a status that is none", () => {
		const world = new NamespaceWorld(SPEC);
		world.related = [roster({ name: A })];
		world.object = { ...world.object, status: "odd" };
		world.delete();
		expect(prismNamespace.finalize?.(world.request(), world.context)).toEqual(gone);
	});
});
