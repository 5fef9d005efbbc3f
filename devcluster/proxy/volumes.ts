import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../kube/time.ts";
import { openStore } from "./sqlite.ts";
import { memoryStore, type ProxyStore } from "./store.ts";

// Where proxies keep their stores: what outlives a proxy that is stopped.

export interface Volumes {
	/** The store of this volume, made when there is none. */
	open(volume: string): ProxyStore;
	/** For each `open` one: when no pod uses the volume any more, its file is closed. */
	release(volume: string): void;
	/** After that the volume is as new. */
	erase(volume: string): void;
	close(): void;
}

/** A folder of their own below `dir`, with a config.db in it. Without `dir` they are in memory, and go with `close`. */
export const createVolumes = (dir: string | undefined, clock: Clock): Volumes => {
	const opened = new Map<string, { readonly store: ProxyStore; users: number }>();
	const made = (volume: string) =>
		dir === undefined ? memoryStore(clock) : openStore(join(dir, volume, "config.db"), clock);
	const closeStore = (volume: string) => {
		opened.get(volume)?.store.close();
		opened.delete(volume);
	};
	return {
		open(volume) {
			const found = opened.get(volume);
			const used = found ?? { store: made(volume), users: 0 };
			used.users += 1;
			opened.set(volume, used);
			return used.store;
		},
		release(volume) {
			const used = opened.get(volume);
			if (used === undefined) return;
			used.users -= 1;
			// What is in memory is there only as long as it is open.
			if (used.users === 0 && dir !== undefined) closeStore(volume);
		},
		erase(volume) {
			closeStore(volume);
			if (dir !== undefined) rmSync(join(dir, volume), { recursive: true, force: true });
		},
		close() {
			for (const volume of opened.keys()) closeStore(volume);
		},
	};
};
