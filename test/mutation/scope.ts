import { readdirSync } from "node:fs";
import { join, sep } from "node:path";

// What is mutated, and by which tests mutants are to be found.

export const ROOT = join(import.meta.dirname, "../..");

/** The pure folders. In schemas/ only functions count: a declaration that changes is a changed CRD, which is compared anyway. */
const PURE_FOLDERS = ["hooks", "kube", "schemas"] as const;

export const isDeclarationsOnly = (file: string): boolean => file.startsWith("schemas/");

const TEST_FILES = [
	"test/kube/*.test.ts",
	"test/hooks/*.test.ts",
	"test/schemas/*.test.ts",
	"test/scenarios/*.test.ts",
	"test/golden.test.ts",
	"test/generated.test.ts",
	"test/statuses.test.ts",
	"test/laws/api-conventions.test.ts",
	"test/laws/children.test.ts",
	"test/laws/reasons.test.ts",
	"test/laws-decorators.test.ts",
	"test/laws.test.ts",
] as const;

/** Scenarios of the server, of the program and of the commands: they take long, and find what is wrong elsewhere. */
const OF_OTHERS: ReadonlySet<string> = new Set(
	[
		"a-call-takes-too-long",
		"a-certificate-is-replaced",
		"a-cluster-was-written-to-harm",
		"a-proxy-says-nothing",
		"a-search-domain-answers",
		"a-server-has-too-much-to-do",
		"clients-abuse-a-server",
		"large-bodies-come-at-once",
		"the-program-is-traced",
		"two-servers-hand-over",
	].map((name) => `test/scenarios/${name}.test.ts`),
);

/** Property tests run few cases here, always the same ones: a mutant that only a long search finds counts as alive. */
export const FEW_RUNS = { RUNS: "2", MODEL_RUNS: "10", SEED: "20260101" } as const;

/** Tests that are left out, because one of their runs takes longer than a hundred mutants may. */
export const TOO_SLOW: ReadonlySet<string> = new Set([
	"test/kube/rendezvous-hashing.test.ts > weighted rendezvous hashing > spreads 100,000 keys over 100 equal candidates within 10 percent",
]);

const namesIn = (folder: string): string[] =>
	readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
		.map((name) => `${folder}/${name.split(sep).join("/")}`)
		.toSorted();

const beginsWithAny = (name: string, prefixes: readonly string[]): boolean =>
	prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix));

/** Paths from the project's root of the files to mutate, `prefixes` of them only. */
export const pureFiles = (prefixes: readonly string[] = []): string[] =>
	PURE_FOLDERS.flatMap(namesIn)
		.filter((name) => name.endsWith(".ts"))
		.filter((name) => beginsWithAny(name, prefixes));

/** `prefixes` of them only. */
export const testFiles = (prefixes: readonly string[] = []): string[] =>
	TEST_FILES.flatMap((pattern) => {
		if (!pattern.includes("*")) return [pattern];
		const folder = pattern.slice(0, pattern.lastIndexOf("/"));
		return namesIn(folder).filter((name) => name.endsWith(".test.ts"));
	})
		.filter((name) => !OF_OTHERS.has(name))
		.filter((name) => beginsWithAny(name, prefixes));
