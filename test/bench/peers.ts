import type { Cluster } from "../../devcluster/cluster.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { ensureNamespaces, eventually, pause } from "../integration/installed.ts";
import { type BareCluster, type CpuSeconds, startBareCluster } from "./bare-cluster.ts";
import { type Contestant, contestants, type Running } from "./contestants.ts";
import { createAll, secondsUntil } from "./line-cluster.ts";
import type { Part, Progress } from "./part.ts";
import { figure, goals, table } from "./table.ts";

// The same objects made by this operator and by others, in turns on one control plane: what that costs until it is quiet, and
// while nothing happens. Nobody's pods become ready.

export interface Measured {
	readonly title: string;
	readonly count: number;
	/** Until all children are there; undefined: not in time. */
	readonly seconds: number | undefined;
	/** Of one object, its creation included. */
	readonly requests: number;
	readonly startSeconds: number;
	readonly cpu: CpuSeconds;
	/** Of one object in a minute, once it was quiet. */
	readonly restRequests: number;
	/** In a minute, of the operator. */
	readonly restCpu: number;
}

export interface Extent {
	readonly count: number;
	/** How long it is watched once it is quiet. */
	readonly restSeconds: number;
	/** How long all children may take. */
	readonly atMostSeconds: number;
}

const CHILDREN = [
	["apps/v1", "Deployment"],
	["v1", "Service"],
] as const;
/** What else is left when an object is gone: nobody collects garbage here. */
const LEFTOVERS = [...CHILDREN, ["policy/v1", "PodDisruptionBudget"]] as const;

export const compared = async (
	all: readonly Contestant[],
	extent: Extent,
	progress: Progress,
): Promise<readonly Measured[]> => {
	const bare = await startBareCluster();
	const found: Measured[] = [];
	try {
		for (const [index, contestant] of all.entries()) {
			const each = await measured(bare, contestant, `turn-${index}`, extent);
			found.push(each);
			progress(
				`${each.title}: ${figure(each.seconds ?? Number.NaN)} s, ${figure(each.requests)} requests for each of ${each.count}`,
			);
		}
	} finally {
		await bare.stop();
	}
	return found;
};

const measured = async (
	bare: BareCluster,
	{ title, start }: Contestant,
	namespace: string,
	{ count, restSeconds, atMostSeconds }: Extent,
): Promise<Measured> => {
	const { cluster } = bare;
	const idle = bare.cpuSeconds();
	const running = await start(cluster);
	const objects = Array.from({ length: count + 1 }, (_, index) => running.object(`it-${index}`, namespace));
	const [first, ...others] = objects;
	try {
		await ensureNamespaces(cluster.store, [namespace]);
		const exist = (least: number) => async () => {
			for (const [apiVersion, kind] of CHILDREN)
				if ((await listed(cluster, apiVersion, kind, namespace)).length < least) return false;
			return true;
		};
		// Until it has started itself, and its code is warm.
		await createAll(cluster, first === undefined ? [] : [first]);
		await secondsUntil(exist(1), performance.now(), performance.now() + 60_000);
		await untilQuiet(bare);
		const before = { requests: await bare.requests(), cpu: bare.cpuSeconds() };
		const began = performance.now();
		const creating = createAll(cluster, others);
		const seconds = await secondsUntil(exist(count + 1), began, began + atMostSeconds * 1000);
		await creating;
		await untilQuiet(bare);
		const after = { requests: await bare.requests(), cpu: bare.cpuSeconds() };
		await pause(restSeconds * 1000);
		const rested = { requests: await bare.requests(), cpu: bare.cpuSeconds() };
		const minutes = restSeconds / 60;
		return {
			title,
			count,
			seconds,
			requests: (after.requests - before.requests) / count,
			startSeconds: before.cpu.operator - idle.operator,
			cpu: {
				operator: after.cpu.operator - before.cpu.operator,
				apiServer: after.cpu.apiServer - before.cpu.apiServer,
				metacontroller: after.cpu.metacontroller - before.cpu.metacontroller,
			},
			restRequests: (rested.requests - after.requests) / count / minutes,
			restCpu: (rested.cpu.operator - after.cpu.operator) / minutes,
		};
	} finally {
		await cleared(cluster, running, objects);
	}
};

const listed = async ({ informers, store }: Cluster, apiVersion: string, kind: string, namespace: string) =>
	(await informers.get(await store.resourceOf(apiVersion, kind))).list(namespace);

/** So long nothing may be asked of the API server for it to be quiet, within a minute. */
const QUIET_SECONDS = 3;

