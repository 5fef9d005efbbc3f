import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompositeRow } from "../../kube/hook.ts";
import { isRecord } from "../../kube/object.ts";
import { objectProblems } from "../../kube/validation.ts";
import { createApp } from "../../server/app.ts";
import { captureLog, installation, NOW, toyLimits } from "../server/toy.ts";

// docs/adding-a-crd.md, done to the letter in a copy of the project: its blocks are written and applied, its commands are
// run. What does not hold for a newcomer fails here.

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/adding-a-crd.md"), "utf8");
const NODE = join(ROOT, "node_modules/.bin/node");
const PATIENCE_MS = 180_000;

interface Block {
	readonly path: string;
	readonly language: string;
	readonly text: string;
}

/** Blocks that are headed by the file that they go into. */
const BLOCKS: Block[] = [...PAGE.matchAll(/^`([^`\n]+)`\n\n```(\w+)\n(.*?)^```$/gms)].map(
	([, path = "", language = "", text = ""]) => ({ path, language, text }),
);

/** The page's commands, one a line. */
const COMMANDS = [...PAGE.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, text = ""]) => text.trim().split("\n"));

/** Where a difference's lines without `+` stand in a text, exactly once, those with it are put. */
const changed = (text: string, { path, text: difference }: Block): string => {
	const lines = difference.trimEnd().split("\n");
	const side = (mark: string) =>
		lines
			.filter((line) => !line.startsWith(mark))
			.map((line) => `${line.slice(1)}\n`)
			.join("");
	const parts = text.split(side("+"));
	if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} places for:\n${difference}`);
	return parts.join(side("-"));
};

let copy = "";

beforeAll(async () => {
	copy = mkdtempSync(join(tmpdir(), "prism-adding-a-crd-"));
	const left = new Set(["node_modules", ".git", ".cache", "coverage"]);
	cpSync(ROOT, copy, { recursive: true, preserveTimestamps: true, filter: (path) => !left.has(relative(ROOT, path)) });
	symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
	for (const block of BLOCKS) {
		const path = join(copy, block.path);
		mkdirSync(dirname(path), { recursive: true });
		if (block.language === "diff") writeFileSync(path, changed(readFileSync(path, "utf8"), block));
		else if (existsSync(path)) throw new Error(`${block.path} is there already`);
		else writeFileSync(path, block.text);
	}
	await run(NODE, "cli/main.ts", "generate");
}, PATIENCE_MS);
afterAll(() => rmSync(copy, { recursive: true, force: true }), 60_000);

/** In the copy; a failure says what was printed. */
const run = async (program: string, ...args: string[]): Promise<string> => {
	try {
		const environment = {
			...process.env,
			NO_COLOR: "1",
			PATH: `${join(ROOT, "node_modules/.bin")}:${process.env["PATH"]}`,
		};
		const { stdout } = await promisify(execFile)(program, args, { cwd: copy, env: environment, maxBuffer: 1 << 26 });
		return stdout;
	} catch (error) {
		if (!isRecord(error)) throw error;
		throw new Error(`${program} ${args.join(" ")}:\n${String(error["stdout"])}\n${String(error["stderr"])}`, {
			cause: error,
		});
	}
};
const tests = (...args: string[]): Promise<string> => run(NODE, "node_modules/vitest/vitest.mjs", "run", ...args);
const loaded = (path: string): Promise<Record<string, unknown>> => import(pathToFileURL(join(copy, path)).href);

/** A command as it must be given in the copy, whose dependencies are those of the original, and never installed anew. */
const here = (command: string): string =>
	command
		.replace("npx --no-install prism-operator", "node cli/main.ts")
		.replace(/^make /, "make --assume-old=node_modules/.package-lock.json ");

/** The page's own TypeScript, new and changed. */
const sources = [...new Set(BLOCKS.map(({ path }) => path))].filter((path) => path.endsWith(".ts"));

