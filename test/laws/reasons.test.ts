import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reasonsPage } from "../../codegen/docs/pages.ts";
import { REASONS } from "../../schemas/vocabulary.ts";
import { SITUATIONS } from "../hooks/all-situations.ts";
import { BACKEND_CONFIG_SITUATIONS } from "../hooks/backendconfig-situations.ts";
import { PRISM_NAMESPACE_SITUATIONS } from "../hooks/prismnamespace-situations.ts";
import { answerTo, conditionsIn } from "../hooks/situations.ts";

describe("reasons", () => {
	it.each(SITUATIONS)("$parent.kind: $condition.reason: $title", (situation) => {
		const answer = answerTo(situation);
		const { type = "Ready", ...expected } = situation.condition;
		expect(conditionsIn(answer).find((found) => found["type"] === type)).toMatchObject(expected);
		expect(answer.status["phase"]).toBe(situation.phase);
	});

	it("are each documented, and each documented one is given", () => {
		const given = new Set([
			...SITUATIONS.flatMap((situation) => conditionsIn(answerTo(situation)).map(({ reason }) => String(reason))),
			...PRISM_NAMESPACE_SITUATIONS.map(({ condition }) => condition.reason),
		]);
		const documented = new Set(Object.keys(REASONS));
		expect([...given].filter((reason) => !documented.has(reason))).toEqual([]);
		expect([...documented].filter((reason) => !given.has(reason))).toEqual([]);
	});

	it("are all tried that the code names", () => {
		const tried = new Set([
			...SITUATIONS.map(({ parent, condition }) => `${parent.kind} ${condition.reason}`),
			...PRISM_NAMESPACE_SITUATIONS.map(({ condition }) => `PrismNamespace ${condition.reason}`),
		]);
		const root = join(import.meta.dirname, "../..");
		const texts = readdirSync(join(root, "hooks"), { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(".ts"))
			// Some phases are called as a reason is.
			.map((name): [string, string] => [
				name,
				readFileSync(join(root, "hooks", name), "utf8").replaceAll(/phase: "\w+"/g, ""),
			]);
		const kinds = {
			prismstack: "PrismStack",
			patternrunner: "PatternRunner",
			backendconfig: "BackendConfig",
			prismshard: "PrismShard",
			prismplugin: "PrismPlugin",
			prismnamespace: "PrismNamespace",
		};
		const named = Object.entries(kinds).flatMap(([folder, kind]) =>
			texts
				.filter(([name]) => name.startsWith(folder))
				.flatMap(([, text]) => Object.keys(REASONS).filter((reason) => text.includes(`"${reason}"`)))
				.map((reason) => `${kind} ${reason}`),
		);
		expect(named.filter((entry) => !tried.has(entry))).toEqual([]);
	});

	it("come with a BackendConfig's message that is the one of Ready, whatever else was found", () => {
		for (const situation of BACKEND_CONFIG_SITUATIONS) {
			const answer = answerTo(situation);
			const ready = conditionsIn(answer).find(({ type }) => type === "Ready");
			expect(answer.status["message"]).toBe(ready?.["message"]);
		}
	});

	it("are on their page, which says when each is given", () => {
		for (const [reason, scenario] of Object.entries(REASONS)) {
			expect(reasonsPage()).toContain(`| \`${reason}\` | ${scenario} |`);
			expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
			expect(scenario).toMatch(/^[A-Zspec].*\.$/);
		}
	});

	it("come with a Ready that is never silent", () => {
		for (const situation of SITUATIONS) {
			const ready = conditionsIn(answerTo(situation)).find(({ type }) => type === "Ready");
			expect(ready?.["message"]).toMatch(/\S/);
		}
	});
});
