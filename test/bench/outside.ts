import { setTimeout as sleep } from "node:timers/promises";
import { TIMING } from "../../server/admin/timing.ts";
import { countsOf, dismantled, type Rig, rigged, synced } from "./growth-rig.ts";
import { addressOf, type Tenant } from "./growth-world.ts";
import type { Part } from "./part.ts";
import { figure, goals, percent, table } from "./table.ts";

// One of ten proxies accepts calls and never answers. Namespaces of the other nine must hardly notice.

const SHARDS = 10;
const NAMESPACES = 1000;
const SUFFERS = 3;
/** Of Metacontroller: its own default, and what our chart sets. */
const WORKERS = [5, 20];
const TURNS = 12;
const TURN_MS = 1500;
const GOAL = 0.9;

interface Turn {
	/** Syncs of namespaces that have nothing to do with the shard that suffers, while all are synced one after the other. */
	readonly done: number;
	readonly seconds: number;
}

const turn = async (rig: Rig, workers: number): Promise<Turn> => {
	const [pool] = rig.pools;
	if (pool === undefined) throw new Error("there is no replica");
	const end = performance.now() + TURN_MS;
	const { tenants } = rig.world;
	let [next, done] = [0, 0];
	const work = async () => {
		while (performance.now() < end) {
			const tenant = tenants[(next++ * 7919) % tenants.length] as Tenant;
			await synced(rig, pool, tenant);
			if (tenant.home !== SUFFERS) done += 1;
		}
	};
	const began = performance.now();
	await Promise.all(Array.from({ length: workers }, work));
	return { done, seconds: (performance.now() - began) / 1000 };
};

/** Of all turns together: a median would leave out the moment in which the first callers wait. */
const rateOf = (turns: readonly Turn[]): number =>
	turns.reduce((sum, { done }) => sum + done, 0) / turns.reduce((sum, { seconds }) => sum + seconds, 0);

interface Found {
	readonly workers: number;
	readonly well: number;
	readonly hanging: number;
}

export const outside: Part = {
	name: "outside",
	run: async (progress) => {
		const options = { count: NAMESPACES, fresh: 0, shards: SHARDS, replicas: 1 };
		const [well, hanging] = [await rigged(options, 1, 20), await rigged(options, 1, 20)];
		const found: Found[] = [];
		try {
			for (const rig of [well, hanging]) await turn(rig, 5);
			await countsOf(hanging.proxies, { hang: [addressOf(SUFFERS, 0)] });
			// Until then nobody would notice: what was read of it is believed.
			await sleep(TIMING.listingMaxAgeMs);
			for (const workers of WORKERS) {
				const turns: { readonly well: Turn; readonly hanging: Turn }[] = [];
				for (let count = 0; count < TURNS; count += 1)
					turns.push({ well: await turn(well, workers), hanging: await turn(hanging, workers) });
				const each = {
					workers,
					well: rateOf(turns.map((both) => both.well)),
					hanging: rateOf(turns.map((both) => both.hanging)),
				};
				found.push(each);
				progress(
					`${workers} workers: ${figure(each.well)} syncs/s of the others, ${figure(each.hanging)} while one proxy hangs (${percent(each.hanging / each.well)})`,
				);
			}
		} finally {
			await dismantled(well);
			await dismantled(hanging);
		}
		const worst = Math.min(...found.map((each) => each.hanging / each.well));
		return [
			goals([
				{
					what: "throughput of the other nine's namespaces",
					measured: percent(worst),
					goal: `at least ${percent(GOAL)}`,
					met: worst >= GOAL,
				},
			]),
			table(
				[
					{ title: "workers", of: ({ workers }: Found) => String(workers), right: true },
					{ title: "all well: syncs/s", of: (each) => figure(each.well), right: true },
					{ title: "one hangs: syncs/s", of: (each) => figure(each.hanging), right: true },
					{ title: "share", of: (each) => percent(each.hanging / each.well), right: true },
				],
				found,
			),
		].join("\n\n");
	},
};
