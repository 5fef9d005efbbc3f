import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { AdminError, errorOf, refusalMessage } from "../../../server/admin/failures.ts";

describe("gRPC's codes", () => {
	test.each([
		[status.UNAVAILABLE, "Unreachable"],
		[status.CANCELLED, "Unreachable"],
		[status.DEADLINE_EXCEEDED, "DeadlineExceeded"],
		[status.FAILED_PRECONDITION, "NotReady"],
		[status.ABORTED, "Overloaded"],
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
		const details = "CANARY after 0.100s, remote_addr=127.0.0.1:45781";
		const error = errorOf({ code, details, isServers: false });
		expect(error).toBeInstanceOf(AdminError);
		expect(error.failure).toBe(failure);
		expect(error.cause).toBeUndefined();
		expect(error.message).toMatch(/^cannot call the proxy: it [a-z]/);
		expect(error.message).not.toContain("CANARY");
		expect(error.words).toBeUndefined();
		const answered = errorOf({ code, details, isServers: true });
		expect(answered.failure).toBe(status[code] === "UNAVAILABLE" ? "Unavailable" : failure);
	});

	test.each([
		[status.UNAVAILABLE, "upstream is gone", "UNAVAILABLE: upstream is gone"],
		[status.FAILED_PRECONDITION, "node is not the leader", "FAILED_PRECONDITION: node is not the leader"],
		[status.INTERNAL, "raft: leadership lost", "INTERNAL: raft: leadership lost"],
		[status.FAILED_PRECONDITION, "no proxy assigned to partition 7", undefined],
		[status.UNAUTHENTICATED, "no leader", undefined],
	])("%s in a server's own words: %s", (code, details, words) => {
		const { failure, words: told } = errorOf({ code, details, isServers: true });
		expect(told).toBe(words);
		expect(failure === "Unavailable").toBe(words !== undefined);
		expect(errorOf({ code, details, isServers: false }).words).toBeUndefined();
	});

	test("an answer that is too large makes no sense; it is not the proxy that is busy", () => {
		const details = "Received message larger than max (33554433 vs 33554432)";
		expect(errorOf({ code: status.RESOURCE_EXHAUSTED, details, isServers: false }).failure).toBe("BadAnswer");
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
			message: "redis://…",
		},
		{ reason: "a control character within a password", text: "a://u:CAN\u0000ARY@h", message: "a://h" },
		{ reason: "credentials without a scheme", text: "dial bob:CANARY@db:5432", message: "dial db:5432" },
		{
			reason: "credentials as parameters",
			text: "https://h/?api_key=CANARY&x=1;Password=CANARY",
			message: "https://h",
		},
		{
			reason: "a connection string",
			text: "dial host=db user=app password=CANARY failed",
			message: "dial host=db user=app password=… failed",
		},
		{ reason: "at the beginning", text: "password=CANARY is wrong", message: "password=… is wrong" },
		{ reason: "a password in JSON", text: '{"user":"a","password":"CANARY"}', message: '{"user":"a","password":"…"}' },
		{ reason: "quoted, with spaces", text: `password: 'CA NARY CANARY' refused`, message: "password: …" },
		{ reason: "quoted, with its quote", text: String.raw`{"pwd": "a\"CANARY", "x": 1}`, message: '{"pwd":"…","x":1}' },
		{ reason: "quoted, without an end", text: 'passwd="CA CANARY', message: "passwd=…" },
		{
			reason: "JSON within JSON",
			text: String.raw`{\"password\":\"CA CANARY\"}`,
			message: String.raw`{\"password\":…}`,
		},
		{ reason: "after a colon", text: "password: CANARY", message: "password: …" },
		{ reason: "with an at sign", text: "password: CAN@CANARY refused", message: "password: …" },
		{ reason: "with commas", text: "password=CANARY,CANARY,ssl=true", message: "password=…,ssl=true" },
		{ reason: "within a longer name", text: "PGPASSWORD=CANARY psql", message: "PGPASSWORD=… psql" },
		{ reason: "named as a secret", text: "client_secret = CANARY", message: "client_secret = …" },
		{ reason: "an API key", text: "api key: CANARY, X-Api-Key: CANARY", message: "api key: …" },
		{ reason: "a bearer token", text: "Authorization: Bearer CANARY.CANARY", message: "Authorization: Bearer …" },
		{ reason: "basic credentials", text: "sent basic CANARY= to db", message: "sent basic … to db" },
		{ reason: "a bearer token by name", text: "token: Bearer CANARY ended", message: "token: …" },
		{
			reason: "a URL's password with spaces",
			text: "dial redis://u:CAN ARY CANARY@h:1 x",
			message: "dial redis://… x",
		},
		{ reason: "a password that reads as a parameter", text: "a://u:CANARY token=x@h", message: "a://…" },
		{ reason: "an at sign behind a URL", text: "a://h password:CAN@CANARY", message: "a://h password:…" },
		{ reason: "a URL that is cut within spaces", text: `a://u:CANARY ${"x ".repeat(20_000)}@h`, message: "a://…" },
		{ reason: "credentials before a URL", text: "u:CANARY@h for b://h", message: "h for b://h" },
		{ reason: "no credentials at all", text: 'duplicate key: "orders"', message: 'duplicate key: "orders"' },
		{ reason: "nothing behind the word", text: "give a password:", message: "give a password:" },
		{ reason: "an address of mail is none", text: "ask ops@example.org", message: "ask ops@example.org" },
		{ reason: "a URL that is cut", text: `see redis://u:CANARY${"x".repeat(30_000)}@h`, message: "see" },
	])("$reason", ({ text, message }) => {
		expect(refusalMessage(text)).toBe(message);
		expect(refusalMessage(text)).not.toContain("CANARY");
	});

	test("takes no time, whatever it is", () => {
		const began = performance.now();
		for (const text of ["://", "@", ":@", "a=b&token=", "password", "&key", 'pwd="', "\u0000"])
			refusalMessage(text.repeat(1_000_000));
		expect(performance.now() - began).toBeLessThan(500);
	});
});
