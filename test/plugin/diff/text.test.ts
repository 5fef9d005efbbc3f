import { describe, expect, it } from "vitest";
import { changeOf } from "../../../plugin/diff/compare.ts";
import { diffText, unifiedLines } from "../../../plugin/diff/text.ts";
import { paintOf } from "../../../plugin/text/paint.ts";
import { other } from "../world.ts";

const TERMINAL = paintOf({ color: false, columns: 80 });

describe("changes as text", () => {
	it("shows of a Secret that it changes, and not what it says", () => {
		const secret = (password: string) =>
			other("v1", "Secret", "s", { uid: "s", labels: {} }, { stringData: { password } });
		const change = changeOf(secret("hunter2"), secret("hunter3"), undefined);
		const text = diffText(change === undefined ? [] : [change], TERMINAL).join("\n");
		expect(text).toMatch(/-\s+password: /);
		expect(text).not.toContain("hunter");
	});

	it("are counted by kind, and those that do not happen have no lines", () => {
		const change = (what: "created" | "blocked", name: string) => ({
			what,
			object: other("v1", "ConfigMap", name, { uid: name }),
			before: undefined,
			after: what === "created" ? { data: { a: "1" } } : undefined,
			parent: "PatternRunner shop/orders",
			notes: what === "blocked" ? ["why"] : [],
		});
		expect(diffText([change("created", "a"), change("created", "b"), change("blocked", "c")], TERMINAL)).toEqual([
			"2 created, 1 blocked",
			"  + ConfigMap shop/a",
			"  + ConfigMap shop/b",
			"  ! ConfigMap shop/c",
			"      why",
			...["a", "b"].flatMap((name) => [
				"",
				"--- nothing",
				`+++ ConfigMap shop/${name} of PatternRunner shop/orders`,
				"@@ -0,0 +1,2 @@",
				"+data:",
				"+  a: '1'",
			]),
		]);
	});

	it.each([
		[[], [], []],
		[["a"], ["a"], []],
		[["a"], ["b"], ["@@ -1,1 +1,1 @@", "-a", "+b"]],
		[[], ["a"], ["@@ -0,0 +1,1 @@", "+a"]],
	])("of %j and %j are %j", (before, after, lines) => expect(unifiedLines(before, after)).toEqual(lines));

	it("with too many differences are one replacement", () => {
		const lines = (from: number) => Array.from({ length: 2500 }, (_, index) => `line ${from + index}`);
		const [head, ...rest] = unifiedLines(lines(0), lines(5000));
		expect(head).toBe("@@ -1,2500 +1,2500 @@");
		expect(rest).toHaveLength(5000);
	});
});
