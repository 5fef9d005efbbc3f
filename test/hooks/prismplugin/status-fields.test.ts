import { describe, expect, it } from "vitest";
import { isRemote, stateOf, statusFields, unsettled } from "../../../hooks/prismplugin/status-fields.ts";
import { plannedPlugin } from "../plans.ts";
import { BEFORE, ONE, part, rollout, state, TWO } from "../prismplugin-step.ts";
import { NOW, object } from "../situations.ts";

const withStatus = (status: unknown) => ({ ...object("PrismPlugin", {}), status });
const PART = part("a", "Updated");
const PAST = { version: "1.0.0", outcome: "Complete", reason: "", startedAt: BEFORE, finishedAt: BEFORE };

describe("the state in status", () => {
	it("is read as it was written", () => {
		const its = {
			rollout: rollout("Complete"),
			lastGoodVersion: "1.0.0",
			lastGoodImage: "p:1.0.0",
			shardStates: [PART],
		};
		const remote = part("Deployment it-plugin", "Updated");
		expect(stateOf(withStatus({ ...its, remote, history: [PAST] }))).toEqual({
			rollout: rollout("Complete"),
			lastGood: ONE,
			parts: [remote, PART],
			history: [PAST],
		});
	});

	it.each([
		["nothing", undefined],
		["what makes no sense", { rollout: { phase: 5 }, shardStates: [{ name: "a" }, "b"], history: [{}], remote: [] }],
		["half of a version", { lastGoodVersion: "1.0.0" }],
		["an empty image", { lastGoodVersion: "1.0.0", lastGoodImage: "" }],
	])("is without %s", (_what, status) => {
		expect(stateOf(withStatus(status))).toEqual({ rollout: undefined, lastGood: undefined, parts: [], history: [] });
	});
});

const shard = (name: string, its: typeof ONE, { pinned = false, ready = 1, isCounted = true } = {}) => ({
	...object("PrismShard", { plugins: [{ name: "it", ...(pinned && { version: "0.9.0" }) }] }, { name }),
	status: {
		observedGeneration: 1,
		...(isCounted && { namespaces: 2 }),
		plugins: [{ name: "it", deployment: "sidecar", pinned, ...its, desired: 1, updated: 1, ready }],
	},
});
const IMAGE = "ghcr.io/prism/plugins/it-plugin";
const WANTED = { version: "2.0.0", image: `${IMAGE}:2.0.0` };
const OLD = { version: "1.0.0", image: `${IMAGE}:1.0.0` };
const findings = (its: ReturnType<typeof state>, ...related: ReturnType<typeof shard>[]) => {
	const { plan, surroundings } = plannedPlugin({ version: "2.0.0" }, { related });
	return { object: withStatus({}), plan, surroundings, state: its, attachments: [], observed: {}, now: NOW };
};
const parts = (...updated: [string, typeof OLD][]) =>
	state({ rollout: rollout("Complete", WANTED), parts: updated.map(([name, its]) => part(name, "Updated", its)) });

describe("status fields", () => {
	it("count the shards that follow, and name those that do not", () => {
		const its = findings(
			parts(["a", WANTED], ["b", OLD]),
			shard("a", WANTED),
			shard("b", OLD),
			shard("c", OLD, { pinned: true }),
		);
		expect(statusFields(its)).toMatchObject({
			installed: true,
			version: undefined,
			shards: ["a", "b"],
			pinnedShards: ["c"],
			updatedShards: "1/2",
			namespacesUsing: 6,
			lastGoodVersion: "1.0.0",
		});
	});

	it("have a version once all shards run one", () => {
		const its = findings(parts(["a", WANTED], ["b", WANTED]), shard("a", WANTED), shard("b", WANTED));
		expect(statusFields(its)).toMatchObject({ version: "2.0.0", updatedShards: "2/2" });
	});

	it("have no sum of namespaces while one is not known", () => {
		const its = findings(parts(), shard("a", WANTED), shard("b", WANTED, { isCounted: false }));
		expect(statusFields(its).namespacesUsing).toBeUndefined();
	});

	it("are of a plugin that is installed only where every place runs its version, ready", () => {
		const late = findings(parts(["a", WANTED]), shard("a", WANTED, { ready: 0 }));
		expect(unsettled(late.surroundings, late.state).map(({ name }) => name)).toEqual(["a"]);
		expect(statusFields(late).installed).toBe(false);
		expect(statusFields(findings(parts())).installed).toBe(false);
	});
});

it("a place is a shard, or the Deployment of the remote form", () => {
	expect([isRemote("Deployment it-plugin"), isRemote("deployment")]).toEqual([true, false]);
	const remote = part("Deployment it-plugin", "Updated", TWO);
	const its = findings(state({ parts: [remote, PART] }));
	expect(statusFields(its)).toMatchObject({ remote, shardStates: [PART] });
});
