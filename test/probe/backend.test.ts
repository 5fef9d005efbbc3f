import { describe, expect, it } from "vitest";
import { describeBackend, readAddress } from "../../probe/backend.ts";

it.each([
	[{ provider: "memstore", endpoints: [] }, "memstore"],
	[{ provider: "redis", endpoints: [{ host: "cache", port: 6379 }] }, "redis at cache:6379"],
	[
		{
			provider: "kafka",
			endpoints: [
				{ host: "::1", port: 1 },
				{ host: "b", port: 2 },
			],
		},
		"kafka at [::1]:1, b:2",
	],
] as const)("describes %j without credentials", (backend, text) =>
	expect(describeBackend({ ...backend, timeoutMs: 1, username: "app", password: "hunter2" })).toBe(text),
);

describe("an address", () => {
	it.each([
		["cache", "redis", { endpoints: [{ host: "cache", port: 6379 }] }],
		[
			"redis://:hunter2@cache:7000/3",
			"redis",
			{ endpoints: [{ host: "cache", port: 7000 }], password: "hunter2", database: "3" },
		],
		["rediss://cache", "redis", { endpoints: [{ host: "cache", port: 6379 }], tls: { verify: "name" } }],
		["nats://u%40x:p%3A@a", "nats", { endpoints: [{ host: "a", port: 4222 }], username: "u@x", password: "p:" }],
		[
			"a:1, b:2",
			"kafka",
			{
				endpoints: [
					{ host: "a", port: 1 },
					{ host: "b", port: 2 },
				],
			},
		],
		["a?mechanism=scram-sha-256", "kafka", { endpoints: [{ host: "a", port: 9092 }], mechanism: "SCRAM-SHA-256" }],
		[
			"postgres://db/shop?sslmode=verify-ca",
			"postgres",
			{ endpoints: [{ host: "db", port: 5432 }], database: "shop", tls: { verify: "authority" } },
		],
		["postgres://db/shop", "postgres", { endpoints: [{ host: "db", port: 5432 }], database: "shop" }],
		["[::1]:7", "redis", { endpoints: [{ host: "::1", port: 7 }] }],
	] as const)("%s of %s is read", (url, provider, expected) => expect(readAddress(url, provider)).toEqual(expected));

	it.each([
		["http://cache", "redis"],
		["cache:0", "redis"],
		["cache:65536", "redis"],
		["a,,b", "kafka"],
		[" cache", "redis"],
		["redis://app:hunter2/x@cache", "redis"],
		["redis://app:hunter2%@cache", "redis"],
		["redis://cache/shop", "redis"],
		["postgres://db/%", "postgres"],
		["postgres://db?sslmode=never", "postgres"],
		["postgres://db?sslmode=toString", "postgres"],
		["kafka://a?mechanism=GSSAPI", "kafka"],
	] as const)("%s of %s is rejected, and not quoted", (url, provider) => {
		const problem = readAddress(url, provider);
		expect(typeof problem).toBe("string");
		expect(problem).not.toContain("hunter2");
	});
});
