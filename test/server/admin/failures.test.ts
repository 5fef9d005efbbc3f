import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { AdminError, errorOf, refusalMessage } from "../../../server/admin/failures.ts";

describe("gRPC's codes", () => {
	test.each([
		[status.UNAVAILABLE, "Unreachable"],
		[status.CANCELLED, "Unreachable"],
		[status.DEADLINE_EXCEEDED, "DeadlineExceeded"],
		[status.FAILED_PRECONDITION, "NotReady"],
		[status.ABORTED, "NotReady"],
		[status.UNAUTHENTICATED, "Unauthenticated"],
		[status.PERMISSION_DENIED, "Unauthenticated"],
		[status.UNIMPLEMENTED, "Unimplemented"],
		[status.INVALID_ARGUMENT, "Rejected"],
		[status.OUT_OF_RANGE, "Rejected"],
		[status.RESOURCE_EXHAUSTED, "Overloaded"],
		[status.INTERNAL, "BadAnswer"],
		[status.UNKNOWN, "BadAnswer"],
		[status.NOT_FOUND, "BadAnswer"],
		[status.ALREADY_EXISTS, "BadAnswer"],
		[status.DATA_LOSS, "BadAnswer"],
		[99, "BadAnswer"],
	])("%s is %s, and its text goes nowhere", (code, failure) => {
		const error = errorOf({ code, details: "CANARY after 0.100s, remote_addr=127.0.0.1:45781" });
		expect(error).toBeInstanceOf(AdminError);
		expect(error.failure).toBe(failure);
		expect(error.cause).toBeUndefined();
		expect(error.message).toMatch(/^cannot call the proxy: it [a-z]/);
		expect(error.message).not.toContain("CANARY");
	});

	test("an answer that is too large makes no sense; it is not the proxy that is busy", () => {
		const details = "Received message larger than max (33554433 vs 33554432)";
		expect(errorOf({ code: status.RESOURCE_EXHAUSTED, details }).failure).toBe("BadAnswer");
	});
});

describe("a refusal's message", () => {
	test.each([
		{ reason: "as it is", text: "quota of 10 namespaces is used up", message: "quota of 10 namespaces is used up" },
		{ reason: "one line", text: " a\r\n\tb\u2028c ", message: "a b c" },
		{ reason: "control characters", text: "\u001b[31mred\u0000\u202e!\u0007", message: "[31mred!" },
		{ reason: "nothing", text: "", message: "no reason is given" },
		{ reason: "nothing that can be seen", text: "\u0000\n\u200b", message: "no reason is given" },
		{ reason: "long", text: "é".repeat(300), message: `${"é".repeat(199)}…` },
		{ reason: "characters of two halves stay whole", text: "😀".repeat(201), message: `${"😀".repeat(199)}…` },
		{ reason: "half a character", text: "a\ud83d b", message: "a\ufffd b" },
		{
			reason: "a URL's credentials",
			text: "cannot dial postgres://bob:CANARY@db:5432/x now",
			message: "cannot dial postgres://db:5432/x now",
		},
		{
			reason: "a password with everything in it",
			text: "redis://:CAN/A?R@Y@cache:6379",
			message: "redis://cache:6379",
		},
		{ reason: "a control character within a password", text: "a://u:CAN\u0000ARY@h", message: "a://h" },
		{ reason: "credentials without a scheme", text: "dial bob:CANARY@db:5432", message: "dial db:5432" },
		{
			reason: "credentials as parameters",
			text: "https://h/?api_key=CANARY&x=1;Password=CANARY",
			message: "https://h/?api_key=…&x=1;Password=…",
		},
		{ reason: "an address of mail is none", text: "ask ops@example.org", message: "ask ops@example.org" },
		{ reason: "a URL that is cut", text: `see redis://u:CANARY${"x".repeat(3000)}@h`, message: "see" },
	])("$reason", ({ text, message }) => {
		expect(refusalMessage(text)).toBe(message);
		expect(refusalMessage(text)).not.toContain("CANARY");
	});

	test("takes no time, whatever it is", () => {
		const began = performance.now();
		for (const text of ["://", "@", ":@", "a=b&token=", "\u0000"]) refusalMessage(text.repeat(1_000_000));
		expect(performance.now() - began).toBeLessThan(500);
	});
});
