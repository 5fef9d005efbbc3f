import { Value } from "@sinclair/typebox/value";
import { describe, expect, test } from "vitest";
import { Installation } from "../../schemas/installation.ts";
import { type Config, readConfig } from "../../server/config.ts";
import { ConfigError } from "../../server/settings.ts";
import { variables } from "../../server/variables.ts";

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
	installation: {
		...Value.Create(Installation),
		operatorNamespace: "prism-system",
		resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: {} },
	},
	limits: {
		bodyBytes: 16_777_216,
		requestTimeoutSeconds: 30,
		connections: 1024,
		requests: 128,
		eventLoopDelayMs: 1000,
	},
	metrics: "anonymous",
	tokenFile: undefined,
	tls: undefined,
	admin: { tokensDir: undefined, tls: undefined, reminderSeconds: 240, clusterDomain: "auto" },
	dashboard: undefined,
	shutdownGraceSeconds: 20,
	tracing: undefined,
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
				PRISM_TOKEN_FILE: "/run/token",
				PRISM_ALLOW_ANONYMOUS: "false",
				PRISM_TLS_CERT_FILE: "/run/tls/tls.crt",
				PRISM_TLS_KEY_FILE: "tls.key",
				PRISM_TLS_CLIENT_CA_FILE: "/run/tls/ca.crt",
				PRISM_ADMIN_TOKENS_DIR: "/run/admin-tokens",
				PRISM_REMINDER_SECONDS: "60",
				PRISM_ADMIN_TLS: "true",
				PRISM_ADMIN_TLS_CA_FILE: "/run/admin/ca.crt",
				PRISM_ADMIN_TLS_CERT_FILE: "/run/admin/tls.crt",
				PRISM_ADMIN_TLS_KEY_FILE: "/run/admin/tls.key",
				PRISM_METRICS: "off",
				PRISM_CLUSTER_DOMAIN: "k8s.example.com",
				PRISM_DASHBOARD: "8090",
				PRISM_DASHBOARD_CALLS: "50",
				PRISM_DASHBOARD_BYTES: "1048576",
				PRISM_MAX_CONNECTIONS: "1",
				PRISM_MAX_REQUESTS: "2",
				PRISM_MAX_EVENT_LOOP_DELAY_MS: "50",
				PRISM_IMAGE_REGISTRY: "registry.example:5000/team/prism",
				PRISM_IMAGE_TAG: "v2.0.0-rc.1",
				PRISM_CLUSTER_ID: "eu-1.example",
				PRISM_FS_GROUP: "none",
				PRISM_RUN_AS_USER: "1000",
				PRISM_DEFAULT_REQUESTS: "none",
				PRISM_DEFAULT_LIMITS: "memory=256Mi,cpu=0.5",
				PRISM_INLINE_CREDENTIALS: "true",
				PRISM_SERVICE_MONITORS: "true",
				PRISM_KEDA: "true",
				PRISM_SLEEP_ACTION: "false",
				PRISM_PROXY_ARGUMENTS: "true",
				PRISM_WATCH_CHILD_NAMES: "false",
				PRISM_PROBE_IMAGE: "registry.example/probe:v3",
				BODY_LIMIT_BYTES: "1024",
				REQUEST_TIMEOUT_SECONDS: "1",
				SHUTDOWN_GRACE_SECONDS: "0",
				OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
				OTEL_SERVICE_NAME: "prism",
				PRISM_OPERATOR_NAMESPACE: "operators",
			},
			config: {
				port: 0,
				host: "::",
				logLevel: "silent",
				installation: {
					imageRegistry: "registry.example:5000/team/prism",
					imageTag: "v2.0.0-rc.1",
					clusterId: "eu-1.example",
					inlineCredentials: true,
					serviceMonitors: true,
					keda: true,
					sleepAction: false,
					proxyArguments: true,
					watchChildNames: false,
					probeImage: "registry.example/probe:v3",
					fsGroup: null,
					runAsUser: 1000,
					resources: { requests: {}, limits: { memory: "256Mi", cpu: "0.5" } },
					operatorNamespace: "operators",
					clusterDomain: "k8s.example.com",
				},
				limits: {
					bodyBytes: 1024,
					requestTimeoutSeconds: 1,
					connections: 1,
					requests: 2,
					eventLoopDelayMs: 50,
				},
				metrics: "off",
				tokenFile: "/run/token",
				tls: { cert: "/run/tls/tls.crt", key: "tls.key", clientCa: "/run/tls/ca.crt" },
				admin: {
					tokensDir: "/run/admin-tokens",
					reminderSeconds: 60,
					clusterDomain: "k8s.example.com",
					tls: { ca: "/run/admin/ca.crt", client: { cert: "/run/admin/tls.crt", key: "/run/admin/tls.key" } },
				},
				dashboard: { port: 8090, callsPerObject: 50, bytes: 1_048_576 },
				shutdownGraceSeconds: 0,
				tracing: {
					url: "http://collector:4318/v1/traces",
					headers: {},
					compression: "none",
					timeoutMs: 10_000,
					delayMs: 5000,
					waiting: 2048,
					tls: { ca: undefined, cert: undefined, key: undefined },
					resource: { "service.name": "prism" },
					sampler: "parentbased_always_on",
					ratio: 1,
				},
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
		{ name: "PRISM_TOKEN_FILE", values: [`CANARY${"x".repeat(4096)}`] },
		{ name: "PRISM_ALLOW_ANONYMOUS", values: ["CANARY", "yes"] },
		{ name: "PRISM_ADMIN_TOKENS_DIR", values: [`CANARY${"x".repeat(4096)}`] },
		{ name: "PRISM_ADMIN_TLS", values: ["CANARY", "on"] },
		{ name: "PRISM_METRICS", values: ["CANARY", "true"] },
		{ name: "PRISM_DASHBOARD", values: ["CANARY", "65536", "127.0.0.1:80", "true"] },
		{ name: "PRISM_DASHBOARD_CALLS", values: ["CANARY", "0", "51"] },
		{ name: "PRISM_DASHBOARD_BYTES", values: ["CANARY", "32Mi", "1048575"] },
		{ name: "PRISM_MAX_CONNECTIONS", values: ["CANARY", "0", "65536"] },
		{ name: "PRISM_MAX_REQUESTS", values: ["CANARY", "0"] },
		{ name: "PRISM_MAX_EVENT_LOOP_DELAY_MS", values: ["CANARY", "49", "1s"] },
		{ name: "PRISM_IMAGE_REGISTRY", values: ["https://user:CANARY@registry", "registry/", "registry:CANARY", "a b"] },
		{ name: "PRISM_IMAGE_TAG", values: ["CANARY CANARY", "-x", "a:b", "x".repeat(129)] },
		{ name: "PRISM_OPERATOR_NAMESPACE", values: ["CANARY", "canary.x", "-x", "x".repeat(64)] },
		{ name: "PRISM_CLUSTER_DOMAIN", values: ["CANARY", "canary.", ".canary", "can_ary", `${"a.".repeat(64)}a`] },
		{ name: "PRISM_CLUSTER_ID", values: ["CANARY", "canary/x", "-x", "x".repeat(64)] },
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
		const known = variables.map(({ name }) => name).filter((name) => name.startsWith("PRISM_"));
		expect(known).toHaveLength(40);
		expect(problems[3]).toBe(`PRISM_IMAGE_REGSITRY: there is no such variable (known: ${known.join(", ")})`);
		expect(() => readConfig(env)).toThrow(/^cannot read the configuration: PORT: /);
	});
});

