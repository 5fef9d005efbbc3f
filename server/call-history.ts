import { Value } from "@sinclair/typebox/value";
import type { Logger } from "pino";
import { type MadeCall, recordedCall } from "../hooks/recorded-call.ts";
import { objectKey } from "../kube/object.ts";
import type { Outside } from "../schemas/admin.ts";
import type { Context } from "../schemas/installation.ts";
import type { CompositeRequest, DecoratorRequest } from "../schemas/metacontroller.ts";
import { RecordedCall } from "../schemas/recorded-call.ts";
import { type ObjectSummary, summaryOf } from "./object-summary.ts";
import { describeError, type HookAnswer, type HookCall } from "./sync-log.ts";

// The last webhook calls of each object, for the dashboard and for replay: in memory only, bounded in count and bytes. Credentials
// are redacted before a call is stored.

export interface CallHistoryLimits {
	/** Maximum number of calls per object. */
	readonly callsPerObject: number;
	/** Maximum size of all calls, in bytes. */
	readonly bytes: number;
}

/** Maximum numbers of objects; the least recently called ones are dropped first. */
export interface MostObjects {
	/** With their calls. */
	readonly kept: number;
	/** With their names only, so that each is counted once. */
	readonly uncounted: number;
}

const MOST_OBJECTS: MostObjects = { kept: 10_000, uncounted: 50_000 };
/** An object without a call for this time was deleted, or another replica gets its calls. Three resyncs are 15 minutes. */
export const FORGOTTEN_MS = 15 * 60_000;
/** A larger call is not stored: it would displace all others. */
const LARGEST_SHARE = 0.25;
/** Maximum number of calls that wait to be stored after their response. */
const WAITING = 64;

/** A call that is stored. Not customize, because its response depends on the object alone. */
export interface ServedCall extends HookCall {
	readonly request?: CompositeRequest | DecoratorRequest;
}

/** The result: a response, or an error. */
export interface CallEnd {
	readonly context: Context;
	readonly outside?: Outside | undefined;
	readonly answer?: HookAnswer;
	/** Time in the hook, in milliseconds. */
	readonly ms?: number;
	readonly error?: unknown;
	/** Identifies the error in the log. */
	readonly errorId?: string;
}

export interface KeptCall {
	/** Counts all calls of this server, so that a page can name one. */
	readonly id: number;
	readonly at: number;
	readonly hook: RecordedCall["hook"];
	readonly ms: number;
	readonly failed: boolean;
	readonly bytes: number;
	/** undefined: too large to be stored. */
	readonly read: () => RecordedCall | undefined;
}

export interface KeptObject {
	readonly summary: ObjectSummary;
	/** Newest first. */
	readonly calls: readonly KeptCall[];
}

interface Held extends Omit<KeptCall, "read"> {
	/** JSON: takes a fraction of the memory of the objects. */
	readonly json: Buffer | undefined;
}

interface Entry {
	summary: ObjectSummary;
	/** Oldest first. */
	readonly calls: Held[];
}

interface CallHistoryOptions {
	readonly limits: CallHistoryLimits;
	readonly log: Logger;
	/** Milliseconds since 1970. */
	readonly clock: () => number;
	readonly most?: MostObjects;
}

export type CallHistory = ReturnType<typeof createCallHistory>;

