import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

// What was measured goes between markers into docs/performance.md; everything else there is written by people.

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = `${ROOT}docs/performance.md`;

/** Puts a part's text between its markers. */
export const fillIn = (part: string, text: string): void => {
	const page = readFileSync(PAGE, "utf8");
	const [begin, end] = [`<!-- bench:${part} -->`, `<!-- /bench:${part} -->`];
	const [from, to] = [page.indexOf(begin), page.indexOf(end)];
	if (from === -1 || to < from) throw new Error(`docs/performance.md has no place for ${part}: ${begin} and ${end}`);
	writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n\n${text.trim()}\n\n${page.slice(to)}`);
};

/** What the figures depend on beside the code. */
export const machine = (): string => {
	const [cpu] = cpus();
	const [minute = 0] = loadavg();
	return [
		`Measured on ${cpus().length} cores (${cpu?.model.trim() ?? "unknown"})`,
		`${Math.round(totalmem() / 2 ** 30)} GiB`,
		`Node ${process.version}`,
		`load average at the start ${minute.toFixed(1)}`,
	].join(", ");
};
