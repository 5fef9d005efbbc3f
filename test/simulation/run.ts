import type { Dialect } from "../../devcluster/proxy/faults.ts";
import { REGISTRY } from "../../hooks/index.ts";
import type { Row } from "../../kube/hook.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { createChance } from "./chance.ts";
import { HOLDING, isComparable, startCircumstance } from "./circumstances.ts";
import { startUsers, type Users } from "./deeds.ts";
import { differences, type Essence, essenceOf } from "./essence.ts";
import { CANARY, createLaws, type Laws } from "./laws.ts";
import { keepPast, type Past } from "./past.ts";
import { type Circumstance, HISTORY_SECONDS, type Plan } from "./plan.ts";
import { heal, startTroubles } from "./troubles.ts";
import { conditionsOf, OUT_OF_REACH, orphans, readyUnseen, saysReady, waitingInVain } from "./truth.ts";
import { createWorld, START, servedResources, type World } from "./world.ts";

// One plan, played twice: without the trouble, and with it. Whatever went wrong, both must end alike.

export interface Outcome {
	/** What must not be; empty: all is well. */
	readonly findings: readonly string[];
	readonly counts: Counts;
}

export interface Counts {
	/** Moments at which something happened, in both. */
	moments: number;
	hookCalls: number;
	writes: number;
	adminCalls: number;
	refusals: number;
	/** What went wrong on purpose, by how often. */
	readonly faults: Map<string, number>;
}

export interface RunOptions {
	/** In the place of the registry's. */
	readonly rows?: readonly Row[];
	/** Called when a world has come to rest, before it is gone. */
	readonly onRest?: (world: World, users: Users) => void | Promise<void>;
}

export const runPlan = async (plan: Plan, options: RunOptions = {}): Promise<Outcome> => {
	const expected = await play({ ...plan, troubles: [] }, options);
	const isCompared = plan.circumstance === undefined || isComparable(plan.circumstance);
	const found = await play(plan, options, isCompared ? expected.essence : undefined);
	const faults = found.counts.faults;
	return {
		findings: [
			...expected.findings.map((finding) => `without any trouble: ${finding}`),
			...(expected.findings.length > 0 ? [] : found.findings),
			...(expected.findings.length > 0 || !isCompared ? [] : differences(expected.essence, found.essence)),
		],
		counts: {
			moments: expected.counts.moments + found.counts.moments,
			hookCalls: expected.counts.hookCalls + found.counts.hookCalls,
			writes: expected.counts.writes + found.counts.writes,
			adminCalls: expected.counts.adminCalls + found.counts.adminCalls,
			refusals: expected.counts.refusals,
			faults,
		},
	};
};

/** A plan's deeds without any trouble: how it ends, and how many declarations were refused. */
export const runHistory = async (plan: Plan): Promise<{ readonly essence: Essence; readonly refused: number }> => {
	const { essence, counts } = await play({ ...plan, troubles: [], circumstance: undefined }, {});
	return { essence, refused: counts.refusals };
};

interface Played {
	readonly findings: readonly string[];
	readonly essence: Essence;
	readonly counts: Counts;
}

/** Two periods of the controllers' resync, and a little more. */
const QUIET_MS = 620_000;
/** Nothing that we wait for takes longer. */
const PATIENCE_MS = 3_600_000;
/** After the last deed and the last trouble, at the latest. */
const HEALED_MS = (HISTORY_SECONDS + 125) * 1000;

/** Half of all worlds have control planes with the manners of the one that exists. */
const controlPlanesOf = ({ seed }: Plan): Dialect => ((seed >>> 1) % 2 === 0 ? "prism-admin" : "extended");

