import { ShardWorld } from "../hooks/prismshard-world.ts";
import { type ChartPoint, drawn } from "./chart.ts";
import { dismantled, type Rig, type Round, rigged, round } from "./growth-rig.ts";
import { MATCHING, PER_SHARD, REPLICAS } from "./growth-world.ts";
import { median } from "./measure.ts";
import type { Part, Progress } from "./part.ts";
import { figure, goals, kib, mib, table } from "./table.ts";

// How the cost grows with the number of namespaces: two replicas of the operator, a thousand proxies on a real wire, and
// this process in Metacontroller's place, which sends the bodies that it would send.

const COUNTS = (process.env["GROWTH"] ?? "1000,10000,100000").split(",").map(Number);
const HOOKS = 2;
/** Of those that are new, so many are provisioned over the wire. */
const FRESH = 2000;

const RESYNC_SECONDS = 60;
const MEMORY_BYTES = 256 * 1024 * 1024;

// ── What is measured ────────────────────────────────────────────────────────────────────────────────────────────────

interface Found {
	readonly count: number;
	readonly shards: number;
	/** Until all that were new are Ready. */
	readonly provisioning: Round & { readonly namespaces: number; readonly syncs: number };
	readonly resync: Round;
	readonly rssBytes: number;
	readonly loss: Round & { readonly syncs: number };
	readonly comeback: Round & { readonly syncs: number };
}

/** Syncs of the new ones, each as often as it takes. */
const provisioned = async (rig: Rig): Promise<Found["provisioning"]> => {
	const fresh = rig.world.tenants.filter(({ status }) => status === undefined);
	let pending = fresh;
	let total: Found["provisioning"] | undefined;
	for (let turn = 0; pending.length > 0; turn += 1) {
		if (turn === 10) throw new Error(`${pending.length} namespaces do not come to rest`);
		const next = await round(rig, pending);
		total = { ...added(total, next), namespaces: fresh.length, syncs: (total?.syncs ?? 0) + pending.length };
		// Those that wrote something are looked at again, as Metacontroller does.
		pending = next.writes === 0 ? [] : fresh;
	}
	if (total === undefined) throw new Error("there are no new namespaces");
	return total;
};

const added = (one: Round | undefined, other: Round): Round =>
	one === undefined
		? other
		: {
				seconds: one.seconds + other.seconds,
				writes: one.writes + other.writes,
				meanBytes: other.meanBytes,
				cpuMs: one.cpuMs + other.cpuMs,
				counts: {
					listings: one.counts.listings + other.counts.listings,
					readBacks: one.counts.readBacks + other.counts.readBacks,
					assignments: one.counts.assignments + other.counts.assignments,
					changes: one.counts.changes + other.counts.changes,
				},
			};

const SHARD_THAT_SUFFERS = 1;
/** Syncs after which a replica's code is warm. */
const WARM = 300;

const measured = async (count: number, progress: Progress): Promise<Found> => {
	progress(`${count.toLocaleString("en-US")} namespaces: seeding`);
	const fresh = Math.min(FRESH, count / 10);
	const rig = await rigged({ count: count + fresh, fresh, shards: Math.ceil(count / PER_SHARD) }, HOOKS);
	try {
		const { world } = rig;
		const settled = world.tenants.filter(({ status }) => status !== undefined);
		progress(`${world.shards} shards of ${REPLICAS}; a full resync`);
		await round(rig, settled.slice(0, WARM));
		const resync = await round(rig, settled);
		progress(
			`all synced in ${figure(resync.seconds)} s, ${resync.writes} writes, ${resync.counts.listings} listings, ${kib(resync.meanBytes)} KiB each, ${figure((resync.cpuMs * 1000) / count)} µs of CPU each`,
		);
		const provisioning = await provisioned(rig);
		progress(
			`${provisioning.namespaces} provisioned in ${figure(provisioning.seconds)} s by ${provisioning.syncs} syncs, ${provisioning.counts.changes} calls that changed something`,
		);
		const syncsOf = async (ready: boolean) => {
			const woken = world.setReady(SHARD_THAT_SUFFERS, 0, ready);
			return { ...(await round(rig, woken)), syncs: woken.length };
		};
		const loss = await syncsOf(false);
		const comeback = await syncsOf(true);
		progress(`an instance was lost: ${loss.syncs} syncs, ${loss.writes} writes; came back: ${comeback.writes} writes`);
		const costs = await Promise.all(rig.hooks.map((each) => each.cost()));
		const rssBytes = Math.max(...costs.map(({ mostRssBytes }) => mostRssBytes));
		progress(`the larger hook process took ${mib(rssBytes)} MiB at the most`);
		return { count, shards: world.shards, provisioning, resync, rssBytes, loss, comeback };
	} finally {
		await dismantled(rig);
	}
};

