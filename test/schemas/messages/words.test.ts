import { expect, it } from "vitest";
import type { Command } from "../../../schemas/findings/command.ts";
import { capitalized, commandText, counted, listed, quoted, uncapitalized } from "../../../schemas/messages/words.ts";

it.each([
	[["b", "a"], "a, b"],
	[["a", "b", "c", "d", "e"], "a, b, c, d, e"],
	[["f", "e", "d", "c", "b", "a"], "a, b, c, d, e and 1 more"],
	[[], ""],
])("lists %j as %j", (names, text) => {
	expect(listed(names)).toBe(text);
});

it.each([
	[0, "0 patterns"],
	[1, "1 pattern"],
	[2, "2 patterns"],
])("counts %i as %j", (count, text) => {
	expect(counted(count, "pattern")).toBe(text);
});

it.each([
	["expected Integer", "Expected Integer", "expected Integer"],
	["Expected", "Expected", "expected"],
	["", "", ""],
])("%j begins a message as %j and goes on in one as %j", (text, first, inside) => {
	expect([capitalized(text), uncapitalized(text)]).toEqual([first, inside]);
});

it.each([
	["reason=SyncError,name=a", "reason=SyncError,name=a"],
	["a b", "'a b'"],
	["it's", "'it'\\''s'"],
	["$(rm)", "'$(rm)'"],
	["", "''"],
])("a shell takes %j as %s", (word, text) => {
	expect(quoted(word)).toBe(text);
});

const its = { name: "a", namespace: "n" };

it.each<[Command, string]>([
	[{ verb: "logs", kind: "deployment", ...its }, "kubectl logs deployment/a -n n"],
	[{ verb: "describe", kind: "pods", name: "a" }, "kubectl describe pods a"],
	[{ verb: "get", kind: "pods", ...its, others: ["b"] }, "kubectl get pods a b -n n"],
	[{ verb: "get", kind: "events", namespace: "n", flags: ["-w"] }, "kubectl get events -n n -w"],
	[{ verb: "get", kind: "pods", flags: ["-l", "a in (b)"] }, "kubectl get pods -l 'a in (b)'"],
	[
		{ verb: "copy", kind: "secret", ...its, to: "m" },
		"kubectl get secret a -n n -o yaml | sed 's/namespace: n/namespace: m/' | kubectl create -f -",
	],
])("%j is typed as kubectl takes it", (command, text) => {
	expect(commandText(command)).toBe(text);
});
