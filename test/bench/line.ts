import type { KubeObject } from "../../schemas/common.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { type ChartPoint, drawn } from "./chart.ts";
import { isReady, type Line, secondsUntil, startBenchLine, type Way } from "./line-cluster.ts";
import type { Part, Progress } from "./part.ts";
import { figure, goals, table } from "./table.ts";

// N objects applied to a real kube-apiserver: until every child exists, until all are Ready, until it is quiet.

const SIZES = (process.env["LINE"] ?? "100,300").split(",").map(Number);
/** A part of its own, which `make bench` leaves out: it takes the better part of an hour. */
const LONG_SIZES = (process.env["LONG"] ?? "1000,10000").split(",").map(Number);

/** What the Go operator for Prism takes for 300 pattern resources, until their Deployments and Services exist. */
const PEER = { count: 300, seconds: 19.5 };

const OURS = { workers: 20, qps: 200, burst: 400 };
const DEFAULTS = { workers: 5, qps: 5, burst: 10 };

const METACONTROLLER = process.env["METACONTROLLER"] ?? "";

const BY_STAND_IN: Way = { title: "stand-in", metacontroller: "", pace: OURS };
/** None without the real one. */
const byMetacontroller = (flags: string, pace: Way["pace"]): readonly Way[] =>
	METACONTROLLER === "" ? [] : [{ title: `Metacontroller, ${flags}`, metacontroller: METACONTROLLER, pace }];
const BY_METACONTROLLER = byMetacontroller("our flags", OURS);
const BY_DEFAULTS = byMetacontroller("its defaults", DEFAULTS);

interface Extent {
	readonly ways: readonly Way[];
	readonly sizes: readonly number[];
	/** For each of the ways; what does not fit in is said. */
	readonly seconds: number;
	/** How many there may be of what brings pods of its own: all of them are played by this process. */
	readonly mostStacks: number;
}

// ── What is applied ─────────────────────────────────────────────────────────────────────────────────────────────────

type Kind = readonly [apiVersion: string, kind: string];

interface Load {
	readonly name: "runners" | "stacks" | "namespaces";
	readonly kind: Kind;
	readonly object: (name: string, namespace: string) => KubeObject;
	/** Kinds of its children, each once per object. */
	readonly children: readonly Kind[];
	/** Has to be Ready before. */
	readonly before?: (namespace: string) => KubeObject;
	/** What one takes, in runners. */
	readonly weight: number;
	readonly bringsPods?: true;
}

const ours = (kind: string, spec: unknown) => (name: string, namespace: string) => ({
	apiVersion: API_VERSION,
	kind,
	metadata: { name, namespace },
	spec,
});

const DEPLOYMENT: Kind = ["apps/v1", "Deployment"];
const SERVICE: Kind = ["v1", "Service"];

const LOADS: readonly Load[] = [
	{
		name: "runners",
		kind: [API_VERSION, "PatternRunner"],
		object: ours("PatternRunner", { pattern: "keyvalue", backend: "memstore" }),
		children: [DEPLOYMENT, SERVICE],
		weight: 1,
	},
	{
		name: "namespaces",
		kind: [API_VERSION, "PrismNamespace"],
		object: ours("PrismNamespace", { proxyRef: { name: "shop-proxy" }, quotas: { maxKeys: 1000 } }),
		children: [],
		weight: 0.5,
		before: (namespace) => ours("PrismStack", { proxy: { replicas: 2 } })("shop", namespace),
	},
	{
		name: "stacks",
		kind: [API_VERSION, "PrismStack"],
		object: ours("PrismStack", { proxy: { replicas: 1 } }),
		children: [DEPLOYMENT, SERVICE, SERVICE, [API_VERSION, "PrismRoster"]],
		weight: 1.8,
		bringsPods: true,
	},
];

// ── Measuring ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Found {
	readonly way: Way;
	readonly load: Load;
	readonly count: number;
	readonly created: number;
	/** undefined: not within the time that there was. */
	readonly children: number | undefined;
	readonly ready: number | undefined;
	readonly quiet: number | undefined;
}

const countBy = (kinds: readonly Kind[]): readonly (readonly [Kind, number])[] =>
	[...new Set(kinds)].map((kind) => [kind, kinds.filter((other) => other === kind).length]);

const measured = async (line: Line, way: Way, load: Load, count: number, deadline: number): Promise<Found> => {
	const namespace = `${load.name}-${count}`;
	if (load.before !== undefined) {
		const first = load.before(namespace);
		await line.create([first]);
		await secondsUntil(
			async () => (await line.list(first.apiVersion, first.kind, namespace)).some(isReady),
			performance.now(),
			deadline,
		);
	}
	const objects = Array.from({ length: count }, (_, index) => load.object(`it-${index}`, namespace));
	const began = performance.now();
	const exist = async () => {
		for (const [[apiVersion, kind], each] of countBy(load.children))
			if ((await line.list(apiVersion, kind, namespace)).length < each * count) return false;
		return true;
	};
	const allReady = async () => {
		const [apiVersion, kind] = load.kind;
		return (await line.list(apiVersion, kind, namespace)).filter(isReady).length >= count;
	};
	const creating = line.create(objects);
	const [created, children, ready] = [
		await creating,
		await secondsUntil(exist, began, deadline),
		await secondsUntil(allReady, began, deadline),
	];
	const quiet =
		ready === undefined ? undefined : await line.untilQuiet([load.kind, ...load.children], namespace, began);
	return { way, load, count, created, children, ready, quiet };
};

