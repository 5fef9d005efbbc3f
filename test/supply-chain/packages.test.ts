import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isRecord } from "../../kube/object.ts";

// What production is made of, as the lock has it.

const LOCK: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "../../package-lock.json"), "utf8"));
const PACKAGES = Object.entries(isRecord(LOCK) && isRecord(LOCK["packages"]) ? LOCK["packages"] : {}).filter(
	(entry): entry is [string, Record<string, unknown>] =>
		entry[0].startsWith("node_modules/") && isRecord(entry[1]) && entry[1]["link"] !== true,
);
const PRODUCTION = PACKAGES.filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true);

/** Licenses under which the image may be passed on with nothing but their notices, which are in the packages. */
const PERMISSIVE = ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT", "MIT-0", "0BSD"];
const ALSO = ["(Apache-2.0 AND BSD-3-Clause)", "PSF-2.0", "Python-2.0", "Unlicense", "CC0-1.0"];

it("has checksums of all packages of production", () => {
	expect(PRODUCTION.length).toBeGreaterThan(50);
	const without = PRODUCTION.filter(([, { integrity }]) => !String(integrity).startsWith("sha512-"));
	expect(without.map(([path]) => path)).toEqual([]);
});

it("has licenses that let the image be passed on", () => {
	const others = PRODUCTION.filter(([, { license }]) => ![...PERMISSIVE, ...ALSO].includes(String(license)));
	expect(others.map(([path, { license }]) => `${path}: ${String(license)}`)).toEqual([]);
});

it("takes packages from the registry alone, never from an address or a repository", () => {
	const elsewhere = PACKAGES.filter(([, { version }]) => !/^\d+\.\d+\.\d+/.test(String(version)));
	expect(elsewhere.map(([path]) => path)).toEqual([]);
	const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
	const declared: unknown = JSON.parse(text);
	for (const field of ["dependencies", "devDependencies"]) {
		const versions = isRecord(declared) && isRecord(declared[field]) ? declared[field] : {};
		for (const [name, version] of Object.entries(versions)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
	}
});
