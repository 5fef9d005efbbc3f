import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Programs that only say how they were called.

export const folder = (): string => mkdtempSync(join(tmpdir(), "prism-kind-"));

/** A shell script of that name in a folder. */
export const program = (where: string, name: string, script: string): string => {
	mkdirSync(where, { recursive: true });
	const path = join(where, name);
	writeFileSync(path, `#!/bin/sh\n${script}\n`);
	chmodSync(path, 0o755);
	return path;
};

/** What the real kind answers to `version`, and every other call by its arguments. */
export const KIND = 'if [ "$1" = version ]; then echo "kind v0.33.0 go1.26.1 linux/amd64"; else echo "kind: $*"; fi';
