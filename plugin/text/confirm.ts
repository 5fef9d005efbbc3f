import { createInterface } from "node:readline/promises";

/** Asks on the terminal; without a terminal, the answer is no. */
export const confirmed = async (question: string): Promise<boolean> => {
	if (!process.stdin.isTTY) return false;
	const terminal = createInterface({ input: process.stdin, output: process.stdout });
	try {
		return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
	} finally {
		terminal.close();
	}
};
