import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { instrumented } from "./instrumented.ts";
import { tryAll } from "./pool.ts";
import type { Job } from "./protocol.ts";
import { alive, scoreOf, table } from "./report.ts";
import { sampled } from "./sample.ts";
import { pureFiles, ROOT, testFiles } from "./scope.ts";

// make mutants: changes the pure folders in thousands of small ways, and counts how many of them a test finds.

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		sample: { type: "string", default: "0" },
		seed: { type: "string", default: "1" },
		workers: { type: "string", default: "1" },
		budget: { type: "string", default: "60000" },
		out: { type: "string", default: join(ROOT, ".cache/mutation") },
		tests: { type: "string", multiple: true, default: [] },
		minimum: { type: "string", default: "90" },
	},
});

const run = async (): Promise<number> => {
	const files = pureFiles(positionals);
	if (files.length === 0) throw new Error(`no file of the pure folders begins with ${positionals.join(" or ")}`);
	const start = performance.now();
	const { sources, mutants } = await instrumented(files);
	mkdirSync(values.out, { recursive: true });
	const job = join(values.out, `job-${process.pid}.json`);
	const tests = testFiles(values.tests);
	writeFileSync(job, JSON.stringify({ sources, tests } satisfies Job));
	const counting = mutants.filter(({ excluded }) => excluded === undefined);
	const chosen = sampled(counting, Number(values.sample), Number(values.seed));
	process.stdout.write(`${chosen.length} mutants of ${files.length} files\n`);
	const interruption = new AbortController();
	process.once("SIGINT", () => interruption.abort());
	const tried = await tryAll({
		signal: interruption.signal,
		job,
		mutants: chosen,
		workers: Number(values.workers),
		milliseconds: Number(values.budget),
		onTried: (_, done) => {
			if (done % 100 === 0) process.stdout.write(`${done} of ${chosen.length} tried\n`);
		},
	});
	rmSync(job);
	writeFileSync(join(values.out, "tried.json"), JSON.stringify(tried, undefined, "\t"));
	const survivors = alive(tried);
	const list = join(values.out, "alive.txt");
	writeFileSync(list, `${survivors.join("\n")}\n`);
	const excluded = mutants.filter((mutant) => mutant.excluded !== undefined);
	const minutes = ((performance.now() - start) / 60_000).toFixed(1);
	if (positionals.length > 0) process.stdout.write(`${survivors.join("\n")}\n\n`);
	process.stdout.write(`${table(tried, excluded, positionals.length > 0 ? "file" : "folder")}\n`);
	if (tried.length < counting.length)
		process.stdout.write(`${tried.length} of ${counting.length} mutants were tried\n`);
	process.stdout.write(`in ${minutes} minutes; what is alive is listed in ${relative(process.cwd(), list)}\n`);
	return scoreOf(tried) < Number(values.minimum) ? 1 : 0;
};

process.exitCode = await run();
