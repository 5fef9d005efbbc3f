import { expect, test } from "vitest";
import { Refusal, refusalOf } from "../../server/rejected-request.ts";

const failure = (fields: object) => Object.assign(new Error("CANARY"), fields);
const known = new Refusal("PRISM_ERR_NO_HOOK");

test.each<[string, unknown, number, string]>([
	["a refusal", known, 404, "PRISM_ERR_NO_HOOK"],
	[
		"a body above the limit",
		failure({ code: "FST_ERR_CTP_BODY_TOO_LARGE", statusCode: 413 }),
		413,
		"PRISM_ERR_TOO_LARGE",
	],
	[
		"another media type",
		failure({ code: "FST_ERR_CTP_INVALID_MEDIA_TYPE", statusCode: 415 }),
		415,
		"PRISM_ERR_WRONG_TYPE",
	],
	["another client error", failure({ statusCode: 417 }), 417, "PRISM_ERR_UNREADABLE"],
	["the first client error", failure({ statusCode: 400 }), 400, "PRISM_ERR_UNREADABLE"],
	["an invalid body", failure({ statusCode: 400, validation: [{ instancePath: "/a" }] }), 400, "PRISM_ERR_NO_REQUEST"],
])("%s is the caller's", (_, error, status, code) => {
	const refusal = refusalOf(error);
	expect(refusal).toMatchObject({ status, body: { code } });
	expect(JSON.stringify(refusal?.body)).not.toContain("CANARY");
});

test.each([
	["an error", failure({})],
	["a server error", failure({ statusCode: 500 })],
	["a status that is no number", failure({ statusCode: "404" })],
	["a redirection", failure({ statusCode: 399 })],
	["no error at all", { statusCode: 404 }],
])("%s is the server's", (_, error) => {
	expect(refusalOf(error)).toBeUndefined();
});

test.each([
	["", "/"],
	["/parent/metadata", "/parent/metadata"],
	[`/${"x".repeat(300)}`, `/${"x".repeat(199)}`],
])("the field of an invalid body at %o", (instancePath, field) => {
	const message = "Expected string";
	expect(refusalOf(failure({ validation: [{ instancePath, message }, { instancePath: "/b" }] }))?.body).toEqual({
		code: "PRISM_ERR_NO_REQUEST",
		error: "this is not a request of Metacontroller: expected string",
		field,
	});
});

test("status and headers can be others than those of the table", () => {
	const refusal = new Refusal("PRISM_ERR_WRONG_METHOD", { value: "POST", status: 418, headers: { allow: "POST" } });
	expect(refusal).toMatchObject({ status: 418, headers: { allow: "POST" }, message: "this path answers POST only" });
	expect(known).toMatchObject({ status: 404, headers: {} });
});
