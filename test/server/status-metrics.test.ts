import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import type { AdminCall, CallOutcome, Outside } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { createOutcomeMetrics } from "../../server/status-metrics.ts";

const CREATED = "2026-01-01T00:00:00Z";

const object = (kind: string, status?: Record<string, unknown>, uid = "u"): KubeObject => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name: "it", namespace: "team", uid, creationTimestamp: CREATED },
	...(status !== undefined && { status }),
});

const counted = () => {
	const registry = new Registry();
	const observe = createOutcomeMetrics(registry);
	return {
		observe: (
			before: KubeObject,
			status: Record<string, unknown>,
			more: { outside?: Outside; finalized?: true } = {},
		) =>
			observe({
				object: before,
				answer: { status, attachments: 0, ...(more.finalized && { finalized: true }) },
				outside: more.outside,
			}),
		lines: async () =>
			(await registry.metrics())
				.split("\n")
				.filter((line) => line.startsWith("prism_operator_") && !/_bucket| 0$/.test(line))
				.toSorted(),
	};
};

const instance = { name: "prism-a-0", address: "prism-a-0.prism-a-headless.team.svc:8981", namespace: "team" };
const call: AdminCall = {
	verb: "assign",
	instance,
	namespaceId: "it",
	owner: "o",
	version: 1,
	config: {},
	digest: "d",
};
const made = (...states: CallOutcome[]): Outside => ({
	answers: [],
	results: states.map((outcome) => ({ call, outcome })),
});

describe("namespaces", () => {
	test("are counted by phase, each once, until they are gone", async () => {
		const { observe, lines } = counted();
		observe(object("PrismNamespace", undefined, "a"), { phase: "Provisioning" });
		observe(object("PrismNamespace", undefined, "b"), { phase: "Provisioning" });
		observe(object("PrismNamespace", undefined, "a"), { phase: "Active" });
		expect(await lines()).toEqual([
			'prism_operator_namespaces{phase="Active"} 1',
			'prism_operator_namespaces{phase="Provisioning"} 1',
		]);
		observe(object("PrismNamespace", undefined, "b"), {}, { finalized: true });
		expect(await lines()).toEqual(['prism_operator_namespaces{phase="Active"} 1']);
	});

	test("are timed until they are there for the first time", async () => {
		const { observe, lines } = counted();
		const provisioned = { phase: "Active", provisionedAt: "2026-01-01T00:00:07Z", digest: "d" };
		observe(object("PrismNamespace"), provisioned);
		observe(object("PrismNamespace", provisioned), provisioned);
		expect(await lines()).toContain("prism_operator_namespace_ready_seconds_count 1");
		expect(await lines()).toContain("prism_operator_namespace_ready_seconds_sum 7");
	});

	test("are repaired when nothing was edited, and a call was made and accepted", async () => {
		const { observe, lines } = counted();
		const there = { phase: "Active", provisionedAt: CREATED, digest: "d" };
		observe(object("PrismNamespace", there), there, {
			outside: made({ state: "done" }, { state: "refused", message: "no" }),
		});
		observe(object("PrismNamespace", there), { ...there, digest: "edited" }, { outside: made({ state: "done" }) });
		observe(object("PrismNamespace"), there, { outside: made({ state: "done" }) });
		expect(await lines()).toContain("prism_operator_namespace_repairs_total 1");
	});
});

describe("plugins", () => {
	test("are counted by how their rollouts end, and timed shard by shard", async () => {
		const { observe, lines } = counted();
		const part = (state: string, since: string) => ({ name: "a", version: "2", state, since });
		const ended = (outcome: string, version: string) => ({ outcome, version, startedAt: CREATED });
		const first = { shardStates: [part("Updating", "2026-01-01T00:00:10Z")], history: [] };
		const second = { shardStates: [part("Baking", "2026-01-01T00:00:40Z")], history: [] };
		const third = { shardStates: [part("Updated", "2026-01-01T00:01:40Z")], history: [ended("Complete", "2")] };
		observe(object("PrismPlugin", first), second);
		observe(object("PrismPlugin", second), third);
		observe(object("PrismPlugin", third), third);
		observe(object("PrismPlugin", third), { ...third, history: [ended("RolledBack", "3"), ended("Complete", "2")] });
		expect(await lines()).toEqual([
			'prism_operator_plugin_rollouts_total{outcome="Complete"} 1',
			'prism_operator_plugin_rollouts_total{outcome="RolledBack"} 1',
			"prism_operator_plugin_shard_seconds_count 1",
			"prism_operator_plugin_shard_seconds_sum 30",
		]);
	});
});
