import { createInformers } from "../../devcluster/controllers/informer.ts";
import type { LogLine } from "../../devcluster/metacontroller/index.ts";
import { startMetacontroller } from "../../devcluster/metacontroller/index.ts";
import type { HookCall } from "../../devcluster/metacontroller/webhook.ts";
import type { Store } from "../../devcluster/store.ts";
import { REGISTRY } from "../../hooks/index.ts";
import { controllerObject } from "../../kube/controllers.ts";
import type { Chance } from "./chance.ts";
import { createProcess, type Network, type Process, type ProcessOptions } from "./client.ts";
import type { WorldTime } from "./time.ts";

// Metacontroller's process: the stand-in behind a network, which can be killed at any moment and started again.

export interface Controller {
	/** Of the one that runs; those of one that is dead do nothing. */
	readonly network: Network;
	kill(): void;
	/** In the place of one that runs. `oldList`: its caches are filled from an API server that is behind. */
	start(oldList?: ProcessOptions["oldList"]): void;
	/** Syncs so far, of all that ran. */
	isRunning(): boolean;
}

export interface ControllerOptions {
	readonly store: Store;
	readonly time: WorldTime;
	readonly chance: Chance;
	readonly network: Network;
	readonly call: HookCall;
	readonly features: Parameters<typeof controllerObject>[1]["features"];
	readonly log: (line: LogLine) => void;
	readonly onWrite: NonNullable<ProcessOptions["onWrite"]>;
	readonly onWritten: NonNullable<ProcessOptions["onWritten"]>;
	readonly onFault: NonNullable<ProcessOptions["onFault"]>;
}

export const createController = (options: ControllerOptions): Controller => {
	const { time, network, call, features, log } = options;
	const objects = REGISTRY.map((row) => controllerObject(row, { origin: "http://hooks", features }));
	let running: Process | undefined;
	const controller: Controller = {
		network,
		isRunning: () => running !== undefined,
		kill() {
			running?.kill();
			running = undefined;
		},
		start(oldList) {
			controller.kill();
			const process = createProcess({ ...options, name: "metacontroller", clock: time, ...(oldList && { oldList }) });
			running = process;
			// Of a dead one nothing comes back, also not that it could not be started.
			void startMetacontroller({
				store: process.store,
				informers: createInformers(process.store, process.clock),
				clock: process.clock,
				controllers: objects,
				call: async (url, body, timeoutMs) => {
					const reply = await call(url, body, timeoutMs);
					return process.isAlive() ? reply : new Promise(() => {});
				},
				log: (line) => {
					if (process.isAlive()) log(line);
				},
			});
		},
	};
	return controller;
};
