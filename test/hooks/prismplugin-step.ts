import type { Given, Place, RolloutState } from "../../hooks/prismplugin/rollout.ts";
import type { Observation, Release } from "../../hooks/prismplugin/rollout-part.ts";
import type { PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";

// A rollout from 1.0.0 to 2.0.0 in pieces: its state, its parts, its places, and what is given.

export const NOW = "2026-01-01T01:00:00Z";
export const BEFORE = "2026-01-01T00:00:00Z";
export const LATER = "2026-01-01T02:00:00Z";

export const release = (version: string): Release => ({ version, image: `p:${version}` });
export const [ONE, TWO, THREE] = [release("1.0.0"), release("2.0.0"), release("3.0.0")];

export const rollout = (phase: PluginRollout["phase"], more: Partial<PluginRollout> = {}): PluginRollout => ({
	generation: 1,
	...TWO,
	phase,
	startedAt: BEFORE,
	...((phase === "Complete" || phase === "RolledBack") && { finishedAt: BEFORE }),
	...more,
});

export const part = (
	name: string,
	state: RolloutPart["state"],
	its = TWO,
	more: Partial<RolloutPart> = {},
): RolloutPart => ({
	name,
	...its,
	state,
	since: BEFORE,
	...more,
});

export const runs = (name: string, its: Release, ready = 1): Place => ({
	name,
	observed: { ...its, desired: 1, updated: 1, ready } satisfies Observation,
});
export const silent = (name: string): Place => ({ name, observed: undefined });

export const state = (its: Partial<RolloutState>): RolloutState => ({
	rollout: rollout("Progressing"),
	lastGood: ONE,
	parts: [],
	history: [],
	...its,
});

export const given = (
	places: readonly Place[],
	change: Partial<Given> = {},
	policy: Partial<Given["policy"]> = {},
): Given => ({
	wanted: { ...TWO, generation: 1 },
	places,
	policy: { maxUnavailableShards: 1, bakeSeconds: 60, deadlineSeconds: 600, graceSeconds: 30, ...policy },
	now: NOW,
	...change,
});

export const titles = ({ parts }: RolloutState): string[] =>
	parts.map(({ name, state: its, version }) => `${name} ${its} ${version}`);
