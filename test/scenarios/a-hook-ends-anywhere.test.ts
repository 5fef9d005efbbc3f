import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import type { AdminCall } from "../../schemas/admin.ts";
import { NamespaceWorld } from "../hooks/namespace-world.ts";
import { stagesOf } from "../stages.ts";

// A hook that ends anywhere: after it planned, after any of its calls, before its status is written. Whoever comes next
// knows only what is in the object and on the proxies.

const SPEC = { backend: "postgres", pattern: "keyvalue" };

/** What happens to the namespace, one thing after the other. */
const LIFE: readonly (readonly [what: string, happen: (world: NamespaceWorld) => void])[] = [
	["created", (world) => world.relate({ name: "prism-a" })],
	["edited", (world) => world.edit({ ...SPEC, quotas: { maxKeys: 7 } })],
	["moved", (world) => world.relate({ name: "prism-a", draining: true }, { name: "prism-b", replicas: 3 })],
	["joined", (world) => world.relate({ name: "prism-b", replicas: 4 })],
	["deleted", (world) => world.delete()],
];

/** Where a hook ends: after so many of its calls, and with the last of them unheard or not made at all. */
interface Crash {
	readonly sync: number;
	readonly calls: number;
}

/** Lives through all of it, with one crash; returns how many calls each sync made. */
const live = (crash: Crash | undefined): { world: NamespaceWorld; calls: number[]; ends: string[] } => {
	const world = new NamespaceWorld(SPEC);
	const calls: number[] = [];
	const ends: string[] = [];
	const { ask, decide } = stagesOf(prismNamespace);
	const sync = () => {
		const request = world.request();
		const answers = ask(request, world.context).map((question) => world.answer(question));
		const wanted: readonly AdminCall[] = decide(request, world.context, answers);
		const isCrash = crash?.sync === calls.length;
		calls.push(wanted.length);
		const made = isCrash ? wanted.slice(0, crash.calls) : wanted;
		const results = made.map((call) => ({ call, outcome: world.execute(call) }));
		if (isCrash) return 1;
		return world.conclude(request, { answers, results }).resyncAfterSeconds ?? 0;
	};
	for (const [what, happen] of LIFE) {
		happen(world);
		let quiet = 0;
		for (let count = 0; count < 40 && quiet < 3 && !world.finalized; count += 1) {
			const before = [world.statusWrites, world.calls.length, calls.length === crash?.sync].join();
			world.pass(Math.max(1, Math.ceil(sync())));
			quiet = before === [world.statusWrites, world.calls.length, false].join() ? quiet + 1 : 0;
		}
		ends.push(`${what}: ${snapshot(world)}`);
	}
	return { world, calls, ends };
};

/** What is true for others: which proxies have it and how, and where status says that it is. */
const snapshot = (world: NamespaceWorld): string => {
	const held = [...world.proxies]
		.filter(([, { store }]) => store.list().length > 0)
		.map(([address, { store }]) => `${address.split(".")[0]}=${store.get("profiles")?.digest}`)
		.toSorted();
	const places = world.finalized ? ["gone"] : world.placements.map(({ roster: name, state }) => `${name} ${state}`);
	return [...held, ...places, world.finalized ? "" : String(world.condition("Ready")?.["status"])].join(", ");
};

describe("a hook that ends anywhere", () => {
	const { calls, ends, world } = live(undefined);

	it("lives a life worth ending: places, calls, a move and an end", () => {
		expect(world.finalized).toBe(true);
		expect(calls.filter((count) => count > 0).length).toBeGreaterThanOrEqual(5);
		expect(ends.map((end) => end.split(":")[0])).toEqual(LIFE.map(([what]) => what));
	});

	const crashes = calls.flatMap((count, sync) =>
		Array.from({ length: count + 1 }, (_, made): Crash => ({ sync, calls: made })),
	);

	it.each(crashes)("in sync $sync, after $calls calls, comes to the same as one that does not", (crash) => {
		expect(live(crash).ends).toEqual(ends);
	});
});
