import type { Prepared } from "../kube/hook.ts";
import type { Time } from "../kube/time.ts";
import { type Outside, unanswered } from "../schemas/admin.ts";
import type { Admin } from "./admin/admin.ts";
import type { Turns } from "./event-loop.ts";
import type { Load } from "./load.ts";
import type { StageName } from "./metrics.ts";
import { systemTime } from "./time.ts";
import { type Attributes, type Tracing, traced } from "./tracing/tracing.ts";

// The stages of a hook before it concludes: its questions are answered, then its calls are made. A hook responds within 2 s,
// whatever proxies do; slower calls continue, and the next sync gets their results.

/** At least 500 ms of this are left for the arrival of bodies, and for the conclusion. */
const CONSULT_MS = 1500;
const ASK_MS = 800;

/** No reads and no calls. */
export const OFFLINE: Admin = {
	ask: (questions) => Promise.resolve(unanswered(questions)),
	execute: (calls) =>
		Promise.resolve(calls.map((call) => ({ call, outcome: { state: "failed", failure: "Unreachable" } as const }))),
	close: () => Promise.resolve(),
};

export interface Surroundings {
	readonly admin: Admin;
	readonly turns: Pick<Turns, "result">;
	readonly load: Pick<Load, "aside">;
	/** For a simulation; default: the system clock. */
	readonly time?: Pick<Time, "monotonic">;
	readonly tracing: Tracing;
	readonly staged: (stage: StageName, seconds: number) => void;
}

export async function consult(
	{ questions, decide }: Pick<Prepared<unknown>, "questions" | "decide">,
	{ admin, turns, load, tracing, staged, time = systemTime }: Surroundings,
): Promise<Outside> {
	const stage = async <Value>(
		name: "ask" | "execute",
		attributes: Attributes,
		work: () => Promise<Value>,
	): Promise<Value> => {
		const began = time.monotonic();
		try {
			return await load.aside(traced(tracing.begin(name, attributes), work));
		} finally {
			staged(name, (time.monotonic() - began) / 1000);
		}
	};
	const began = time.monotonic();
	const answers =
		questions.length === 0
			? []
			: await stage("ask", { "prism.questions": questions.length }, () => admin.ask(questions, ASK_MS));
	const calls = (await turns.result(() => decide?.(answers))) ?? [];
	if (calls.length === 0) return { answers, results: [] };
	const rest = CONSULT_MS - (time.monotonic() - began);
	const results = await stage("execute", { "prism.calls": calls.length }, () => admin.execute(calls, rest));
	return { answers, results };
}
