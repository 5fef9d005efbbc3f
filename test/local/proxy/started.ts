import { freePort } from "../../../local/free-port.ts";
import { createFaults } from "../../../local/proxy/faults.ts";
import { type EmulatedProxy, type ProxyOptions, startProxy } from "../../../local/proxy/service.ts";
import { openStore } from "../../../local/proxy/store.ts";
import { systemClock } from "../../../local/store.ts";
import { type CallerOptions, CONFIG, callerOf, type TestCaller } from "./callers.ts";

// Emulated proxies for one test each, and callers of theirs.

const undo: (() => unknown)[] = [];

/** For `afterEach`. */
export const endAll = async (): Promise<void> => {
	for (const step of undo.splice(0).toReversed()) await step();
};

export const atTheEnd = (step: () => unknown): void => void undo.push(step);

export const started = async (options: Partial<ProxyOptions> = {}) => {
	const store = openStore(":memory:", systemClock);
	const proxy = await startProxy({
		name: "prism-orders-0",
		kind: "proxy",
		store,
		faults: createFaults(),
		clock: systemClock,
		port: await freePort(),
		...options,
	});
	atTheEnd(() => store.close());
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
