import type { Clock } from "../../kube/time.ts";
import { createFaults, type Faults, type Rpc, USUAL_DIALECT } from "./faults.ts";
import type { Figures } from "./figures.ts";
import { createPorts } from "./port-pool.ts";
import { type EmulatedProxy, startProxy } from "./service.ts";
import { createVolumes } from "./volumes.ts";

// Many emulated proxies in one process, each on a loopback port of its own, reached by the names that they have in the
// cluster.

export interface FleetOptions {
	/** Folder of the proxies' volumes; without it they are in memory, and a restarted proxy finds its own again. */
	readonly dir?: string | undefined;
	readonly clock: Clock;
	readonly figures?: Figures;
	/** Called for each call that a proxy gets; `key` is the proxy's. */
	readonly onCall?: (key: string, rpc: Rpc, request: unknown) => void;
}

export interface MemberOptions {
	readonly name: string;
	/** Kubernetes namespace. */
	readonly namespace: string;
	/** host:port inside the cluster, each leading to this one. */
	readonly addresses: readonly string[];
	readonly kind: "proxy" | "controlPlane";
	/** Proxies of a group are registered with the group's control planes. */
	readonly group?: string | undefined;
	/** Control planes of its Raft cluster, itself included: without a majority of them, it has no leader. Absent: it needs none. */
	readonly peers?: number | undefined;
	/** Default: its key. */
	readonly volume?: string | undefined;
	readonly token?: string | undefined;
	/** Kept over restarts. Default: none, in the usual dialect of its kind. */
	readonly faults?: Faults | undefined;
}

/** A key is "<Kubernetes namespace>/<name>". */
export interface Fleet {
	/** In the place of one of the same key, if there is one. */
	start(member: MemberOptions): Promise<EmulatedProxy>;
	/** As a process that died: its name resolves, and connections are refused. */
	stop(key: string): Promise<void>;
	/** Whether it runs or not. Its address, token and faults stay, and its namespaces unless its volume is a fresh one. */
	restart(key: string, options?: { readonly freshVolume?: boolean }): Promise<EmulatedProxy>;
	/** As a pod that is gone: its name does not resolve. Its volume stays. */
	remove(key: string): Promise<void>;
	/** host:port inside the cluster → host:port on this machine; undefined: there is no such name. */
	resolve(address: string): string | undefined;
	/** undefined: none runs there. */
	proxyAt(address: string): EmulatedProxy | undefined;
	proxy(key: string): EmulatedProxy | undefined;
	/** host:port on this machine, also while none runs there; undefined: there is no such proxy. */
	addressOf(key: string): string | undefined;
	/** Ends all of them. */
	close(): Promise<void>;
}

interface Member {
	readonly options: MemberOptions;
	readonly faults: Faults;
	readonly volume: string;
	readonly port: number;
	running: EmulatedProxy | undefined;
}

export const keyOf = ({ namespace, name }: Pick<MemberOptions, "namespace" | "name">): string => `${namespace}/${name}`;

export const createFleet = ({ dir, clock, figures, onCall = () => {} }: FleetOptions): Fleet => {
	const volumes = createVolumes(dir, clock);
	const members = new Map<string, Member>();
	const byAddress = new Map<string, string>();
	const ports = createPorts();
	/** key → the last of what is done to it: one thing after the other */
	const turns = new Map<string, Promise<unknown>>();

	const inTurn = <Result>(key: string, run: () => Promise<Result>): Promise<Result> => {
		const turn = (turns.get(key) ?? Promise.resolve()).then(run);
		turns.set(
			key,
			turn.catch(() => {}),
		);
		return turn;
	};

	const run = async (key: string, member: Member): Promise<EmulatedProxy> => {
		const { name, kind, token, peers } = member.options;
		const store = volumes.open(member.volume);
		try {
			const proxy = await startProxy({
				name,
				kind,
				token,
				store,
				clock,
				figures,
				faults: member.faults,
				port: member.port,
				hasLeader: peers === undefined ? undefined : () => 2 * runningPlanes(member.options) > peers,
				onCall: (rpc, request) => onCall(key, rpc, request),
			});
			member.running = proxy;
			introduce(member, proxy);
			return proxy;
		} catch (error) {
			volumes.release(member.volume);
			throw error;
		}
	};
	const end = async (member: Member): Promise<void> => {
		const { running, options } = member;
		if (running === undefined) return;
		member.running = undefined;
		// The control plane that exists never forgets a proxy.
		for (const { running: other, faults } of inGroup(options))
			if (faults.dialect() !== "prism-admin") other?.registry.remove(options.name);
		await running.stop();
		volumes.release(member.volume);
	};

	const inGroup = ({ group }: MemberOptions): Member[] =>
		group === undefined ? [] : [...members.values()].filter(({ options }) => options.group === group);
	const runningPlanes = (options: MemberOptions): number =>
		inGroup(options).filter(({ options: other, running }) => other.kind === "controlPlane" && running !== undefined)
			.length;
	/** What RegisterProxy would do, from either side, whichever is first. */
	const introduce = ({ options }: Member, proxy: EmulatedProxy): void => {
		for (const { options: other, running } of inGroup(options)) {
			if (running === undefined || other.kind === options.kind) continue;
			const [plane, registered] = options.kind === "controlPlane" ? [proxy, other] : [running, options];
			plane.registry.add(registered.name, registered.addresses[0] ?? "");
		}
	};

	const forget = (key: string): void => {
		for (const address of members.get(key)?.options.addresses ?? [])
			if (byAddress.get(address) === key) byAddress.delete(address);
		members.delete(key);
		ports.giveUp(key);
	};
	const known = (key: string): Member => {
		const member = members.get(key);
		if (member === undefined) throw new Error(`there is no proxy ${key}`);
		return member;
	};

	const fleet: Fleet = {
		start(options) {
			const key = keyOf(options);
			return inTurn(key, async () => {
				const before = members.get(key);
				if (before !== undefined) await end(before);
				forget(key);
				const { faults = createFaults(USUAL_DIALECT[options.kind]), volume = key } = options;
				const member: Member = { options, faults, volume, port: await ports.take(key), running: undefined };
				members.set(key, member);
				for (const address of options.addresses) byAddress.set(address, key);
				return run(key, member);
			});
		},
		stop: (key) => inTurn(key, () => end(known(key))),
		restart: (key, { freshVolume = false } = {}) =>
			inTurn(key, async () => {
				const member = known(key);
				await end(member);
				if (freshVolume) volumes.erase(member.volume);
				return run(key, member);
			}),
		remove: (key) =>
			inTurn(key, async () => {
				const member = members.get(key);
				if (member === undefined) return;
				forget(key);
				await end(member);
			}),
		resolve: (address) => fleet.addressOf(byAddress.get(address) ?? ""),
		proxyAt: (address) => fleet.proxy(byAddress.get(address) ?? ""),
		proxy: (key) => members.get(key)?.running,
		addressOf(key) {
			const member = members.get(key);
			return member && `127.0.0.1:${member.port}`;
		},
		async close() {
			await Promise.all([...turns.keys()].map((key) => fleet.remove(key)));
			volumes.close();
		},
	};
	return fleet;
};
