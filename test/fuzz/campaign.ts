import { freePort } from "../../devcluster/free-port.ts";
import { createFaults } from "../../devcluster/proxy/faults.ts";
import { startProxy } from "../../devcluster/proxy/service.ts";
import { memoryStore } from "../../devcluster/proxy/store.ts";
import { readConfig } from "../../server/config.ts";
import { systemTime } from "../../server/time.ts";
import { caseOf } from "./attacks.ts";
import { ARRIVAL_SECONDS, type Case } from "./message.ts";
import { randomOf } from "./random.ts";
import { progress, type Report } from "./report.ts";
import { type Good, goldenRequests, madeUpRequests } from "./requests.ts";
import { withoutProcessor } from "./starvation.ts";
import { type Bug, HANG_MS, type Memory, PEAK_MIB, readLog, startServer, watchHealth } from "./target.ts";
import { findingsOf } from "./verdict.ts";
import { type Line, type Outcome, openLine, perform as performed } from "./wire.ts";

// Hostile requests by the thousand, at a server that has to go on as if nothing happened.

export interface CampaignOptions {
	readonly seed: number;
	/** It ends with the first of the two. */
	readonly bodies: number;
	readonly seconds: number;
	/** Only this case, which an earlier campaign of the same seed told of. */
	readonly only?: number | undefined;
	/** It ends early when it has found so much. */
	readonly atMost?: number;
	/** What the server does wrong, on purpose: a campaign has to find it. */
	readonly planted?: Bug | undefined;
	readonly tell?: (line: string) => void;
}

/** Cases between two pools of requests to begin with. */
const ROUND = 10_000;
const OF_EACH = 12;
const LANES = 24;
const SLOW_AT_ONCE = 48;
const MAX_FINDINGS = 20;

/** Of all the time that a request took: what came later than that was not the server's doing alone. */
const STARVED_MS = 500;

/** When a request was sent, and for how long processes had waited until then. */
interface Moment {
	readonly at: number;
	readonly before: number;
}

const MIB = 1024 ** 2;
/** What the heap may have grown by in the end, after garbage was collected. */
const HEAP_GROWTH_MIB = 64;

