import { Type } from "@sinclair/typebox";
import { expect, it } from "vitest";
import {
	file,
	flag,
	halfPairs,
	integer,
	known,
	readVariables,
	text,
	UNSET,
	variablesOf,
	words,
} from "../../server/settings.ts";

const SCHEMA = Type.Object({
	PRISM_COUNT: integer("A count.", 3, [1, 9]),
	PRISM_ON: flag("A switch."),
	PRISM_MODE: words("A mode.", "fast", ["fast", "safe"]),
	PRISM_NAME: text("A name.", "", "lower-case letters", { pattern: "^[a-z]*$" }),
	PRISM_FILE: file("A file."),
});
const DEFAULTS = { PRISM_COUNT: 3, PRISM_ON: false, PRISM_MODE: "fast", PRISM_NAME: "", PRISM_FILE: UNSET };
const read = (env: Readonly<Record<string, string | undefined>>) => readVariables(SCHEMA, env, /^PRISM_/);

it.each<[string, Readonly<Record<string, string | undefined>>, object]>([
	["nothing is set", {}, {}],
	["variables are empty or blank", { PRISM_COUNT: "", PRISM_MODE: "  ", PRISM_ON: undefined }, {}],
	[
		"all are set",
		{ PRISM_COUNT: "9", PRISM_ON: "true", PRISM_MODE: "safe", PRISM_NAME: "it", PRISM_FILE: "/f" },
		{
			PRISM_COUNT: 9,
			PRISM_ON: true,
			PRISM_MODE: "safe",
			PRISM_NAME: "it",
			PRISM_FILE: "/f",
		},
	],
])("reads variables when %s", (_, env, values) => {
	expect(read(env)).toMatchObject({ values: { ...DEFAULTS, ...values }, problems: [], unknown: [] });
});

it.each<[string, Readonly<Record<string, string>>, RegExp]>([
	["a number out of range", { PRISM_COUNT: "10" }, /^PRISM_COUNT: .*\(allowed: an integer from 1 to 9\)$/],
	["no number", { PRISM_COUNT: "many" }, /^PRISM_COUNT: .*integer/],
	["another word", { PRISM_MODE: "slow" }, /^PRISM_MODE: .*\(allowed: one of fast, safe\)$/],
	["the wrong form", { PRISM_NAME: "hunter2" }, /^PRISM_NAME: has the wrong form \(allowed: lower-case letters\)$/],
])("rejects %s, and does not quote it: it can be a secret", (_, env, problem) => {
	const { values, problems } = read(env);
	expect(values).toBeUndefined();
	expect(problems).toEqual([expect.stringMatching(problem)]);
	for (const value of Object.values(env)) expect(problems.join()).not.toContain(`"${value}"`);
	expect(problems.join()).not.toContain("hunter2");
});

it("reports every rejected variable at once, and what was accepted beside them", () => {
	const { problems, accepted } = read({ PRISM_COUNT: "0", PRISM_MODE: "slow", PRISM_NAME: "it" });
	expect(problems.map((problem) => problem.split(":")[0])).toEqual(["PRISM_COUNT", "PRISM_MODE"]);
	expect([accepted("PRISM_COUNT"), accepted("PRISM_NAME"), accepted("PRISM_FILE")]).toEqual([undefined, "it", UNSET]);
});

it.each([
	["PRISM_CUONT", true],
	["PRISM_GATEWAY_SERVICE_HOST", false],
	["PRISM_GATEWAY_SERVICE_PORT_GRPC", false],
	["PRISM_GATEWAY_PORT", false],
	["PRISM_GATEWAY_PORT_8080_TCP_ADDR", false],
	["PRISM_PORT_8080_UDP", false],
	["PRISM_GATEWAY_PORT_8080_TCP_NAME", true],
	["OTHER", false],
])("%s is a typing error: %s; Kubernetes sets variables for each Service, too", (name, isUnknown) => {
	const { unknown } = read({ [name]: "1" });
	expect(unknown).toEqual(isUnknown ? [expect.stringContaining(`${name}: there is no such variable`)] : []);
});

it("lists variables for the documentation", () => {
	expect(variablesOf(SCHEMA)[0]).toEqual({
		name: "PRISM_COUNT",
		default: "3",
		allowed: "an integer from 1 to 9",
		description: "A count.",
	});
});

it.each([
	["none", "none", []],
	["/cert", "/key", []],
	["/cert", "none", ["cert: needs key"]],
	["none", "/key", ["key: needs cert"]],
])("a certificate at %s and a key at %s", (cert, key, problems) => {
	expect(halfPairs({ cert, key }, "cert", "key")).toEqual(problems);
	expect(known(cert)).toBe(cert === "none" ? undefined : cert);
});
