import type { Informer } from "../../devcluster/controllers/informer.ts";
import type { Pod } from "../../devcluster/controllers/workloads/shapes.ts";
import type { PodRunner } from "../../devcluster/kubelet/runner.ts";
import { type AdminApi, createAdminApi } from "../../devcluster/proxy/admin-api.ts";
import { createFaults, type Dialect, type Faults, type Rpc, USUAL_DIALECT } from "../../devcluster/proxy/faults.ts";
import { destinationOf } from "../../devcluster/proxy/names.ts";
import { portOf, volumeOf } from "../../devcluster/proxy/pods.ts";
import { memoryStore, type ProxyStore } from "../../devcluster/proxy/store.ts";
import { STACK_LABEL } from "../../schemas/vocabulary.ts";
import { TRAFFIC } from "../hooks/namespace-proxies.ts";
import type { WorldTime } from "./time.ts";

// The proxies of a world: what the local cluster's emulated proxies do, without a wire in between.

export interface SimulatedProxy extends AdminApi {
	readonly pod: Pod;
	readonly volume: string;
	/** What the container listens on. */
	readonly port: number;
}

export interface Proxies {
	readonly runner: PodRunner;
	/** Who is behind host:port in the cluster's DNS now. */
	at(address: string): SimulatedProxy | undefined;
	/** By the names of their pods. */
	running(): SimulatedProxy[];
	/** What is wrong with a pod of this name, also with those that come after it. */
	faultsOf(pod: string): Faults;
	/** What a pod's store said of a namespace at some moment since (milliseconds, monotonic); undefined: nothing. */
	digestsSince(moment: number, home: string, pod: string, namespaceId: string): (string | undefined)[];
	/** From now on no call reaches these, whatever they are; calls that they hear of already are answered. */
	cutOff(isCutOff: (pod: Pod) => boolean): void;
	isCutOff(pod: string): boolean;
	close(): void;
}

export interface ProxiesOptions {
	readonly clock: WorldTime;
	readonly services: Informer;
	readonly slices: Informer;
	readonly claims: Informer;
	/** What control planes speak in the place of their usual dialect. */
	readonly controlPlanes?: Dialect | undefined;
	readonly onCall?: (proxy: SimulatedProxy, rpc: Rpc, request: unknown) => void;
}

