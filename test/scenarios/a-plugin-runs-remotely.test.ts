import { describe, expect, it } from "vitest";
import { prismPlugin } from "../../hooks/prismplugin/index.ts";
import { valueAt } from "../../kube/object.ts";
import { objectMap } from "../../kube/offline.ts";
import { millisOf, timestampOf } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { DecoratorResponse } from "../../schemas/metacontroller.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { CONTEXT, conditionIn, partsOf, rolloutOf } from "../hooks/prismplugin-world.ts";
import { rewritten } from "../laws/admission.ts";
import { LAST_APPLIED } from "../laws/cluster.ts";

// The remote form: the plugin's own Deployment is rolled out as a shard would be.

const START = "2026-01-01T00:00:00Z";

const plugin = (spec: object, status?: unknown, generation = 1): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismPlugin",
	metadata: { name: "mongodb", namespace: "team", uid: "u", generation },
	spec,
	...(status !== undefined && { status }),
});

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

/** An attachment as it is read back, its pods ready or not. */
const stored = (attachment: KubeObject, ready: number): KubeObject => ({
	...attachment,
	metadata: { ...attachment.metadata, generation: 1, uid: "a" },
	...(attachment.kind === "Deployment" && {
		status: {
			observedGeneration: 1,
			replicas: 1,
			updatedReplicas: 1,
			readyReplicas: ready,
			availableReplicas: ready,
			conditions: [
				{
					type: "Progressing",
					status: "True",
					reason: "NewReplicaSetAvailable",
					message: "",
					lastTransitionTime: START,
				},
			],
		},
	}),
});

interface Line {
	object: KubeObject;
	attachments: readonly KubeObject[];
	related: readonly KubeObject[];
	seconds: number;
}

/** One sync; its attachments are there at the next, with so many ready pods. */
const step = (line: Line, ready: number, seconds = 6): DecoratorResponse => {
	line.seconds += seconds;
	const answer = prismPlugin.sync(
		{
			controller: {},
			object: line.object,
			attachments: objectMap(line.attachments),
			related: objectMap(line.related),
			finalizing: false,
		},
		{ now: timestampOf(millisOf(START) + line.seconds * 1000), ...CONTEXT },
	);
	line.object = { ...line.object, status: answer.status };
	line.attachments = answer.attachments.map((attachment) => stored(attachment, ready));
	return answer;
};

/** With what Metacontroller writes beside an object that it sends. */
const asSent = (attachment: KubeObject): KubeObject => ({
	...attachment,
	metadata: {
		...attachment.metadata,
		annotations: { ...attachment.metadata.annotations, [LAST_APPLIED]: JSON.stringify(attachment) },
	},
});

const titles = ({ attachments }: DecoratorResponse): string[] =>
	attachments.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted();

const ATTACHMENTS = ["Deployment mongodb-plugin", "PodDisruptionBudget mongodb-plugin", "Service mongodb-plugin"];

const imageOf = ({ attachments }: DecoratorResponse): unknown => {
	const deployment = attachments.find(({ kind }) => kind === "Deployment");
	const containers = valueAt(deployment, "spec", "template", "spec", "containers");
	return Array.isArray(containers) ? valueAt(containers[0], "image") : undefined;
};

const installed = (): Line => {
	const line: Line = {
		object: plugin(remote("1.0.0")),
		attachments: [],
		related: [shard("ann", "remote")],
		seconds: 0,
	};
	for (let steps = 0; steps < 6; steps += 1) step(line, 1);
	expect(line.object["status"]).toMatchObject({ lastGoodVersion: "1.0.0", updatedShards: "1/1", shardStates: [] });
	return line;
};

describe("a remote plugin", () => {
	it("is a Deployment and a Service, which follow the rollout", () => {
		const line = installed();
		line.object = plugin(remote("2.0.0"), line.object["status"], 2);
		const answer = step(line, 1);
		expect(titles(answer)).toEqual(ATTACHMENTS);
		expect(imageOf(answer)).toBe("ghcr.io/prism/plugins/mongodb-plugin:2.0.0");
		expect(valueAt(answer.status, "remote")).toMatchObject({ name: "Deployment mongodb-plugin", state: "Updating" });
		for (let steps = 0; steps < 4; steps += 1) step(line, 1);
		expect(conditionIn(line.object["status"], "Ready")).toMatchObject({
			message: "Version 2.0.0 is ready for 1 shard",
		});
	});

	it("rolls out behind a policy that rewrites images", () => {
		const line = installed();
		const mirrored = () => {
			line.attachments = line.attachments.map((sent) => rewritten(stored(asSent(sent), 1)));
		};
		mirrored();
		line.object = plugin(remote("2.0.0"), line.object["status"], 2);
		for (let steps = 0; steps < 8; steps += 1) {
			step(line, 1);
			mirrored();
		}
		expect(line.object["status"]).toMatchObject({ lastGoodVersion: "2.0.0", phase: "Running" });
	});

	it("goes back by itself when the new version fails", () => {
		const line = installed();
		line.object = plugin(remote("2.0.0"), line.object["status"], 2);
		for (let steps = 0; steps < 6; steps += 1) step(line, 0);
		const answer = step(line, 1);
		expect(imageOf(answer)).toBe("ghcr.io/prism/plugins/mongodb-plugin:1.0.0");
		step(line, 1);
		expect(rolloutOf(line.object["status"])?.phase).toBe("RolledBack");
		expect(conditionIn(line.object["status"], "Stalled")?.["message"]).toMatch(
			/^Version 2\.0\.0 failed, and was rolled back: Deployment mongodb-plugin did not become ready/,
		);
	});

	it("keeps what it runs on when spec can't be read, and its states with it", () => {
		const line = installed();
		const before = line.object["status"];
		line.object = plugin({ version: 2 }, before, 2);
		const answer = step(line, 1);
		expect(titles(answer)).toEqual(ATTACHMENTS);
		expect(conditionIn(answer.status, "Ready")).toMatchObject({ reason: "InvalidSpec" });
		expect(answer.status).toMatchObject({ lastGoodVersion: "1.0.0", rollout: rolloutOf(before) });
	});

	it("stays until the last shard has stopped calling it, when it becomes a sidecar", () => {
		const line = installed();
		line.object = plugin({ ...remote("1.0.0"), deployment: { type: "sidecar" } }, line.object["status"], 2);
		const answer = step(line, 1);
		expect(titles(answer)).toEqual(ATTACHMENTS);
		expect(partsOf(answer.status)).toMatchObject([{ name: "ann", version: "1.0.0" }]);
		line.related = [shard("ann", "sidecar")];
		expect(titles(step(line, 1))).toEqual([]);
	});
});
