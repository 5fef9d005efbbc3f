import { readFileSync } from "node:fs";

// What is too late because the machine had no processor to spare is nobody's fault. Linux tells of each process how long
// it was ready to go on and could not; elsewhere every delay is the server's.

/** Milliseconds for which these processes waited for a processor, since they began. */
export const withoutProcessor = (pids: readonly (number | "self" | undefined)[]): number =>
	pids.reduce<number>((sum, pid) => sum + waited(pid), 0);

const waited = (pid: number | "self" | undefined): number => {
	try {
		return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;
	} catch {
		return 0;
	}
};
