import { pino } from "pino";
import { type Cluster, startCluster } from "../../devcluster/cluster.ts";
import { type Pace, startController } from "../../devcluster/metacontroller/start.ts";
import { ApiError } from "../../devcluster/store.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { controllerObject } from "../../kube/controllers.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { readConfig } from "../../server/config.ts";
import { startServer } from "../../server/server.ts";
import { systemTime } from "../../server/time.ts";
import { testBinaries } from "../cluster.ts";
import { ensureNamespaces, eventually, installKinds, pause } from "../integration/installed.ts";

// The whole line: a real kube-apiserver, the operator, and the stand-in for Metacontroller or the real one; pods are played.

export interface Way {
	readonly title: string;
	/** Path of the real Metacontroller; "": the stand-in. */
	readonly metacontroller: string;
	readonly pace: Pace;
}

export interface Line {
	readonly cluster: Cluster;
	/** Objects of a kind in a namespace, as they are now. */
	list(apiVersion: string, kind: string, namespace: string): Promise<readonly KubeObject[]>;
	/** Creates them, so many at a time; answers the seconds that it took. */
	create(objects: readonly KubeObject[], atOnce?: number): Promise<number>;
	/** Seconds since `began` when the last object was written, once nothing was for a while. */
	untilQuiet(kinds: readonly (readonly [string, string])[], namespace: string, began: number): Promise<number>;
	stop(): Promise<void>;
}

/** So long nothing may be written for the line to be quiet. */
const QUIET_MS = 3000;
const LOOK_MS = 100;

export const startBenchLine = async ({ metacontroller, pace }: Way): Promise<Line> => {
	await testBinaries();
	const cluster = await startCluster({
		clock: systemTime,
		name: "local",
		environment: process.env,
		log: () => {},
		confirm: async () => false,
	});
	await installKinds(cluster.store);
	await cluster.startControllers();
	const server = await startServer({ ...readConfig({}), port: 0 }, REGISTRY, {
		log: pino({ level: "warn" }, pino.destination(2)),
		resolve: (address) => cluster.proxies?.resolve(address),
	});
	const controller = await startController({
		cluster,
		controllers: REGISTRY.map((row) => controllerObject(row, { origin: server.url, features: {} })),
		environment: { METACONTROLLER: metacontroller },
		log: () => {},
		pace,
	});
	const list: Line["list"] = async (apiVersion, kind, namespace) => {
		const informer = await cluster.informers.get(await cluster.store.resourceOf(apiVersion, kind));
		return informer.list(namespace);
	};
	return {
		cluster,
		list,
		create: (objects, atOnce) => createAll(cluster, objects, atOnce),
		async untilQuiet(kinds, namespace, began) {
			let [last, since] = ["", performance.now()];
			for (;;) {
				const lists = await Promise.all(kinds.map(([apiVersion, kind]) => list(apiVersion, kind, namespace)));
				const now = lists
					.flat()
					.map(({ metadata }) => metadata.resourceVersion)
					.join();
				if (now !== last) [last, since] = [now, performance.now()];
				else if (performance.now() - since > QUIET_MS) return (since - began) / 1000;
				await pause(LOOK_MS);
			}
		},
		async stop() {
			await controller.stop();
			await server.close();
			await cluster.stop();
		},
	};
};

/** Creates them, so many at a time; answers the seconds that it took. */
export const createAll = async (cluster: Cluster, objects: readonly KubeObject[], atOnce = 10): Promise<number> => {
	await ensureNamespaces(cluster.store, new Set(objects.map(({ metadata }) => metadata.namespace ?? "default")));
	const began = performance.now();
	const queue = objects[Symbol.iterator]();
	const work = async () => {
		for (const object of queue) await created(cluster, object);
	};
	await Promise.all(Array.from({ length: atOnce }, work));
	return (performance.now() - began) / 1000;
};

/** Right after a definition came, its kind may not be served for a moment. */
const created = (cluster: Cluster, object: KubeObject): Promise<KubeObject> =>
	eventually(async () => {
		try {
			return await cluster.store.create(object);
		} catch (error) {
			if (error instanceof ApiError && error.reason === "AlreadyExists") return object;
			throw error;
		}
	});

export const isReady = (object: KubeObject): boolean => {
	const ready = conditionOf(object, "Ready");
	return ready?.status === "True" && ready.observedGeneration === object.metadata.generation;
};

/** Waits until something is so; `undefined` when time is up before. Seconds since `began`. */
export const secondsUntil = async (
	holds: () => Promise<boolean>,
	began: number,
	deadline: number,
): Promise<number | undefined> => {
	while (!(await holds())) {
		if (performance.now() > deadline) return undefined;
		await pause(LOOK_MS);
	}
	return (performance.now() - began) / 1000;
};
