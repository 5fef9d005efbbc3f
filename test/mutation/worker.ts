import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { type CollectedTest, collect } from "./collector.ts";
import {
	type Coverage,
	fileOf,
	type Hits,
	type Job,
	type Order,
	type Outcome,
	type Report,
	type Trial,
} from "./protocol.ts";
import { reloading } from "./reloading.ts";
import { pureFiles, TOO_SLOW } from "./scope.ts";

// Tries one mutant after the other, in a process of its own: one that never ends is ended with it.

interface Switches {
	activeMutant?: string | undefined;
	currentTestId?: string | undefined;
	hitCount?: number | undefined;
	hitLimit?: number | undefined;
	mutantCoverage?: {
		static: Record<string, number>;
		perTest: Record<string, Record<string, number>>;
	};
}

const switches: Switches = {};
Object.assign(globalThis, { __stryker__: switches });
const NEVER_ENDS = "Hit count limit reached";

const { sources, tests: testFiles } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Job;
const modules = reloading(sources);
const loaded = new Map<string, CollectedTest>();

const watched = new Int32Array(new SharedArrayBuffer(8));
const watchdog = new Worker(new URL("watchdog.ts", import.meta.url), { workerData: { shared: watched.buffer } });
watchdog.unref();

const say = (report: Report): void => {
	process.send?.(report);
};

const collectFile = async (file: string): Promise<readonly CollectedTest[]> => {
	const tests = await collect(file, () => modules.load(file));
	return tests.filter(({ name }) => !TOO_SLOW.has(name));
};

const loadFile = async (file: string): Promise<void> => {
	for (const test of await collectFile(file)) loaded.set(test.name, test);
};

const loadAll = async (): Promise<void> => {
	// oxlint-disable-next-line no-await-in-loop
	for (const file of testFiles) await loadFile(file);
};

const failureOf = async (test: CollectedTest | undefined): Promise<Error | undefined> => {
	if (test === undefined) return new Error("the test is gone");
	try {
		await test.run();
		return undefined;
	} catch (error) {
		return error instanceof Error ? error : new Error(String(error));
	}
};

// ── Without a mutant ────────────────────────────────────────────────────────────────────────────────────────────────

/** The mutants that are met meanwhile. */
const hitsOf = async (happen: () => Promise<unknown>): Promise<Hits> => {
	const coverage = { static: {}, perTest: {} };
	switches.mutantCoverage ??= coverage;
	switches.mutantCoverage.static = coverage.static;
	await happen();
	return coverage.static;
};

const measure = async (): Promise<void> => {
	const whileLoading = await hitsOf(() => Promise.all(pureFiles().map(modules.load)));
	const whileDeclaring: Record<string, Hits> = {};
	// oxlint-disable-next-line no-await-in-loop
	for (const file of testFiles) whileDeclaring[file] = await hitsOf(() => loadFile(file));
	const durations: Record<string, number> = {};
	const failures: string[] = [];
	for (const [name, test] of loaded) {
		switches.currentTestId = name;
		const start = performance.now();
		// oxlint-disable-next-line no-await-in-loop
		const failure = await failureOf(test);
		durations[name] = performance.now() - start;
		if (failure !== undefined) failures.push(`${name}: ${failure.message}`);
	}
	switches.currentTestId = undefined;
	if (failures.length > 0) return say({ kind: "broken", failures });
	const byTest = switches.mutantCoverage?.perTest ?? {};
	const coverage: Coverage = { whileLoading, whileDeclaring, byTest, durations };
	say({ kind: "measured", coverage });
};

// ── With one ────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Finding {
	readonly outcome: Outcome;
	readonly by?: string;
}

const found = (failure: Error, by: string): Finding =>
	failure.message.includes(NEVER_ENDS) ? { outcome: "timed out", by } : { outcome: "killed", by };

const activate = ({ mutant, hitLimit }: Trial): void => {
	switches.activeMutant = mutant;
	switches.hitLimit = hitLimit;
};

const deactivate = (): void => {
	switches.activeMutant = undefined;
	switches.hitCount = undefined;
	switches.hitLimit = undefined;
};

/** `undefined`: it is in doubt, for a test fails also without the mutant from then on. */
const tryLoaded = async (trial: Trial): Promise<Finding | undefined> => {
	for (const name of trial.loaded) {
		activate(trial);
		switches.hitCount = 0;
		// oxlint-disable-next-line no-await-in-loop
		const failure = await failureOf(loaded.get(name));
		deactivate();
		if (failure === undefined) continue;
		// What a test leaves behind must not find mutants: without the mutant the test has to pass again.
		// oxlint-disable-next-line no-await-in-loop
		if ((await failureOf(loaded.get(name))) !== undefined) return undefined;
		return found(failure, name);
	}
	return { outcome: "survived" };
};

const tryReloaded = async (trial: Trial, names: readonly string[]): Promise<Finding> => {
	if (names.length === 0) return { outcome: "survived" };
	modules.renew();
	activate(trial);
	for (const file of new Set(names.map(fileOf))) {
		switches.hitCount = 0;
		let tests: readonly CollectedTest[];
		try {
			// oxlint-disable-next-line no-await-in-loop
			tests = await collectFile(file);
		} catch (error) {
			return found(error instanceof Error ? error : new Error(String(error)), file);
		}
		const byName = new Map(tests.map((test) => [test.name, test]));
		for (const name of names.filter((each) => fileOf(each) === file)) {
			const test = byName.get(name);
			// A test that the mutant does away with finds nothing.
			if (test === undefined) continue;
			switches.hitCount = 0;
			// oxlint-disable-next-line no-await-in-loop
			const failure = await failureOf(test);
			if (failure !== undefined) return found(failure, name);
		}
	}
	return { outcome: "survived" };
};

const findingOf = async (trial: Trial): Promise<Finding> => {
	const first = await tryLoaded(trial);
	if (first !== undefined && first.outcome !== "survived") return first;
	const second = await tryReloaded(trial, [...(first === undefined ? trial.loaded : []), ...trial.reloaded]);
	deactivate();
	if (first === undefined) {
		modules.renew();
		await loadAll();
	}
	return second;
};

const tryMutant = async (trial: Trial): Promise<void> => {
	Atomics.add(watched, 0, 1);
	Atomics.store(watched, 1, trial.milliseconds);
	const finding = await findingOf(trial);
	Atomics.store(watched, 1, 0);
	say({ kind: "tried", mutant: trial.mutant, ...finding, megabytes: process.memoryUsage().rss / 2 ** 20 });
};

let ready: Promise<void> | undefined;

process.on("message", (order: Order) => {
	if (order.kind === "measure") {
		ready = measure();
		return;
	}
	ready ??= loadAll();
	ready = ready.then(() => tryMutant(order.trial));
});
