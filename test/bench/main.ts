import { beside } from "./beside.ts";
import { claims } from "./claims.ts";
import { cores } from "./cores.ts";
import { growth } from "./growth.ts";
import { hook } from "./hook.ts";
import { line, long } from "./line.ts";
import { memory } from "./memory.ts";
import { outside } from "./outside.ts";
import { fillIn, machine } from "./page.ts";
import type { Part } from "./part.ts";
import { peers } from "./peers.ts";

// `make bench`: measures, prints what it found, and writes it into docs/performance.md. PARTS=hook,growth for some of it.

const PARTS: readonly Part[] = [hook, cores, beside, outside, growth, claims, line, memory];
/** Only when they are asked for. */
const OTHERS: readonly Part[] = [long, peers];

const chosen = (names: string | undefined): readonly Part[] => {
	if (names === undefined || names === "") return PARTS;
	return names.split(",").map((name) => {
		const all = [...PARTS, ...OTHERS];
		const part = all.find((candidate) => candidate.name === name.trim());
		if (part === undefined) throw new Error(`there is no part "${name}": ${all.map((each) => each.name).join(", ")}`);
		return part;
	});
};

const since = (began: number): string => `${((performance.now() - began) / 1000).toFixed(0)} s`;

// A cluster that is stopped in the middle of its work cuts calls off that nobody waits for any more.
process.on("unhandledRejection", (error) => {
	if (!(error instanceof Error && error.name === "AbortError")) throw error;
});

const began = performance.now();
const failed: string[] = [];
for (const { name, run } of chosen(process.env["PARTS"])) {
	const from = performance.now();
	const where = machine();
	console.log(`\n${name}`);
	try {
		const text = await run((words) => console.log(`  ${words}`));
		console.log(`\n${text}\n\n${name} took ${since(from)}`);
		fillIn(name, `${text}\n\n${where}; took ${since(from)}.`);
	} catch (error) {
		// The other parts are worth having all the same.
		failed.push(name);
		console.error(`${name} failed after ${since(from)}:`, error);
	}
}
console.log(
	`\n${failed.length === 0 ? "done" : `failed: ${failed.join(", ")}`} after ${since(began)}; see docs/performance.md`,
);
process.exit(failed.length === 0 ? 0 : 1);
