import { describe, expect, it } from "vitest";
import { connectionParts, credentialPaths } from "../../kube/connection.ts";

const PLAIN: readonly (readonly [
	reason: string,
	url: string,
	parts: { scheme?: string; host?: string; port?: string },
])[] = [
	["scheme, host, port", "nats://nats.prism.svc:4222", { scheme: "nats", host: "nats.prism.svc", port: "4222" }],
	["no port", "redis://redis", { scheme: "redis", host: "redis" }],
	["a path", "postgres://db:5432/prism", { scheme: "postgres", host: "db", port: "5432" }],
	["harmless parameters", "postgres://db/prism?sslmode=require&connect_timeout=5", { scheme: "postgres", host: "db" }],
	["an empty password parameter", "postgres://db/prism?user=u&password=", { scheme: "postgres", host: "db" }],
	["the scheme in capitals", "NATS://Host:1", { scheme: "nats", host: "Host", port: "1" }],
	[
		"a scheme of several parts",
		"mongodb+srv://cluster.example.com",
		{ scheme: "mongodb+srv", host: "cluster.example.com" },
	],
	["IPv6", "redis://[fe80::1]:6379/0", { scheme: "redis", host: "[fe80::1]", port: "6379" }],
	["IPv6 without a scheme", "[::1]:6379", { host: "[::1]", port: "6379" }],
	["host and port", "localhost:6379", { host: "localhost", port: "6379" }],
	["host", "localhost", { host: "localhost" }],
	["brokers", "broker-1:9092,broker-2:9092", { host: "broker-1", port: "9092" }],
	["brokers with a scheme", "kafka://b1:9092,b2:9092", { scheme: "kafka", host: "b1", port: "9092" }],
	["a list of URLs", "nats://a:4222,nats://b:4222", { scheme: "nats", host: "a", port: "4222" }],
	["a DSN without a password", "host=db port=5432 user=prism", {}],
	["a file", "sqlite:///var/lib/prism.db", { scheme: "sqlite" }],
	["nothing but a scheme", "memstore://", { scheme: "memstore" }],
	["a bucket", "s3://bucket/key", { scheme: "s3", host: "bucket" }],
	["an @ in a parameter", "https://h/?q=someone@example.com", { scheme: "https", host: "h" }],
	["nobody before the @", "redis://@h:1", { scheme: "redis", host: "h", port: "1" }],
	["an @ in a parameter, behind a port", "https://h:8080/?q=a@b.c", { scheme: "https", host: "h", port: "8080" }],
	["what only ends in pass", "https://h?bypass=1", { scheme: "https", host: "h" }],
	["the name of a shared key is no key", "Endpoint=x;SharedAccessKeyName=root", {}],
];

