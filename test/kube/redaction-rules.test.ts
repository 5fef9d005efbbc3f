import { expect, it } from "vitest";
import { isSuspicious, redactedLines } from "../../kube/redaction-rules.ts";
import { CREDENTIAL_TEXTS } from "./redaction-inputs.ts";

it.each(CREDENTIAL_TEXTS)("%s is suspicious", (_what, text) => {
	expect(text.split("\n").some(isSuspicious)).toBe(true);
});

it.each(["", "all is well", "the pod is not ready", "redis.team.svc"])("%j is not", (text) => {
	expect(isSuspicious(text)).toBe(false);
});

it.each([
	{ reason: "a line without any", lines: ["all is well"], shown: ["all is well"] },
	{ reason: "a field", lines: ["a: 1", "  password: x"], shown: ["a: 1", "  password: REDACTED"] },
	{ reason: "a field without a value", lines: ["password: null"], shown: ["password: null"] },
	{
		reason: "a block",
		lines: ["password: |", "  x", "  y", "a: 1"],
		shown: ["password: REDACTED", undefined, undefined, "a: 1"],
	},
	{ reason: "a list", lines: ["tokens:", "- x", "a: 1"], shown: ["tokens:", undefined, "a: 1"] },
	{ reason: "an open quote", lines: ['token: "x', 'y"', "a: 1"], shown: ["token: REDACTED", undefined, "a: 1"] },
	{
		reason: "a key",
		lines: ["-----BEGIN PRIVATE KEY-----", "x", "-----END PRIVATE KEY-----", "a: 1"],
		shown: ["REDACTED", undefined, undefined, "a: 1"],
	},
	{
		reason: "what follows a key in its last line",
		lines: ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY----- and more"],
		shown: ["REDACTED", " and more"],
	},
	{
		reason: "a variable, before or after its name",
		lines: ["- name: DB_PASSWORD", "  value: x", "- value: y", "  name: TOKEN"],
		shown: ["- name: DB_PASSWORD", "  value: REDACTED", "- value: REDACTED", "  name: TOKEN"],
	},
	{ reason: "carriage returns stay", lines: ["a: 1\r", "password: x\r"], shown: ["a: 1\r", "password: REDACTED\r"] },
])("line by line: $reason", ({ lines, shown }) => {
	expect(redactedLines(lines)).toEqual(shown);
});
