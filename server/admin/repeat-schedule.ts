import type { Time } from "../../kube/time.ts";
import type { Timing } from "./timing.ts";

// Schedule of repeated calls to servers that can't be read back, and can have lost namespaces. In memory: a status with this would be
// written all the time. A namespace that this process does not know can have been sent by another one just before: it is due within
// one period, spread, so that a restart of the operator causes no burst of calls.

export type Reminders = ReturnType<typeof createReminders>;

const keyOf = (place: string, namespaceId: string): string => `${place} ${namespaceId}`;

export function createReminders({ remindMs }: Pick<Timing, "remindMs">, time: Pick<Time, "monotonic" | "random">) {
	const due = new Map<string, number>();

	const set = (key: string, ms: number): number => {
		due.set(key, time.monotonic() + ms);
		return ms;
	};
	return {
		/** Milliseconds until a namespace is due there, 0: now. Counts from the first request. */
		left: (place: string, namespaceId: string): number => {
			const key = keyOf(place, namespaceId);
			const known = due.get(key);
			return known === undefined ? set(key, remindMs * time.random()) : Math.max(0, known - time.monotonic());
		},
		/** Records a call. Returns the milliseconds until the next one is due. */
		sent: (place: string, namespaceId: string) => set(keyOf(place, namespaceId), remindMs * (1 - time.random() / 4)),
		forget: (place: string, namespaceId: string) => void due.delete(keyOf(place, namespaceId)),
		/** Drops entries that no hook requested in time. */
		sweep: () => {
			const limit = time.monotonic() - remindMs;
			for (const [key, at] of due) if (at < limit) due.delete(key);
		},
	};
}
