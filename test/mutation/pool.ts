import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Mutant } from "./instrumented.ts";
import { planner } from "./planner.ts";
import type { Coverage, Order, Outcome, Report } from "./protocol.ts";
import { FEW_RUNS } from "./scope.ts";

// Hands mutants to processes that try them, and replaces a process that one of them has brought down.

export interface Tried {
	readonly mutant: Mutant;
	readonly outcome: Outcome;
	/** The test that found it. */
	readonly by?: string;
	readonly milliseconds: number;
}

export interface PoolOptions {
	/** A file with a `Job`. */
	readonly job: string;
	readonly mutants: readonly Mutant[];
	readonly workers: number;
	/** How long the tests of one mutant may take, by what they took without it. What is not found by then is alive. */
	readonly milliseconds: number;
	/** Ends the run early; what was tried until then counts. */
	readonly signal: AbortSignal;
	readonly onTried: (tried: Tried, done: number) => void;
}

/** A process ends itself when a mutant keeps it busy; this is for one that does nothing at all. */
const LONGEST_MILLISECONDS = 1_800_000;

/** Modules that were loaded anew stay in memory; above this a process is replaced. */
const ENOUGH_MEGABYTES = 1200;

const started = (job: string): ChildProcess =>
	fork(join(import.meta.dirname, "worker.ts"), [job], {
		env: { ...process.env, ...FEW_RUNS },
		execArgv: ["--max-old-space-size=1800", "--no-warnings"],
	});

const told = (child: ChildProcess, order: Order, milliseconds: number): Promise<Report | undefined> =>
	new Promise((resolve) => {
		const end = (report: Report | undefined): void => {
			clearTimeout(timer);
			child.off("message", answer).off("exit", gone);
			if (report === undefined) child.kill("SIGKILL");
			resolve(report);
		};
		const answer = (message: unknown): void => end(message as Report);
		const gone = (): void => end(undefined);
		const timer = setTimeout(gone, milliseconds);
		child.on("message", answer).on("exit", gone);
		child.send(order);
	});

const measured = async (job: string): Promise<Coverage> => {
	const child = started(job);
	const report = await told(child, { kind: "measure" }, LONGEST_MILLISECONDS);
	child.kill();
	if (report?.kind === "broken") throw new Error(`tests fail without a mutant:\n${report.failures.join("\n")}`);
	if (report?.kind !== "measured") throw new Error("the tests did not come to an end without a mutant");
	return report.coverage;
};

export const tryAll = async ({
	job,
	mutants,
	workers,
	milliseconds: budget,
	signal,
	onTried,
}: PoolOptions): Promise<readonly Tried[]> => {
	const coverage = await measured(job);
	const plan = planner(coverage, mutants, budget);
	const tried: Tried[] = [];
	let next = 0;
	const finish = (result: Tried): void => {
		tried.push(result);
		if (result.by !== undefined) plan.learn(result.mutant, result.by);
		onTried(result, tried.length);
	};
	const work = async (): Promise<void> => {
		let child: ChildProcess | undefined;
		for (let mutant = mutants[next++]; mutant !== undefined && !signal.aborted; mutant = mutants[next++]) {
			const trial = plan.trial(mutant);
			if (trial === undefined) {
				finish({ mutant, outcome: "not covered", milliseconds: 0 });
				continue;
			}
			child ??= started(job);
			const start = performance.now();
			// oxlint-disable-next-line no-await-in-loop
			const report = await told(child, { kind: "try", trial }, LONGEST_MILLISECONDS);
			const milliseconds = performance.now() - start;
			if (signal.aborted) break;
			if (report?.kind !== "tried") {
				child = undefined;
				finish({ mutant, outcome: "timed out", milliseconds });
				continue;
			}
			finish({ mutant, milliseconds, outcome: report.outcome, ...(report.by !== undefined && { by: report.by }) });
			if (report.megabytes > ENOUGH_MEGABYTES) {
				child.kill();
				child = undefined;
			}
		}
		child?.kill();
	};
	await Promise.all(Array.from({ length: workers }, work));
	return tried;
};
