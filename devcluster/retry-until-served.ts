import { ApiError } from "./store.ts";

const PAUSE_MS = 200;

/** Repeats what an API server refuses while it is not serving a kind yet: a definition is served a moment after it was accepted. */
export const onceServed = async <Result>(attempt: () => Promise<Result>, tries = 50): Promise<Result> => {
	try {
		return await attempt();
	} catch (error) {
		if (tries === 0 || !(error instanceof ApiError)) throw error;
		await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
		return onceServed(attempt, tries - 1);
	}
};
