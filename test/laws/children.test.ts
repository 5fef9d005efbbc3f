import { expect, it } from "vitest";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { SITUATIONS } from "../hooks/all-situations.ts";
import { answerTo } from "../hooks/situations.ts";
import { unfit } from "./findings.ts";

// Children that are objects of ours, held against our own schemas and rules. All others are asked of the real API server
// (test/integration/api.test.ts).

const OWN = SITUATIONS.map((situation) => ({ ...situation, kind: situation.parent.kind }));

it.each(OWN)("$kind: $title: its children satisfy our schemas and rules", (situation) => {
	expect(unfit(answerTo(situation).children)).toEqual([]);
});

it("has children of each of our kinds that are made by others", () => {
	const kinds = SITUATIONS.flatMap((situation) => answerTo(situation).children)
		.filter(({ apiVersion }) => apiVersion === API_VERSION)
		.map(({ kind }) => kind);
	expect([...new Set(kinds)].toSorted()).toEqual(["BackendConfig", "PatternRunner", "PrismNamespace", "PrismRoster"]);
});

it("finds what is misspelled, wrong, or against a rule", () => {
	const [runner] = SITUATIONS.flatMap((situation) => answerTo(situation).children).filter(
		({ kind }) => kind === "PatternRunner",
	);
	const changed = (fields: object) =>
		unfit(runner === undefined ? [] : [{ ...runner, spec: { ...(runner["spec"] as object), ...fields } }]).join("\n");
	expect(changed({})).toBe("");
	expect(changed({ backendConfg: { name: "redis" } })).toContain("spec.backendConfg: unknown field");
	expect(changed({ replicas: "two" })).toContain("spec.replicas");
	expect(changed({ probe: { type: "tcp", path: "/" } })).toContain("path is for probe type http only");
});
