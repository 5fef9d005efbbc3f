import { describe, expect, test } from "vitest";
import { readProbeConfig, variables } from "../../probe/config.ts";
import { ConfigError } from "../../server/settings.ts";

type Env = Record<string, string | undefined>;

const problemsOf = (env: Env): readonly string[] => {
	try {
		readProbeConfig(env);
	} catch (error) {
		if (error instanceof ConfigError) return error.problems;
		throw error;
	}
	return [];
};

const redis = { PRISM_BACKEND_PROVIDER: "redis", PRISM_BACKEND_URL: "redis://cache:6379" };
const backendAt = (provider: string, url: string, env: Env = {}) =>
	readProbeConfig({ PRISM_BACKEND_PROVIDER: provider, PRISM_BACKEND_URL: url, ...env }).backend;

describe("values that are taken", () => {
	test("the defaults", () => {
		expect(readProbeConfig(redis)).toEqual({
			backend: { provider: "redis", endpoints: [{ host: "cache", port: 6379 }], timeoutMs: 5000 },
			intervalMs: 30_000,
			timeoutMs: 5000,
			port: 8080,
			logLevel: "info",
		});
	});

	test("memstore needs no address, and has none if it is given one", () => {
		expect(readProbeConfig({ PRISM_BACKEND_PROVIDER: "memstore" }).backend.endpoints).toEqual([]);
		expect(backendAt("memstore", "memstore://local").endpoints).toEqual([]);
	});

	test("blank is not set, and a Service called prism-probe or prism-backend is nobody's typing error", () => {
		const env = {
			...redis,
			PRISM_PROBE_INTERVAL: " ",
			PRISM_BACKEND_PASSWORD: "",
			PRISM_PROBE_PORT_80_TCP: "tcp://10.0.0.1:80",
			PRISM_BACKEND_SERVICE_HOST: "10.0.0.1",
			PRISM_IMAGE_TAG: "v1",
		};
		expect(readProbeConfig(env)).toEqual(readProbeConfig(redis));
	});

	test.each([
		["10s", 10_000],
		["500ms", 500],
		["1m30s", 90_000],
		["1.5h", 5_400_000],
		["24h", 86_400_000],
	])("a duration of %s", (text, ms) => {
		expect(readProbeConfig({ ...redis, PRISM_PROBE_INTERVAL: text, PRISM_PROBE_TIMEOUT: "10ms" }).intervalMs).toBe(ms);
	});

	test("user name and password win over the URL's, each by itself", () => {
		const url = "redis://alice:from-url@cache";
		expect(backendAt("redis", url)).toMatchObject({ username: "alice", password: "from-url" });
		expect(backendAt("redis", url, { PRISM_BACKEND_PASSWORD: "p/@:%" })).toMatchObject({
			username: "alice",
			password: "p/@:%",
		});
		expect(backendAt("redis", url, { PRISM_BACKEND_USERNAME: "bob" })).toMatchObject({
			username: "bob",
			password: "from-url",
		});
	});

	test("TLS by variable is checked in full, whatever the URL says", () => {
		const env = {
			PRISM_BACKEND_TLS: "true",
			PRISM_BACKEND_TLS_SERVER_NAME: "db.internal",
			PRISM_BACKEND_TLS_DIR: "/etc/prism/backend-tls",
		};
		expect(backendAt("postgres", "postgres://db?sslmode=require", env).tls).toEqual({
			verify: "name",
			serverName: "db.internal",
			directory: "/etc/prism/backend-tls",
		});
	});
});

