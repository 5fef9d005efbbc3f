import { type Time, timestampOf } from "../kube/time.ts";

// The system clock of the process. Code with a clock as argument also works with another one.

export const systemTime: Time = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	after: (ms, run) => {
		const timer = setTimeout(run, ms).unref();
		return () => clearTimeout(timer);
	},
	random: () => Math.random(),
};

/** The time as the API server writes it: "2026-11-22T01:53:47Z". */
export const timestamp = (time: Pick<Time, "now"> = systemTime): string => timestampOf(time.now());