export const runCampaign = async (options: CampaignOptions): Promise<Report> => {
	const { seed, bodies, seconds, only, planted, atMost = MAX_FINDINGS, tell = () => {} } = options;
	const environment = {
		PORT: "0",
		REQUEST_TIMEOUT_SECONDS: String(ARRIVAL_SECONDS),
		PRISM_INLINE_CREDENTIALS: String(seed % 2 === 0),
	};
	const { installation } = readConfig(environment);
	const store = memoryStore(systemTime);
	const faults = createFaults();
	const proxyPort = await freePort();
	const proxy = await startProxy({ name: "fuzz", kind: "proxy", store, faults, clock: systemTime, port: proxyPort });
	const server = await startServer(environment, `127.0.0.1:${proxyPort}`, planted);

	const answers = new Map<string, number>();
	const kinds = new Map<string, number>();
	const findings: string[] = [];
	const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
	let sound = 0;
	const find = (text: string) => {
		if (findings.length < MAX_FINDINGS) tell(`FOUND ${text}`);
		findings.push(text);
	};
	const onExit = (code: number | null, signal: string | null) => find(`the server ended: ${code ?? signal}`);
	server.child.once("exit", onExit);

	const starved = () => withoutProcessor(["self", server.child.pid]);
	const judge = (index: number, attack: Case, outcome: Outcome, { at, before }: Moment) => {
		count(kinds, attack.kind);
		for (const { status } of outcome.replies) count(answers, String(status));
		if (outcome.replies.length < attack.expected.length) count(answers, "cut");
		const found = findingsOf(attack, outcome, at);
		const isLate = outcome.ended !== "open" || outcome.replies.some(({ status }) => status === 408);
		if (found.length > 0 && isLate && starved() - before > STARVED_MS) {
			count(kinds, "not judged: the machine stood still");
			return;
		}
		for (const text of found) find(`SEED=${seed} CASE=${index} (${attack.kind}, ${attack.path.slice(0, 60)}): ${text}`);
		if (found.length > 0) return;
		sound += attack.expected.filter(
			({ good }, position) => good?.answer !== undefined && outcome.replies[position]?.status === 200,
		).length;
	};

	const golden = goldenRequests(installation);
	let pool: { readonly round: number; readonly goods: readonly Good[] } | undefined;
	const poolOf = (index: number): readonly Good[] => {
		const round = Math.floor(index / ROUND);
		if (pool?.round !== round) {
			pool = { round, goods: [...golden, ...madeUpRequests(seed + round, OF_EACH, installation)] };
			// What was provisioned so far would be listed, and make each listing slower than the last.
			store.wipe();
		}
		return pool.goods;
	};

	const slow = new Set<Promise<void>>();
	const runOne = async (index: number, line: Line): Promise<void> => {
		const attack = caseOf(randomOf(seed, index), poolOf(index));
		const now = (): Moment => ({ at: Date.now(), before: starved() });
		let asked = now();
		const expected = attack.expected.length;
		if (attack.bytes !== undefined) {
			let outcome = await line.exchange(attack.bytes, expected, HANG_MS, attack.headOnly);
			if (outcome.replies.some(({ status }) => status === 408)) {
				// A machine that stands still for two seconds makes a caller too slow who was not: once more.
				count(kinds, "sent again after a 408");
				asked = now();
				outcome = await line.exchange(attack.bytes, expected, HANG_MS, attack.headOnly);
			}
			judge(index, attack, outcome, asked);
			return;
		}
		while (slow.size >= SLOW_AT_ONCE) await Promise.race(slow);
		const perform = async () => {
			judge(index, attack, await performed(server, attack.steps ?? [], expected, HANG_MS), asked);
			slow.delete(under);
		};
		const under = perform();
		slow.add(under);
	};

	const ended = () => findings.length >= atMost || server.child.exitCode !== null;
	const began = performance.now();
	const isOver = () => performance.now() - began > seconds * 1000 || ended();
	let next = 0;
	const lane = async (last: number): Promise<void> => {
		const line = openLine(server);
		while (next < last && !isOver()) await runOne(next++, line);
		line.close();
	};
	const lanes = async (last: number) => {
		await Promise.all(Array.from({ length: LANES }, () => lane(last)));
		await Promise.all(slow);
	};

	const over = new AbortController();
	const health = watchHealth(server, over.signal, find, starved);
	const reading = readLog(server, over.signal, find);
	let first: Memory | undefined;
	let last: Memory | undefined;
	let cgroupPeakMib: number | undefined;
	try {
		if (only !== undefined) {
			next = only;
			await lanes(only + 1);
			first = await server.memory();
		} else {
			// What the server compiles and keeps at its first calls is no leak.
			await lanes(Math.min(bodies / 4, 2000));
			first = await server.memory();
			const telling = setInterval(() => tell(progress(next, began, answers)), 30_000);
			await lanes(bodies);
			clearInterval(telling);
		}
		last = await server.memory();
	} finally {
		over.abort();
		await Promise.all([health.ended, reading]);
		server.child.off("exit", onExit);
		if (server.group !== undefined) cgroupPeakMib = server.group.peakBytes() / MIB;
		await server.stop();
		await proxy.stop();
		store.close();
	}
	const heapMib = { first: (first?.heapBytes ?? Number.NaN) / MIB, last: (last?.heapBytes ?? Number.NaN) / MIB };
	const peakMib = (last?.peakBytes ?? Number.NaN) / MIB;
	if (Number.isNaN(heapMib.first + peakMib)) find("the server does not say how much memory it has");
	const grown = heapMib.last - heapMib.first;
	if (grown > HEAP_GROWTH_MIB) find(`the heap grew by ${grown.toFixed(0)} MiB`);
	if (peakMib > PEAK_MIB) find(`the process took ${peakMib.toFixed(0)} MiB`);
	return {
		seed,
		cases: only === undefined ? next : 1,
		seconds: (performance.now() - began) / 1000,
		answers,
		kinds,
		sound,
		health: health.seen,
		heapMib,
		peakMib,
		cgroupPeakMib,
		findings,
	};
};
