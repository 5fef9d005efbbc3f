import type { Cluster } from "../../devcluster/cluster.ts";
import { numberAt, stringAt } from "../../devcluster/json.ts";
import type { DeleteOptions, Resource } from "../../devcluster/store.ts";
import { conditionOf } from "../../kube/conditions.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { ensureNamespaces, eventually, pause } from "../integration/installed.ts";
import { deployment, podTemplate, statefulSet } from "./workload-objects.ts";

// What controllers write while things happen to a workload, at the fields that a hook looks at. Recorded alike from the real
// controllers and from the stand-ins in memory.

/** A step's last counts, how few pods were available meanwhile, and what conditions said, one after the other. */
export type Trace = Record<string, unknown>;

export const WORKLOADS = ["Deployment", "StatefulSet"] as const;
export type Workload = (typeof WORKLOADS)[number];

interface Step {
	readonly name: string;
	/** Does something to the workload. */
	act(world: World): Promise<unknown>;
	/** Throws until what was done has had its effect. */
	settled(world: World): Promise<unknown>;
}

export interface Scenario {
	readonly name: string;
	/** Objects that the namespace has beforehand. */
	readonly before?: (namespace: string) => KubeObject[];
	readonly steps: readonly Step[];
}

interface World {
	readonly cluster: Cluster;
	readonly workload: Workload;
	readonly namespace: string;
	readonly resource: Resource;
	readonly live: () => Promise<KubeObject>;
	readonly change: (spec: Record<string, unknown>) => Promise<unknown>;
	readonly pods: () => Promise<KubeObject[]>;
}

const COUNTS = ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"] as const;
const CONDITIONS = ["Progressing", "Available", "ReplicaFailure"] as const;

const isSeen = ({ metadata, status }: KubeObject): boolean =>
	numberAt(status, "observedGeneration") === metadata.generation;

const conditionText = (object: KubeObject, type: string): string => {
	const condition = conditionOf(object, type);
	return condition === undefined ? "none" : `${condition.status}/${condition.reason}`;
};

/** What was seen of the workload during one step. */
const traceOf = (seen: readonly KubeObject[]): Trace => {
	// Before its controller has seen an edit, a status is that of the spec before.
	const told = seen.filter(isSeen);
	const counts = COUNTS.flatMap((field) => {
		const values = told.map(({ status }) => numberAt(status, field) ?? 0);
		const last = [`${field} at last`, values.at(-1)] as const;
		// What a step must never cost. How far other counts overshoot meanwhile is a matter of chance.
		return field === "availableReplicas" ? [[`${field} at least`, Math.min(...values)] as const, last] : [last];
	});
	const conditions = CONDITIONS.map((type) => {
		const texts = told.map((object) => conditionText(object, type));
		// How long it takes until a condition is there for the first time is a matter of chance.
		return [type, texts.filter((text, index) => text !== (texts[index - 1] ?? "none"))];
	});
	const rolled = told.map(({ status }) => stringAt(status, "currentRevision") === stringAt(status, "updateRevision"));
	return Object.fromEntries([...counts, ...conditions, ["revisions agree at last", rolled.at(-1)]]);
};

/** Runs one scenario in a namespace of its own; the trace of each step by its name. */
export const record = async (
	cluster: Cluster,
	workload: Workload,
	scenario: Scenario,
	attempt = 1,
): Promise<Record<string, Trace>> => {
	const { store, informers } = cluster;
	const namespace = `${workload}-${scenario.name}-${attempt}`.toLowerCase().replaceAll(" ", "-");
	await ensureNamespaces(store, [namespace]);
	for (const object of scenario.before?.(namespace) ?? []) await store.create(object);
	const resource = await store.resourceOf("apps/v1", workload);
	const podResource = await store.resourceOf("v1", "Pod");
	const find = () => store.get(resource, namespace, "demo");
	const live = async () => {
		const object = await find();
		if (object === undefined) throw new Error("the workload is gone");
		return object;
	};
	const world: World = {
		cluster,
		workload,
		namespace,
		resource,
		live,
		change: (spec) =>
			eventually(async () => {
				const object = await live();
				return store.update({ ...object, spec: { ...Object(object["spec"]), ...spec } });
			}),
		pods: async () => (await store.list(podResource, namespace)).items,
	};
	const seen: KubeObject[] = [];
	const informer = await informers.get(resource);
	const unsubscribe = informer.subscribe(({ type, object }) => {
		if (type !== "DELETED" && object.metadata.namespace === namespace) seen.push(object);
	});
	const traces: Record<string, Trace> = {};
	for (const step of scenario.steps) {
		const before = await find();
		seen.length = 0;
		await step.act(world);
		await eventually(() => step.settled(world), 40);
		await pause(700);
		const [isGone, pods] = [(await find()) === undefined, (await world.pods()).length];
		traces[step.name] = isGone ? { gone: true, pods } : traceOf(seen.length > 0 || !before ? seen : [before]);
	}
	unsubscribe();
	return traces;
};

