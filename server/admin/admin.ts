import type { AdminCall, Answer, CallResult, Question } from "../../schemas/admin.ts";

/** Access of hooks to proxies: reads and calls, within a time limit. */
export interface Admin {
	/** In the order of the questions. Data that is not available in time is reported as unknown; the read continues. */
	readonly ask: (questions: readonly Question[], budgetMs: number) => Promise<Answer[]>;
	/** In the order of the calls. A slower call continues, and is reported as pending. */
	readonly execute: (calls: readonly AdminCall[], budgetMs: number) => Promise<CallResult[]>;
	readonly close: () => Promise<void>;
}
