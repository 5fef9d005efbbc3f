import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { REASONS } from "../../schemas/vocabulary.ts";
import { pageText, sectionsBelow, sectionsOf, tableRows } from "./pages.ts";
import { rulesOfKind } from "./rules.ts";

const SECTIONS = sectionsOf(pageText("docs/troubleshooting.md"));
const ENTRIES = sectionsBelow(SECTIONS, "Reasons");
const RULES = sectionsBelow(SECTIONS, "What the API server refuses");

/** A rule of the page and one of the schemas, in the same words. A rule about the whole object names its field itself. */
const asText = (kind: string, field: string | undefined, message: string): string =>
	field === undefined ? `${kind}: ${message}` : `${kind} ${field}: ${message}`;

describe("troubleshooting", () => {
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
		const told = rows.map(([field = "", message = ""]) =>
			asText(kind.kind, whole.has(message) ? undefined : field.replaceAll("`", ""), message),
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
