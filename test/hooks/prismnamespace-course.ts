import type { REASONS } from "../../schemas/vocabulary.ts";
import { NamespaceWorld, type RosterOptions, roster } from "./namespace-world.ts";

// How a namespace comes into a situation.

export interface NamespaceSituation {
	readonly title: string;
	/** Brings the world into the situation; its status is then what the hook said last. */
	readonly world: () => NamespaceWorld;
	readonly condition: {
		readonly type?: string;
		readonly status: string;
		readonly reason: keyof typeof REASONS;
		readonly message: string;
	};
	readonly phase: string;
}

export const SPEC = { backend: "postgres", pattern: "keyvalue" };
export const SHARD = "prism-playback";

/** A namespace and the rosters it can be on, as far as it comes by itself. */
export const settled = (
	spec: unknown,
	rosters: readonly RosterOptions[],
	then?: (world: NamespaceWorld) => void,
): NamespaceWorld => {
	const world = new NamespaceWorld(spec);
	world.rosters = rosters.map(roster);
	world.settle();
	if (then !== undefined) {
		then(world);
		if (!world.finalized) world.sync();
	}
	return world;
};

/** The same with proxies that are in trouble from the beginning. */
export const troubled = (
	spec: unknown,
	rosters: readonly RosterOptions[],
	trouble: (world: NamespaceWorld) => void,
): NamespaceWorld => {
	const world = new NamespaceWorld(spec);
	world.rosters = rosters.map(roster);
	trouble(world);
	world.sync();
	world.pass(1);
	world.sync();
	return world;
};

export const down = { kind: "down", failure: "DeadlineExceeded" } as const;
