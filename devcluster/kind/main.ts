#!/usr/bin/env node
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { findKind } from "./find.ts";

// `npx --no-install kind ...`: the real kind, with these arguments.

const found = await findKind(process.env, import.meta.filename);
if ("missing" in found) {
	console.error(found.missing);
	process.exit(1);
}
// The terminal signals both; a kill of this process alone is handed on, and the child's end is ours. Before the child is
// there: once it has printed something, a user may want it to end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
const child = spawn(found.program, process.argv.slice(2), { stdio: "inherit" });
child.once("error", (error) => {
	console.error(`cannot run ${found.program}: ${error.message}`);
	process.exit(1);
});
child.once("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
