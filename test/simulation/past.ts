import type { Resource, Store } from "../../devcluster/store.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { WorldTime } from "./time.ts";

// Everything that ever was in the API server's store, by the moment at which it came: what a server that is behind still
// shows, and what a hook may have seen when it said something that is not true any more.

export interface Past {
	/** As a list would have been at that moment (milliseconds, monotonic). */
	listAt(moment: number, resource: Resource, namespace?: string): { items: KubeObject[]; resourceVersion: string };
	/** What an object has been since that moment, oldest first, what it was then included; undefined: not there. */
	versionsSince(
		moment: number,
		resource: Resource,
		namespace: string | undefined,
		name: string,
	): (KubeObject | undefined)[];
}

interface Entry {
	readonly at: number;
	readonly key: string;
	readonly version: string;
	readonly object: KubeObject | undefined;
}

export const keepPast = (
	store: Store,
	time: WorldTime,
	resources: readonly Resource[],
	onChange: (resource: Resource, object: KubeObject | undefined, key: string) => void = () => {},
): Past => {
	const logs = new Map<string, Entry[]>();
	const logOf = ({ apiVersion, resource }: Resource) => {
		const id = `${apiVersion}/${resource}`;
		const log = logs.get(id) ?? [];
		logs.set(id, log);
		return log;
	};
	const never = new AbortController().signal;
	for (const resource of resources) {
		const log = logOf(resource);
		void store.watch(
			resource,
			"0",
			(event) => {
				if (event.type === "EXPIRED") throw new Error("the past is longer than the store's memory of it");
				const { object } = event;
				const key = keyOf(object.metadata.namespace, object.metadata.name);
				const there = event.type === "DELETED" ? undefined : object;
				log.push({ at: time.monotonic(), key, version: object.metadata.resourceVersion ?? "0", object: there });
				onChange(resource, there, key);
			},
			never,
		);
	}
	return {
		listAt(moment, resource, namespace) {
			const objects = new Map<string, KubeObject>();
			let resourceVersion = "0";
			for (const { at, key, version, object } of logOf(resource)) {
				if (at > moment) break;
				resourceVersion = version;
				if (object === undefined) objects.delete(key);
				else objects.set(key, object);
			}
			const items = [...objects.values()].filter(
				({ metadata }) => namespace === undefined || metadata.namespace === namespace,
			);
			return { items, resourceVersion };
		},
		versionsSince(moment, resource, namespace, name) {
			const key = keyOf(namespace, name);
			const versions: (KubeObject | undefined)[] = [undefined];
			for (const entry of logOf(resource)) {
				if (entry.key !== key) continue;
				if (entry.at <= moment) versions[0] = entry.object;
				else versions.push(entry.object);
			}
			return versions;
		},
	};
};

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ""}/${name}`;
