// Counts what is under way, so that a test or a simulation can wait until nothing is. For development and tests only.

export interface Activity {
	begin(): void;
	end(): void;
	/** Resolves when nothing is under way. */
	idle(): Promise<void>;
}

export const createActivity = (): Activity => {
	let underWay = 0;
	let waiting: (() => void)[] = [];
	const idle = async (): Promise<void> => {
		if (underWay === 0) return;
		await new Promise<void>((resolve) => waiting.push(resolve));
		// The one that was woken first may have started something new: check again.
		return idle();
	};
	return {
		begin() {
			underWay += 1;
		},
		end() {
			underWay -= 1;
			if (underWay > 0) return;
			const woken = waiting;
			waiting = [];
			for (const wake of woken) wake();
		},
		idle,
	};
};

/** The promise's result, or a rejection as soon as the signal aborts: what is under way then is left to itself. */
export const unlessAborted = <Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> =>
	new Promise((resolve, reject) => {
		const abandon = () => reject(new Error("the stand-in for Metacontroller was stopped"));
		if (signal.aborted) return abandon();
		signal.addEventListener("abort", abandon, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abandon));
	});
