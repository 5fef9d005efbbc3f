import { expect, it } from "vitest";
import { verdictOf } from "../../../hooks/prismplugin/status.ts";
import { refusal } from "../../../kube/spec-refusal.ts";
import type { RolloutPart } from "../../../schemas/pluginrollout.ts";
import { plannedPlugin } from "../plans.ts";
import { BEFORE, NOW, part, rollout, state } from "../prismplugin-step.ts";
import { object } from "../situations.ts";

const IMAGE = "ghcr.io/prism/plugins/it-plugin";
const WANTED = { version: "2.0.0", image: `${IMAGE}:2.0.0` };
const OLD = { version: "1.0.0", image: `${IMAGE}:1.0.0` };
const shard = (its = WANTED, more: object = {}, entry: object = {}) => ({
	...object("PrismShard", { plugins: [{ name: "it", ...entry }] }, { name: "a" }),
	status: {
		observedGeneration: 1,
		plugins: [{ name: "it", deployment: "sidecar", pinned: false, ...its, desired: 1, updated: 1, ready: 1, ...more }],
	},
});
const verdict = (
	phase: Parameters<typeof rollout>[0] | undefined,
	parts: readonly RolloutPart[],
	related = [shard()],
	metadata: object = {},
) => {
	const { plan, surroundings } = plannedPlugin({ version: "2.0.0" }, { related });
	const its = state({ rollout: phase && rollout(phase, WANTED), parts });
	return verdictOf({
		object: object("PrismPlugin", {}, metadata),
		plan,
		surroundings,
		state: its,
		attachments: [],
		observed: {},
		now: NOW,
	});
};
const AT_A = { place: { kind: "shard", name: "a" } };
const UPDATED = [part("a", "Updated", WANTED)];
const HELD = { hold: { by: "pods", workload: "prism-a", pods: ["prism-a-0"] } };

it.each([
	["runs everywhere", verdict("Complete", UPDATED), { ready: "True", finding: { reason: "PluginReady", shards: 1 } }],
	[
		"no shard follows it",
		verdict(undefined, [], [shard(WANTED, {}, { version: "1.0.0" })]),
		{ phase: "Idle", finding: { reason: "NotFollowed", pinned: ["a"] } },
	],
	[
		"is on its way",
		verdict("Progressing", [part("a", "Updating", WANTED)], [shard(OLD)]),
		{
			phase: "RollingOut",
			finding: { reason: "Progressing", about: "rollout", version: "2.0.0", first: AT_A },
		},
	],
	[
		"is on its way back",
		verdict("RollingBack", [part("a", "RollingBack", OLD, { since: NOW })]),
		{ phase: "RollingBack", finding: { reason: "RollingBack" } },
	],
	[
		"can't get back",
		verdict("RollingBack", [part("a", "RollingBack", OLD, { since: BEFORE })]),
		{ phase: "Failed", stalled: true, finding: { reason: "RollbackFailed", late: { version: "1.0.0" } } },
	],
	[
		"is back",
		verdict("RolledBack", [part("a", "RolledBack", OLD)]),
		{ stalled: true, finding: { reason: "RolledBack" } },
	],
	[
		"has stopped",
		verdict("Stalled", [part("a", "Failed", WANTED, { message: "no" })]),
		{
			stalled: true,
			finding: { reason: "RolloutStalled", remedy: { verb: "describe", kind: "prismshard", name: "a" } },
		},
	],
	[
		"is not ready any more",
		verdict("Complete", UPDATED, [shard(WANTED, { ready: 0 })]),
		{ phase: "Degraded", finding: { reason: "ReplicasUnavailable", about: "place" } },
	],
	[
		"is replaced by another",
		verdict("Complete", UPDATED, [shard(OLD)]),
		{ phase: "Pending", finding: { reason: "Progressing", about: "place", others: 0 } },
	],
	[
		"is being deleted and in use",
		verdict("Complete", UPDATED, [shard()], { deletionTimestamp: NOW }),
		{ phase: "Deleting", stalled: true, finding: { reason: "PluginInUse", shards: ["a"] } },
	],
])("a plugin that %s", (_what, found, expected) => {
	expect(found).toMatchObject(expected);
});

it.each([
	[BEFORE, false],
	[NOW, true],
])("pods that keep the old version since %s are waited for: %s", (heldSince, isAwaited) => {
	const held = [part("a", "Updating", WANTED, { heldSince })];
	const { finding } = verdict("Progressing", held, [shard(OLD, HELD)]);
	expect(finding.reason === "Progressing").toBe(isAwaited);
});

it("a spec that is refused is the cause, unless the plugin is in use and to go", () => {
	const { surroundings } = plannedPlugin({ version: "2.0.0" }, { related: [shard()] });
	const refused = refusal({ reason: "InvalidSpec", about: "fields", problems: [] });
	const findings = { plan: refused, surroundings, state: state({}), attachments: [], observed: {}, now: NOW };
	expect(verdictOf({ ...findings, object: object("PrismPlugin", {}) })).toMatchObject({
		finding: { reason: "InvalidSpec" },
	});
	const going = object("PrismPlugin", {}, { deletionTimestamp: NOW });
	expect(verdictOf({ ...findings, object: going })).toMatchObject({ finding: { reason: "PluginInUse" } });
});
