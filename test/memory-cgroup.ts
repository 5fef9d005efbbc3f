import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

// Control groups (version 1) with a bound on memory: the kernel kills a process there that takes more, as in a pod.

/** Where they are made. */
export const MEMORY_CGROUPS = "/sys/fs/cgroup/memory";

/** Only root can make one, and not everywhere. */
export const canLimitMemory = (): boolean => {
	try {
		accessSync(MEMORY_CGROUPS, constants.W_OK);
		return existsSync(join(MEMORY_CGROUPS, "memory.limit_in_bytes"));
	} catch {
		return false;
	}
};

export interface MemoryCgroup {
	/** A shell's words that join the group before they start what follows them: Node chooses its heap by the limit that it starts under. */
	readonly launcher: readonly [string, ...string[]];
	/** For a process whose heap has a size of its own. */
	readonly add: (pid: number) => void;
	/** The most memory at once, in bytes, of all processes of the group. */
	readonly peakBytes: () => number;
	/** Once its processes have ended. */
	readonly remove: () => Promise<void>;
}

/** A new group of at most so many bytes. Throws where `canLimitMemory` is false. */
export const makeMemoryCgroup = (name: string, limitBytes: number): MemoryCgroup => {
	const group = join(MEMORY_CGROUPS, name);
	const processes = join(group, "cgroup.procs");
	mkdirSync(group);
	writeFileSync(join(group, "memory.limit_in_bytes"), String(limitBytes));
	return {
		launcher: ["sh", "-c", `echo $$ > ${processes} && exec "$@"`, "sh"],
		add: (pid) => writeFileSync(processes, String(pid)),
		peakBytes: () => Number(readFileSync(join(group, "memory.max_usage_in_bytes"), "utf8")),
		remove: async () => {
			// The kernel needs a moment to count an ended process out.
			for (let tries = 0; existsSync(group); tries += 1) {
				try {
					rmdirSync(group);
				} catch (error) {
					if (tries === 50) throw error;
					await sleep(100);
				}
			}
		},
	};
};
