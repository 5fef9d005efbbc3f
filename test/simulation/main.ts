import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { createLogUpdate } from "log-update";
import { BUGS } from "./bugs.ts";
import { keepPlan } from "./planted.ts";
import { type Outcome, runPlan } from "./run.ts";
import { addCounts, noCounts, planOf, runSeed, smallestOf } from "./seeds.ts";
import { countsText, planText } from "./words.ts";

// make simulate SEEDS=1000        that many worlds, with and without trouble
// make simulate SEED=17           one of them: what happens in it, and the smallest history that fails alike
// make simulate SEED=17 BUG=name KEEP=1      the same with a planted bug, whose smallest history is kept in planted.json

const { values } = parseArgs({
	options: {
		seeds: { type: "string", default: "200" },
		from: { type: "string", default: "1" },
		seed: { type: "string" },
		bug: { type: "string" },
		keep: { type: "boolean" },
		patience: { type: "string", default: "120" },
	},
});

interface Message {
	readonly seed?: number;
	readonly outcome?: Outcome;
	readonly error?: string;
}

const rowsOf = (name: string | undefined) => {
	if (name === undefined) return {};
	const bug = BUGS.find((each) => each.name === name);
	if (bug === undefined) throw new Error(`there is no bug "${name}": ${BUGS.map((each) => each.name).join(", ")}`);
	return { rows: bug.rows() };
};

/** Exit code: 0 when nothing was found. */
const one = async (seed: number): Promise<number> => {
	const options = rowsOf(values.bug);
	console.log(`seed ${seed}\n${planText(planOf(seed))}`);
	const { findings, counts } = await runSeed(seed, options);
	console.log(countsText(2, counts));
	if (findings.length === 0) {
		console.log("all is well");
		return 0;
	}
	console.log(`\nfound:\n${findings.map((finding) => `  ${finding}`).join("\n")}`);
	console.log("\nlooking for the smallest history that fails …");
	const smallest = await smallestOf(seed, 1000 * Number(values.patience), options);
	if (smallest === undefined) return 1;
	console.log(`after ${smallest.tries} tries:\n${planText(smallest.plan)}`);
	console.log(smallest.findings.map((finding) => `  found: ${finding}`).join("\n"));
	if (values.keep === true && values.bug !== undefined) {
		const without = await runPlan(smallest.plan);
		if (without.findings.length === 0) keepPlan(values.bug, smallest.plan);
		console.log(without.findings.length === 0 ? "kept in planted.json" : `not kept: fails without the bug too`);
	}
	return 1;
};

const many = async (from: number, count: number): Promise<number> => {
	const counts = noCounts();
	const failed: number[] = [];
	const began = performance.now();
	const progress = createLogUpdate(process.stderr);
	let next = from;
	let played = 0;
	const take = ({ seed, outcome, error }: Message) => {
		if (seed === undefined) return;
		played += 1;
		const findings = outcome?.findings ?? [error ?? "the worker failed"];
		if (outcome !== undefined) addCounts(counts, outcome.counts);
		if (findings.length > 0) {
			failed.push(seed);
			progress.clear();
			console.log(`seed ${seed}:\n${findings.map((finding) => `  ${finding}`).join("\n")}`);
		}
		const perMinute = Math.round((120_000 * played) / (performance.now() - began));
		if (process.stderr.isTTY)
			progress(`${played} of ${count} seeds, ${failed.length} failed, ${perMinute} worlds a minute`);
	};
	const work = () =>
		new Promise<void>((resolve, reject) => {
			const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: { bug: values.bug } });
			worker.on("error", reject);
			worker.on("message", (message: Message) => {
				take(message);
				if (next < from + count) {
					// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
					worker.postMessage(next);
					next += 1;
				} else void worker.terminate().then(() => resolve());
			});
		});
	await Promise.all(Array.from({ length: Math.min(count, availableParallelism()) }, work));
	progress.clear();
	const seconds = (performance.now() - began) / 1000;
	console.log(countsText(2 * played, counts));
	console.log(`${Math.round((120 * played) / seconds).toLocaleString("en-US")} worlds a minute`);
	if (failed.length === 0) {
		console.log(`seeds ${from} to ${from + count - 1}: all is well`);
		return 0;
	}
	console.log(`${failed.length} of ${count} seeds failed; again, and smaller: make simulate SEED=${failed[0]}`);
	return 1;
};

process.exitCode =
	values.seed === undefined ? await many(Number(values.from), Number(values.seeds)) : await one(Number(values.seed));
