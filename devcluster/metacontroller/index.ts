import type { Clock } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { createActivity, unlessAborted } from "../controllers/activity.ts";
import type { Informers } from "../controllers/informer.ts";
import { clientGoLimiter, createQueue, type Outcome } from "../controllers/work-queue.ts";
import type { Store } from "../store.ts";
import { startComposite } from "./composite.ts";
import { type ControllerModel, readController } from "./controllers.ts";
import { startDecorator } from "./decorator.ts";
import { createEventRecorder } from "./events.ts";
import { messageOf } from "./objects.ts";
import type { Log, Runtime, Stats } from "./runtime.ts";
import { type HookCall, httpCall } from "./webhook.ts";

// A stand-in for Metacontroller 4.17, for development and tests only: it plays the contract that the hooks live under
// (hook version v2, dynamic apply) over any Store and any Clock. What it does not play, it refuses by name.

export type { Log, LogLine, Stats } from "./runtime.ts";
export type { HookCall, HookReply } from "./webhook.ts";

export interface MetacontrollerOptions {
	readonly store: Store;
	readonly informers: Informers;
	readonly clock: Clock;
	/** CompositeController and DecoratorController objects. One that can't be played is an error at once. */
	readonly controllers: readonly KubeObject[];
	/** Takes the place of scheme, host and port in the URL of every webhook. */
	readonly hookOrigin?: string;
	/** How hooks are called; over HTTP unless given. */
	readonly call?: HookCall;
	readonly log?: Log;
	/** Takes the place of every controller's resync period, in milliseconds. */
	readonly resyncPeriodMs?: number;
	/** How many parents of one controller are synced at the same time; 5 unless given, as in Metacontroller. */
	readonly workers?: number;
}

export interface Metacontroller {
	stop(): Promise<void>;
	/** Resolves when no parent is queued or in flight; those that wait for their time don't count. */
	idle(): Promise<void>;
	readonly stats: Readonly<Stats>;
}

/** Resolves when every controller was started, or failed to: a kind may be missing yet, and is tried again. */
export const startMetacontroller = async (options: MetacontrollerOptions): Promise<Metacontroller> => {
	const { store, informers, clock, log = () => {} } = options;
	const controllers = readControllers(options);
	const stopping = new AbortController();
	const activity = createActivity();
	const stats: Stats = { syncs: 0, hookCalls: 0, writes: 0, errors: 0 };
	const runtime: Runtime = {
		store: countingWrites(store, stats),
		informers,
		clock,
		call: options.call ?? httpCall(stopping.signal),
		events: createEventRecorder({ store, clock, activity, log }),
		activity,
		log,
		stats,
		workers: options.workers ?? 5,
		...(options.resyncPeriodMs !== undefined && { resyncPeriodMs: options.resyncPeriodMs }),
		signal: stopping.signal,
	};

	const running = new Map<string, { stop(): Promise<void> }>();
	const start = async (key: string): Promise<Outcome> => {
		const controller = controllers.get(key);
		if (!controller) return "done";
		const begin = controller.type === "composite" ? startComposite : startDecorator;
		try {
			running.set(key, await unlessAborted(stopping.signal, begin(runtime, controller)));
			log({ level: "info", message: `started ${key}` });
			return "done";
		} catch (error) {
			if (stopping.signal.aborted) return "done";
			log({ level: "error", message: `cannot start ${key}: ${messageOf(error)}`, controller: controller.name });
			return "retry";
		}
	};
	// A kind that is missing now may be there in a moment: back-off, as for a parent that can't be synced.
	const starting = createQueue({ clock, activity, workers: 1, limiter: clientGoLimiter(clock), work: start });
	for (const key of controllers.keys()) if ((await start(key)) === "retry") starting.addAfter(key, 5);

	return {
		async stop() {
			stopping.abort();
			await starting.stop();
			await Promise.all([...running.values()].map((controller) => controller.stop()));
			await activity.idle();
		},
		idle: () => activity.idle(),
		stats,
	};
};

const readControllers = ({ controllers, hookOrigin }: MetacontrollerOptions): Map<string, ControllerModel> => {
	const models = new Map<string, ControllerModel>();
	for (const object of controllers) {
		const model = readController(object, hookOrigin);
		const key = `${object.kind} ${model.name}`;
		if (models.has(key)) throw new Error(`cannot start ${key}: it is given twice`);
		models.set(key, model);
	}
	return models;
};

const countingWrites = (store: Store, stats: Stats): Store => {
	const counted = <Arguments extends unknown[], Result>(write: (...given: Arguments) => Promise<Result>) => {
		return (...given: Arguments): Promise<Result> => {
			stats.writes += 1;
			return write(...given);
		};
	};
	return {
		resourceOf: (apiVersion, kind) => store.resourceOf(apiVersion, kind),
		resourceNamed: (apiVersion, resource) => store.resourceNamed(apiVersion, resource),
		get: (resource, namespace, name) => store.get(resource, namespace, name),
		list: (resource, namespace) => store.list(resource, namespace),
		watch: (resource, version, onEvent, signal) => store.watch(resource, version, onEvent, signal),
		create: counted((object: KubeObject) => store.create(object)),
		update: counted((object: KubeObject) => store.update(object)),
		updateStatus: counted((object: KubeObject) => store.updateStatus(object)),
		patch: counted((...given: Parameters<Store["patch"]>) => store.patch(...given)),
		delete: counted((...given: Parameters<Store["delete"]>) => store.delete(...given)),
		apply: counted((...given: Parameters<Store["apply"]>) => store.apply(...given)),
		close: () => store.close(),
	};
};
