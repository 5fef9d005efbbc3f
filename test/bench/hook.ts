import { startServed } from "./children.ts";
import { compared, inTurns, type Load, median } from "./measure.ts";
import type { Part } from "./part.ts";
import { type BenchCall, benchCalls, isAtRest } from "./requests.ts";
import { type Column, figure, kib, percent, table } from "./table.ts";

// One hook: its pure function beside the JSON around it, and the server beside the barest one that does the same work.

interface Found {
	readonly call: BenchCall;
	readonly bytes: number;
	readonly jsonUs: number;
	readonly pureUs: number;
	readonly floor: Load;
	readonly ours: Load;
}

const PURE_MS = 500;
const WARM_SECONDS = 0.5;
const SHOT_SECONDS = 0.5;
const TURNS = 3;
/** As many as Metacontroller has workers, unless told otherwise. */
const CONNECTIONS = 5;

const NONE: Load = { perSecond: Number.NaN, p50Ms: Number.NaN, p99Ms: Number.NaN, cpuUs: Number.NaN };

const pureTimes = ({ size, body, compute }: BenchCall): Pick<Found, "jsonUs" | "pureUs"> => {
	const request: unknown = JSON.parse(body);
	const answer = compute(request);
	if (size !== "recorded" && !isAtRest(answer)) throw new Error("the benchmark's own object is not at rest");
	const json = () => {
		JSON.parse(body);
		JSON.stringify(answer);
	};
	const [jsonUs = 0, pureUs = 0] = inTurns([json, () => compute(request)], PURE_MS);
	return { jsonUs, pureUs };
};

const COLUMNS: readonly Column<Found>[] = [
	{ title: "kind", of: ({ call }) => call.kind },
	{ title: "request", of: ({ call }) => `${call.size}: ${call.title}` },
	{ title: "KiB", of: ({ bytes }) => kib(bytes), right: true },
	{ title: "JSON µs", of: ({ jsonUs }) => figure(jsonUs), right: true },
	{ title: "hook µs", of: ({ pureUs }) => figure(pureUs), right: true },
	{ title: "hook/JSON", of: ({ pureUs, jsonUs }) => percent(pureUs / jsonUs), right: true },
	{ title: "floor/s", of: ({ floor }) => figure(floor.perSecond), right: true },
	{ title: "ours/s", of: ({ ours }) => figure(ours.perSecond), right: true },
	{ title: "ours/floor", of: ({ ours, floor }) => percent(ours.perSecond / floor.perSecond), right: true },
	{ title: "CPU µs, floor", of: ({ floor }) => figure(floor.cpuUs), right: true },
	{ title: "ours", of: ({ ours }) => figure(ours.cpuUs), right: true },
	{ title: "p50 ms, floor", of: ({ floor }) => figure(floor.p50Ms), right: true },
	{ title: "ours", of: ({ ours }) => figure(ours.p50Ms), right: true },
	{ title: "p99 ms, floor", of: ({ floor }) => figure(floor.p99Ms), right: true },
	{ title: "ours", of: ({ ours }) => figure(ours.p99Ms), right: true },
];

/** The median of all requests, and the extremes. */
const summary = (found: readonly Found[]): string => {
	const span = (of: (each: Found) => number) => {
		const ratios = found.map(of);
		return `${percent(median(ratios))} (${percent(Math.min(...ratios))} to ${percent(Math.max(...ratios))})`;
	};
	return [
		`The operator's server answers ${span(({ ours, floor }) => ours.perSecond / floor.perSecond)} of the floor's requests per second.`,
		`The floor needs ${span(({ ours, floor }) => floor.cpuUs / ours.cpuUs)} of the processor time that the operator's server needs.`,
	].join("\n");
};

export const hook: Part = {
	name: "hook",
	run: async (progress) => {
		const [floor, ours] = await Promise.all([startServed("./floor.ts"), startServed("./subject.ts")]);
		const found: Found[] = [];
		try {
			for (const call of benchCalls()) {
				const shot = { path: call.path, body: call.body, connections: CONNECTIONS };
				const times = pureTimes(call);
				await floor.next(call.name);
				await ours.next(call.name);
				await compared([floor, ours], { ...shot, seconds: WARM_SECONDS }, 1);
				const [one = NONE, other = NONE] = await compared([floor, ours], { ...shot, seconds: SHOT_SECONDS }, TURNS);
				const each = { call, bytes: Buffer.byteLength(call.body), ...times, floor: one, ours: other };
				found.push(each);
				progress(
					`${call.name}: hook/JSON ${percent(each.pureUs / each.jsonUs)}, ${figure(other.perSecond)} of ${figure(one.perSecond)} requests/s (${percent(other.perSecond / one.perSecond)})`,
				);
			}
		} finally {
			await floor.stop();
			await ours.stop();
		}
		return [summary(found), table(COLUMNS, found)].join("\n\n");
	},
};