describe("the page about adding a CRD", () => {
	it("has every part of a kind", () => {
		for (const path of ["schemas/prismnotice.ts", "hooks/index.ts", "test/integration/rule-cases.ts"])
			expect(sources).toContain(path);
		for (const scene of ["plan", "config-map", "children", "status", "index"])
			expect(sources).toContain(`hooks/prismnotice/${scene}.ts`);
	});

	it("compiles, the pure folders without Node's types", { timeout: PATIENCE_MS }, async () => {
		await run(NODE, "node_modules/typescript/bin/tsc", "-p", "tsconfig.pure.json");
		await run(NODE, "node_modules/typescript/bin/tsc", "-p", "tsconfig.json");
	});

	it("is formatted and linted as the rest is", { timeout: PATIENCE_MS }, async () => {
		await run("biome", "ci", ...sources);
		await run("oxlint", ...sources);
	});

	it("has everything generated: CRD, controller, reference page, role", { timeout: PATIENCE_MS }, async () => {
		await run(NODE, "cli/main.ts", "generate", "--check");
		for (const path of ["crds/prism.io_prismnotices.yaml", "compositecontrollers/prismnotice.yaml"])
			expect(readFileSync(join(copy, path), "utf8")).toContain("prismnotices");
		expect(readFileSync(join(copy, "docs/reference/prismnotice.md"), "utf8")).toContain("Text for the users.");
		expect(readFileSync(join(copy, "docs/reference/reasons.md"), "utf8")).toContain("`NoticePublished`");
	});

	it("obeys the laws that hold for every hook", { timeout: PATIENCE_MS }, async () => {
		expect(await tests("test/laws.test.ts", "-t", "laws of prismnotice")).toMatch(/Tests +[1-9]\d* passed/);
	});

	it("passes its own builder's test", { timeout: PATIENCE_MS }, async () => {
		expect(await tests("test/hooks/prismnotice/")).toMatch(/Tests +1 passed/);
	});

	it("passes the tests that look at every kind", { timeout: PATIENCE_MS }, async () => {
		const files = ["golden", "generated", "laws/reasons", "charts/role", "gitops/argocd", "gitops/lua"];
		const output = await tests(...files.map((name) => `test/${name}.test.ts`), "--reporter=verbose");
		for (const title of ["golden > notice", "PrismNotice: NoticePublished: published"]) expect(output).toContain(title);
	});

	it("has a pair for the rule that its schema carries", async () => {
		const { PrismNotice } = (await loaded("schemas/prismnotice.ts")) as { PrismNotice: CompositeRow["parent"] };
		const { RULE_CASES } = (await loaded("test/integration/rule-cases.ts")) as {
			RULE_CASES: { kind: string; message: string; accepted: Pair; rejected: Pair }[];
		};
		const own = RULE_CASES.filter(({ kind }) => kind === "PrismNotice");
		expect(own).toHaveLength(PrismNotice.rules.length);
		const problems = ({ name, spec }: Pair) =>
			objectProblems(PrismNotice, { apiVersion: "prism.io/v1alpha1", kind: "PrismNotice", metadata: { name }, spec });
		for (const { message, accepted, rejected } of own) {
			expect(problems(accepted)).toEqual([]);
			expect(problems(rejected).join()).toContain(message);
		}
	});

	it("is served, and answers a sync", async () => {
		const { REGISTRY } = (await loaded("hooks/index.ts")) as { REGISTRY: CompositeRow[] };
		const { log } = captureLog();
		const app = createApp({ rows: REGISTRY, installation, clock: () => NOW, log, limits: toyLimits });
		const answer = await app.inject({
			method: "POST",
			url: "/prismnotice/sync",
			payload: {
				controller: {},
				parent: {
					apiVersion: "prism.io/v1alpha1",
					kind: "PrismNotice",
					metadata: { name: "maintenance", namespace: "prism", generation: 3 },
					spec: { text: "hello" },
				},
				children: { "ConfigMap.v1": {} },
				related: {},
				finalizing: false,
			},
		});
		await app.close();
		expect(answer.statusCode).toBe(200);
		expect(answer.json()).toMatchObject({
			status: { observedGeneration: 3, conditions: [{ type: "Ready", status: "False", reason: "Progressing" }, {}] },
			children: [{ kind: "ConfigMap", data: { text: "hello", severity: "info" } }],
		});
	});

	it("is taken by the commands that look at it, and becomes Ready on a cluster", { timeout: PATIENCE_MS }, async () => {
		const [generate, ...looks] = COMMANDS;
		expect(generate).toBe("make generate");
		expect(looks).toHaveLength(2);
		const printed: string[] = [];
		for (const look of looks) printed.push(await run("bash", "-c", `${here(look)} 2>&1`));
		expect(printed.at(-1)).toMatch(/PrismNotice.*maintenance/);
		expect(printed.at(-1)).toContain("NoticePublished");
	});
});

interface Pair {
	readonly name: string;
	readonly spec: unknown;
}
