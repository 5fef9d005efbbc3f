import { expect, it } from "vitest";
import { BACKEND_WARNINGS, notProbed, urlInClearText, urlUnused } from "../../../hooks/backendconfig/warnings.ts";
import { allFound } from "../../../kube/check-list.ts";
import { plannedBackend } from "../plans.ts";

const ALLOWED = { installation: { inlineCredentials: true } };
const URL = { connection: { url: "redis://redis:6379" } };
const CREDENTIALS = { connection: { url: "redis://me:secret@redis:6379" } };
const both = (keys: object) => ({ connection: { url: URL.connection.url, secretRef: { name: "credentials", keys } } });

it.each<[string, object, object[] | undefined]>([
	["with credentials", CREDENTIALS, [{ warning: "UrlInClearText" }]],
	["without", URL, undefined],
	["none", {}, undefined],
])("urlInClearText: a URL %s", (_, spec, expected) => {
	expect(urlInClearText(plannedBackend(spec, ALLOWED))).toEqual(expected);
});

it.each<[string, object, object[] | undefined]>([
	["in both", both({ url: "address" }), [{ warning: "UrlUnused", key: "address", secret: "credentials" }]],
	["in spec alone", both({}), undefined],
	["in the Secret alone", { connection: { secretRef: { name: "credentials", keys: { url: "url" } } } }, undefined],
])("urlUnused: a URL %s", (_, spec, expected) => {
	expect(urlUnused(plannedBackend(spec))).toEqual(expected);
});

it.each<[string, object, number]>([
	["a provider without a probe", { provider: "oracle", healthCheck: { enabled: true } }, 1],
	["one with a probe", { ...URL, healthCheck: { enabled: true } }, 0],
	["no check", { provider: "oracle" }, 0],
])("notProbed: %s", (_, spec, count) => {
	const found = notProbed(plannedBackend(spec)) ?? [];
	expect(found).toHaveLength(count);
	if (count > 0) expect(found[0]).toMatchObject({ warning: "NotProbed", provider: "oracle" });
});

it("are reported in the order of the list", () => {
	const spec = {
		provider: "oracle",
		healthCheck: { enabled: true },
		connection: { ...CREDENTIALS.connection, secretRef: { name: "credentials", keys: { url: "url" } } },
	};
	const input = plannedBackend(spec, ALLOWED);
	const warnings = ["UrlInClearText", "UrlUnused", "NotProbed"];
	expect(allFound(BACKEND_WARNINGS, input).map(({ warning }) => warning)).toEqual(warnings);
	expect(input.plan.warnings.map(({ warning }) => warning)).toEqual(warnings);
});
