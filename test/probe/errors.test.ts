import { describe, expect, test } from "vitest";
import { ProbeError, REASONS, reasonOf, sentenceOf } from "../../probe/errors.ts";

const coded = (code: string, message = "CANARY", options?: ErrorOptions): Error =>
	Object.assign(new Error(message, options), { code });

describe("Node's codes", () => {
	test.each([
		{ reason: "NameNotFound", codes: ["ENOTFOUND", "EAI_AGAIN"] },
		{ reason: "Unreachable", codes: ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EPERM"] },
		{ reason: "ConnectionClosed", codes: ["ECONNRESET", "EPIPE"] },
		{ reason: "TimedOut", codes: ["ETIMEDOUT"] },
		{
			reason: "CertificateRejected",
			codes: [
				"SELF_SIGNED_CERT_IN_CHAIN",
				"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
				"ERR_TLS_CERT_ALTNAME_INVALID",
				"CERT_HAS_EXPIRED",
				"CERT_NOT_YET_VALID",
			],
		},
		{
			reason: "HandshakeFailed",
			codes: ["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"],
		},
		{ reason: "ProtocolError", codes: ["ERR_SOMETHING", ""] },
	])("$reason", ({ reason, codes }) => {
		for (const code of codes) expect(reasonOf(coded(code)), code).toBe(reason);
	});

	test("a connection that ends while TLS is agreed on", () => {
		const message = "Client network socket disconnected before secure TLS connection was established";
		expect(reasonOf(coded("ECONNRESET", message))).toBe("HandshakeFailed");
	});
});

describe("errors in errors", () => {
	test("a cause tells", () => {
		expect(reasonOf(new Error("outer", { cause: coded("ECONNREFUSED") }))).toBe("Unreachable");
	});

	test("one of many tells, the first one first", () => {
		const both = new AggregateError([coded("X"), coded("ECONNREFUSED"), coded("ENOTFOUND")]);
		expect(reasonOf(new Error("outer", { cause: both }))).toBe("Unreachable");
	});

	test("the client's own meaning wins over the code, the outer error over the inner", () => {
		const error = coded("ECONNRESET", "x", { cause: coded("ENOTFOUND") });
		expect(reasonOf(error, () => "NotServing")).toBe("NotServing");
		expect(reasonOf(error)).toBe("ConnectionClosed");
	});

	test("an error that contains itself ends", () => {
		const error = new Error("x");
		error.cause = error;
		expect(reasonOf(error)).toBe("ProtocolError");
	});

	test.each([undefined, null, "CANARY", 7, { code: "ECONNREFUSED" }])("%o is no error", (thrown) => {
		expect(reasonOf(thrown)).toBe("ProtocolError");
	});

	test("a ProbeError is its reason", () => {
		expect(reasonOf(new ProbeError("NotServing"))).toBe("NotServing");
	});
});

test("each reason has a sentence of its own, and an error says no more than that", () => {
	expect(new Set(REASONS.map(sentenceOf)).size).toBe(REASONS.length);
	for (const reason of REASONS) {
		expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
		expect(new ProbeError(reason).message).toBe(sentenceOf(reason));
	}
});