describe("URLs", () => {
	test.each([
		{ provider: "redis", url: "cache", endpoints: ["cache:6379"] },
		{
			provider: "redis",
			url: "redis://:p%40ss@cache:7000/2",
			endpoints: ["cache:7000"],
			password: "p@ss",
			database: "2",
		},
		{ provider: "redis", url: "rediss://cache", endpoints: ["cache:6379"], tls: { verify: "name" } },
		{ provider: "redis", url: "redis://[fd00::1]:7000", endpoints: ["fd00::1:7000"] },
		{ provider: "redis", url: "redis://u:a@b@cache", endpoints: ["cache:6379"], username: "u", password: "a@b" },
		{ provider: "nats", url: "nats://token@nats", endpoints: ["nats:4222"], username: "token" },
		{ provider: "nats", url: "nats://a,nats://b:4333", endpoints: ["a:4222", "b:4333"] },
		{
			provider: "nats",
			url: "tls://u:p@a, b",
			endpoints: ["a:4222", "b:4222"],
			username: "u",
			password: "p",
			tls: { verify: "name" },
		},
		{ provider: "kafka", url: "b-1:9092,b-2:9093", endpoints: ["b-1:9092", "b-2:9093"] },
		{
			provider: "kafka",
			url: "kafka://u:p@b?mechanism=scram-sha-512",
			endpoints: ["b:9092"],
			username: "u",
			password: "p",
			mechanism: "SCRAM-SHA-512",
		},
		{
			provider: "postgres",
			url: "postgresql://u@db/my%20db?sslmode=disable",
			endpoints: ["db:5432"],
			username: "u",
			database: "my db",
		},
		{ provider: "postgres", url: "postgres://db?sslmode=require", endpoints: ["db:5432"], tls: { verify: "nothing" } },
		{
			provider: "postgres",
			url: "postgres://db?sslmode=verify-ca",
			endpoints: ["db:5432"],
			tls: { verify: "authority" },
		},
		{ provider: "postgres", url: "postgres://db?sslmode=verify-full", endpoints: ["db:5432"], tls: { verify: "name" } },
	])("$provider: $url", ({ provider, url, endpoints, ...rest }) => {
		const backend = backendAt(provider, url);
		expect(backend.endpoints.map(({ host, port }) => `${host}:${port}`)).toEqual(endpoints);
		expect({ ...backend, endpoints: [] }).toEqual({ provider, endpoints: [], timeoutMs: 5000, ...rest });
	});

	test.each([
		{ provider: "redis", url: "http://u:CANARY@cache", problem: "must begin with redis://" },
		{ provider: "redis", url: "redis://u:CANARY/x@cache:6379", problem: "%2F" },
		{ provider: "redis", url: "redis://u:CANARY#x@cache", problem: "%23" },
		{ provider: "redis", url: "redis://u:CANARY%zz@cache", problem: "%25" },
		{ provider: "redis", url: "redis://u:CANARY@cache/name", problem: "number of a database" },
		{ provider: "redis", url: "redis://u:CANARY@cache:70000", problem: "host[:port]" },
		{ provider: "redis", url: "redis://u:CANARY@", problem: "host[:port]" },
		{ provider: "postgres", url: "host=db user=u password=CANARY", problem: "host[:port]" },
		{ provider: "postgres", url: "postgres://u:CANARY@db?sslmode=CANARY", problem: "sslmode" },
		{ provider: "kafka", url: "kafka://u:CANARY@b?mechanism=CANARY", problem: "mechanism" },
	])("refused: $url", ({ provider, url, problem }) => {
		const problems = problemsOf({ PRISM_BACKEND_PROVIDER: provider, PRISM_BACKEND_URL: url });
		expect(problems).toEqual([expect.stringMatching(/^PRISM_BACKEND_URL: .+ \(allowed: /)]);
		expect(problems[0]).toContain(problem);
		expect(problems[0]).not.toContain("CANARY");
	});
});

describe("values that are refused", () => {
	test("nothing is set", () => {
		expect(problemsOf({})).toEqual([
			"PRISM_BACKEND_PROVIDER: is needed (allowed: one of memstore, redis, nats, postgres, kafka)",
		]);
	});

	test.each(["sqlite", "s3", "CANARY"])("%s is not probed", (provider) => {
		expect(problemsOf({ PRISM_BACKEND_PROVIDER: provider })).toEqual([
			"PRISM_BACKEND_PROVIDER: this provider is not probed (allowed: one of memstore, redis, nats, postgres, kafka)",
		]);
	});

	test.each([
		["PRISM_PROBE_INTERVAL", "CANARY"],
		["PRISM_PROBE_INTERVAL", "99ms"],
		["PRISM_PROBE_INTERVAL", "25h"],
		["PRISM_PROBE_INTERVAL", "10"],
		["PRISM_PROBE_TIMEOUT", "0s"],
		["PRISM_PROBE_TIMEOUT", "31s"],
		["PRISM_PROBE_TIMEOUT", "1d"],
		["PRISM_PROBE_PORT", "70000"],
		["PRISM_BACKEND_TLS", "yes"],
		["PRISM_BACKEND_TLS_SERVER_NAME", "https://CANARY"],
		["LOG_LEVEL", "CANARY"],
		["PRISM_PROBE_INTREVAL", "CANARY"],
		["PRISM_BACKEND_PASSWROD", "CANARY"],
	])("%s=%s", (name, value) => {
		const problems = problemsOf({ ...redis, PRISM_PROBE_TIMEOUT: "50ms", [name]: value });
		expect(problems).toEqual([expect.stringContaining(`${name}: `)]);
		expect(problems[0]).not.toContain("CANARY");
	});

	test("all problems at once, and what depends on a refused value is not judged", () => {
		const problems = problemsOf({
			PRISM_BACKEND_PROVIDER: "redis",
			PRISM_BACKEND_URL: "redis://u:CANARY/@x",
			PRISM_BACKEND_TLS: "CANARY",
			PRISM_PROBE_INTERVAL: "CANARY",
			PRISM_PROBE_TIMEOUT: "1h",
			PRISM_PROBE_PROT: "CANARY",
		});
		expect(problems.map((problem) => problem.split(":")[0])).toEqual([
			"PRISM_BACKEND_TLS",
			"PRISM_PROBE_INTERVAL",
			"PRISM_BACKEND_URL",
			"PRISM_PROBE_PROT",
		]);
		expect(problems.join()).not.toContain("CANARY");
	});
});

test("every variable is documented", () => {
	expect(variables).toHaveLength(11);
	for (const { name, allowed, description } of variables) {
		expect(description, name).toMatch(/^[A-Z].*\.$/);
		expect(allowed, name).not.toBe("undefined");
	}
});
