import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { NamespaceWorld, type RosterOptions, START } from "../hooks/namespace-world.ts";
import { stagesOf } from "../stages.ts";

// What was known of an instance before it was last not ready is not believed any more.

const SPEC = { backend: "postgres", pattern: "keyvalue" };
const A = "prism-a";
const LATER = "2026-01-01T00:10:00Z";

const settled = (options: Partial<RosterOptions> = {}): NamespaceWorld => {
	const world = new NamespaceWorld(SPEC);
	world.relate({ name: A, replicas: 1, readySince: START, ...options });
	world.settle();
	return world;
};
const asked = (world: NamespaceWorld) =>
	stagesOf(prismNamespace)
		.ask(world.request(), world.context)
		.map(({ changedAt }) => changedAt);

describe("a namespace whose instance was restarted", () => {
	it("asks for what was read since, or since the instance fell silent", () => {
		const world = settled();
		expect(asked(world)).toEqual([START]);
		world.relate({ name: A, replicas: 1, readySince: LATER });
		expect(asked(world)).toEqual([LATER]);
		world.relate({ name: A, replicas: 1, readySince: START, silentSince: LATER });
		expect(asked(world)).toEqual([LATER]);
		world.relate({ name: A, replicas: 1 });
		expect(asked(world)).toEqual([undefined]);
	});

	it("asks a control plane for what was read since the last of its pods became ready", () => {
		expect(asked(settled({ controlPlane: true, readySince: LATER }))).toEqual([LATER]);
	});

	it("is given to the empty instance at once, however short ago it was pushed there", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: A, replicas: 1, readySince: START });
		for (const _ of [1, 2]) world.sync();
		expect(world.condition("Ready")).toMatchObject({ status: "True" });
		const { length } = world.calls;
		world.at(A, 0).store.wipe();
		// Another copy of the operator pushed it a moment ago: a listing without it may be older than that.
		world.sync();
		expect(world.calls).toHaveLength(length);
		world.relate({ name: A, replicas: 1, readySince: "2026-01-01T00:00:01Z" });
		world.sync();
		expect(world.calls).toHaveLength(length + 1);
		expect(world.at(A, 0).store.list().length).toBe(1);
		expect(world.placements[0]?.instances).toEqual([
			{ name: `${A}-0`, state: "Applied", readySince: "2026-01-01T00:00:01Z" },
		]);
	});

	it("is not said to be there as long as the instance does not answer", () => {
		const world = settled();
		world.relate({ name: A, replicas: 1, readySince: LATER });
		world.at(A, 0).trouble = { kind: "down", failure: "DeadlineExceeded" };
		world.sync();
		expect(world.condition("Ready")).toMatchObject({ status: "False" });
	});

	it("is told again where it can't be read back", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: A, replicas: 1, readySince: START });
		world.at(A, 0).trouble = { kind: "noReadBack" };
		world.settle();
		const { length } = world.calls;
		world.relate({ name: A, replicas: 1, readySince: LATER });
		world.settle();
		expect(world.calls).toHaveLength(length + 1);
	});

	// Of rosters and statuses of an operator that knew nothing of this.
	it.each([
		["before the roster says so", undefined, undefined],
		["once the roster says so", undefined, START],
		["when the roster says so no more", START, undefined],
	])("stays Ready and is not told again %s", (_, before, after) => {
		const world = settled({ readySince: before as never });
		const { length } = world.calls;
		world.relate({ name: A, replicas: 1, ...(after !== undefined && { readySince: after }) });
		world.sync();
		expect(world.condition("Ready")).toMatchObject({ status: "True" });
		expect(world.calls).toHaveLength(length);
		expect(world.placements[0]?.instances).toEqual([
			{ name: `${A}-0`, state: "Applied", ...(after !== undefined && { readySince: after }) },
		]);
	});
});

describe("an instance that can't be asked any more", () => {
	const DOWN = { kind: "down", failure: "Unreachable" } as const;
	const lastKnown = (world: NamespaceWorld) => world.placements[0]?.instances.map(({ lastKnownAt }) => lastKnownAt);

	it.each([
		["does not answer", {}],
		["is not ready", { unready: [0] }],
	] as const)("keeps when it was last known to have the namespace: it %s", (_, options) => {
		const world = settled({ readySince: undefined as never });
		expect(lastKnown(world)).toEqual([undefined]);
		const gone = world.now;
		world.at(A, 0).trouble = DOWN;
		world.relate({ name: A, replicas: 1, ...options });
		world.sync();
		expect(lastKnown(world)).toEqual([gone]);
		const { statusWrites: writes } = world;
		for (let looks = 0; looks < 3; looks += 1) {
			world.pass(600);
			world.sync();
		}
		expect(lastKnown(world)).toEqual([gone]);
		expect(world.statusWrites - writes).toBeLessThanOrEqual(1);
		world.at(A, 0).trouble = undefined;
		world.relate({ name: A, replicas: 1 });
		world.settle();
		expect(world.placements[0]?.instances).toEqual([{ name: `${A}-0`, state: "Applied" }]);
	});

	it("keeps it while a pod is not ready, and not for the pod that becomes ready", () => {
		const world = settled();
		const gone = world.now;
		world.relate({ name: A, replicas: 2, unready: [0], readySince: undefined as never });
		world.sync();
		world.pass(600);
		world.sync();
		expect(lastKnown(world)).toEqual([gone, undefined]);
		world.relate({ name: A, replicas: 1, readySince: LATER });
		world.at(A, 0).trouble = DOWN;
		world.sync();
		expect(lastKnown(world)).toEqual([undefined]);
	});

	it("is not said of one that never had it", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: A, replicas: 1 });
		world.at(A, 0).trouble = DOWN;
		world.settle();
		expect(lastKnown(world)).toEqual([undefined]);
	});
});
