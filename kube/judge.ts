import type { KubeObject } from "../schemas/common.ts";
import type { REASONS } from "../schemas/vocabulary.ts";
import { conditionOf } from "./conditions.ts";
import { valueAt } from "./object.ts";

// Health of a custom resource, from one table: for the commands and the dashboard, and printed as Lua for Argo CD and as CEL for
// Flux. No other code decides health.

export type Health =
	/** Everything in spec was observed ready. */
	| "healthy"
	/** Something is being done, or waited for. */
	| "progressing"
	/** What ran, or should run, does not. */
	| "degraded"
	/** A rest, not a failure: nothing is wrong, and nothing will happen by itself. */
	| "suspended"
	/** It is being deleted: its conditions no longer count. */
	| "gone";

type Reason = keyof typeof REASONS;

/** Reasons of Ready at which an object is suspended: its time is over, or a user requested it. */
export const RESTING = { expired: "Expired", paused: "PausedByAnnotation" } as const satisfies Record<string, Reason>;

/**
 * Reasons of what is being done, in whatever phase, unless it is Stalled: an edit of what ran already gives them for a
 * moment, and a sync of Argo CD fails at once of anything that is Degraded. Whether a pause of the object stops it: the
 * object's own children stand still then, and what happens elsewhere goes on.
 */
export const UNDER_WAY = {
	Progressing: { stopsWhilePaused: true },
	RollingBack: { stopsWhilePaused: true },
	PartiallyProvisioned: { stopsWhilePaused: false },
	NamespaceNotReady: { stopsWhilePaused: false },
} as const satisfies Partial<Record<Reason, { readonly stopsWhilePaused: boolean }>>;

/** Phases of what ran, or should run, and does not. */
export const FAILING_PHASES = ["Degraded", "Failed"] as const;

export const isUnderWay = (reason: string): reason is keyof typeof UNDER_WAY => Object.hasOwn(UNDER_WAY, reason);

const isResting = (reason: string): boolean => Object.values<string>(RESTING).includes(reason);
const isFailing = (phase: unknown): boolean => FAILING_PHASES.some((failing) => failing === phase);

/** How an object is, by its own status. A pause never hides a failure. */
export const judge = (object: KubeObject): Health => {
	if (object.metadata.deletionTimestamp !== undefined) return "gone";
	const ready = conditionOf(object, "Ready");
	if (ready === undefined || !isObserved(object)) return "progressing";
	const isPaused = conditionOf(object, "Paused")?.status === "True";
	if (isResting(ready.reason)) return "suspended";
	if (ready.status === "True") return isPaused ? "suspended" : "healthy";
	if (conditionOf(object, "Stalled")?.status === "True") return "degraded";
	const health = judgePart({ ready: false, phase: valueAt(object, "status", "phase"), reason: ready.reason });
	return health === "progressing" && isPaused ? "suspended" : health;
};

/** The status of a part in the status of its parent. */
export interface ToldPart {
	readonly ready: boolean;
	readonly phase: unknown;
	readonly reason: string;
}

/** Health of a part, from the status of its parent. */
export const judgePart = ({ ready, phase, reason }: ToldPart): Health => {
	if (ready) return "healthy";
	if (isResting(reason)) return "suspended";
	return isFailing(phase) && !isUnderWay(reason) ? "degraded" : "progressing";
};

/** Ready at the generation that is stored, paused or not. */
export const isReady = (object: KubeObject): boolean =>
	["healthy", "suspended"].includes(judge(object)) && conditionOf(object, "Ready")?.status === "True";

/** Whether the status is about the spec that is stored. */
export const isObserved = (object: KubeObject): boolean =>
	valueAt(object, "status", "observedGeneration") === object.metadata.generation;
