import { crc32 } from "node:zlib";
import type { PartitionRange } from "../../protos/gen/prism/control_plane.ts";

// The proxies that a control plane knows, and how it divides the partitions among them.

export interface Registry {
	add(proxyId: string, address: string): void;
	remove(proxyId: string): void;
	has(proxyId: string): boolean;
	/** Sorted. */
	ids(): string[];
	/** Who serves this partition; undefined while no proxy is registered. */
	proxyOf(partition: number): string | undefined;
	/** Both ends are part of a range. */
	rangesOf(proxyId: string): PartitionRange[];
}

export const PARTITIONS = 256;

export const partitionOf = (namespace: string): number => crc32(namespace) % PARTITIONS;

export const createRegistry = (): Registry => {
	const addresses = new Map<string, string>();
	const ids = () => [...addresses.keys()].toSorted();
	return {
		add: (proxyId, address) => void addresses.set(proxyId, address),
		remove: (proxyId) => void addresses.delete(proxyId),
		has: (proxyId) => addresses.has(proxyId),
		ids,
		proxyOf: (partition) => ids()[Math.floor((partition * addresses.size) / PARTITIONS)],
		rangesOf(proxyId) {
			const index = ids().indexOf(proxyId);
			if (index === -1) return [];
			const start = Math.ceil((index * PARTITIONS) / addresses.size);
			const end = Math.ceil(((index + 1) * PARTITIONS) / addresses.size) - 1;
			// With more proxies than partitions some have nothing to do.
			return end < start ? [] : [{ start, end }];
		},
	};
};