/** What a shard writes when its instances tell other figures: a roster that is written wakes all namespaces that match. */
const writesOnMetrics = (): ReadonlyMap<string, number> => {
	const shard = new ShardWorld({ backends: ["postgres"], replicas: REPLICAS });
	shard.settle();
	shard.pass(120);
	shard.writes.clear();
	for (let instance = 0; instance < REPLICAS; instance += 1)
		shard.tell(`prism-it-${instance}`, { metrics: { requestsPerSecond: 9876, p99LatencyMs: 54.3 } });
	shard.sync();
	return shard.writes;
};

// ── Telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const perInstanceAndMinute = ({ counts, seconds }: Round, shards: number): number =>
	counts.listings / HOOKS / (shards * REPLICAS) / Math.max(1, seconds / 60);

const summary = (found: Found): string => {
	const { count, shards, provisioning, resync, loss, comeback, rssBytes } = found;
	const metrics = writesOnMetrics();
	const wakes = (metrics.get("PrismRoster") ?? 0) * MATCHING * PER_SHARD;
	const changing = provisioning.counts.changes / provisioning.namespaces / REPLICAS;
	const listings = perInstanceAndMinute(resync, shards);
	return goals([
		{
			what: `full resync of ${count.toLocaleString("en-US")}, ${HOOKS} replicas`,
			measured: `${figure(resync.seconds)} s`,
			goal: `under ${RESYNC_SECONDS} s`,
			met: resync.seconds < RESYNC_SECONDS,
		},
		{ what: "writes when nothing changes", measured: String(resync.writes), goal: "0", met: resync.writes === 0 },
		{
			what: "syncs of namespaces caused by a shard's metrics",
			measured: `${wakes} (the shard writes its status ${metrics.get("status") ?? 0} time)`,
			goal: "0",
			met: wakes === 0,
		},
		{
			what: "calls of an instance that change something, per new namespace",
			measured: String(changing),
			goal: "exactly 1",
			met: changing === 1,
		},
		{
			what: "calls of it that change nothing, per new namespace",
			measured: figure(
				(provisioning.counts.assignments - provisioning.counts.changes) / provisioning.namespaces / REPLICAS,
			),
			goal: "0",
			met: provisioning.counts.assignments === provisioning.counts.changes,
		},
		{
			what: "listings per instance, replica and minute, while all is synced",
			measured: figure(listings),
			goal: "at most 6",
			met: listings <= 6,
		},
		{
			what: "memory of a hook process, at the most",
			measured: `${mib(rssBytes)} MiB`,
			goal: `under ${mib(MEMORY_BYTES)} MiB`,
			met: rssBytes < MEMORY_BYTES,
		},
		{
			what: "an instance is lost: syncs, writes, calls that change something",
			measured: `${loss.syncs}, ${loss.writes}, ${loss.counts.changes}`,
			goal: "",
			met: undefined,
		},
		{
			what: "it comes back: syncs, writes, calls that change something",
			measured: `${comeback.syncs}, ${comeback.writes}, ${comeback.counts.changes}`,
			goal: "",
			met: undefined,
		},
	]);
};

const CPU_US = ({ resync, count }: Found): number => (resync.cpuMs * 1000) / count;

export const growth: Part = {
	name: "growth",
	run: async (progress) => {
		const found: Found[] = [];
		for (const count of COUNTS) found.push(await measured(count, progress));
		const points: ChartPoint[] = found.map((each) => ({ count: each.count, value: CPU_US(each) }));
		drawn("growth", { "hook: µs of CPU per sync of a namespace": points });
		const largest = found.at(-1);
		return [
			largest === undefined ? "" : summary(largest),
			table(
				[
					{ title: "namespaces", of: ({ count }: Found) => count.toLocaleString("en-US"), right: true },
					{ title: "shards", of: ({ shards }) => String(shards), right: true },
					{ title: "body KiB", of: ({ resync }) => kib(resync.meanBytes), right: true },
					{ title: "resync s", of: ({ resync }) => figure(resync.seconds), right: true },
					{ title: "syncs/s", of: ({ resync, count }) => figure(count / resync.seconds), right: true },
					{ title: "CPU µs/sync", of: (each) => figure(CPU_US(each)), right: true },
					{ title: "writes", of: ({ resync }) => String(resync.writes), right: true },
					{ title: "listings", of: ({ resync }) => figure(resync.counts.listings), right: true },
					{
						title: "provisioned/s",
						of: ({ provisioning }) => figure(provisioning.namespaces / provisioning.seconds),
						right: true,
					},
					{ title: "hook MiB", of: ({ rssBytes }) => mib(rssBytes), right: true },
				],
				found,
			),
			`From one size to the next, the processor time of a sync becomes ${figure(growthOf(found))} times as much.`,
		].join("\n\n");
	},
};

const growthOf = (found: readonly Found[]): number =>
	median(found.slice(1).map((each, index) => CPU_US(each) / CPU_US(found[index] ?? each)));
