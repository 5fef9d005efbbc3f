import type { WatchEvent } from "../store.ts";

// What has happened to one resource, kept for as long as the memory for it lasts, and the watches that follow it.

export interface EventLog {
	append(revision: number, event: WatchEvent): void;
	/** Delivers, each in a microtask of its own turn and in order, all events after `revision`. */
	watch(revision: number, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
}

export const createEventLog = (limit: number): EventLog => {
	const entries: { revision: number; event: WatchEvent }[] = [];
	const wakes = new Set<() => void>();
	/** Revision of the newest event that was dropped: who has not seen it has to list again. */
	let dropped = 0;

	return {
		append(revision, event) {
			entries.push({ revision, event });
			if (entries.length > limit) dropped = entries.shift()?.revision ?? dropped;
			for (const wake of wakes) wake();
		},
		watch: (revision, onEvent, signal) =>
			new Promise((resolve) => {
				let seen = revision;
				let awake = false;
				const end = () => {
					wakes.delete(wake);
					signal.removeEventListener("abort", end);
					resolve();
				};
				const deliver = () => {
					awake = false;
					if (signal.aborted) return;
					if (seen < dropped) {
						onEvent({ type: "EXPIRED" });
						return end();
					}
					let next = entries.length;
					while (next > 0 && (entries[next - 1]?.revision ?? 0) > seen) next -= 1;
					for (const entry of entries.slice(next)) {
						if (signal.aborted) return;
						seen = entry.revision;
						onEvent(entry.event);
					}
				};
				const wake = () => {
					if (awake) return;
					awake = true;
					queueMicrotask(deliver);
				};
				if (signal.aborted) return resolve();
				signal.addEventListener("abort", end);
				wakes.add(wake);
				wake();
			}),
	};
};
