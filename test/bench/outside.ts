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
/** Many short ones, in turns: the machine is not equally fast all the time. */
const TURNS = 12;
const TURN_MS = 750;
/** The measuring begins so long before a proxy that hangs can be noticed. */
const UNNOTICED_MS = 2000;
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

/** Syncs per second of the two setups. */
interface Both {
	readonly well: number;
	readonly hanging: number;
}

interface Found extends Both {
	readonly workers: number;
	/** How fast the second was beside the first while nothing hung: no two processes are equally fast. */
	readonly alike: number;
}

const NONE: Both = { well: Number.NaN, hanging: Number.NaN };

const shareOf = ({ well, hanging, alike }: Found): number => hanging / well / alike;

export const outside: Part = {
	name: "outside",
	run: async (progress) => {
		const options = { count: NAMESPACES, fresh: 0, shards: SHARDS, replicas: 1 };
		const [well, hanging] = [await rigged(options, 1, 20), await rigged(options, 1, 20)];
		const found: Found[] = [];
		const both = async (workers: number): Promise<Both> => {
			const turns: { readonly well: Turn; readonly hanging: Turn }[] = [];
			for (let count = 0; count < TURNS; count += 1)
				turns.push({ well: await turn(well, workers), hanging: await turn(hanging, workers) });
			return { well: rateOf(turns.map((each) => each.well)), hanging: rateOf(turns.map((each) => each.hanging)) };
		};
		try {
			for (const rig of [well, hanging]) await turn(rig, 5);
			const before = new Map<number, Both>();
			for (const workers of WORKERS) before.set(workers, await both(workers));
			await countsOf(hanging.proxies, { hang: [addressOf(SUFFERS, 0)] });
			// Until then nobody notices: what was read of it is believed.
			const noticed = performance.now() + TIMING.listingMaxAgeMs - UNNOTICED_MS;
			while (performance.now() < noticed) await turn(hanging, 5);
			for (const workers of WORKERS) {
				const { well: wellBefore, hanging: hangingBefore } = before.get(workers) ?? NONE;
				const each = { workers, alike: hangingBefore / wellBefore, ...(await both(workers)) };
				found.push(each);
				progress(
					`${workers} workers: ${figure(each.well)} syncs/s of the others, ${figure(each.hanging)} while one proxy hangs (${percent(shareOf(each))})`,
				);
			}
		} finally {
			await dismantled(well);
			await dismantled(hanging);
		}
		const worst = Math.min(...found.map(shareOf));
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
					{ title: "of the same, before", of: ({ alike }) => percent(alike), right: true },
					{ title: "share", of: (each) => percent(shareOf(each)), right: true },
				],
				found,
			),
		].join("\n\n");
	},
};