const untilQuiet = async (bare: BareCluster): Promise<void> => {
	let last = await bare.requests();
	for (let quiet = 0, waited = 0; quiet < QUIET_SECONDS && waited < 60; waited += 1) {
		await pause(1000);
		const now = await bare.requests();
		quiet = now === last ? quiet + 1 : 0;
		last = now;
	}
};

/** The objects go while their operator runs, which may hold them, and what is left of them after it was stopped. */
const cleared = async (cluster: Cluster, running: Running, objects: readonly KubeObject[]): Promise<void> => {
	const { store } = cluster;
	const namespace = objects[0]?.metadata.namespace ?? "";
	for (const { apiVersion, kind, metadata } of objects)
		await store.delete(await store.resourceOf(apiVersion, kind), namespace, metadata.name);
	for (const { apiVersion, kind } of objects.slice(0, 1))
		await eventually(async () => {
			const { items } = await store.list(await store.resourceOf(apiVersion, kind), namespace);
			if (items.length > 0) throw new Error(`${items.length} objects are still there`);
		}, 120);
	await running.stop();
	for (const [apiVersion, kind] of LEFTOVERS) {
		const resource = await store.resourceOf(apiVersion, kind);
		const { items } = await store.list(resource, namespace);
		for (const { metadata } of items) await store.delete(resource, namespace, metadata.name);
	}
};

// ── Telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const ratio = (ours: number | undefined, theirs: number | undefined): string =>
	ours === undefined || theirs === undefined ? "–" : figure(ours / theirs);

const isAtMost = (ours: number | undefined, theirs: number | undefined, times: number): boolean | undefined =>
	ours === undefined || theirs === undefined ? undefined : ours <= times * theirs;

const summary = ([floor, ours, _unwatched, ...others]: readonly Measured[]): string =>
	goals([
		{
			what: "requests to the API server for each object, its creation included",
			measured: figure(ours?.requests ?? Number.NaN),
			goal: "at most 7.5",
			met: isAtMost(ours?.requests, 7.5, 1),
		},
		{
			what: "requests for each object in a minute at rest, while its pods are awaited",
			measured: figure(ours?.restRequests ?? Number.NaN),
			goal: "0",
			met: isAtMost(ours?.restRequests, 0, 1),
		},
		{
			what: "time until all children exist, of the floor's",
			measured: ratio(ours?.seconds, floor?.seconds),
			goal: "at most 1.1",
			met: isAtMost(ours?.seconds, floor?.seconds, 1.1),
		},
		{
			what: "processor time of the operator's processes, of the floor's",
			measured: ratio(ours?.cpu.operator, floor?.cpu.operator),
			goal: "at most 1.4",
			met: isAtMost(ours?.cpu.operator, floor?.cpu.operator, 1.4),
		},
		...others.map((peer) => ({
			what: `time until all children exist, of that of ${peer.title}`,
			measured: ratio(ours?.seconds, peer.seconds),
			goal: "at most 1",
			met: isAtMost(ours?.seconds, peer.seconds, 1),
		})),
	]);

const tableOf = (found: readonly Measured[]): string =>
	table(
		[
			{ title: "", of: ({ title }: Measured) => title },
			{ title: "objects", of: ({ count }) => count.toLocaleString("en-US"), right: true },
			{ title: "children exist s", of: ({ seconds }) => figure(seconds ?? Number.NaN), right: true },
			{ title: "requests each", of: ({ requests }) => figure(requests), right: true },
			{ title: "CPU s", of: ({ cpu }) => figure(cpu.operator), right: true },
			{ title: "of Metacontroller", of: ({ cpu }) => figure(cpu.metacontroller), right: true },
			{ title: "of the API server", of: ({ cpu }) => figure(cpu.apiServer), right: true },
			{ title: "to start", of: ({ startSeconds }) => figure(startSeconds), right: true },
			{ title: "a minute at rest: requests each", of: ({ restRequests }) => figure(restRequests), right: true },
			{ title: "CPU s", of: ({ restCpu }) => figure(restCpu), right: true },
		],
		found,
	);

export const peers: Part = {
	name: "peers",
	run: async (progress) => {
		const { METACONTROLLER = "", PEER = "", KRO = "", PEERS = "300", PEERS_REST = "60" } = process.env;
		const found = await compared(
			contestants({ metacontroller: METACONTROLLER, peer: PEER, kro: KRO }),
			{ count: Number(PEERS), restSeconds: Number(PEERS_REST), atMostSeconds: 600 },
			progress,
		);
		return [summary(found), tableOf(found)].join("\n\n");
	},
};
