import { describe, expect, it } from "vitest";
import { isAnnotated, unreadableSwitches } from "../../kube/boolean-annotations.ts";
import { warningText } from "../../schemas/messages/text.ts";
import { FORCE_DELETE_ANNOTATION, PAUSED_ANNOTATION } from "../../schemas/vocabulary.ts";

const annotated = (value: string, annotation: string = PAUSED_ANNOTATION) => ({
	apiVersion: "v1",
	kind: "Thing",
	metadata: { name: "it", annotations: { [annotation]: value } },
});

describe("an annotation that switches something on", () => {
	it.each(["true", "True", "TRUE", "yes", "Yes", "on", "ON", "1"])("is on as %j", (value) => {
		expect(isAnnotated(annotated(value), PAUSED_ANNOTATION)).toBe(true);
		expect(unreadableSwitches(annotated(value))).toEqual([]);
	});

	it.each(["false", "False", "no", "off", "Off", "0", ""])("is off as %j", (value) => {
		expect(isAnnotated(annotated(value), PAUSED_ANNOTATION)).toBe(false);
		expect(unreadableSwitches(annotated(value))).toEqual([]);
	});

	it("is off where it is not there", () => {
		const bare = { apiVersion: "v1", kind: "Thing", metadata: { name: "it" } };
		expect(isAnnotated(bare, PAUSED_ANNOTATION)).toBe(false);
		expect(unreadableSwitches(bare)).toEqual([]);
	});

	it.each(["ture", " true", "enabled", "2", "y".repeat(300)])("is off as %j, with a warning", (value) => {
		for (const annotation of [PAUSED_ANNOTATION, FORCE_DELETE_ANNOTATION]) {
			const object = annotated(value, annotation);
			expect(isAnnotated(object, annotation)).toBe(false);
			expect(unreadableSwitches(object).map(warningText)).toEqual([
				`Annotation ${annotation} is ${JSON.stringify(value.slice(0, 40))}, which is neither on nor off: set it to "true", or remove it`,
			]);
		}
	});
});
