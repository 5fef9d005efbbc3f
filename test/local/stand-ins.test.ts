import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlPlane } from "../../local/control-plane.ts";
import { startGarbageCollector } from "../../local/garbage-collector.ts";
import { createInformers } from "../../local/informer.ts";
import { type Store, systemClock } from "../../local/store.ts";
import { startWorkloads } from "../../local/workloads/index.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT, startTestCluster } from "../cluster.ts";
import { describeCollection } from "./collection-contract.ts";
import { eventually } from "./store-subject.ts";
import { claimTemplate, conditions, deployment, podTemplate, service, statefulSet } from "./workload-objects.ts";

// The stand-ins over a real API server, which adds defaults and members of its own to whatever they write.

let shared: Promise<ControlPlane> | undefined;
const theCluster = () => {
	shared ??= startTestCluster();
	return shared;
};
afterAll(async () => (await shared)?.stop());

describeCollection("over HTTP", async () => ({ store: (await theCluster()).store, stop: async () => {} }));

/** Notes every write, also one that changes nothing and that no watch would tell of. */
const counted = (store: Store, writes: string[]): Store => ({
	...store,
	create: (object) => {
		writes.push(`create ${object.kind}`);
		return store.create(object);
	},
	update: (object) => {
		writes.push(`update ${object.kind} ${object.metadata.name}`);
		return store.update(object);
	},
	updateStatus: (object) => {
		writes.push(`status of ${object.kind} ${object.metadata.name}`);
		return store.updateStatus(object);
	},
});

const named = (object: KubeObject, name: string): KubeObject => ({
	...object,
	metadata: { ...object.metadata, name },
});

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

describe("workloads over HTTP", () => {
	const log: string[] = [];
	const writes: string[] = [];
	const stops: (() => Promise<void>)[] = [];
	let store: Store;
	beforeAll(async () => {
		({ store } = await theCluster());
		const informers = createInformers(store, systemClock);
		const kinds = [
			["apps/v1", "Deployment"],
			["apps/v1", "ReplicaSet"],
			["apps/v1", "StatefulSet"],
			["v1", "Pod"],
		] as const;
		const resources = await Promise.all(kinds.map(([apiVersion, kind]) => store.resourceOf(apiVersion, kind)));
		const options = {
			store: counted(store, writes),
			informers,
			clock: systemClock,
			log: (line: string) => void log.push(line),
		};
		const workloads = await startWorkloads(options);
		const collector = await startGarbageCollector({ ...options, resources });
		stops.push(
			() => workloads.stop(),
			() => collector.stop(),
			async () => informers.stop(),
		);
	}, CLUSTER_TIMEOUT);
	afterAll(async () => {
		for (const stop of stops) await stop();
	});

	const get = async (object: KubeObject) => {
		const { namespace, name } = object.metadata;
		return store.get(await store.resourceOf(object.apiVersion, object.kind), namespace, name);
	};
	const pods = async () => (await store.list(await store.resourceOf("v1", "Pod"), "default")).items;

	test("a Deployment, a StatefulSet with claims and a Service get ready, and then nothing is written", async () => {
		await store.create(deployment({ replicas: 2 }));
		await store.create(named(statefulSet({ replicas: 2, volumeClaimTemplates: [claimTemplate] }), "stateful"));
		await store.create(named(deployment({ template: podTemplate("app:broken") }), "broken"));
		await store.create(service());
		await eventually(async () => {
			expect(await get(deployment())).toMatchObject({
				status: {
					availableReplicas: 2,
					conditions: conditions(
						["Available", "True", "MinimumReplicasAvailable"],
						["Progressing", "True", "NewReplicaSetAvailable"],
					),
				},
			});
			expect(await get(named(statefulSet(), "stateful"))).toMatchObject({
				status: { availableReplicas: 2, replicas: 2 },
			});
			expect((await pods()).map((pod) => JSON.stringify(pod["status"])).join()).toContain("ImagePullBackOff");
		});
		await pause(1000);
		writes.length = 0;
		await pause(1500);
		expect(writes).toEqual([]);
		expect(log).toEqual([]);
	});

	test("a new template is rolled out", async () => {
		const live = await get(deployment());
		if (!live) throw new Error("the Deployment is gone");
		await store.update({ ...live, spec: { ...Object(live["spec"]), template: podTemplate("app:2") } });
		await eventually(async () =>
			expect(await get(deployment())).toMatchObject({
				metadata: { annotations: { "deployment.kubernetes.io/revision": "2" } },
				status: { observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2, replicas: 2 },
			}),
		);
	});

	test("a deleted Deployment takes its pods with it, in the foreground", async () => {
		const resource = await store.resourceOf("apps/v1", "Deployment");
		await store.delete(resource, "default", "demo", { propagationPolicy: "Foreground" });
		await eventually(async () => {
			expect(await get(deployment())).toBeUndefined();
			expect((await pods()).map(({ metadata }) => metadata.name).filter((name) => name.startsWith("demo-"))).toEqual(
				[],
			);
		});
	});
});
