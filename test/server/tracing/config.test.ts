import { expect, test } from "vitest";
import { readConfig } from "../../../server/config.ts";
import { ConfigError } from "../../../server/settings.ts";

const on = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://bob:CANARY@collector:4318" };

test("are those of the specification, with its defaults", () => {
	expect(readConfig({}).tracing).toBeUndefined();
	expect(readConfig(on).tracing).toEqual({
		url: "https://bob:CANARY@collector:4318/v1/traces",
		headers: {},
		compression: "none",
		timeoutMs: 10_000,
		delayMs: 5000,
		waiting: 2048,
		tls: { ca: undefined, cert: undefined, key: undefined },
		resource: { "service.name": "prism-operator" },
		sampler: "parentbased_always_on",
		ratio: 1,
	});
});

test.each([
	{ env: {}, name: "prism-operator" },
	{ env: { OTEL_RESOURCE_ATTRIBUTES: "service.name=a" }, name: "a" },
	{ env: { OTEL_SERVICE_NAME: "b" }, name: "b" },
	{ env: { OTEL_RESOURCE_ATTRIBUTES: "service.name=a", OTEL_SERVICE_NAME: "b" }, name: "b" },
])("$env name the service $name", ({ env, name }) => {
	expect(readConfig({ ...on, ...env }).tracing?.resource["service.name"]).toBe(name);
});

test.each<[env: Record<string, string>, problem: string]>([
	[{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" }, "OTEL_EXPORTER_OTLP_ENDPOINT: has the wrong form"],
	[{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://CANARY:CANARY" }, "OTEL_EXPORTER_OTLP_ENDPOINT: is not a URL"],
	[{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "OTEL_EXPORTER_OTLP_PROTOCOL: must be equal to one"],
	[{ OTEL_EXPORTER_OTLP_HEADERS: "CANARY" }, "OTEL_EXPORTER_OTLP_HEADERS: has the wrong form"],
	[{ OTEL_EXPORTER_OTLP_HEADERS: "a b=CANARY" }, "OTEL_EXPORTER_OTLP_HEADERS: has a name or a value"],
	[{ OTEL_EXPORTER_OTLP_TRACES_HEADERS: "a=%0ACANARY" }, "OTEL_EXPORTER_OTLP_TRACES_HEADERS: has a name or a value"],
	[{ OTEL_RESOURCE_ATTRIBUTES: "a=%" }, "OTEL_RESOURCE_ATTRIBUTES: has a value that is not percent-encoded"],
	[{ OTEL_TRACES_SAMPLER: "jaeger_remote" }, "OTEL_TRACES_SAMPLER: must be equal to one"],
	[{ OTEL_TRACES_SAMPLER_ARG: "1.5" }, "OTEL_TRACES_SAMPLER_ARG: must be <= 1"],
	[{ OTEL_EXPORTER_OTLP_CLIENT_KEY: "/k" }, "OTEL_EXPORTER_OTLP_CLIENT_KEY: needs"],
	[{ OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: "/c" }, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: needs"],
])("%j: %s", (env, problem) => {
	const problems = (() => {
		try {
			readConfig({ ...on, ...env });
			return "none";
		} catch (error) {
			return error instanceof ConfigError ? error.message : "another error";
		}
	})();
	expect(problems).toContain(problem);
	expect(problems).not.toContain("CANARY");
});