// ── Scenarios ───────────────────────────────────────────────────────────────────────────────────────────────────────

const made = ({ workload, namespace }: World, spec: Record<string, unknown> = {}): KubeObject => {
	// As the operator's own children are.
	const own = workload === "StatefulSet" ? { podManagementPolicy: "Parallel" } : {};
	const object = workload === "Deployment" ? deployment({ replicas: 3 }) : statefulSet({ replicas: 3 });
	return {
		...object,
		metadata: { ...object.metadata, namespace },
		spec: { ...Object(object["spec"]), ...own, ...spec },
	};
};

const create = (spec?: Record<string, unknown>): Step => ({
	name: "create",
	act: (world) => world.cluster.store.create(made(world, spec)),
	settled: (world) => complete(world, 3),
});

const complete = async ({ live }: World, replicas: number): Promise<void> => {
	const object = await live();
	const counts = COUNTS.map((field) => numberAt(object["status"], field) ?? 0);
	if (!isSeen(object) || counts.some((count) => count !== replicas))
		throw new Error(`it is not complete: ${counts.join(", ")} of ${replicas}`);
};

const image = (name: string, tag: string, settled: Step["settled"]): Step => ({
	name,
	act: ({ change }) => change({ template: podTemplate(`app:${tag}`) }),
	settled,
});

const scale = (name: string, replicas: number): Step => ({
	name,
	act: ({ change }) => change({ replicas }),
	settled: (world) => complete(world, replicas),
});

const holdsUp = async ({ pods }: World): Promise<void> => {
	if (!JSON.stringify(await pods()).includes("ImagePullBackOff")) throw new Error("no pod waits for its image");
};

const remove = (propagationPolicy: NonNullable<DeleteOptions["propagationPolicy"]>, pods: number): Step => ({
	name: `delete ${propagationPolicy}`,
	act: ({ cluster, resource, namespace }) => cluster.store.delete(resource, namespace, "demo", { propagationPolicy }),
	async settled(world) {
		if ((await world.cluster.store.get(world.resource, world.namespace, "demo")) !== undefined)
			throw new Error("it is still there");
		const left = await world.pods();
		if (left.length !== pods) throw new Error(`there are still ${left.length} pods`);
	},
});

/** The pod leaves its node, as an eviction makes it. */
const drain: Step = {
	name: "drain",
	async act({ cluster, namespace, pods }) {
		const [first] = await pods();
		await cluster.store.delete(await cluster.store.resourceOf("v1", "Pod"), namespace, first?.metadata.name ?? "");
	},
	async settled(world) {
		const left = await world.pods();
		if (left.some(({ metadata }) => metadata.deletionTimestamp !== undefined)) throw new Error("a pod is going");
		await complete(world, 3);
	},
};

const quota = (pods: number) => (namespace: string) => [
	{
		apiVersion: "v1",
		kind: "ResourceQuota",
		metadata: { name: "few", namespace },
		spec: { hard: { pods: `${pods}` } },
	},
];

const refused: Step = {
	...create(),
	name: "create under a quota",
	async settled({ live, workload }) {
		const object = await live();
		const ready = numberAt(object["status"], "readyReplicas") ?? 0;
		const told = workload === "StatefulSet" || conditionText(object, "ReplicaFailure") === "True/FailedCreate";
		if (ready !== 1 || !told) throw new Error(`${ready} pods are ready, ${conditionText(object, "ReplicaFailure")}`);
	},
};

const raise: Step = {
	name: "raise the quota",
	act: async ({ cluster, namespace }) =>
		cluster.store.patch(await cluster.store.resourceOf("v1", "ResourceQuota"), namespace, "few", {
			spec: { hard: { pods: "10" } },
		}),
	settled: (world) => complete(world, 3),
};

export const SCENARIOS: readonly Scenario[] = [
	{
		name: "edit",
		steps: [create(), image("edit", "2", (world) => complete(world, 3)), image("bad image", "broken", holdsUp)],
	},
	{ name: "scale", steps: [create(), scale("grow", 5), scale("shrink", 1), scale("to zero", 0)] },
	{ name: "background", steps: [create(), remove("Background", 0)] },
	{ name: "foreground", steps: [create(), remove("Foreground", 0)] },
	{ name: "orphan", steps: [create(), remove("Orphan", 3)] },
	{ name: "drain", steps: [create(), drain] },
	{ name: "quota", before: quota(1), steps: [refused, raise] },
];
