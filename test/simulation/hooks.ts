import type { Logger } from "pino";
import type { HookCall } from "../../devcluster/metacontroller/webhook.ts";
import type { HookName, Row } from "../../kube/hook.ts";
import type { Installation } from "../../schemas/installation.ts";
import type { Chance } from "./chance.ts";
import { createWire } from "./network.ts";
import type { Proxies } from "./proxies.ts";
import { createReplica, type Replica } from "./replica.ts";
import type { WorldTime } from "./time.ts";

// The hook server's replicas behind their Service: a call goes to one of them, and what becomes of it is up to the faults.

export interface HookService {
	readonly call: HookCall;
	readonly replicas: readonly Place[];
	/** One call in so many is made once more later, by another replica, and nobody hears the answer; 0: none. */
	replaysOneIn: number;
	calls(): number;
}

/** Where a replica runs. The one that runs there can be killed, and is followed by another one. */
export interface Place {
	readonly name: string;
	/** By how many milliseconds its node's clock is ahead. */
	skewMs: number;
	kill(): void;
	/** As the version of this installation. */
	start(installation: Installation): void;
	pause(): void;
	goOn(): void;
}

export interface HookServiceOptions {
	readonly rows: readonly Row[];
	readonly installation: Installation;
	readonly time: WorldTime;
	readonly proxies: Proxies;
	readonly chance: Chance;
	readonly log: Logger;
	readonly onAnswer: (row: Row, hook: HookName, request: unknown, answer: unknown) => void;
	readonly onFault: (what: string) => void;
}

/** Longest way between Metacontroller and a hook, and between a hook and a proxy, in milliseconds. */
const LATENCY_MS = 20;
/** Longest time after which a call is made once more. */
const REPLAY_MS = 30_000;

export const createHookService = (options: HookServiceOptions): HookService => {
	const { time, chance, onFault } = options;
	const places = ["hook-0", "hook-1"].map((name) => createPlace(name, options));
	let calls = 0;
	const send = async (place: RunningPlace, path: string, body: unknown) => {
		await pause(time, chance.next() * LATENCY_MS);
		const { replica } = place;
		if (replica === undefined) throw new Error("connection refused");
		return replica.answer(path, body);
	};
	const replay = (place: RunningPlace, path: string, body: unknown) => {
		onFault("a request was made once more");
		time.after(chance.next() * REPLAY_MS, () => void send(place, path, body).catch(() => {}));
	};
	const service: HookService = {
		replicas: places,
		replaysOneIn: 0,
		calls: () => calls,
		async call(url, body, timeoutMs) {
			calls += 1;
			const place = chance.pick(places);
			const path = new URL(url).pathname;
			if (service.replaysOneIn > 0 && chance.oneIn(service.replaysOneIn)) replay(chance.pick(places), path, body);
			const late = pause(time, timeoutMs).then(() => {
				throw new Error("context deadline exceeded");
			});
			late.catch(() => {});
			return Promise.race([send(place, path, body), late]);
		},
	};
	return service;
};

interface RunningPlace extends Place {
	replica: Replica | undefined;
}

const createPlace = (name: string, options: HookServiceOptions): RunningPlace => {
	const { rows, time, proxies, chance, log, onAnswer } = options;
	const place: RunningPlace = {
		name,
		skewMs: 0,
		replica: undefined,
		kill() {
			place.replica?.kill();
			place.replica = undefined;
		},
		start(installation) {
			place.kill();
			place.replica = createReplica({
				rows,
				installation,
				time,
				skewMs: () => place.skewMs,
				wire: (isAlive, callers) =>
					createWire({ proxies, clock: time, callers, chance, latencyMs: () => LATENCY_MS, isAlive }),
				log,
				onAnswer,
			});
		},
		pause: () => place.replica?.pause(),
		goOn: () => place.replica?.goOn(),
	};
	place.start(options.installation);
	return place;
};

export const pause = (time: Pick<WorldTime, "after">, ms: number) =>
	new Promise<void>((resolve) => void time.after(ms, resolve));
