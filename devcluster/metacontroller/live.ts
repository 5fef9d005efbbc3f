import type { KubeObject } from "../../schemas/common.ts";
import { unlessAborted } from "../controllers/activity.ts";
import { ApiError, type Resource } from "../store.ts";
import type { Runtime } from "./runtime.ts";

// Changes that start from a fresh read, not from the cache, and start over when another client was faster. For
// development and tests only.

const BACK_OFFS = [10, 50, 250];

export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.reason === "Conflict";
export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

interface Change {
	readonly resource: Resource;
	/** The object as it was read before; one of the same name with another uid is not it. */
	readonly original: KubeObject;
	/** undefined when nothing needs to change. */
	readonly change: (live: KubeObject) => KubeObject | undefined;
	readonly write: (changed: KubeObject) => Promise<KubeObject>;
}

/** The object after the change. Throws a 404 when it is gone, a 409 when all attempts met a newer version. */
export const changeLive = async (
	runtime: Runtime,
	{ resource, original, change, write }: Change,
): Promise<KubeObject> => {
	for (let attempt = 0; ; attempt += 1) {
		const live = await getLive(runtime, resource, original);
		const changed = change(live);
		if (!changed) return live;
		try {
			return await write(changed);
		} catch (error) {
			const delay = BACK_OFFS[attempt];
			if (!isConflict(error) || delay === undefined) throw error;
			await unlessAborted(runtime.signal, new Promise<void>((resolve) => runtime.clock.after(delay, resolve)));
		}
	}
};

export const getLive = async ({ store }: Pick<Runtime, "store">, resource: Resource, original: KubeObject) => {
	const { namespace, name, uid } = original.metadata;
	const live = await store.get(resource, resource.namespaced ? namespace : undefined, name);
	if (!live || live.metadata.uid !== uid)
		throw new ApiError(404, "NotFound", `${resource.resource} "${name}" not found`);
	return live;
};
