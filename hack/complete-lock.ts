import { readFileSync, writeFileSync } from "node:fs";

// npm omits packages of other platforms from the lock file if the registry that it used did not have them. Then `npm ci` rejects the lock
// file. This script adds the missing packages. Run it after every `npm install` that adds or updates such a package.

interface LockEntry {
	version?: string;
	optionalDependencies?: Record<string, string>;
	dev?: boolean;
	[field: string]: unknown;
}

const PLATFORM = /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)/;

const complete = (packages: Record<string, LockEntry>): number => {
	let added = 0;
	for (const entry of Object.values(packages)) {
		for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
			const [, os, cpu] = PLATFORM.exec(name) ?? [];
			const at = `node_modules/${name}`;
			if (os === undefined || cpu === undefined || packages[at] !== undefined) continue;
			packages[at] = {
				version,
				optional: true,
				os: [os],
				cpu: [cpu],
				...(entry.dev === true && { dev: true }),
				...(name.includes("musl") && { libc: ["musl"] }),
			};
			added += 1;
		}
	}
	return added;
};

const path = new URL("../package-lock.json", import.meta.url);
const lock: unknown = JSON.parse(readFileSync(path, "utf8"));
if (!isLock(lock)) throw new Error("cannot complete package-lock.json: it has no packages");
const added = complete(lock.packages);
writeFileSync(path, `${JSON.stringify(lock, null, "\t")}\n`);
console.log(`package-lock.json: ${added} packages of other platforms added`);

function isLock(value: unknown): value is { packages: Record<string, LockEntry> } {
	return typeof value === "object" && value !== null && "packages" in value;
}
