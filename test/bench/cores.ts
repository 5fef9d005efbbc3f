import { type Served, startServed } from "./children.ts";
import { median, shootAt } from "./measure.ts";
import type { Part } from "./part.ts";
import { callNamed } from "./requests.ts";
import { figure, percent, table } from "./table.ts";

// What a second core is worth: one process, two that share nothing but their callers (replicas), and node:cluster.

const CALL = "PrismStack, usual: 10 patterns";
const CONNECTIONS = 8;
const SECONDS = 2;
const TURNS = 2;

interface Way {
	readonly title: string;
	readonly servers: readonly Served[];
}

interface Found {
	readonly title: string;
	readonly perSecond: number;
	readonly p99Ms: number;
}

const measured = async ({ servers }: Way): Promise<Omit<Found, "title">> => {
	const { path, body } = callNamed(CALL);
	const connections = CONNECTIONS / servers.length;
	const loads = await Promise.all(
		servers.map((server) => shootAt(server, { path, body, connections, seconds: SECONDS })),
	);
	return {
		perSecond: loads.reduce((sum, { perSecond }) => sum + perSecond, 0),
		p99Ms: Math.max(...loads.map(({ p99Ms }) => p99Ms)),
	};
};

export const cores: Part = {
	name: "cores",
	run: async (progress) => {
		const [floorOne, floorTwo, one, two] = await Promise.all(
			["./floor.ts", "./floor.ts", "./subject.ts", "./subject.ts"].map((file) => startServed(file)),
		);
		const many = await startServed("./subject-cluster.ts");
		const all = [floorOne, floorTwo, one, two, many].filter((each) => each !== undefined);
		const ways: readonly Way[] = [
			{ title: "1 process", servers: all.slice(2, 3) },
			{ title: "2 processes (replicas)", servers: all.slice(2, 4) },
			{ title: "node:cluster of 2", servers: all.slice(4) },
			{ title: "the floor: 1 process", servers: all.slice(0, 1) },
			{ title: "the floor: 2 processes", servers: all.slice(0, 2) },
		];
		const rounds = new Map<string, Omit<Found, "title">[]>();
		try {
			for (const server of all) await server.next(CALL);
			for (const way of ways) await measured(way);
			for (let turn = 0; turn < TURNS; turn += 1)
				for (const way of ways) rounds.set(way.title, [...(rounds.get(way.title) ?? []), await measured(way)]);
		} finally {
			for (const server of all) await server.stop();
		}
		const found = ways.map(({ title }): Found => {
			const own = rounds.get(title) ?? [];
			return {
				title,
				perSecond: median(own.map(({ perSecond }) => perSecond)),
				p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
			};
		});
		const baseOf = ({ title }: Found): number =>
			(title.startsWith("the floor") ? found[3] : found[0])?.perSecond ?? Number.NaN;
		for (const each of found) progress(`${each.title}: ${figure(each.perSecond)} requests/s`);
		return table(
			[
				{ title: CALL, of: ({ title }: Found) => title },
				{ title: "requests/s", of: ({ perSecond }) => figure(perSecond), right: true },
				{ title: "of one process", of: (each) => percent(each.perSecond / baseOf(each)), right: true },
				{ title: "p99 ms", of: ({ p99Ms }) => figure(p99Ms), right: true },
			],
			found,
		);
	},
};
