import type { KubeObject } from "../../schemas/common.ts";
import type { REASONS } from "../../schemas/vocabulary.ts";
import type { Trouble } from "./namespace-proxies.ts";
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
	world.related = rosters.map(roster);
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
	world.related = rosters.map(roster);
	trouble(world);
	world.sync();
	world.pass(1);
	world.sync();
	return world;
};

/** A namespace of stack dev, as far as it comes with a control plane that has the manners of the one that exists. */
export const unseen = (
	spec: Record<string, unknown> = {},
	trouble: Partial<Extract<Trouble, { readonly kind: "prismAdmin" }>> = {},
	change: { readonly metadata?: Partial<KubeObject["metadata"]>; readonly allowed?: Record<string, unknown> } = {},
): NamespaceWorld => {
	const { metadata, allowed } = change;
	const world = new NamespaceWorld({ proxyRef: { name: "dev-proxy", namespace: "team" }, ...spec }, metadata);
	world.relate({ name: "dev-proxy", controlPlane: true, ...(allowed && { allowed }) });
	world.admin.trouble = { kind: "prismAdmin", ...trouble };
	return world;
};

export const down = { kind: "down", failure: "DeadlineExceeded" } as const;
