import { Pool } from "undici";
import { canonicalJson, isRecord } from "../../kube/object.ts";
import { type Served, startServed } from "./children.ts";
import type { Counts, Given, ToProxies } from "./growth-proxies.ts";
import { createWorld, type Tenant, type World, type WorldOptions } from "./growth-world.ts";

// Replicas of the operator, the proxies that they speak to, and this process in Metacontroller's place.

/** What Node makes of the chart's limit of 512 MiB: half of it is heap. On a whole machine it would take gigabytes. */
const HEAP = "--max-old-space-size=256 --max-semi-space-size=8";
/** Calls under way to each replica. */
const WORKERS = 8;

export interface Rig {
	readonly world: World;
	readonly hooks: readonly Served[];
	readonly pools: readonly Pool[];
	readonly proxies: Served;
}

// ── Metacontroller's part ───────────────────────────────────────────────────────────────────────────────────────────

interface Outcome {
	/** The status is another: Metacontroller would write it. */
	readonly written: boolean;
	readonly bytes: number;
}

export const synced = async ({ world }: Rig, pool: Pool, tenant: Tenant): Promise<Outcome> => {
	const body = world.body(tenant);
	for (;;) {
		const {
			statusCode,
			headers,
			body: answer,
		} = await pool.request({
			method: "POST",
			path: "/prismnamespace/sync",
			headers: { "content-type": "application/json" },
			body,
		});
		const text = await answer.text();
		if (statusCode === 429) {
			await new Promise((resolve) => void setTimeout(resolve, Number(headers["retry-after"] ?? 1) * 1000));
			continue;
		}
		if (statusCode !== 200) throw new Error(`a hook answered ${statusCode}: ${text}`);
		const response: unknown = JSON.parse(text);
		if (!isRecord(response)) throw new Error("a hook answered no object");
		const before = tenant.status;
		const status = JSON.stringify(response["status"]);
		const written =
			before === undefined ||
			(before !== status && canonicalJson(JSON.parse(before)) !== canonicalJson(response["status"]));
		if (written) tenant.status = status;
		return { written, bytes: body.length };
	}
};

export interface Round {
	readonly seconds: number;
	readonly writes: number;
	readonly meanBytes: number;
	readonly cpuMs: number;
	readonly counts: Counts;
}

export const countsOf = async (proxies: Served, message: ToProxies = { counts: true }): Promise<Counts> =>
	(await proxies.next(message)) as Counts;

const cpuOf = async (hooks: readonly Served[]): Promise<number> =>
	(await Promise.all(hooks.map((each) => each.cost()))).reduce((sum, { cpuMs }) => sum + cpuMs, 0);

/** One sync of each of these, by all replicas. */
export const round = async (rig: Rig, tenants: readonly Tenant[]): Promise<Round> => {
	await countsOf(rig.proxies);
	const cpu = await cpuOf(rig.hooks);
	const queue = shuffled(tenants)[Symbol.iterator]();
	let [writes, bytes] = [0, 0];
	const began = performance.now();
	const work = async (pool: Pool) => {
		for (const tenant of queue) {
			const outcome = await synced(rig, pool, tenant);
			if (outcome.written) writes += 1;
			bytes += outcome.bytes;
		}
	};
	await Promise.all(rig.pools.flatMap((pool) => Array.from({ length: WORKERS }, () => work(pool))));
	return {
		seconds: (performance.now() - began) / 1000,
		writes,
		meanBytes: bytes / Math.max(1, tenants.length),
		cpuMs: (await cpuOf(rig.hooks)) - cpu,
		counts: await countsOf(rig.proxies),
	};
};

/** In an order that is the same each time, and no order of the names. */
const shuffled = <Item>(items: readonly Item[]): Item[] => {
	const mixed = [...items];
	let seed = 1;
	for (let index = mixed.length - 1; index > 0; index -= 1) {
		seed = (seed * 48_271) % 2_147_483_647;
		const other = seed % (index + 1);
		const [one, two] = [mixed[index], mixed[other]];
		if (one !== undefined && two !== undefined) [mixed[index], mixed[other]] = [two, one];
	}
	return mixed;
};

// ── Setting up ──────────────────────────────────────────────────────────────────────────────────────────────────────

const CHUNK = 20_000;

export const rigged = async (options: WorldOptions, replicas: number, workers = WORKERS): Promise<Rig> => {
	const world = createWorld(options);
	const proxies = await startServed("./growth-proxies.ts");
	for (let from = 0; from < world.given.length; from += CHUNK) {
		const given: readonly Given[] = world.given.slice(from, from + CHUNK);
		await countsOf(proxies, { given });
	}
	const environment = { PROXIES: `127.0.0.1:${proxies.port}`, NODE_OPTIONS: HEAP };
	const hooks = await Promise.all(
		Array.from({ length: replicas }, () => startServed("./growth-hooks.ts", environment)),
	);
	return { world, hooks, pools: hooks.map(({ url }) => new Pool(url, { connections: workers })), proxies };
};

export const dismantled = async ({ hooks, pools, proxies }: Rig): Promise<void> => {
	await Promise.all(pools.map((pool) => pool.destroy()));
	await Promise.all([...hooks, proxies].map((each) => each.stop()));
};