export const createProxies = (options: ProxiesOptions): Proxies => {
	const { clock, onCall } = options;
	const dialects = { ...USUAL_DIALECT, controlPlane: options.controlPlanes ?? USUAL_DIALECT.controlPlane };
	const stores = new Map<string, RememberedStore>();
	/** namespace/name of a pod → volumes that it had. */
	const volumes = new Map<string, Set<string>>();
	const faults = new Map<string, Faults>();
	let isCutOff: (pod: Pod) => boolean = () => false;
	/** uid of a pod → what runs in it */
	const byPod = new Map<string, SimulatedProxy>();

	const storeOf = (volume: string): RememberedStore => {
		const known = stores.get(volume);
		if (known !== undefined) return known;
		let number = 0;
		const store = remembered(
			memoryStore(clock, () => {
				number += 1;
				return `${volume}-${number}`;
			}),
			clock,
		);
		stores.set(volume, store);
		return store;
	};
	const faultsOf = (pod: string, usual?: Dialect): Faults => {
		const known = faults.get(pod) ?? createFaults(usual);
		faults.set(pod, known);
		return known;
	};
	/** Proxies of a stack are registered with its control planes. */
	const introduce = () => {
		for (const plane of byPod.values()) {
			if (plane.kind !== "controlPlane") continue;
			// The control plane that exists never forgets a proxy.
			if (plane.faults.dialect() !== "prism-admin") for (const id of plane.registry.ids()) plane.registry.remove(id);
			for (const { kind, pod } of byPod.values())
				if (kind === "proxy" && stackOf(pod) !== undefined && stackOf(pod) === stackOf(plane.pod))
					plane.registry.add(pod.metadata.name, "");
		}
	};

	const start = (pod: Pod, { kind, port }: NonNullable<ReturnType<typeof portOf>>) => {
		const volume = volumeOf(options.claims, pod);
		const own = faultsOf(pod.metadata.name, dialects[kind]);
		const store = storeOf(volume);
		const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
		volumes.set(key, (volumes.get(key) ?? new Set()).add(volume));
		const api = createAdminApi({
			name: pod.metadata.name,
			kind,
			store,
			faults: own,
			clock,
			// The same at all times, so that a world in which nothing happens is quiet.
			figures: () => TRAFFIC,
			onCall: (rpc, request) => onCall?.(proxy, rpc, request),
		});
		const proxy = { ...api, pod, port, volume };
		byPod.set(pod.metadata.uid ?? "", proxy);
		introduce();
		return {
			isReady: () => true,
			stop() {
				api.stop();
				byPod.delete(pod.metadata.uid ?? "");
				introduce();
			},
		};
	};

	return {
		runner: {
			run(pod) {
				const role = portOf(pod);
				return role && start(pod, role);
			},
		},
		at(address) {
			const destination = destinationOf(options, address);
			const found = byPod.get(destination?.pod ?? "");
			return found?.port === destination?.port && !(found && isCutOff(found.pod)) ? found : undefined;
		},
		cutOff(which) {
			isCutOff = which;
		},
		isCutOff: (name) => [...byPod.values()].some(({ pod }) => pod.metadata.name === name && isCutOff(pod)),
		running: () =>
			[...byPod.values()].toSorted((left, right) => (left.pod.metadata.name < right.pod.metadata.name ? -1 : 1)),
		faultsOf,
		digestsSince: (moment, home, pod, namespaceId) =>
			[...(volumes.get(`${home}/${pod}`) ?? [])].flatMap(
				(volume) => stores.get(volume)?.digestsSince(moment, namespaceId) ?? [],
			),
		close() {
			for (const store of stores.values()) store.close();
		},
	};
};

// ── What a store was ────────────────────────────────────────────────────────────────────────────────────────────────

interface RememberedStore extends ProxyStore {
	digestsSince(moment: number, namespaceId: string): (string | undefined)[];
}

/** The store, which remembers of each namespace which digest it had when. */
const remembered = (store: ProxyStore, clock: WorldTime): RememberedStore => {
	const past = new Map<string, { readonly at: number; readonly digest: string | undefined }[]>();
	const remember = (name: string) => {
		const entries = past.get(name) ?? [];
		past.set(name, entries);
		entries.push({ at: clock.monotonic(), digest: store.get(name)?.digest });
	};
	const after = <Result>(name: string, result: Result): Result => {
		remember(name);
		return result;
	};
	return {
		...store,
		create: (entry, by) => after(entry.name, store.create(entry, by)),
		assign: (entry, by) => after(entry.name, store.assign(entry, by)),
		revoke: (claim, by) => after(claim.name, store.revoke(claim, by)),
		put: (entry, by) => after(entry.name, store.put(entry, by)),
		remove: (name, by) => after(name, store.remove(name, by)),
		tamper: (name, tampering) => after(name, store.tamper(name, tampering)),
		wipe() {
			const names = storeNames(store);
			store.wipe();
			for (const name of names) remember(name);
		},
		digestsSince(moment, namespaceId) {
			const entries = past.get(namespaceId) ?? [];
			const before = entries.findLast(({ at }) => at <= moment);
			return [before, ...entries.filter(({ at }) => at > moment)].map((entry) => entry?.digest);
		},
	};
};

/** Names of the namespaces that a store has. */
export const storeNames = (store: ProxyStore): string[] => store.list().map(({ name }) => name);

const stackOf = ({ metadata }: Pod): string | undefined => {
	const stack = metadata.labels?.[STACK_LABEL];
	return stack && `${metadata.namespace}/${stack}`;
};
