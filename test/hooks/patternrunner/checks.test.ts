import { expect, it } from "vitest";
import {
	backendForeign,
	containerRejected,
	credentialsInConfig,
	credentialsInTracing,
	RUNNER_CHECKS,
	variablesClash,
} from "../../../hooks/patternrunner/checks.ts";
import { firstFound } from "../../../kube/check-list.ts";
import { givenRunner } from "../plans.ts";

const FOREIGN = { backendConfig: { name: "redis", namespace: "data" } };
const TRACED = { observability: { tracingEndpoint: "http://me:secret@traces" } };
const WRONG_MOUNT = { volumeMounts: [{ name: "none", mountPath: "/x" }] };
const CREDENTIALS = { config: { url: "nats://me:secret@nats", password: "x" } };
const TWICE = { config: { natsUrl: "a", nats_url: "b", other: 1 } };

it("backendForeign finds a BackendConfig of another namespace", () => {
	expect(backendForeign(givenRunner(FOREIGN))?.finding).toEqual({
		reason: "CrossNamespaceReference",
		about: "backendConfig",
		field: "spec.backendConfig.namespace",
		name: "redis",
		namespace: "data",
		home: "prism",
	});
});
it.each([
	["none", {}],
	["without a namespace", { backendConfig: { name: "redis" } }],
	["of its own", { backendConfig: { name: "redis", namespace: "prism" } }],
])("backendForeign takes a BackendConfig: %s", (_, spec) => {
	expect(backendForeign(givenRunner(spec))).toBeUndefined();
});

it("credentialsInTracing finds credentials in the endpoint, whatever the installation allows", () => {
	const installation = { inlineCredentials: true };
	expect(credentialsInTracing(givenRunner(TRACED, { installation }))?.finding).toEqual({
		reason: "InlineCredentials",
		fields: ["spec.observability.tracingEndpoint"],
		instead: "never",
	});
	expect(credentialsInTracing(givenRunner())).toBeUndefined();
});

it("containerRejected finds fields that the API server would reject in every pod", () => {
	expect(containerRejected(givenRunner(WRONG_MOUNT))?.finding).toMatchObject({
		reason: "InvalidSpec",
		about: "fields",
	});
	expect(containerRejected(givenRunner())).toBeUndefined();
});

it("credentialsInConfig names all fields with credentials, unless the installation allows them", () => {
	expect(credentialsInConfig(givenRunner(CREDENTIALS))?.finding).toEqual({
		reason: "InlineCredentials",
		fields: ["spec.config.password", "spec.config.url"],
		instead: "backendConfigSecret",
	});
	expect(credentialsInConfig(givenRunner(CREDENTIALS, { installation: { inlineCredentials: true } }))).toBeUndefined();
	expect(credentialsInConfig(givenRunner())).toBeUndefined();
});

it("variablesClash names the keys that would be one variable", () => {
	expect(variablesClash(givenRunner(TWICE))?.finding).toEqual({
		reason: "InvalidSpec",
		about: "variables",
		field: "spec.config",
		keys: ["natsUrl", "nats_url"],
		variable: "PRISM_CONFIG_NATS_URL",
	});
	expect(variablesClash(givenRunner({ config: { natsUrl: "a", natsUrls: "b" } }))).toBeUndefined();
	expect(variablesClash(givenRunner())).toBeUndefined();
});

it("stand in the order in which a user is told", () => {
	const all = [FOREIGN, TRACED, WRONG_MOUNT, CREDENTIALS];
	const fields = all.map((_, index) => {
		const finding = firstFound(RUNNER_CHECKS, givenRunner(Object.assign({}, ...all.slice(index)) as object))?.finding;
		return finding?.reason;
	});
	expect(fields).toEqual(["CrossNamespaceReference", "InlineCredentials", "InvalidSpec", "InlineCredentials"]);
	expect(firstFound(RUNNER_CHECKS, givenRunner({ config: { ...TWICE.config, password: "x" } }))?.finding.reason).toBe(
		"InlineCredentials",
	);
	expect(firstFound(RUNNER_CHECKS, givenRunner())).toBeUndefined();
});
