import type { KubeObject } from "../schemas/common.ts";
import type { REASONS } from "../schemas/vocabulary.ts";
import { conditionOf } from "./conditions.ts";
import { valueAt } from "./object.ts";

// Health of a custom resource, from one table: for the commands and the dashboard, and printed as Lua for Argo CD and as CEL for
// Flux. No other code decides health.

export type Health =
	/** Everything in spec was observed ready. */
	| "healthy"
	/** Progressing, or waiting. */
	| "progressing"
	/** A part that ran, or should run, does not. */
	| "degraded"
	/** Suspended, not failed: nothing is wrong, and nothing happens by itself. */
	| "suspended"
	/** It is being deleted: its conditions no longer count. */
	| "gone";

type Reason = keyof typeof REASONS;

/** Reasons of Ready at which an object is suspended: its time is over, or a user requested it. */
export const RESTING = { expired: "Expired", paused: "PausedByAnnotation" } as const satisfies Record<string, Reason>;

/**
 * Reasons of progress, in any phase, unless the object is Stalled: an edit of a running object has them for a moment, and Argo CD
 * fails a sync immediately if an object is Degraded. The value: whether a pause stops it; a pause stops the object's own children,
 * but not what happens elsewhere.
 */
export const UNDER_WAY = {
	Progressing: { stopsWhilePaused: true },
	RollingBack: { stopsWhilePaused: true },
	PartiallyProvisioned: { stopsWhilePaused: false },
	NamespaceNotReady: { stopsWhilePaused: false },
} as const satisfies Partial<Record<Reason, { readonly stopsWhilePaused: boolean }>>;

/** Phases of objects that ran, or should run, and do not. */
export const FAILING_PHASES = ["Degraded", "Failed"] as const;

export const isUnderWay = (reason: string): reason is keyof typeof UNDER_WAY => Object.hasOwn(UNDER_WAY, reason);

const isResting = (reason: string): boolean => Object.values<string>(RESTING).includes(reason);
const isFailing = (phase: unknown): boolean => FAILING_PHASES.some((failing) => failing === phase);

/** Health of an object, from its own status. A pause never hides a failure. */
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

/** Ready at the stored generation, paused or not. */
export const isReady = (object: KubeObject): boolean =>
	["healthy", "suspended"].includes(judge(object)) && conditionOf(object, "Ready")?.status === "True";

/** Whether the status describes the stored spec. */
export const isObserved = (object: KubeObject): boolean =>
	valueAt(object, "status", "observedGeneration") === object.metadata.generation;
