import type { Clock } from "../../kube/time.ts";
import { timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Store } from "../store.ts";

// The Events that a kubelet writes, which `kubectl describe` shows.

export interface PodEvent {
	readonly type: "Normal" | "Warning";
	readonly reason: string;
	readonly message: string;
	/** The container that it is about; none: the pod. */
	readonly container?: string | undefined;
}

export type RecordEvent = (pod: KubeObject, event: PodEvent) => void;

/** In memory nothing reads them. */
export const recordNothing: RecordEvent = () => {};

/** Writes one Event for the same change of the same pod, and counts repetitions in it. */
export const createRecorder = (store: Store, clock: Clock, log: (message: string) => void): RecordEvent => {
	const written = new Map<string, { name: string; count: number }>();
	let last = 0;
	return (pod, { type, reason, message, container }) => {
		const { namespace = "", name, uid = "" } = pod.metadata;
		const key = `${uid} ${container} ${reason} ${message}`;
		const now = timestampOf(clock.now());
		const before = written.get(key);
		last += 1;
		const event = before ?? { name: `${name}.${clock.now().toString(16)}${last.toString(16)}`, count: 0 };
		event.count += 1;
		written.set(key, event);
		const write = async () => {
			if (before !== undefined) {
				const change = { count: event.count, lastTimestamp: now };
				return store.patch(await store.resourceOf("v1", "Event"), namespace, event.name, change);
			}
			return store.create({
				apiVersion: "v1",
				kind: "Event",
				metadata: { name: event.name, namespace },
				involvedObject: {
					apiVersion: "v1",
					kind: "Pod",
					name,
					namespace,
					uid,
					...(container !== undefined && { fieldPath: `spec.containers{${container}}` }),
				},
				type,
				reason,
				message,
				source: { component: "kubelet" },
				firstTimestamp: now,
				lastTimestamp: now,
				count: 1,
			});
		};
		// An Event is lost where its namespace is being deleted: that holds up no pod.
		write().catch((error: unknown) => log(`cannot write an event of pod ${namespace}/${name}: ${String(error)}`));
	};
};
