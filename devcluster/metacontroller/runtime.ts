import type { Clock } from "../../kube/time.ts";
import type { Activity } from "../controllers/activity.ts";
import type { Informers } from "../controllers/informer.ts";
import type { Store } from "../store.ts";
import type { EventRecorder } from "./events.ts";
import type { HookCall } from "./webhook.ts";

// What every part of the stand-in works with. For development and tests only.

export interface LogLine {
	readonly level: "debug" | "info" | "warn" | "error";
	readonly message: string;
	readonly [field: string]: unknown;
}
export type Log = (line: LogLine) => void;

export interface Stats {
	syncs: number;
	hookCalls: number;
	/** Requests that could change an object, answered or refused; the Events that are recorded don't count. */
	writes: number;
	/** Syncs that failed; a 429 is no failure. */
	errors: number;
}

export interface Runtime {
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	readonly call: HookCall;
	readonly events: EventRecorder;
	readonly activity: Activity;
	readonly log: Log;
	readonly stats: Stats;
	/** How many parents of one controller are synced at the same time. */
	readonly workers: number;
	/** Takes the place of every controller's own period. */
	readonly resyncPeriodMs?: number;
	/** Aborts when the stand-in stops. */
	readonly signal: AbortSignal;
}
