import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactedObject, redactedText } from "../../cli/report/redact.ts";
import { tarGz } from "../../cli/report/tar.ts";
import { other } from "./world.ts";

describe("text that is handed on", () => {
	it.each([
		["redis://app:hunter2@redis:6379", "redis://[redacted]@redis:6379"],
		["postgres://hunter2@db/x?sslmode=require", "postgres://[redacted]@db/x?sslmode=require"],
		[
			"dial nats://a:hunter2@n1:4222,nats://a:hunter2@n2:4222",
			"dial nats://[redacted]@n1:4222,nats://[redacted]@n2:4222",
		],
		["password=hunter2 user=app", "password=[redacted] user=app"],
		['{"password":"hunter2","user":"app"}', '{"password":[redacted],"user":"app"}'],
		["db_password: hunter2", "db_password: [redacted]"],
		["Authorization: Bearer hunter2hunter2", "Authorization: Bearer [redacted]"],
		["api_key=hunter2", "api_key=[redacted]"],
		["AKIAABCDEFGHIJKLMNOP", "[redacted]"],
		["-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\nafter", "[redacted]\nafter"],
		["secret: not found", "secret: not found"],
		['secret "redis-credentials" not found', 'secret "redis-credentials" not found'],
		["refuses the credentials: WRONGPASS invalid", "refuses the credentials: WRONGPASS invalid"],
		[
			"image ghcr.io/prism/prism-proxy@sha256:abc can't be pulled",
			"image ghcr.io/prism/prism-proxy@sha256:abc can't be pulled",
		],
	])("%j", (text, shown) => expect(redactedText(text)).toBe(shown));

	it("is the same when it is looked at twice", () => {
		fc.assert(fc.property(fc.string(), (text) => redactedText(redactedText(text)) === redactedText(text)));
	});
});

describe("objects that are handed on", () => {
	const object = other(
		"v1",
		"ConfigMap",
		"c",
		{
			annotations: { "kubectl.kubernetes.io/last-applied-configuration": '{"data":"hunter2"}', note: "token=hunter2" },
			managedFields: [{}],
		},
		{
			data: { url: "redis://u:hunter2@redis", "config.json": '{"db":{"password":"hunter2","host":"db"}}', plain: "1" },
			spec: {
				env: [
					{ name: "DB_PASSWORD", value: "hunter2" },
					{ name: "LEVEL", value: "debug" },
					{ name: "TOKEN_REF", valueFrom: { secretKeyRef: { name: "s", key: "token" } } },
				],
				clientSecret: "hunter2",
			},
		},
	);

	it("lose credentials, and nothing else", () => {
		const shown = redactedObject(object);
		expect(JSON.stringify(shown)).not.toContain("hunter2");
		expect(shown["data"]).toMatchObject({ url: "redis://[redacted]@redis", plain: "1" });
		expect(shown["spec"]).toEqual({
			env: [
				{ name: "DB_PASSWORD", value: "[redacted]" },
				{ name: "LEVEL", value: "debug" },
				{ name: "TOKEN_REF", valueFrom: { secretKeyRef: { name: "s", key: "token" } } },
			],
			clientSecret: "[redacted]",
		});
		expect(shown.metadata.managedFields).toBeUndefined();
	});

	it("keep of a Secret its keys at most", () => {
		const secret = other(
			"v1",
			"Secret",
			"s",
			{},
			{ type: "Opaque", data: { password: "aHVudGVyMg==" }, stringData: { x: "hunter2" } },
		);
		expect(redactedObject(secret)).toMatchObject({ kind: "Secret", type: "Opaque", data: { password: "[redacted]" } });
		expect(JSON.stringify(redactedObject(secret))).not.toMatch(/hunter2|aHVudGVyMg/);
	});
});

describe("an archive", () => {
	it("is unpacked by tar, with long names", () => {
		const folder = mkdtempSync(join(tmpdir(), "prism-tar-"));
		try {
			const long = `report/${"folder-".repeat(12)}x/${"name-".repeat(10)}.txt`;
			writeFileSync(
				join(folder, "a.tar.gz"),
				tarGz(
					[
						{ path: "report/a.txt", text: "één\n" },
						{ path: long, text: "x".repeat(1024) },
						{ path: "report/empty.txt", text: "" },
					],
					1_767_268_800,
				),
			);
			execFileSync("tar", ["xzf", "a.tar.gz"], { cwd: folder });
			expect(readFileSync(join(folder, "report/a.txt"), "utf8")).toBe("één\n");
			expect(readFileSync(join(folder, long), "utf8")).toHaveLength(1024);
			expect(readFileSync(join(folder, "report/empty.txt"), "utf8")).toBe("");
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
});
