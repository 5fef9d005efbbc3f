import { expect, it } from "vitest";
import {
	BACKEND_CHECKS,
	credentialsForRunnerFile,
	credentialsInRunnerFile,
	credentialsInType,
	credentialsInUrl,
	probeResources,
	secretForeign,
} from "../../../hooks/backendconfig/checks.ts";
import { firstFound } from "../../../kube/check-list.ts";
import { givenBackend } from "../plans.ts";

const WITH_CREDENTIALS = { connection: { url: "redis://me:secret@redis:6379" } };
const without = { connection: { url: "redis://redis:6379" } };
const file = (options: object = {}) => ({ runnerFile: { namespaces: [{ name: "a", pattern: "keyvalue", options }] } });
const secretOf = (namespace?: string) => ({ secretRef: { name: "credentials", ...(namespace && { namespace }) } });
const ALLOWED = { installation: { inlineCredentials: true } };

it.each(["connection", "tls"] as const)("secretForeign finds a Secret of another namespace in %s", (part) => {
	const spec = { connection: secretOf(), tls: { enabled: true }, [part]: { enabled: true, ...secretOf("data") } };
	expect(secretForeign(part)(givenBackend(spec))?.finding).toEqual({
		reason: "CrossNamespaceReference",
		about: "secret",
		field: `spec.${part}.secretRef.namespace`,
		name: "credentials",
		namespace: "data",
		home: "prism",
		remedy: { verb: "copy", kind: "secret", name: "credentials", namespace: "data", to: "prism" },
	});
});
it.each<[string, object]>([
	["none", {}],
	["without a namespace", { connection: secretOf() }],
	["of its own", { connection: secretOf("prism") }],
])("secretForeign takes a Secret: %s", (_, spec) => {
	expect(secretForeign("connection")(givenBackend(spec))).toBeUndefined();
});

it("credentialsInUrl finds them, unless the installation allows them", () => {
	expect(credentialsInUrl(givenBackend(WITH_CREDENTIALS))?.finding).toEqual({
		reason: "InlineCredentials",
		fields: ["spec.connection.url"],
		instead: "connectionSecret",
	});
	expect(credentialsInUrl(givenBackend(WITH_CREDENTIALS, ALLOWED))).toBeUndefined();
	expect(credentialsInUrl(givenBackend(without))).toBeUndefined();
	expect(credentialsInUrl(givenBackend())).toBeUndefined();
});

it("credentialsInRunnerFile finds them, whatever the installation allows", () => {
	expect(credentialsInRunnerFile(givenBackend(file({ password: "x" }), ALLOWED))?.finding).toEqual({
		reason: "InlineCredentials",
		fields: ["spec.runnerFile.namespaces[0].options.password"],
		instead: "runnerFileSecret",
	});
	expect(credentialsInRunnerFile(givenBackend(file({ db: 1 })))).toBeUndefined();
});

it("credentialsForRunnerFile finds a URL that would be rendered with its credentials", () => {
	expect(credentialsForRunnerFile(givenBackend({ ...WITH_CREDENTIALS, ...file() }, ALLOWED))?.finding).toEqual({
		reason: "InlineCredentials",
		fields: ["spec.connection.url"],
		instead: "runnerFileSecret",
	});
	expect(credentialsForRunnerFile(givenBackend(WITH_CREDENTIALS, ALLOWED))).toBeUndefined();
	expect(credentialsForRunnerFile(givenBackend({ ...without, ...file() }))).toBeUndefined();
});

it("stand in the order in which a user is told", () => {
	const spec = { ...WITH_CREDENTIALS, ...file({ password: "x" }) };
	const found = (around = {}) => {
		const finding = firstFound(BACKEND_CHECKS, givenBackend(spec, around))?.finding;
		return finding?.reason === "InlineCredentials" ? [finding.fields[0], finding.instead] : undefined;
	};
	expect(found()).toEqual(["spec.connection.url", "connectionSecret"]);
	expect(found(ALLOWED)).toEqual(["spec.runnerFile.namespaces[0].options.password", "runnerFileSecret"]);
	expect(firstFound(BACKEND_CHECKS, givenBackend(without))).toBeUndefined();
});

it("credentialsInType finds them, whatever the installation allows", () => {
	expect(credentialsInType(givenBackend({ type: "redis://u:secret@h" }, ALLOWED))?.finding).toEqual({
		reason: "InlineCredentials",
		fields: ["spec.type"],
		instead: "never",
	});
	expect(credentialsInType(givenBackend({ type: "cache" }))).toBeUndefined();
});

it("probeResources finds what the API server would reject", () => {
	const resources = { requests: { cpu: "2" }, limits: { cpu: "1" } };
	expect(probeResources(givenBackend({ healthCheck: { enabled: true, resources } }))?.finding).toMatchObject({
		problems: [{ field: "spec.healthCheck.resources.requests.cpu" }],
	});
	expect(probeResources(givenBackend({}))).toBeUndefined();
});
