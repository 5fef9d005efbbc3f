import { expect, it } from "vitest";
import { credentialsShown, credentialsWritten, isRefusal, refusal } from "../../kube/spec-refusal.ts";

it("is told from what is accepted", () => {
	expect(isRefusal(refusal({ reason: "InvalidSpec", about: "fields", problems: [] }))).toBe(true);
	expect(isRefusal({ finding: {} })).toBe(false);
});

it.each([
	{ addresses: {}, fields: undefined },
	{ addresses: { a: undefined, b: "redis:6379", c: "redis://redis:6379/0" }, fields: undefined },
	{
		addresses: { "spec.b": "redis://u:p@redis", "spec.a": "nats://token@nats", "spec.c": "h:1" },
		fields: ["spec.a", "spec.b"],
	},
])("addresses that show credentials: $fields of $addresses", ({ addresses, fields }) => {
	const finding = fields && { reason: "InlineCredentials", fields, instead: "never" };
	expect(credentialsShown(addresses)?.finding).toEqual(finding);
});

it.each([
	{ data: {}, fields: undefined },
	{ data: undefined, fields: undefined },
	{ data: { level: "debug", url: "redis://redis" }, fields: undefined },
	{ data: { z: { password: "x" }, a: "nats://u:p@n" }, fields: ["spec.config.a", "spec.config.z.password"] },
])("free-form data with credentials: $fields of $data", ({ data, fields }) => {
	const finding = fields && { reason: "InlineCredentials", fields, instead: "secretKeyRef" };
	expect(credentialsWritten(data, "spec.config", "secretKeyRef")?.finding).toEqual(finding);
});
