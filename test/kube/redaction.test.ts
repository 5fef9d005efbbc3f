import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionParts, credentialPaths } from "../../kube/connection.ts";
import { redacted, redactedChange, redactedData, redactedText } from "../../kube/redaction.ts";
import { REDACTED } from "../../kube/redaction-rules.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { filesIn } from "../golden-cases.ts";
import { CANARY, CREDENTIAL_TEXTS, HARMLESS_TEXTS } from "./redaction-inputs.ts";

const object = (change: Record<string, unknown>, kind = "ConfigMap"): KubeObject => ({
	apiVersion: "v1",
	kind,
	metadata: { name: "it", namespace: "team" },
	...change,
});

describe("credentials are taken out of", () => {
	const places: [string, KubeObject][] = [
		["a Secret's data", object({ data: { any: Buffer.from(CANARY).toString("base64"), plain: CANARY } }, "Secret")],
		["a Secret's stringData", object({ stringData: { any: CANARY } }, "Secret")],
		["a URL", object({ spec: { connection: { url: `redis://admin:${CANARY}@redis:6379` } } })],
		["a URL's user", object({ spec: { url: `nats://${CANARY}@nats:4222` } })],
		["a URL's query", object({ spec: { url: `postgres://h/db?sslmode=on&password=${CANARY}` } })],
		["a URL with a slash in its password", object({ spec: { url: `redis://a:x/${CANARY}@redis` } })],
		["a URL with an @ in its password", object({ spec: { url: `redis://:p@${CANARY}/x@redis` } })],
		["a URL with a quote in its password", object({ spec: { url: `redis://u:a"${CANARY}@h` } })],
		["a URL with a space in its password", object({ spec: { url: `redis://u:a ${CANARY}@h` } })],
		["the second URL of a list", object({ spec: { url: `nats://h1:4222,nats://u:${CANARY}@h2:4222` } })],
		["an address without a scheme", object({ spec: { broker: `user:${CANARY}@broker:9092` } })],
		["a field that is called password", object({ spec: { config: { dbPassword: CANARY } } })],
		["a list below such a field", object({ spec: { config: { token: [CANARY] } } })],
		["a number below such a field", object({ spec: { config: { nested: [{ secretKey: 918273645 }] } } })],
		["a map of credentials", object({ spec: { credentials: { user: "u", whatever: CANARY } } })],
		["an environment variable", object({ spec: { env: [{ name: "REDIS_PASSWORD", value: CANARY }] } })],
		["a command line's switch", object({ spec: { args: ["--user", "u", "--password", CANARY] } })],
		["a switch with an equals sign", object({ spec: { args: [`--api-key=${CANARY}`] } })],
		["a file of properties", object({ data: { "app.properties": `user=x\nauth.token = ${CANARY}\n` } })],
		["a file of YAML", object({ data: { "app.yaml": `a: 1\nredis:\n  password: "${CANARY} with spaces"\n` } })],
		["a file that is called password", object({ data: { "password.txt": CANARY } })],
		["JSON in a text", object({ data: { "config.json": JSON.stringify({ a: [{ clientSecret: CANARY }] }) } })],
		["a private key", object({ data: { pem: `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n` } })],
		["a private key that is cut off", object({ data: { pem: `x\n-----BEGIN RSA PRIVATE KEY-----\n${CANARY}` } })],
		["a header", object({ data: { header: `Authorization: Bearer ${CANARY}` } })],
		["a token in a text", object({ data: { x: `got eyJhbGciOiJIUzI1.eyJzdWIiOiIx${CANARY}.sig here` } })],
		["a message", object({ status: { message: `cannot dial redis://u:${CANARY}@h:1: refused` } })],
		[
			"what kubectl applied last",
			object({
				metadata: {
					name: "it",
					annotations: {
						"kubectl.kubernetes.io/last-applied-configuration": JSON.stringify(
							object({ spec: { url: `redis://u:${CANARY}@h` } }),
						),
						"metacontroller.k8s.io/last-applied-configuration": JSON.stringify(
							object({ stringData: { url: CANARY } }, "Secret"),
						),
					},
				},
			}),
		],
		["managed fields", object({ metadata: { name: "it", managedFields: [{ x: CANARY }] } })],
	];

	test.each(places)("%s", (_place, given) => {
		const { value } = redacted(given);
		const text = JSON.stringify(value);
		expect(text).not.toContain(CANARY);
		expect(text).not.toContain(Buffer.from(CANARY).toString("base64"));
		expect(text).not.toContain("918273645");
	});

	test("and told by their paths", () => {
		const { paths } = redacted(object({ spec: { url: `a://b:${CANARY}@c`, config: { token: [CANARY] } } }));
		expect(paths).toEqual(["spec.url", "spec.config.token[0]"]);
	});

	test("any user and password of any URL", () => {
		const word = fc.stringMatching(/^[A-Za-z0-9!$%*+.;?/#@:'()_~-]{1,12}$/);
		fc.assert(
			fc.property(word, word, fc.constantFrom("", "?x=1", "/db"), (user, password, tail) => {
				const url = `redis://${user}:${CANARY}${password}@host:6379${tail}`;
				expect(redactedText(url)).not.toContain(CANARY);
				expect(redactedText(`cannot dial ${url} now`)).not.toContain(CANARY);
				expect(JSON.stringify(redactedData({ list: [url] }).value)).not.toContain(CANARY);
			}),
			{ numRuns: 2000 },
		);
	});
});

/** What the commands print before the texts of objects and programs, and `kubectl logs --prefix` before each line of a log. */
const PREFIXES = [
	"[pod/orders-7f9c-x2x4z/keyvalue-runner] ",
	"2026-01-01T11:48:00Z ",
	"2026-01-01T11:48:00Z shop Warning Failed PatternRunner/orders (1): ",
	"log of shop/orders: ",
	"container runner can't be started: ",
	"container runner exits with code 1, restarted 3 times: ",
	"no node fits: ",
	"prism-system/prism-operator's metrics can't be read through the API server: ",
	"✖ operator          ",
	"                  - ",
	"    → ",
	"! ",
	"Cause     ",
	"  └─ PatternRunner orders  Degraded: ",
	"    ",
] as const;

const prefixed = (text: string, prefix: string): string =>
	text
		.split("\n")
		.map((line) => prefix + line)
		.join("\n");

describe("of a text", () => {
	test.each(CREDENTIAL_TEXTS)("%s is not shown", (_what, text, shown) => {
		expect(redactedText(text)).toBe(shown);
		expect(redactedText(shown)).toBe(shown);
	});

	test("with any lines before and after it, it is not shown either", () => {
		fc.assert(
			fc.property(fc.string(), fc.constantFrom(...CREDENTIAL_TEXTS), fc.string(), (before, [, text], after) => {
				expect(redactedText(before)).toBe(redactedText(redactedText(before)));
				expect(redactedText(`${before}\n${text}\n${after}`)).not.toMatch(/hunter2CANARY/i);
			}),
			{ numRuns: 2000 },
		);
	});

	test.each(CREDENTIAL_TEXTS)("%s is shown nowhere in a file", (_what, text) => {
		expect(redactedText(`first: 1\n${text}\nlast: 1`)).not.toMatch(/hunter2CANARY/i);
	});

	test.each(PREFIXES)("behind %j, no credential is shown, and what is harmless is", (prefix) => {
		for (const [, text] of CREDENTIAL_TEXTS) {
			expect(redactedText(prefix + text)).not.toMatch(/hunter2CANARY/i);
			expect(redactedText(prefixed(text, prefix))).not.toMatch(/hunter2CANARY/i);
		}
		for (const [, text] of HARMLESS_TEXTS) expect(redactedText(prefix + text)).toBe(prefix + text);
	});

	test("behind any prefix, no credential is shown", () => {
		const PREFIX = fc.tuple(fc.string(), fc.constantFrom(": ", "] ", "  ", "! ", "→ ")).map((parts) => parts.join(""));
		fc.assert(
			fc.property(PREFIX, fc.constantFrom(...CREDENTIAL_TEXTS), (prefix, [, text]) => {
				expect(redactedText(prefix + text)).not.toMatch(/hunter2CANARY/i);
				expect(redactedText(prefixed(text, prefix))).not.toMatch(/hunter2CANARY/i);
			}),
			{ numRuns: 5000 },
		);
	});

	test("a line that is too long to be looked at is cut", () => {
		const long = `a=b ${"x ".repeat(40_000)}`;
		expect(redactedText(long)).toBe(`${long.slice(0, 65_536)} REDACTED`);
	});
});

describe("time grows with the text, and no faster", () => {
	const pieces = [
		":",
		"/",
		"@",
		"=",
		"http://xxx",
		"http://a:b ",
		"password=",
		'password="',
		"eyJa.",
		"-",
		"-eyJ",
		"a:b@",
		"bearer ",
	];
	const more = [
		"{",
		"[",
		'"',
		"'",
		"\\",
		"-----BEGIN PRIVATE KEY-----",
		"password:\n",
		"a/b@c",
		"://",
		'":',
		"[[{",
		"%41",
		"\\u0041 ",
		"\uff50",
		"\u200b",
		"redis-cli -a ",
		"-u a:",
		"name: PASSWORD\nvalue: x\n",
		"SG.",
		"<password>",
		"?key=",
	];
	test.each([...pieces, ...more])("%j", (piece) => {
		const text = piece.repeat(Math.ceil(250_000 / piece.length));
		for (const given of [text, `a=b@c ${text}`, `password: "${text}`, `{${text}`]) {
			const from = performance.now();
			redactedText(given);
			redactedData({ spec: { config: { fingerprint: given.slice(0, 100_000) } } });
			expect(performance.now() - from).toBeLessThan(2000);
		}
	});

	test("6 kB of colons in a configuration", () => {
		const from = performance.now();
		redacted(object({ spec: { config: { fingerprint: ":".repeat(6000) } } }, "PatternRunner"));
		expect(performance.now() - from).toBeLessThan(50);
	});

	test("what is nested too deep is not shown", () => {
		const nested = (depth: number): unknown => {
			let value: unknown = CANARY;
			for (let count = 0; count < depth; count += 1) value = count % 2 === 0 ? { a: value } : [value];
			return value;
		};
		expect(JSON.stringify(redactedData(nested(90)).value)).toContain(CANARY);
		const { value, paths } = redactedData({ spec: nested(50_000) });
		expect(JSON.stringify(value)).toContain(REDACTED);
		expect([JSON.stringify(value).includes(CANARY), paths.length]).toEqual([false, 1]);
		expect(redactedText(`${"[".repeat(50_000)}"a=b"${"]".repeat(50_000)}`)).not.toContain("a=b");
	});
});

test("a change of a credential is shown, and the credential is not", () => {
	const spec = (url: string) => ({ spec: { url, level: "debug" } });
	const secret = (value: string) => ({ data: { a: value, b: "eA==" } });
	expect(redactedChange(spec(`a://b:${CANARY}@c`), spec("a://b:x@c"), "PatternRunner")).toEqual([
		spec("a://REDACTED@c"),
		spec("a://REDACTED@c (changed)"),
	]);
	expect(redactedChange(secret("eA=="), secret("eQ=="), "Secret")).toEqual([
		{ data: { a: "UkVEQUNURUQ=", b: "UkVEQUNURUQ=" } },
		{ data: { a: "UkVEQUNURUQ= (changed)", b: "UkVEQUNURUQ=" } },
	]);
	expect(redactedChange(undefined, spec("a://b:x@c"), "PatternRunner")).toEqual([undefined, spec("a://REDACTED@c")]);
});

describe("what is left", () => {
	test("is still a URL with credentials, of the same backend", () => {
		const url = redactedText("postgres://u:p@db.team.svc:5432/orders");
		expect(url).toBe("postgres://REDACTED@db.team.svc:5432/orders");
		expect(connectionParts(url)).toEqual({ scheme: "postgres", host: "db.team.svc", port: "5432", credentials: true });
	});

	test("is found by the rules by which hooks refuse it", () => {
		const config = { natsUrl: "nats://u:p@h", nested: { apiKey: "x" }, fine: "x" };
		expect(credentialPaths(redactedData(config).value)).toEqual(credentialPaths(config));
	});

	test("keeps the names of a Secret's keys", () => {
		expect(redacted(object({ data: { url: "eA==" } }, "Secret")).value["data"]).toEqual({ url: "UkVEQUNURUQ=" });
	});

	test.each(HARMLESS_TEXTS)("is %s", (_what, text) => {
		expect(redactedText(text)).toBe(text);
	});

	test("is everything in the golden cases that carry no credentials", () => {
		const folder = join(import.meta.dirname, "../golden");
		const touched = filesIn(folder, ".yaml")
			.filter((file) => !/answers|installation|call|outcomes|recorded/.test(file))
			.flatMap((file) =>
				readManifests(join(folder, file)).flatMap(({ object: found }) =>
					redacted(found).paths.map((path) => `${file}: ${found.kind} ${path}`),
				),
			);
		expect(touched.filter((line) => !/inline|everything|credentials/.test(line))).toEqual([]);
	});

	test("is the name of a key in a Secret, although it is called password", () => {
		const spec = { connection: { secretRef: { name: "s", keys: { password: "pw" } } } };
		const status = { binding: { secret: { name: "s", password: "pw" } } };
		const { value, paths } = redacted(object({ spec, status }, "BackendConfig"));
		expect([value["spec"], value["status"], paths]).toEqual([spec, status, []]);
	});

	test("is the same object, when there is nothing to take out, and a copy in any case", () => {
		const given = object({ spec: { a: [1, { b: null }], c: true } });
		expect(redacted(given)).toEqual({ value: given, paths: [] });
		expect(redacted(given).value).not.toBe(given);
	});
});
