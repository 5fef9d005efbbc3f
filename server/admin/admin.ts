import type { AdminCall, Answer, CallResult, Question } from "../../schemas/admin.ts";

/** The outside of the hooks: answers their questions and makes their calls, and never takes longer than it is given. */
export interface Admin {
	/** In the order of the questions. What is not known when time is up is answered as unknown, and looked up further. */
	readonly ask: (questions: readonly Question[], budgetMs: number) => Promise<Answer[]>;
	/** In the order of the calls. A call that takes longer goes on, once, and is answered as pending. */
	readonly execute: (calls: readonly AdminCall[], budgetMs: number) => Promise<CallResult[]>;
	readonly close: () => Promise<void>;
}
