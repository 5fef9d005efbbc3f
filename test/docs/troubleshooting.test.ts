import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import type { Command } from "../../schemas/findings/command.ts";
import { fieldOf, remedyOf } from "../../schemas/findings/fields.ts";
import { REASONS } from "../../schemas/vocabulary.ts";
import { BACKEND_CONFIG_SITUATIONS } from "../hooks/backendconfig-situations.ts";
import { PATTERN_RUNNER_SITUATIONS } from "../hooks/patternrunner-situations.ts";
import { PRISM_PLUGIN_SITUATIONS } from "../hooks/prismplugin-situations.ts";
import { PRISM_SHARD_SITUATIONS } from "../hooks/prismshard-situations.ts";
import { PRISM_STACK_SITUATIONS } from "../hooks/prismstack-situations.ts";
import { foundIn } from "../hooks/situations.ts";
import { pageText, sectionsBelow, sectionsOf, tableRows } from "./pages.ts";
import { rulesOfKind } from "./rules.ts";

const SECTIONS = sectionsOf(pageText("docs/troubleshooting.md"));
const ENTRIES = sectionsBelow(SECTIONS, "Reasons");
const RULES = sectionsBelow(SECTIONS, "Rejected by the API server");

/** A rule of the page and one of the schemas, in the same words. A rule about the whole object names its field itself. */
const asText = (kind: string, field: string | undefined, message: string): string =>
	field === undefined ? `${kind}: ${message}` : `${kind} ${field}: ${message}`;

const FOUND = [
	...PRISM_STACK_SITUATIONS,
	...PATTERN_RUNNER_SITUATIONS,
	...BACKEND_CONFIG_SITUATIONS,
	...PRISM_SHARD_SITUATIONS,
	...PRISM_PLUGIN_SITUATIONS,
].map((situation) => foundIn(situation).verdict.finding);

/** A remedy as far as it is the same for every object: the verb, and a kind in the singular. */
const commandOf = (remedy: Command) => {
	const verb = remedy.verb === "copy" ? "get" : remedy.verb;
	return { verb, kind: remedy.kind.replace(/s$/, "") };
};

/** The verb of each remedy, with the kinds that situations have it for. */
const REMEDIES = Object.entries(
	Object.groupBy(
		FOUND.flatMap((finding) => {
			const remedy = remedyOf(finding);
			return remedy === undefined ? [] : [{ reason: finding.reason, ...commandOf(remedy) }];
		}),
		({ reason, verb }) => `${reason}: kubectl ${verb}`,
	),
).flatMap(([title, found]) =>
	found.slice(0, 1).map(({ reason, verb }) => ({ title, reason, verb, kinds: found.map(({ kind }) => kind) })),
);

const FIELDS = FOUND.flatMap((finding) => {
	const field = fieldOf(finding);
	return field === undefined || finding.reason === "InvalidSpec" ? [] : [{ reason: finding.reason, field }];
});

const entryOf = (reason: string): string => ENTRIES.find(({ title }) => title === reason)?.text ?? "";

describe("troubleshooting", () => {
	it.each(REMEDIES)("has the remedy that the findings name: $title", ({ reason, verb, kinds }) => {
		const text = entryOf(reason).replaceAll(/ -n [\w-]+/g, "");
		expect(text).toMatch(new RegExp(`kubectl ${verb} (${kinds.join("|")})`));
	});

	it.each(FIELDS)("names the field that a finding is about: $reason: $field", ({ reason, field }) => {
		const [, ...names] = field.replaceAll(/\[.*?\]/g, "").split(".");
		expect(names.filter((name) => entryOf(reason).includes(name))).not.toEqual([]);
	});

	it("meets remedies and fields at all", () => {
		expect(REMEDIES.length).toBeGreaterThan(5);
		expect(FIELDS.length).toBeGreaterThan(5);
	});

	it("has an entry for every reason, and none for another", () => {
		expect(ENTRIES.map(({ title }) => title).toSorted()).toEqual(Object.keys(REASONS).toSorted());
	});

	it.each(ENTRIES)("says of $title what it means, and how to see it or that there is nothing to do", ({ text }) => {
		expect(text.length).toBeGreaterThan(80);
		expect(text).toMatch(/```sh\n|`kubectl |Nothing\s+to\s+do|\]\(/i);
	});

	it.each([...KINDS])("has every rule of $kind with its field, and no other", (kind) => {
		const [section] = RULES.filter(({ title }) => title === `${kind.kind} rules`);
		const rows = tableRows(section?.text ?? "").slice(1);
		const whole = new Set(kind.rules.map(({ message }) => message));
		const told = rows.flatMap(([fields = "", message = ""]) =>
			fields
				.replaceAll("`", "")
				.split(", ")
				.map((field) => asText(kind.kind, whole.has(message) ? undefined : field, message)),
		);
		const there = rulesOfKind(kind).map(({ field, message }) => asText(kind.kind, field, message));
		expect(there.length).toBeGreaterThan(0);
		expect(told.toSorted()).toEqual(there.toSorted());
	});

	it("says for each rule what to do", () => {
		const rows = RULES.flatMap(({ text }) => tableRows(text).slice(1));
		expect(rows.filter(([, , todo = ""]) => todo.length < 3)).toEqual([]);
	});

	it("has rules of no kind that is not there", () => {
		expect(RULES.map(({ title }) => title)).toEqual(expect.arrayContaining(KINDS.map(({ kind }) => `${kind} rules`)));
		expect(RULES).toHaveLength(KINDS.length);
	});

	it("tells the page's own rows from an invented one", () => {
		expect(tableRows("| `a` | one \\| two |\n|---|---|\n")).toEqual([["`a`", "one | two"]]);
	});
});
