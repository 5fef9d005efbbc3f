import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Need } from "../needs.ts";
import { readBaseline } from "./baseline.ts";

// The sources of the version before, of which a shallow clone has none.

const { commit } = readBaseline();

const hasHistory = (): boolean => {
	try {
		execFileSync("git", ["cat-file", "-e", `${commit}^{commit}`], {
			cwd: join(import.meta.dirname, "../.."),
			stdio: "ignore",
		});
		return true;
	} catch {
		return false;
	}
};

export const HISTORY: Need = {
	what: `commit ${commit.slice(0, 7)}`,
	how: "git fetch --unshallow",
	isMet: hasHistory(),
};
