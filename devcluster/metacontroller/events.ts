import type { Clock } from "../../kube/time.ts";
import { timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Activity } from "../controllers/activity.ts";
import type { Store } from "../store.ts";
import { isNotFound } from "./live.ts";
import { messageOf } from "./objects.ts";
import type { Log } from "./runtime.ts";

// Events on parents. The same message counts up one Event, by a patch, and an object with too many Events is dropped for a
// while, with client-go's limits as Metacontroller sets them. For development and tests only.

export interface EventRecorder {
	warn(object: KubeObject, reason: string, message: string): void;
}

interface Options {
	readonly store: Store;
	readonly clock: Clock;
	readonly activity: Activity;
	readonly log: Log;
}

/** What a repetition changes of an Event. */
interface Counted extends Record<string, unknown> {
	readonly count: number;
	readonly lastTimestamp: string;
}

const BURST = 25;
const REFILL_MS = 300_000;

export const createEventRecorder = ({ store, clock, activity, log }: Options): EventRecorder => {
	/** object and message → the Event as it was stored last */
	const recorded = new Map<string, KubeObject>();
	const budgets = new Map<string, { tokens: number; at: number }>();
	let last = Promise.resolve();
	let number = 0;

	const mayRecord = (uid: string): boolean => {
		const at = clock.now();
		const budget = budgets.get(uid) ?? { tokens: BURST, at };
		const tokens = Math.min(BURST, budget.tokens + (at - budget.at) / REFILL_MS);
		budgets.set(uid, { tokens: tokens < 1 ? tokens : tokens - 1, at });
		return tokens >= 1;
	};

	const write = async (object: KubeObject, reason: string, message: string) => {
		const key = [object.metadata.uid, reason, message].join("/");
		const now = timestampOf(clock.now());
		const before = recorded.get(key);
		if (before === undefined) {
			number += 1;
			recorded.set(key, await store.create(eventOn(object, reason, message, now, clock.now(), number)));
			return;
		}
		const counted = { count: Number(before["count"]) + 1, lastTimestamp: now };
		recorded.set(key, await patch(before, counted).catch((error: unknown) => createdAgain(before, counted, error)));
	};

	const patch = async ({ apiVersion, kind, metadata }: KubeObject, change: Counted): Promise<KubeObject> =>
		store.patch(await store.resourceOf(apiVersion, kind), metadata.namespace, metadata.name, change);

	/** Events expire, and anybody may delete one: it is created again, and goes on counting. */
	const createdAgain = async (before: KubeObject, counted: Counted, error: unknown): Promise<KubeObject> => {
		if (!isNotFound(error)) throw error;
		const { name, namespace } = before.metadata;
		return store.create({ ...before, ...counted, metadata: { name, ...(namespace !== undefined && { namespace }) } });
	};

	return {
		warn(object, reason, message) {
			if (!mayRecord(object.metadata.uid ?? "")) return;
			activity.begin();
			// One after the other, so that a count is never lost to a conflict with ourselves.
			last = last
				.then(() => write(object, reason, message))
				.catch((error: unknown) => log({ level: "warn", message: `cannot record an event: ${messageOf(error)}` }))
				.finally(() => activity.end());
		},
	};
};

const eventOn = (
	object: KubeObject,
	reason: string,
	message: string,
	now: string,
	ms: number,
	number: number,
): KubeObject => {
	const { namespace, name, uid, resourceVersion } = object.metadata;
	return {
		apiVersion: "v1",
		kind: "Event",
		metadata: {
			name: `${name}.${(BigInt(ms) * 1_000_000n + BigInt(number)).toString(16)}`,
			namespace: namespace ?? "default",
		},
		involvedObject: { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid, resourceVersion },
		type: "Warning",
		reason,
		message,
		count: 1,
		firstTimestamp: now,
		lastTimestamp: now,
		source: { component: "metacontroller" },
		reportingComponent: "metacontroller",
		reportingInstance: "",
	};
};
