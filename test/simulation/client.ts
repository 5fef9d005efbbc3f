import { ApiError, type Resource, type Store, type WatchEvent } from "../../devcluster/store.ts";
import type { Clock } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Chance } from "./chance.ts";
import type { WorldTime } from "./time.ts";

// One process's way to the API server: every request takes a while, may be refused, may be carried out without an answer,
// and comes to nothing when the process is dead. What it watches arrives late, twice, or not at all until it lists again.

export interface Network {
	/** Longest time of a request in milliseconds. */
	readonly latencyMs: number;
	/** One request in so many fails; 0: none. */
	errorsOneIn: number;
	/** Longest time in milliseconds by which events arrive late. */
	lagMs: number;
	/** One event in so many ends its watch, and with it whatever was not delivered yet; 0: none. */
	breaksOneIn: number;
	/** One event in so many comes twice; 0: none. */
	doublesOneIn: number;
}

/** All is well. */
export const soundNetwork = (latencyMs: number): Network => ({
	latencyMs,
	errorsOneIn: 0,
	lagMs: 0,
	breaksOneIn: 0,
	doublesOneIn: 0,
});

export type Verb = "create" | "update" | "updateStatus" | "patch" | "delete" | "apply";

export interface Write {
	readonly verb: Verb;
	readonly kind: string;
	readonly namespace: string | undefined;
	readonly name: string;
}

export interface Process {
	readonly name: string;
	readonly clock: Clock;
	readonly store: Store;
	readonly network: Network;
	isAlive(): boolean;
	/** Nothing that it has begun goes on. */
	kill(): void;
}

export interface ProcessOptions {
	readonly name: string;
	readonly clock: WorldTime;
	readonly store: Store;
	readonly network: Network;
	readonly chance: Chance;
	/** Called before a write is carried out. */
	readonly onWrite?: (write: Write) => void;
	/** Called after a write was carried out; the process may be killed there. */
	readonly onWritten?: (write: Write) => void;
	/** Called for each request that fails, and for each event that is tampered with. */
	readonly onFault?: (what: string) => void;
	/** What a list that is served from an old cache shows; undefined: what is there. */
	readonly oldList?: (
		resource: Resource,
		namespace?: string,
	) => { items: KubeObject[]; resourceVersion: string } | undefined;
}

const ERRORS: readonly (() => ApiError)[] = [
	() => new ApiError(409, "Conflict", "the object has been modified; please apply your changes to the latest version"),
	() =>
		new ApiError(
			429,
			"TooManyRequests",
			"the server has received too many requests and has asked us to try again later",
		),
	() => new ApiError(500, "InternalError", "an error on the server has prevented the request from succeeding"),
	() => new ApiError(504, "Timeout", "request did not complete within the allotted timeout"),
];