const LEAKY: readonly (readonly [reason: string, url: string])[] = [
	["user and password", "redis://user:hunter2@redis:6379"],
	["a password alone", "redis://:hunter2@redis:6379"],
	["a user alone, or a token", "nats://t0ken@nats:4222"],
	["before an IPv6 address", "redis://u:p@[::1]:6379"],
	["without a scheme", "user:hunter2@tcp(db:3306)/prism"],
	["an unescaped slash in the password", "postgres://user:hunt/er2@db/prism"],
	["an unescaped @ in the password", "postgres://user:hunt@er2@db/prism"],
	["an unescaped # in the password", "postgres://user:hunt#er2@db/prism"],
	["in the second of two URLs", "nats://a:4222,nats://user:hunter2@b:4222"],
	["a token in the second of two URLs", "nats://a,nats://t0ken@b"],
	["parameter password", "postgres://db/prism?user=u&password=hunter2"],
	["parameter token", "https://h?token=x"],
	["parameter auth_token", "https://h?a=1&auth_token=x"],
	["parameter apikey", "https://h?apikey=x"],
	["parameter api-key", "https://h?api-key=x"],
	["parameter Access_Key", "https://h?Access_Key=x"],
	["parameter client_secret", "https://h?client_secret=x"],
	["an empty scheme", "//u:hunter2@h"],
	["a slash in a token", "nats://to/ken@h"],
	["a slash in a token, after an address", "nats://a:4222,nats://to/ken@h"],
	["a blank in the password", "redis://u:hun ter2@h:1"],
	["a blank and a slash in the password", "redis://u:hun /ter2@h:1"],
	["a question mark in a token", "nats://to?ken@h"],
	["Oracle", "scott/tiger@db:1521/orders"],
	["parameter pass", "https://h?user=u&pass=x"],
	["parameter sig", "https://h/x?sv=1&sig=x"],
	["parameter X-Amz-Signature", "https://h/x?X-Amz-Signature=x"],
	["parameter X-Amz-Credential", "https://h/x?X-Amz-Credential=x"],
	["DSN with an @ in the password", "host=h password=p@ssw0rd"],
	["DSN with pass", "host=h pass=hunter2"],
	["DSN", "host=db user=u password=hunter2 dbname=prism"],
	["DSN with blanks", "host=db password = hunter2"],
	["brokers", "b1:9092,b2:9092;sasl.password=hunter2"],
	["JAAS", "username=u,password=hunter2"],
	["a shared access key", "Endpoint=sb://x.net/;SharedAccessKeyName=root;SharedAccessKey=abc="],
	["an account key", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc"],
];

describe("connections", () => {
	it.each(PLAIN)("%s: %s", (_, url, parts) => {
		expect(connectionParts(url)).toEqual({ ...parts, credentials: false });
	});

	it.each(LEAKY)("with credentials: %s: %s", (_, url) => {
		expect(connectionParts(url).credentials).toBe(true);
	});

	it.each([
		["redis://user:hunter2@redis:6379", "redis", "6379"],
		["redis://u:hunter2@[::1]:6379", "[::1]", "6379"],
		["postgres://user:12/34@db:5432/prism", undefined, undefined],
		["nats://a:4222,nats://user:hunter2@b", undefined, undefined],
		["host=h password=p@ssw0rd", undefined, undefined],
		["host=h password=p@ssw0rd:5432", undefined, undefined],
		["scott/tiger@db:1521/orders", undefined, undefined],
		["redis://u:p@ss/word@h:1", undefined, undefined],
		["redis://u:p@ss?word@h", undefined, undefined],
		["redis://u:a b@h:1", undefined, undefined],
		["to ken@h", undefined, undefined],
	])("never takes a part of the credentials for an address: %s", (url, host, port) => {
		expect(connectionParts(url).host).toBe(host);
		expect(connectionParts(url).port).toBe(port);
	});

	it.each([
		"x".repeat(2048),
		`${"a".repeat(1000)}@`,
		"://".repeat(600),
		"a:".repeat(1000),
		"?".repeat(2000),
		"//@:".repeat(500),
	])("takes no time over a hostile text (%#)", (url) => {
		const before = performance.now();
		connectionParts(url);
		expect(performance.now() - before).toBeLessThan(100);
	});
});

describe("credentials in free-form data", () => {
	it.each([
		{ reason: "none", data: { url: "nats://nats:4222", size: 3, on: true, nothing: null }, paths: [] },
		{ reason: "at the top", data: { url: "nats://u:p@nats" }, paths: ["url"] },
		{ reason: "deep", data: { cluster: { nodes: ["nats://a", "nats://t@b"] } }, paths: ["cluster.nodes[1]"] },
		{ reason: "several", data: { a: "x://u:p@h", b: ["password=x"] }, paths: ["a", "b[0]"] },
		{
			reason: "by the field's name",
			data: { dbPassword: "hunter2", nested: { api_key: "k" } },
			paths: ["dbPassword", "nested.api_key"],
		},
		{ reason: "a name that only sounds like one", data: { secret: "redis", tokenizer: "x", password: "" }, paths: [] },
		{ reason: "an address of mail is none", data: { contact: "someone@example.com" }, paths: [] },
		{
			reason: "an address without a scheme",
			data: { a: "//u:p@h", b: "u:p@h:1", c: "u/p@h:1/x" },
			paths: ["a", "b", "c"],
		},
		{
			reason: "an image, a package and a sentence are none",
			data: { a: "r/i:v1@sha256:0123", b: "scope/package@1.2.3", c: "ask a/b@c about it" },
			paths: [],
		},
		{ reason: "a text that is a list", data: ["x://u:p@h"], paths: ["[0]"] },
		{ reason: "a text alone", data: "x://u:p@h", paths: [""] },
	])("$reason", ({ data, paths }) => {
		expect(credentialPaths(data)).toEqual(paths);
	});
});