export function createCallHistory({ limits, log, clock, most = MOST_OBJECTS }: CallHistoryOptions) {
	/** In the order of their last calls. */
	const entries = new Map<string, Entry>();
	const listeners = new Set<() => void>();
	/** Recently called objects that were dropped for others; in the order of their last calls. */
	const uncounted = new Map<string, number>();
	let bytes = 0;
	let waiting = 0;
	let leftOut = 0;
	let counted = 0;

	const forget = (key: string) => {
		for (const call of entries.get(key)?.calls ?? []) bytes -= call.bytes;
		entries.delete(key);
	};
	const dropOldest = (entry: Entry) => {
		bytes -= entry.calls.shift()?.bytes ?? 0;
	};
	const sweep = () => {
		const oldest = clock() - FORGOTTEN_MS;
		for (const [key, { summary }] of entries) {
			if (summary.seenAt >= oldest && entries.size <= most.kept) break;
			if (summary.seenAt >= oldest) uncounted.set(key, summary.seenAt);
			forget(key);
		}
		for (const [key, seenAt] of uncounted) {
			if (seenAt >= oldest && uncounted.size <= most.uncounted) break;
			uncounted.delete(key);
		}
		// Drops the oldest calls of the least recently called objects first; an object's last call only if nothing else is left.
		for (const least of [1, 0]) {
			for (const entry of entries.values()) {
				while (bytes > limits.bytes && entry.calls.length > least) dropOldest(entry);
				if (bytes <= limits.bytes) return;
			}
		}
	};
	const hold = (made: MadeCall, ms: number) => {
		const call = recordedCall(made);
		const at = clock();
		const key = `${call.parent.kind}/${objectKey(call.parent)}`;
		const known = entries.get(key);
		if (call.response?.finalized === true) return forget(key);
		const summary = summaryOf(call, { seenAt: at, ms, before: known?.summary });
		// Another object with that name is a different one.
		if (known !== undefined && known.summary.uid !== summary.uid) forget(key);
		const json = Buffer.from(JSON.stringify(call));
		const isTooLarge = json.length > limits.bytes * LARGEST_SHARE;
		counted += 1;
		const held: Held = {
			id: counted,
			at,
			hook: call.hook,
			ms,
			failed: call.failure !== undefined,
			bytes: isTooLarge ? 0 : json.length,
			json: isTooLarge ? undefined : json,
		};
		const entry: Entry = { summary, calls: [...(entries.get(key)?.calls ?? []), held] };
		bytes += held.bytes;
		while (entry.calls.length > limits.callsPerObject) dropOldest(entry);
		entries.delete(key);
		entries.set(key, entry);
		uncounted.delete(key);
		sweep();
	};
	const changed = () => {
		for (const listener of listeners) listener();
	};

	return {
		limits,
		/** Stores a call after its response. Never throws. */
		keep: (call: ServedCall, end: CallEnd) => {
			const made = madeCall(call, end);
			if (made === undefined) return;
			if (waiting >= WAITING) {
				leftOut += 1;
				return;
			}
			waiting += 1;
			setImmediate(() => {
				waiting -= 1;
				try {
					hold(made, end.ms ?? 0);
					changed();
				} catch (error) {
					log.error({ failure: describeError(error) }, "cannot keep a call for the dashboard");
				}
			}).unref();
		},
		/** All recently called objects. */
		summaries: (): ObjectSummary[] => {
			sweep();
			return [...entries.values()].map(({ summary }) => summary);
		},
		object: (kind: string, key: string): KeptObject | undefined => {
			sweep();
			const entry = entries.get(`${kind}/${key}`);
			return entry === undefined ? undefined : { summary: entry.summary, calls: entry.calls.toReversed().map(kept) };
		},
		/**
		 * What the totals omit: recently called objects without space, of which only so many are known, and calls that came too fast.
		 */
		uncounted: () => {
			sweep();
			return { objects: uncounted.size, orMore: uncounted.size >= most.uncounted, calls: leftOut };
		},
		bytes: () => bytes,
		/** Calls the listener after each change; returns a function that unsubscribes it. */
		onChange: (listener: () => void) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

const madeCall = ({ hook, request }: ServedCall, end: CallEnd): MadeCall | undefined => {
	const { context, outside, answer, error, errorId } = end;
	if (request === undefined || (answer !== undefined && "relatedResources" in answer)) return undefined;
	const { name, message } = describeError(error);
	return {
		hook: hook.endsWith("/finalize") ? "finalize" : "sync",
		request,
		context,
		outside,
		response: answer,
		failure: errorId === undefined ? undefined : `${name}: ${message} (error ${errorId} in the log)`,
	};
};

const kept = ({ json, ...held }: Held): KeptCall => ({
	...held,
	read: () => (json === undefined ? undefined : recordedFrom(json)),
});

const recordedFrom = (json: Buffer): RecordedCall | undefined => {
	const call: unknown = JSON.parse(json.toString("utf8"));
	return Value.Check(RecordedCall, call) ? call : undefined;
};
