import { describe, expect, it } from "vitest";
import { fieldOf, fieldOfWarning } from "../../schemas/findings/fields.ts";
import type { Finding, Warning } from "../../schemas/findings/finding.ts";
import { problemText } from "../../schemas/messages/specs.ts";
import { findingText, warningText } from "../../schemas/messages/text.ts";

// Sentences of what seldom happens; those of what does are in the tables of situations.

describe("a finding in words", () => {
	it.each<[Finding, string]>([
		[
			{ reason: "ReplicaFailure", workload: { kind: "Deployment", name: "a" }, words: undefined },
			"Deployment a can't create its pods",
		],
		[
			{
				reason: "PluginNotReady",
				plugins: [
					{ plugin: "a", why: "NoVersion" },
					{ plugin: "b", why: "NoVersion" },
				],
			},
			"PrismPlugin a has not set a version for this shard yet; PrismPlugin b has not set a version for this shard yet",
		],
		[
			{ reason: "StackReady", deployments: 1, patterns: 0, backends: 1, namespaces: 0 },
			"Ready: 1 deployment, 0 patterns, 1 backend",
		],
		[
			{ reason: "StackReady", deployments: 1, patterns: 0, backends: 0, namespaces: 1 },
			"Ready: 1 deployment, 0 patterns, 0 backends, 1 namespace",
		],
		[
			{ reason: "Progressing", about: "namespaces", namespaces: [{ name: "acme", proxies: ["p-1", "p-0"] }] },
			"PrismNamespace acme is not on p-0, p-1 yet",
		],
		[
			{ reason: "Terminating", about: "stack", namespaces: [] },
			"Being deleted: its namespaces leave the proxies first",
		],
	])("%j", (finding, text) => {
		expect(findingText(finding)).toBe(text);
	});

	it.each<[Warning, string | undefined, string]>([
		[
			{
				warning: "IdleAntiAffinity",
				of: { field: "spec.runnerSpec.affinity.podAntiAffinity" },
				noun: "runner",
				selector: "a=b",
				labels: { app: "prism", runner: "it" },
			},
			"spec.runnerSpec.affinity.podAntiAffinity",
			"spec.runnerSpec.affinity.podAntiAffinity selects a=b, which matches none of this runner's own pods (labels app=prism, runner=it)",
		],
		[
			{
				warning: "IdleAntiAffinity",
				of: { component: "proxy" },
				noun: "it",
				selector: "a=b",
				labels: { app: "prism" },
			},
			undefined,
			"The proxy's podAntiAffinity selects a=b, which matches none of its own pods (labels app=prism)",
		],
		[
			{ warning: "TooManyShards", shards: 17, most: 16 },
			"spec.shard",
			"spec.shard matches 17 shards, more than the 16 that a selector should: name product, feature or slaTier",
		],
		[
			{ warning: "RemoteNotServed", shards: ["b", "a"] },
			"spec.deployment.type",
			"Shards use the remote form, which nothing serves unless spec.deployment.type is remote: a, b",
		],
	])("%j", (warning, field, text) => {
		expect(warningText(warning)).toBe(text);
		expect(fieldOfWarning(warning)).toBe(field);
	});

	it("names a field that is in another place than the words", () => {
		const finding = {
			reason: "BackendConfigNotFound",
			field: "spec.backendConfig.name",
			name: "a",
			namespace: "b",
		} as const;
		expect(fieldOf(finding)).toBe("spec.backendConfig.name");
		expect(fieldOf({ reason: "InvalidSpec", about: "fields", problems: [] })).toBeUndefined();
	});
});

describe("a field that is wrong", () => {
	it.each([
		[{ oneOf: ["a", "b"] }, "x", 'spec.a: must be one of a, b, got "x"'],
		[{ quantity: true }, true, "spec.a: must be a quantity such as 500m, 2 or 1Gi, got true"],
		[{ quoted: true }, 0.5, "spec.a: numbers with a fraction are not accepted: write it in quotes, got 0.5"],
		[{ words: "Expected integer" }, undefined, "spec.a: expected integer"],
	] as const)("%j", (expected, got, text) => {
		expect(problemText({ field: "spec.a", expected, ...(got !== undefined && { got }) })).toBe(text);
	});
});