export const createProcess = (options: ProcessOptions): Process => {
	const { name, clock, store, network, chance, onWrite, onWritten, onFault = () => {}, oldList } = options;
	let alive = true;

	/** Never resolves once the process is dead. */
	const pause = (ms: number) =>
		new Promise<void>((resolve) => {
			clock.after(ms, () => {
				if (alive) resolve();
			});
		});
	const unlessDead = <Value>(value: Value): Value | Promise<Value> => (alive ? value : new Promise<Value>(() => {}));

	const fails = () => network.errorsOneIn > 0 && chance.oneIn(network.errorsOneIn);
	const request = async <Value>(run: () => Promise<Value>): Promise<Value> => {
		await pause(chance.next() * network.latencyMs);
		if (fails()) {
			onFault("a request failed");
			// A conflict says that nothing was done; a time-out says nothing.
			const error = chance.pick(ERRORS)();
			if (error.reason === "Timeout" && chance.oneIn(2)) await run().catch(() => {});
			throw await unlessDead(error);
		}
		try {
			return await unlessDead(await run());
		} catch (error) {
			throw await unlessDead(error);
		}
	};
	/** What changes nothing is not written: a policy may undo each time what a child is sent. */
	const write = <Value>(
		what: Write,
		run: () => Promise<Value>,
		isWritten: (value: Value) => boolean = () => true,
	): Promise<Value> =>
		request(async () => {
			onWrite?.(what);
			const written = await run();
			if (isWritten(written)) onWritten?.(what);
			return written;
		});
	const whatOf = (verb: Verb, { kind, metadata: { namespace, name: object } }: KubeObject): Write => ({
		verb,
		kind,
		namespace,
		name: object,
	});

	return {
		name,
		network,
		clock: {
			now: () => clock.now(),
			after: (ms, run) =>
				clock.after(ms, () => {
					if (alive) run();
				}),
		},
		store: {
			resourceOf: (apiVersion, kind) => store.resourceOf(apiVersion, kind),
			resourceNamed: (apiVersion, resource) => store.resourceNamed(apiVersion, resource),
			get: (resource, namespace, object) => request(() => store.get(resource, namespace, object)),
			list: (resource, namespace) =>
				request(async () => oldList?.(resource, namespace) ?? (await store.list(resource, namespace))),
			watch: (resource, version, onEvent, signal) =>
				watch({ resource, version, onEvent, signal, store, clock, network, chance, onFault, isAlive: () => alive }),
			create: (object) => write(whatOf("create", object), () => store.create(object)),
			update: (object) =>
				write(
					whatOf("update", object),
					() => store.update(object),
					(stored) => stored.metadata.resourceVersion !== object.metadata.resourceVersion,
				),
			updateStatus: (object) => write(whatOf("updateStatus", object), () => store.updateStatus(object)),
			patch: (resource, namespace, object, change) =>
				write({ verb: "patch", kind: resource.kind, namespace, name: object }, () =>
					store.patch(resource, namespace, object, change),
				),
			delete: (resource, namespace, object, how) =>
				write({ verb: "delete", kind: resource.kind, namespace, name: object }, () =>
					store.delete(resource, namespace, object, how),
				),
			apply: (object, how) => write(whatOf("apply", object), () => store.apply(object, how)),
			close: async () => {},
		},
		isAlive: () => alive,
		kill() {
			alive = false;
		},
	};
};

// ── Watches ─────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Watch {
	readonly resource: Resource;
	readonly version: string;
	readonly onEvent: (event: WatchEvent) => void;
	readonly signal: AbortSignal;
	readonly store: Store;
	readonly clock: WorldTime;
	readonly network: Network;
	readonly chance: Chance;
	readonly onFault: (what: string) => void;
	readonly isAlive: () => boolean;
}

/** Ends when the process is told to stop, and when the watch breaks. A dead process's never ends. */
const watch = (options: Watch): Promise<void> => {
	const { resource, version, onEvent, signal, store, clock, network, chance, onFault, isAlive } = options;
	return new Promise((resolve, reject) => {
		const broken = new AbortController();
		const end = () => {
			broken.abort();
			resolve();
		};
		signal.addEventListener("abort", end, { once: true });
		/** Events overtake each other only across resources: no two are due at the same moment. */
		let last = clock.monotonic();
		const deliver = (event: WatchEvent, times: number) => {
			const due = Math.max(last + 0.01, clock.monotonic() + chance.next() * (network.latencyMs + network.lagMs));
			last = due;
			clock.after(due - clock.monotonic(), () => {
				if (broken.signal.aborted || !isAlive()) return;
				for (let time = 0; time < times; time += 1) onEvent(event);
				if (event.type === "EXPIRED") end();
			});
		};
		const take = (event: WatchEvent) => {
			if (broken.signal.aborted || !isAlive()) return;
			if (network.breaksOneIn > 0 && chance.oneIn(network.breaksOneIn)) {
				onFault("a watch broke");
				onEvent({ type: "EXPIRED" });
				return end();
			}
			const doubled = network.doublesOneIn > 0 && chance.oneIn(network.doublesOneIn);
			if (doubled) onFault("an event came twice");
			return deliver(event, doubled ? 2 : 1);
		};
		store.watch(resource, version, take, broken.signal).then(end, reject);
	});
};
