import { readFileSync } from "node:fs";
import { FAILING_PHASES, RESTING, UNDER_WAY } from "../../kube/health.ts";

// How an object of ours is, in the words of those who apply it from git: kube/health.ts, its table and its order, as Lua and
// as CEL. That they agree in every situation, or differ for a reason, is held by test/gitops/judge.test.ts.

/**
 * For Argo CD, which runs Lua 5.1 without its libraries of strings and numbers: Healthy, Progressing, Degraded or
 * Suspended. A pause never hides a failure.
 */
export const healthLua = (): string =>
	readLua("health.lua")
		.replace("RESTING", luaSet(Object.values(RESTING)))
		.replace("UNDER_WAY", luaSet(Object.keys(UNDER_WAY)))
		.replace("FAILING_PHASES", luaSet(FAILING_PHASES));

const readLua = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

const luaSet = (words: readonly string[]): string => `{ ${words.map((word) => `${word} = true`).join(", ")} }`;

/** The internal kind has no status: it is a record, and its spec is what it records. */
export const rosterHealthLua = (): string => readLua("roster-health.lua");

/**
 * For Flux, in CEL, asked in this order. `failed` ends the waiting, so only what waiting won't fix counts.
 * Without them, Flux takes an object for done until the operator has written its first status.
 */
export const healthExpressions = () => ({
	inProgress:
		"!has(status.conditions) || !has(status.observedGeneration) || status.observedGeneration != metadata.generation",
	failed: `status.conditions.exists(c, c.type == 'Stalled' && c.status == 'True' && c.reason != '${RESTING.expired}')`,
	current: `status.conditions.exists(c, c.type == 'Ready' && (c.status == 'True' || c.reason == '${RESTING.expired}'))`,
});
