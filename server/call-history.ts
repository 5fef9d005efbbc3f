import { Value } from "@sinclair/typebox/value";
import type { Logger } from "pino";
import { type MadeCall, recordedCall } from "../hooks/recorded.ts";
import { objectKey } from "../kube/object.ts";
import type { Outside } from "../schemas/admin.ts";
import type { Context } from "../schemas/installation.ts";
import type { CompositeRequest, DecoratorRequest } from "../schemas/metacontroller.ts";
import { RecordedCall } from "../schemas/recorded.ts";
import { type ObjectSummary, summaryOf } from "./object-summary.ts";
import { describeError, type HookAnswer, type HookCall } from "./sync-log.ts";

// The last calls of each object's hooks, for people to look at and to replay: in memory only, bounded in count and bytes, and
// without credentials from the moment on at which they are kept.

export interface CallHistoryLimits {
	/** Calls of one object. */
	readonly callsPerObject: number;
	/** Bytes of all calls together. */
	readonly bytes: number;
}

/** How many objects are known at most; those that were not seen for longest go first. */
export interface MostObjects {
	/** Whose calls are kept. */
	readonly kept: number;
	/** Of which only the name is known, so that they are counted once. */
	readonly uncounted: number;
}

const MOST_OBJECTS: MostObjects = { kept: 10_000, uncounted: 50_000 };
/** An object that was not seen for so long is gone, or its calls come to another replica. Three resyncs are 15 minutes. */
export const FORGOTTEN_MS = 15 * 60_000;
/** A larger call is not kept itself; it would push out everybody else's. */
const LARGEST_SHARE = 0.25;
/** Calls that wait to be kept, after they were answered. */
const WAITING = 64;

/** A call that a history may keep: customize has no request here, for its answer follows from the object alone. */
export interface ServedCall extends HookCall {
	readonly request?: CompositeRequest | DecoratorRequest;
}

/** What came of it: an answer, or an error. */
export interface CallEnd {
	readonly context: Context;
	readonly outside?: Outside | undefined;
	readonly answer?: HookAnswer;
	/** Time in the hook, in milliseconds. */
	readonly ms?: number;
	readonly error?: unknown;
	/** By which the log tells of the error. */
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
	/** Undefined: it was too large to be kept. */
	readonly read: () => RecordedCall | undefined;
}

export interface KeptObject {
	readonly summary: ObjectSummary;
	/** Newest first. */
	readonly calls: readonly KeptCall[];
}

interface Held extends Omit<KeptCall, "read"> {
	/** JSON: a fraction of the objects that it is made of. */
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
	/** In the order in which they were seen last. */
	const entries = new Map<string, Entry>();
	const listeners = new Set<() => void>();
	/** Seen lately, and dropped for those that were seen later; in the order in which they were. */
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
		// Of what was seen longest ago the oldest calls; its last one only when there is nothing else left.
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
		// Another object of that name is not this one.
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
		/** Keeps a call, once it has been answered. Never throws. */
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
		/** Every object that was seen lately. */
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
		 * What no figure counts: objects that were seen lately and for which there is no room, which may be more than are known, and calls
		 * that came too fast.
		 */
		uncounted: () => {
			sweep();
			return { objects: uncounted.size, orMore: uncounted.size >= most.uncounted, calls: leftOut };
		},
		bytes: () => bytes,
		/** Calls the listener after each change; returns what ends that. */
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
