import { Value } from "@sinclair/typebox/value";
import { describe, expect, test } from "vitest";
import { Installation } from "../../schemas/installation.ts";
import { type Config, ConfigError, readConfig, variables } from "../../server/config.ts";

const problemsOf = (env: Record<string, string | undefined>): readonly string[] => {
	try {
		readConfig(env);
	} catch (error) {
		if (error instanceof ConfigError) return error.problems;
		throw error;
	}
	return [];
};

const defaults: Config = {
	port: 8080,
	host: "127.0.0.1",
	logLevel: "info",
	installation: Value.Create(Installation),
	limits: { bodyBytes: 16_777_216, requestTimeoutSeconds: 30 },
	shutdownGraceSeconds: 20,
};

describe("values that are taken", () => {
	test.each([
		{ reason: "nothing is set", env: {}, config: defaults },
		{
			reason: "empty is not set",
			env: { PORT: " ", BODY_LIMIT_BYTES: "", PRISM_IMAGE_TAG: "", PRISM_TYPO: "", HOST: undefined },
			config: defaults,
		},
		{ reason: "other programs' variables do not matter", env: { PATH: "/bin", PORTS: "x" }, config: defaults },
		{
			reason: "everything is set",
			env: {
				PORT: "0",
				HOST: "::",
				LOG_LEVEL: "silent",
				PRISM_IMAGE_REGISTRY: "registry.example:5000/team/prism",
				PRISM_IMAGE_TAG: "v2.0.0-rc.1",
				PRISM_INLINE_CREDENTIALS: "true",
				PRISM_SERVICE_MONITORS: "true",
				BODY_LIMIT_BYTES: "1024",
				REQUEST_TIMEOUT_SECONDS: "1",
				SHUTDOWN_GRACE_SECONDS: "0",
			},
			config: {
				port: 0,
				host: "::",
				logLevel: "silent",
				installation: {
					imageRegistry: "registry.example:5000/team/prism",
					imageTag: "v2.0.0-rc.1",
					inlineCredentials: true,
					serviceMonitors: true,
				},
				limits: { bodyBytes: 1024, requestTimeoutSeconds: 1 },
				shutdownGraceSeconds: 0,
			},
		},
		{
			reason: "a Service called prism-gateway, and one called prism, put variables into every pod",
			env: {
				PRISM_GATEWAY_SERVICE_HOST: "10.0.0.1",
				PRISM_GATEWAY_SERVICE_PORT: "80",
				PRISM_GATEWAY_SERVICE_PORT_HTTP: "80",
				PRISM_GATEWAY_PORT: "tcp://10.0.0.1:80",
				PRISM_GATEWAY_PORT_80_TCP: "tcp://10.0.0.1:80",
				PRISM_GATEWAY_PORT_80_TCP_PROTO: "tcp",
				PRISM_GATEWAY_PORT_80_TCP_PORT: "80",
				PRISM_GATEWAY_PORT_80_TCP_ADDR: "10.0.0.1",
				PRISM_SERVICE_HOST: "10.0.0.1",
				PRISM_PORT: "tcp://10.0.0.1:80",
			},
			config: defaults,
		},
	])("$reason", ({ env, config }) => {
		expect(readConfig(env)).toEqual(config);
	});
});

describe("values that are refused", () => {
	test.each([
		{ name: "PORT", values: ["CANARY", "65536", "-1", "80.5", "8080x"] },
		{ name: "HOST", values: ["CANARY CANARY", "http://CANARY"] },
		{ name: "LOG_LEVEL", values: ["CANARY", "INFO"] },
		{ name: "PRISM_IMAGE_REGISTRY", values: ["https://user:CANARY@registry", "registry/", "registry:CANARY", "a b"] },
		{ name: "PRISM_IMAGE_TAG", values: ["CANARY CANARY", "-x", "a:b", "x".repeat(129)] },
		{ name: "PRISM_INLINE_CREDENTIALS", values: ["CANARY", "yes", "1", "True"] },
		{ name: "PRISM_SERVICE_MONITORS", values: ["CANARY"] },
		{ name: "BODY_LIMIT_BYTES", values: ["CANARY", "16Mi", "1023", "268435457"] },
		{ name: "REQUEST_TIMEOUT_SECONDS", values: ["CANARY", "0", "30s"] },
		{ name: "SHUTDOWN_GRACE_SECONDS", values: ["CANARY", "601"] },
	])("$name", ({ name, values }) => {
		const allowed = variables.find((variable) => variable.name === name)?.allowed ?? "?";
		for (const value of values) {
			const problems = problemsOf({ [name]: value });
			expect(problems, value).toHaveLength(1);
			expect(problems[0]).toMatch(new RegExp(`^${name}: .+ \\(allowed: `));
			expect(problems[0]).toContain(allowed);
			expect(problems[0]).not.toContain("CANARY");
		}
	});

	test("all problems are told at once, in the order of the documentation, unknown names last", () => {
		const env = {
			PRISM_ZONE: "CANARY",
			PRISM_IMAGE_REGSITRY: "CANARY",
			SHUTDOWN_GRACE_SECONDS: "CANARY",
			PRISM_INLINE_CREDENTIALS: "CANARY",
			PORT: "CANARY",
		};
		const problems = problemsOf(env);
		expect(problems.map((problem) => problem.split(":")[0])).toEqual([
			"PORT",
			"PRISM_INLINE_CREDENTIALS",
			"SHUTDOWN_GRACE_SECONDS",
			"PRISM_IMAGE_REGSITRY",
			"PRISM_ZONE",
		]);
		expect(problems[3]).toBe(
			"PRISM_IMAGE_REGSITRY: there is no such variable (known: PRISM_IMAGE_REGISTRY, PRISM_IMAGE_TAG, PRISM_INLINE_CREDENTIALS, PRISM_SERVICE_MONITORS)",
		);
		expect(() => readConfig(env)).toThrow(/^cannot read the configuration: PORT: /);
	});
});

test("every variable is documented, and its default is one that is allowed", () => {
	expect(variables).toHaveLength(10);
	for (const { name, default: value, allowed, description } of variables) {
		expect(description, name).toMatch(/^[A-Z].*\.$/);
		expect(allowed, name).not.toBe("undefined");
		expect(readConfig({ [name]: value })).toEqual(defaults);
	}
});