const play = async (plan: Plan, options: RunOptions, expected?: Essence): Promise<Played> => {
	const counts = { moments: 0, hookCalls: 0, writes: 0, adminCalls: 0, refusals: 0, faults: new Map<string, number>() };
	const dieAfter: { writes: number | undefined } = { writes: undefined };
	const failures = new Set<string>();
	let laws: Laws | undefined;
	const world = await createWorld({
		chance: createChance(plan.seed),
		controlPlanes: controlPlanesOf(plan),
		rows: watched(options.rows ?? REGISTRY, failures),
		onWrite: (_world, write) => laws?.writing(write),
		onWritten(own, { kind }) {
			// Metacontroller itself records at each try that a child is refused.
			if (kind === "Event" && own.admission.refuses !== undefined) return;
			counts.writes += 1;
			if (dieAfter.writes === undefined) return;
			dieAfter.writes -= 1;
			if (dieAfter.writes < 0) own.controller.kill();
		},
		onCall(_world, proxy, rpc, request) {
			counts.adminCalls += 1;
			laws?.calling(proxy, rpc, request);
		},
	});
	try {
		const resources = await servedResources(world.store);
		const past: Past = keepPast(world.store, world.time, resources, (_resource, object) => laws?.changed(object));
		laws = createLaws({ world, past, resources });
		const users = startUsers(world, plan.deeds);
		startCircumstance(world, plan.circumstance);
		startTroubles({ world, past, dieAfter }, plan.troubles);
		await world.time.passUntil(START + HEALED_MS);
		heal({ world, past, dieAfter });
		const restless = await rest(world, counts);
		if (expected !== undefined) await retryRollouts(world, users, expected, counts);
		await options.onRest?.(world, users);
		const essence = await essenceOf(world);
		const objects = await objectsOf(world);
		counts.moments = world.time.moments();
		counts.hookCalls = world.hooks.calls();
		counts.refusals = users.refused.length;
		for (const [name, times] of world.faults) counts.faults.set(name, times);
		return {
			findings: [
				...failures,
				...laws.findings,
				...restless,
				...(await stuck(world, users, plan.circumstance)),
				...(await wrongAtRest(world, laws, objects, plan.circumstance)),
			],
			essence,
			counts,
		};
	} finally {
		world.close();
	}
};

/** The rows, of which no hook may throw. */
const watched = (rows: readonly Row[], failures: Set<string>): Row[] =>
	rows.map((row) => {
		const guarded =
			<Arguments extends unknown[], Result>(name: string, hook: (...given: Arguments) => Result) =>
			(...given: Arguments): Result => {
				try {
					return hook(...given);
				} catch (error) {
					failures.add(`${row.name}/${name} throws ${error instanceof Error ? error.message : String(error)}`);
					throw error;
				}
			};
		const hooks = Object.entries(row).filter(
			(entry): entry is [string, (...given: unknown[]) => unknown] => typeof entry[1] === "function",
		);
		return { ...row, ...Object.fromEntries(hooks.map(([name, hook]) => [name, guarded(name, hook)])) };
	});

/** Waits until nothing was written for two resyncs. Returns what is still being written when patience ends. */
export const rest = async (world: World, counts: { readonly writes: number }): Promise<string[]> => {
	const end = world.time.monotonic() + PATIENCE_MS;
	let since = world.time.monotonic();
	let writes = counts.writes;
	while (world.time.monotonic() < since + QUIET_MS) {
		const logged = world.log.length;
		await world.time.passUntil(START + since + QUIET_MS, () => counts.writes !== writes);
		if (counts.writes === writes) return [];
		if (world.time.monotonic() > end) return [restlessness(world.log.slice(logged))];
		writes = counts.writes;
		since = world.time.monotonic();
	}
	return [];
};

const restlessness = (lines: readonly string[]): string => {
	const said = [...new Set(lines)].slice(0, 5).join("; ");
	return `does not come to rest: ${said === "" ? "statuses are written" : said}`;
};

