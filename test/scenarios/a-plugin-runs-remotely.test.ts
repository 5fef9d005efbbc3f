import { describe, expect, it } from "vitest";
import { prismPlugin } from "../../hooks/prismplugin/index.ts";
import { valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { DecoratorResponse } from "../../schemas/metacontroller.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { conditionIn, partsOf, plugin, rolloutOf } from "../hooks/prismplugin-world.ts";
import { rewritten } from "../laws/admission.ts";
import { recordAt } from "../laws/findings.ts";
import { stored } from "../world/stored.ts";
import { DecoratorWorld } from "../world/world.ts";

// The remote form: the plugin's own Deployment is rolled out as a shard would be.

const START = "2026-01-01T00:00:00Z";

const remote = (version: string) => ({
	version,
	deployment: { type: "remote", replicas: 1 },
	rollout: { bakeSeconds: 10, deadlineSeconds: 30 },
});

const shard = (name: string, deployment?: string): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismShard",
	metadata: { name, namespace: "team", generation: 1 },
	spec: { plugins: [{ name: "mongodb" }] },
	status: {
		observedGeneration: 1,
		...(deployment !== undefined && {
			plugins: [{ name: "mongodb", deployment, pinned: false, desired: 0, updated: 0, ready: 0 }],
		}),
	},
});

/** So many pods of it are ready. */
const withReadyPods = (attachment: KubeObject, ready: number): KubeObject =>
	attachment.kind === "Deployment"
		? { ...attachment, status: { ...recordAt(attachment, "status"), readyReplicas: ready, availableReplicas: ready } }
		: attachment;

/** One sync; its attachments are there at the next, with so many ready pods. */
const step = (world: DecoratorWorld, ready: number, written = stored): DecoratorResponse => {
	world.pass(6);
	world.written = (...given) => withReadyPods(written(...given), ready);
	return world.sync();
};

const titles = ({ attachments }: DecoratorResponse): string[] =>
	attachments.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();

const ATTACHMENTS = ["Deployment mongodb-plugin", "PodDisruptionBudget mongodb-plugin", "Service mongodb-plugin"];

const imageOf = ({ attachments }: DecoratorResponse): unknown => {
	const deployment = attachments.find(({ kind }) => kind === "Deployment");
	const containers = valueAt(deployment, "spec", "template", "spec", "containers");
	return Array.isArray(containers) ? valueAt(containers[0], "image") : undefined;
};

const installed = (): DecoratorWorld => {
	const world = new DecoratorWorld(prismPlugin, plugin(remote("1.0.0")), START);
	world.related = [shard("ann", "remote")];
	for (let steps = 0; steps < 6; steps += 1) step(world, 1);
	expect(world.status).toMatchObject({ lastGoodVersion: "1.0.0", updatedShards: "1/1", shardStates: [] });
	return world;
};

describe("a remote plugin", () => {
	it("is a Deployment and a Service, which follow the rollout", () => {
		const world = installed();
		world.edit(remote("2.0.0"));
		const answer = step(world, 1);
		expect(titles(answer)).toEqual(ATTACHMENTS);
		expect(imageOf(answer)).toBe("ghcr.io/prism/plugins/mongodb-plugin:2.0.0");
		expect(valueAt(answer.status, "remote")).toMatchObject({ name: "Deployment mongodb-plugin", state: "Updating" });
		for (let steps = 0; steps < 4; steps += 1) step(world, 1);
		expect(conditionIn(world.status, "Ready")).toMatchObject({
			message: "Version 2.0.0 is ready for 1 shard",
		});
	});

	it("rolls out behind a policy that rewrites images", () => {
		const world = installed();
		const mirrored: typeof stored = (...given) => rewritten(stored(...given));
		world.children = world.children.map(rewritten);
		world.edit(remote("2.0.0"));
		for (let steps = 0; steps < 8; steps += 1) step(world, 1, mirrored);
		expect(world.status).toMatchObject({ lastGoodVersion: "2.0.0", phase: "Running" });
	});

	it("goes back by itself when the new version fails", () => {
		const world = installed();
		world.edit(remote("2.0.0"));
		for (let steps = 0; steps < 6; steps += 1) step(world, 0);
		const answer = step(world, 1);
		expect(imageOf(answer)).toBe("ghcr.io/prism/plugins/mongodb-plugin:1.0.0");
		step(world, 1);
		expect(rolloutOf(world.status)?.phase).toBe("RolledBack");
		expect(conditionIn(world.status, "Stalled")?.["message"]).toMatch(
			/^Version 2\.0\.0 failed, and was rolled back: Deployment mongodb-plugin did not become ready/,
		);
	});

	it("keeps what it runs on when spec can't be read, and its states with it", () => {
		const world = installed();
		const before = world.status;
		world.edit({ version: 2 });
		const answer = step(world, 1);
		expect(titles(answer)).toEqual(ATTACHMENTS);
		expect(conditionIn(answer.status, "Ready")).toMatchObject({ reason: "InvalidSpec" });
		expect(answer.status).toMatchObject({ lastGoodVersion: "1.0.0", rollout: rolloutOf(before) });
	});

	it("stays until the last shard has stopped calling it, when it becomes a sidecar", () => {
		const world = installed();
		world.edit({ ...remote("1.0.0"), deployment: { type: "sidecar" } });
		const answer = step(world, 1);
		expect(titles(answer)).toEqual(ATTACHMENTS);
		expect(partsOf(answer.status)).toMatchObject([{ name: "ann", version: "1.0.0" }]);
		world.related = [shard("ann", "sidecar")];
		expect(titles(step(world, 1))).toEqual([]);
	});
});