describe("values that do not agree", () => {
	const anonymous =
		"HOST: is beyond loopback, and callers are not known (set PRISM_TOKEN_FILE or PRISM_TLS_CLIENT_CA_FILE, or PRISM_ALLOW_ANONYMOUS=true)";
	const tls = { PRISM_TLS_CERT_FILE: "CANARY", PRISM_TLS_KEY_FILE: "CANARY" };

	test.each([
		...["0.0.0.0", "::", "10.0.0.1", "operator.example", "127.evil.example", "127.0.0.1.example"].map((host) => ({
			reason: `${host} without a token`,
			env: { HOST: host },
			problems: [anonymous],
		})),
		{
			reason: "a server's certificate tells nothing about callers",
			env: { HOST: "::", ...tls },
			problems: [anonymous],
		},
		{
			reason: "a certificate without its key",
			env: { PRISM_TLS_CERT_FILE: "CANARY" },
			problems: ["PRISM_TLS_CERT_FILE: needs PRISM_TLS_KEY_FILE"],
		},
		{
			reason: "a key without its certificate, and client certificates without TLS",
			env: { PRISM_TLS_KEY_FILE: "CANARY", PRISM_TLS_CLIENT_CA_FILE: "CANARY" },
			problems: [
				"PRISM_TLS_KEY_FILE: needs PRISM_TLS_CERT_FILE",
				"PRISM_TLS_CLIENT_CA_FILE: needs PRISM_TLS_CERT_FILE",
			],
		},
		{
			reason: "one port for the hooks and for people",
			env: { PORT: "8090", PRISM_DASHBOARD: "8090" },
			problems: ["PRISM_DASHBOARD: must differ from PORT, which is for the hooks"],
		},
		{
			reason: "files for calling proxies over TLS, but no TLS",
			env: { PRISM_ADMIN_TLS_CA_FILE: "CANARY" },
			problems: ["PRISM_ADMIN_TLS: must be true for the files of PRISM_ADMIN_TLS_* to be used"],
		},
		{
			reason: "TLS to proxies without an authority",
			env: { PRISM_ADMIN_TLS: "true" },
			problems: ["PRISM_ADMIN_TLS: needs PRISM_ADMIN_TLS_CA_FILE"],
		},
		{
			reason: "half of the operator's own certificate",
			env: { PRISM_ADMIN_TLS: "true", PRISM_ADMIN_TLS_CA_FILE: "CANARY", PRISM_ADMIN_TLS_KEY_FILE: "CANARY" },
			problems: ["PRISM_ADMIN_TLS_KEY_FILE: needs PRISM_ADMIN_TLS_CERT_FILE"],
		},
		{
			reason: "the other half",
			env: { PRISM_ADMIN_TLS: "true", PRISM_ADMIN_TLS_CA_FILE: "CANARY", PRISM_ADMIN_TLS_CERT_FILE: "CANARY" },
			problems: ["PRISM_ADMIN_TLS_CERT_FILE: needs PRISM_ADMIN_TLS_KEY_FILE"],
		},
	])("$reason", ({ env, problems }) => {
		expect(problemsOf(env)).toEqual(problems);
	});

	test.each([
		{ reason: "loopback needs no token", env: { HOST: "127.0.0.2" } },
		{ reason: "nor does the other loopback", env: { HOST: "::1" } },
		{ reason: "nor its name", env: { HOST: "localhost" } },
		{ reason: "a token", env: { HOST: "0.0.0.0", PRISM_TOKEN_FILE: "x" } },
		{ reason: "client certificates", env: { HOST: "0.0.0.0", ...tls, PRISM_TLS_CLIENT_CA_FILE: "x" } },
		{ reason: "anonymous on purpose", env: { HOST: "0.0.0.0", PRISM_ALLOW_ANONYMOUS: "true" } },
	])("fine: $reason", ({ env }) => {
		expect(problemsOf(env)).toEqual([]);
	});
});

test("every variable is documented, and its default is one that is allowed", () => {
	expect(variables).toHaveLength(64);
	for (const { name, default: value, allowed, description } of variables) {
		expect(description, name).toMatch(/^[A-Z].*\.$/);
		expect(allowed, name).not.toBe("undefined");
		expect(readConfig({ [name]: value })).toEqual(defaults);
	}
});