/** A rollout that failed because of the trouble stays where it is until somebody changes the spec: so somebody does. */
const retryRollouts = async (
	world: World,
	users: Users,
	expected: Essence,
	counts: { readonly writes: number },
): Promise<void> => {
	const different = differences(expected, await essenceOf(world)).filter((line) => line.startsWith("PrismPlugin/"));
	const plugins = users.declared().filter(({ kind }) => kind === "PrismPlugin");
	const failed = plugins.filter(({ metadata }) =>
		different.some((line) => line.startsWith(`PrismPlugin/${metadata.namespace}/${metadata.name} `)),
	);
	for (const { metadata } of failed) await users.retry("PrismPlugin", metadata.namespace ?? "", metadata.name);
	if (failed.length > 0) await rest(world, counts);
};

/** Why an object may be held for as long as nobody does anything about it. */
const HELD = new Set(["PluginInUse", "NamespacesRemain", "Terminating"]);

/** What nobody declares any more and is still there, although nothing holds it that its condition would name. */
const stuck = async (world: World, users: Users, circumstance?: Circumstance): Promise<string[]> => {
	const declared = new Set(users.declared().map(nameOf));
	const found: string[] = [];
	const pods = (await world.store.list(await world.store.resourceOf("v1", "Pod"))).items;
	for (const { parent } of REGISTRY) {
		const resource = await world.store.resourceOf(`${parent.group}/${parent.version}`, parent.kind);
		for (const object of (await world.store.list(resource)).items) {
			if (object.metadata.deletionTimestamp === undefined || declared.has(nameOf(object))) continue;
			const reasons = conditionsOf(object).map(({ reason }) => String(reason));
			if (reasons.some((reason) => HELD.has(reason))) continue;
			if (object.metadata.finalizers?.includes(HOLDING)) continue;
			const isUnknown = reasons.includes("NamespacesUnknown");
			if (isUnknown && (isOutOfReach(circumstance) || hasNobodyToAsk(object, pods))) continue;
			found.push(`${nameOf(object)} was deleted, and is still there: ${reasons.join(", ")}`);
		}
	}
	return found;
};

/** A shard without pods, or with pods that never become ready, keeps what they may have, until its deletion is forced. */
const hasNobodyToAsk = ({ metadata: { namespace, name } }: KubeObject, pods: readonly KubeObject[]): boolean => {
	const own = pods.filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.["shard"] === name);
	return own.length === 0 || !own.every(saysReady);
};

const nameOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.namespace}/${metadata.name}`;

const isOutOfReach = (circumstance: Circumstance | undefined): boolean =>
	circumstance?.what === "instances are out of reach";

/** What must not be so of a world in which nothing happens any more; `objects` are those of our kinds. */
export const wrongAtRest = async (
	world: World,
	laws: Laws,
	objects: readonly KubeObject[],
	circumstance?: Circumstance,
): Promise<string[]> => {
	const { store } = world;
	const pods = (await store.list(await store.resourceOf("v1", "Pod"))).items;
	const workloadsOf = async (kind: string) => (await store.list(await store.resourceOf("apps/v1", kind))).items;
	const workloads = [...(await workloadsOf("Deployment")), ...(await workloadsOf("StatefulSet"))];
	return [
		...orphans(world, objects, laws),
		...waitingInVain(objects, pods, workloads, isOutOfReach(circumstance) ? OUT_OF_REACH : undefined),
		...readyUnseen(world, objects),
		...objects.flatMap((object) => laws.outdated(object)),
		...objects.flatMap((object) => laws.untrueAtRest(object)),
		...world.log.filter((line) => line.includes(CANARY)).map((line) => `a secret is logged: ${line}`),
	];
};

/** All objects of our kinds. */
export const objectsOf = async ({ store }: World): Promise<KubeObject[]> => {
	const lists = REGISTRY.map(async ({ parent }) => {
		const resource = await store.resourceOf(`${parent.group}/${parent.version}`, parent.kind);
		return (await store.list(resource)).items;
	});
	return (await Promise.all(lists)).flat();
};
