import { globSync, readFileSync } from "node:fs";
import { loadAll } from "js-yaml";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../hooks/index.ts";
import { isRecord } from "../../kube/object.ts";
import { toStructural } from "../../kube/structural.ts";
import { rulesOfKind } from "../docs/rules.ts";

// The form of what people read: it begins with a capital letter, a count or a field, has no trailing period, and is short.

/** Messages of conditions, and of statuses as a whole, wherever they are in a document. */
const messagesIn = (value: unknown): string[] => {
	if (Array.isArray(value)) return value.flatMap(messagesIn);
	if (!isRecord(value)) return [];
	const { message, reason, phase } = value;
	const own = typeof message === "string" && (reason !== undefined || phase !== undefined) ? [message] : [];
	return [...own, ...Object.values(value).flatMap(messagesIn)];
};

const BEGINNING = /^(?:[A-Z]|\d+ of \d+ |(?:spec|status|metadata)\.)/;

/** "about 160 characters", for each statement of several: those that follow are on the same line. */
const LONGEST = 190;

const faultsOf = (message: string): string[] => [
	...(BEGINNING.test(message) ? [] : ["begins with neither a capital letter nor a field"]),
	...(/[.;:,\s]$/.test(message) ? ["ends with punctuation"] : []),
	...(message.split("; ").some((part) => part.length > LONGEST) ? ["is too long"] : []),
	...(/\bkubectl\b/.test(message) ? ["has a command"] : []),
];

const faultyOf = (messages: Iterable<string>) =>
	[...messages].flatMap((message) => faultsOf(message).map((fault) => `${fault}: ${message}`));

describe("a message", () => {
	it("has the form of one in every status", () => {
		const files = globSync(["test/statuses/*.yaml", "test/golden/**/*.out.yaml"]);
		const messages = new Set(files.flatMap((file) => messagesIn(loadAll(readFileSync(file, "utf8")))));
		expect(messages.size).toBeGreaterThan(100);
		expect(faultyOf(messages)).toEqual([]);
	});

	/** Names of fields, anywhere below. */
	const fieldsIn = (schema: unknown): string[] => {
		if (!isRecord(schema)) return [];
		const { properties } = schema;
		return [...Object.keys(isRecord(properties) ? properties : {}), ...Object.values(schema).flatMap(fieldsIn)];
	};

	it.each([...KINDS])("has the form of one in every rule of $kind", (kind) => {
		const fields = new Set(fieldsIn(toStructural(kind.spec)));
		const messages = rulesOfKind(kind).map(({ message }) => {
			const [first = ""] = message.split(/[ ,:]/);
			return first.split(".").every((name) => fields.has(name)) ? `spec.${message}` : message;
		});
		expect(messages.length).toBeGreaterThan(0);
		expect(faultyOf(messages)).toEqual([]);
	});

	it.each([
		["being created", "begins with neither"],
		["Being created.", "ends with punctuation"],
		[`Being ${"x".repeat(LONGEST)}`, "is too long"],
		["Run kubectl get pods", "has a command"],
	])("of another form is found: %.30s", (message, fault) => {
		expect(faultsOf(message)).toHaveLength(1);
		expect(faultsOf(message)[0]).toContain(fault);
	});
});
