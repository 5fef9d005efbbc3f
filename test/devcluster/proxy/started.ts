import { freePort } from "../../../devcluster/free-port.ts";
import { createFaults, USUAL_DIALECT } from "../../../devcluster/proxy/faults.ts";
import { type EmulatedProxy, type ProxyOptions, startProxy } from "../../../devcluster/proxy/service.ts";
import { memoryStore } from "../../../devcluster/proxy/store.ts";
import { systemTime } from "../../../server/time.ts";
import { type CallerOptions, CONFIG, callerOf, type TestCaller } from "./callers.ts";

// Emulated proxies for one test each, and callers of theirs.

const undo: (() => unknown)[] = [];

/** For `afterEach`. */
export const endAll = async (): Promise<void> => {
	for (const step of undo.splice(0).toReversed()) await step();
};

export const atTheEnd = (step: () => unknown): void => void undo.push(step);

export const started = async (options: Partial<ProxyOptions> = {}) => {
	const store = memoryStore(systemTime);
	const proxy = await startProxy({
		name: "prism-orders-0",
		kind: "proxy",
		store,
		faults: createFaults(USUAL_DIALECT[options.kind ?? "proxy"]),
		clock: systemTime,
		port: await freePort(),
		...options,
	});
	atTheEnd(() => proxy.stop());
	return { proxy, caller: call(proxy) };
};

export const call = ({ port }: Pick<EmulatedProxy, "port">, options?: CallerOptions): TestCaller => {
	const caller = callerOf(`127.0.0.1:${port}`, options);
	atTheEnd(() => caller.close());
	return caller;
};

export const OWNER = "cluster/team/orders";
export const ORDERS = { namespace: "orders", config: CONFIG, version: 5, owner: OWNER };
