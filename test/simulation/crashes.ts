import type { Dialect } from "../../devcluster/proxy/faults.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { createChance } from "./chance.ts";
import { differences, type Essence, essenceOf } from "./essence.ts";
import { createLaws, type Laws } from "./laws.ts";
import { keepPast } from "./past.ts";
import { objectsOf, rest, wrongAtRest } from "./run.ts";
import { createWorld, servedResources, type World } from "./world.ts";

// A sample, applied once for each thing that is written or called on its way to Ready, and each time whoever does it dies
// right after. All of them must end as the one in which nobody died.

/** Metacontroller right after one of its writes; a hook right after one of its calls has reached a proxy. */
export type Victim = "controller" | "hook";

export interface CrashPoint {
	readonly victim: Victim;
	/** 0: the first write, or call. */
	readonly after: number;
}

export interface Sample {
	readonly name: string;
	readonly objects: readonly KubeObject[];
	/** Deletes all of them when they have come to rest, and waits again. */
	readonly andDelete: boolean;
	/** What control planes speak in the place of their usual dialect. */
	readonly controlPlanes?: Dialect;
}

export interface CrashReport {
	readonly points: number;
	/** Where it did not end as it should have. */
	readonly failures: readonly { readonly point: CrashPoint; readonly findings: readonly string[] }[];
}

/** How long it takes until the dead is followed by another one. */
const RESTART_MS = 3000;

interface Ended {
	readonly writes: number;
	readonly calls: number;
	readonly essence: Essence;
	readonly findings: readonly string[];
}

/** Tries all points, or one in so many of them. */
export const crashEverywhere = async (
	sample: Sample,
	seed: number,
	{ oneIn = 1, onPoint = () => {} }: { readonly oneIn?: number; readonly onPoint?: (point: CrashPoint) => void } = {},
): Promise<CrashReport> => {
	const expected = await apply(sample, seed, undefined);
	const failures: { point: CrashPoint; findings: readonly string[] }[] = [];
	if (expected.findings.length > 0)
		failures.push({ point: { victim: "controller", after: -1 }, findings: expected.findings });
	const all: CrashPoint[] = [
		...Array.from({ length: expected.writes }, (_, after) => ({ victim: "controller" as const, after })),
		...Array.from({ length: expected.calls }, (_, after) => ({ victim: "hook" as const, after })),
	];
	const points = all.filter((_, index) => index % oneIn === 0);
	for (const point of points) {
		onPoint(point);
		const { essence, findings } = await apply(sample, seed, point);
		const wrong = [...findings, ...differences(expected.essence, essence)];
		if (wrong.length > 0) failures.push({ point, findings: wrong });
	}
	return { points: points.length, failures };
};

const apply = async (sample: Sample, seed: number, point: CrashPoint | undefined): Promise<Ended> => {
	const counts = { writes: 0 };
	let calls = 0;
	let laws: Laws | undefined;
	const world = await createWorld({
		chance: createChance(seed),
		...(sample.controlPlanes && { controlPlanes: sample.controlPlanes }),
		onWrite: (_world, write) => laws?.writing(write),
		onWritten(own) {
			if (point?.victim === "controller" && point.after === counts.writes) dieAndReturn(own, own.controller);
			counts.writes += 1;
		},
		onCall(own, proxy, rpc, request) {
			laws?.calling(proxy, rpc, request);
			if (!rpc.startsWith("ControlPlane.")) return;
			if (point?.victim === "hook" && point.after === calls)
				for (const place of own.hooks.replicas)
					dieAndReturn(own, { kill: () => place.kill(), start: () => place.start(own.installation) });
			calls += 1;
		},
	});
	try {
		const resources = await servedResources(world.store);
		const past = keepPast(world.store, world.time, resources, (_resource, object) => laws?.changed(object));
		laws = createLaws({ world, past, resources });
		for (const object of sample.objects) await applyTo(world, object);
		const restless = await rest(world, counts);
		if (sample.andDelete) {
			for (const { apiVersion, kind, metadata } of sample.objects) {
				const resource = await world.store.resourceOf(apiVersion, kind);
				await world.store.delete(resource, metadata.namespace, metadata.name);
			}
			restless.push(...(await rest(world, counts)));
		}
		const objects = await objectsOf(world);
		return {
			writes: counts.writes,
			calls,
			essence: await essenceOf(world),
			findings: [
				...restless,
				...laws.findings,
				...(await wrongAtRest(world, laws, objects)),
				...(sample.andDelete ? objects.map(({ kind, metadata }) => `${kind} ${metadata.name} is still there`) : []),
			],
		};
	} finally {
		world.close();
	}
};

const applyTo = async ({ store }: World, object: KubeObject): Promise<void> => {
	const { namespace = "" } = object.metadata;
	const namespaces = await store.resourceOf("v1", "Namespace");
	if ((await store.get(namespaces, undefined, namespace)) === undefined)
		await store.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
	await store.apply(object, { fieldManager: "user" });
};

const dieAndReturn = (world: World, process: { kill(): void; start(): void }): void => {
	process.kill();
	world.time.after(RESTART_MS, () => process.start());
};
