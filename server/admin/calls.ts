import type { Time } from "../../kube/time.ts";
import type { AdminCall, CallOutcome } from "../../schemas/admin.ts";
import { LATE, type Timing, within } from "./timing.ts";

// Calls that change a proxy's namespaces. They can outlast the hook that requested them:
//
// - A repeated request for a call that is waiting or in progress gets the same call.
// - Different calls for one namespace run in the order of their requests, one at a time.
// - A hook whose time is over gets "pending". If such a call fails, the next hook that requests it gets the failure, once;
//   the one after that repeats the call. So a proxy that is always slower than a hook is not called endlessly without a
//   reported failure.
// - A success is never reported later: a hook that requests the call again has read that it had no effect.

export interface CallsOptions {
	/** Never throws. `said` reports an early result: the proxy returned success, and is being read back. */
	readonly make: (call: AdminCall, said: (outcome: CallOutcome) => void) => Promise<CallOutcome>;
	readonly ofNamespace: number;
	readonly timing: Pick<Timing, "keptOutcomeMs">;
	readonly time: Pick<Time, "monotonic" | "after">;
}

interface Task {
	readonly outcome: Promise<CallOutcome>;
	soFar: CallOutcome;
	/** A hook returned without the result. */
	unheard: boolean;
}

/** The calls for one namespace. */
interface Lane {
	readonly tasks: Map<string, Task>;
	last: Promise<unknown>;
	kept: { readonly key: string; readonly outcome: CallOutcome; readonly until: number } | undefined;
}

export function createCalls({ make, ofNamespace, timing, time }: CallsOptions) {
	const lanes = new Map<string, Lane>();

	const laneOf = (namespaceId: string): Lane => {
		const known = lanes.get(namespaceId);
		if (known !== undefined) return known;
		const lane: Lane = { tasks: new Map(), last: Promise.resolve(), kept: undefined };
		lanes.set(namespaceId, lane);
		return lane;
	};
	const ended = (lane: Lane, key: string, { unheard }: Task, outcome: CallOutcome, namespaceId: string) => {
		lane.tasks.delete(key);
		const tells = outcome.state === "refused" || outcome.state === "failed";
		// Waiting calls will change the namespace: then this result is outdated.
		if (unheard && tells && lane.tasks.size === 0) {
			lane.kept = { key, outcome, until: time.monotonic() + timing.keptOutcomeMs };
		}
		if (lane.tasks.size === 0 && lane.kept === undefined) lanes.delete(namespaceId);
	};
	const begin = (lane: Lane, key: string, call: AdminCall): Task => {
		const work = lane.last.then(() => make(call, (outcome) => Object.assign(task, { soFar: outcome })));
		const task: Task = {
			outcome: work.then((outcome) => {
				ended(lane, key, task, outcome, call.namespaceId);
				return outcome;
			}),
			soFar: { state: "pending" },
			unheard: false,
		};
		lane.kept = undefined;
		lane.last = task.outcome;
		lane.tasks.set(key, task);
		return task;
	};
	return {
		outcomeOf: async (call: AdminCall, budgetMs: number): Promise<CallOutcome> => {
			const lane = laneOf(call.namespaceId);
			const key = keyOf(call);
			const { kept } = lane;
			if (kept?.key === key && time.monotonic() < kept.until) {
				lanes.delete(call.namespaceId);
				return kept.outcome;
			}
			const joined = lane.tasks.get(key);
			if (joined === undefined && lane.tasks.size >= ofNamespace) return { state: "failed", failure: "Overloaded" };
			const task = joined ?? begin(lane, key, call);
			const outcome = await within(time, task.outcome, budgetMs);
			if (outcome !== LATE) return outcome;
			task.unheard ||= task.soFar.state === "pending";
			return task.soFar;
		},
		isIdle: () => lanes.size === 0,
		/** Drops results that no hook requested in time. */
		sweep: () => {
			const now = time.monotonic();
			for (const [id, { tasks, kept }] of lanes) {
				if (tasks.size === 0 && (kept === undefined || kept.until < now)) lanes.delete(id);
			}
		},
		/** Resolves when no call is in progress. */
		ended: () => Promise.all([...lanes.values()].map(({ last }) => last)),
	};
}

/** Two objects can request the same namespace: the object is a part of the key. */
const keyOf = (call: AdminCall): string =>
	JSON.stringify([call.verb, call.version, call.owner, call.verb === "revoke" ? "" : call.digest]);
