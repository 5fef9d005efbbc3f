// Time and chance, so that a simulation may own them. What reads them from here behaves alike under a clock that is made up.

export interface Time {
	/** Milliseconds since the epoch, by the clock on the wall: it may jump. */
	now(): number;
	/** Milliseconds since some moment; never jumps and never goes back. */
	monotonic(): number;
	/** Calls `run` once after so many milliseconds; the returned function cancels that. Keeps no process alive. */
	after(ms: number, run: () => void): () => void;
	/** At least 0, less than 1. */
	random(): number;
}

export const systemTime: Time = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	after: (ms, run) => {
		const timer = setTimeout(run, ms).unref();
		return () => clearTimeout(timer);
	},
	random: () => Math.random(),
};