const STARTED_SECONDS = 60;

/** What takes little comes first. */
const jobsOf = ({ sizes, mostStacks }: Extent) =>
	LOADS.flatMap((load) => sizes.map((count) => ({ load, count })))
		.filter(({ load: { bringsPods }, count }) => bringsPods !== true || count <= mostStacks)
		.toSorted((left, right) => left.count * left.load.weight - right.count * right.load.weight);

/** All that fits into the time. */
const measuredWith = async (way: Way, extent: Extent, progress: Progress): Promise<Found[]> => {
	const seconds = secondsWithin(extent);
	progress(`${way.title}: starting a cluster`);
	const bench = await startBenchLine(way);
	const found: Found[] = [];
	try {
		// Until Metacontroller itself has started, and everybody's code is warm.
		for (const load of LOADS) await measured(bench, way, load, 1, performance.now() + STARTED_SECONDS * 1000);
		const deadline = performance.now() + extent.seconds * 1000;
		for (const { load, count } of jobsOf(extent)) {
			// What is three times as much takes three times as long, and would not be ready in time.
			const secondsOfOne = found.map((each) => (each.quiet ?? extent.seconds) / each.count / each.load.weight);
			const expected = Math.max(0, ...secondsOfOne) * count * load.weight;
			if (performance.now() + expected * 1000 > deadline) {
				progress(`${way.title}: ${count} ${load.name}: no time left`);
				continue;
			}
			const each = await measured(bench, way, load, count, deadline);
			found.push(each);
			progress(
				`${way.title}: ${count} ${load.name}: created in ${seconds(each.created)}, children after ${seconds(each.children)}, Ready after ${seconds(each.ready)}, quiet after ${seconds(each.quiet)}`,
			);
		}
	} finally {
		await bench.stop();
	}
	return found;
};

// ── Telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const secondsWithin =
	({ seconds }: Extent) =>
	(value: number | undefined): string =>
		value === undefined ? `more than ${seconds} s` : `${figure(value)} s`;

const summary = (found: readonly Found[], extent: Extent): string => {
	const peers = found.filter(({ load, count }) => load.name === "runners" && count === PEER.count);
	if (peers.length === 0) return `No figure for ${PEER.count} runners: the peer's ${PEER.seconds} s stand alone.`;
	return goals(
		peers.map(({ way, children }) => ({
			what: `${PEER.count} runners until their Deployments and Services exist: ${way.title}`,
			measured: secondsWithin(extent)(children),
			goal: `under ${PEER.seconds} s, the peer's`,
			met: children !== undefined && children < PEER.seconds,
		})),
	);
};

const tableOf = (found: readonly Found[], extent: Extent): string => {
	const seconds = secondsWithin(extent);
	return table(
		[
			{ title: "by", of: ({ way }: Found) => way.title },
			{ title: "objects", of: ({ load, count }) => `${count.toLocaleString("en-US")} ${load.name}` },
			{ title: "created s", of: ({ created }) => figure(created), right: true },
			{
				title: "children exist s",
				of: ({ load, children }) => (load.children.length === 0 ? "" : seconds(children)),
				right: true,
			},
			{ title: "all Ready s", of: ({ ready }) => seconds(ready), right: true },
			{ title: "quiet s", of: ({ quiet }) => (quiet === undefined ? "" : seconds(quiet)), right: true },
			{
				title: "ms each",
				of: ({ ready, count }) => (ready === undefined ? "" : figure((1000 * ready) / count)),
				right: true,
			},
		],
		found,
	);
};

const measuredAll = async (part: string, extent: Extent, progress: Progress): Promise<Found[]> => {
	const found: Found[] = [];
	for (const way of extent.ways) found.push(...(await measuredWith(way, extent, progress)));
	const pointsOf = ({ title }: Way): ChartPoint[] =>
		found
			.filter(({ way, load }) => way.title === title && load.name === "runners")
			.flatMap(({ count, ready }) => (ready === undefined ? [] : [{ count, value: (1000 * ready) / count }]));
	drawn(part, Object.fromEntries(extent.ways.map((way) => [`runner: ms until Ready, ${way.title}`, pointsOf(way)])));
	return found;
};

export const line: Part = {
	name: "line",
	run: async (progress) => {
		const ways = [BY_STAND_IN, ...BY_METACONTROLLER, ...BY_DEFAULTS];
		const seconds = Number(process.env["LINE_SECONDS"] ?? (ways.length === 1 ? 150 : 90));
		const extent: Extent = { ways, sizes: SIZES, seconds, mostStacks: 100 };
		const found = await measuredAll("line", extent, progress);
		return [summary(found, extent), tableOf(found, extent)].join("\n\n");
	},
};

/** The same for sizes that take long. */
export const long: Part = {
	name: "long",
	run: async (progress) => {
		const seconds = Number(process.env["LONG_SECONDS"] ?? 1800);
		const extent: Extent = { ways: [BY_STAND_IN, ...BY_METACONTROLLER], sizes: LONG_SIZES, seconds, mostStacks: 1000 };
		return tableOf(await measuredAll("long", extent, progress), extent);
	},
};
