import { randomUUID } from "node:crypto";
import { canonicalJson, contentHash } from "../../kube/object.ts";
import type { Clock } from "../../kube/time.ts";
import type { NamespaceConfig } from "../../schemas/admin.ts";
import { assignmentRefused, type Claim, creationRefused, type Known, revocationRefused } from "./rules.ts";

// A proxy's own store: its namespaces, their history, and what it has released. The rules are the same wherever its
// tables are: in memory, or in a file (sqlite.ts).

export type NamespaceState = "active" | "disabled" | "migrating";

export interface Quota {
	readonly maxSessions: number;
	readonly maxStorageBytes: number;
	readonly maxRps: number;
	readonly burstSize: number;
	readonly maxKeys: number;
	readonly maxConnections: number;
}

/** What is put into the store, by any client. */
export interface Entry extends Claim {
	readonly config: NamespaceConfig;
	readonly description?: string;
	readonly quota?: Quota | undefined;
}

export interface StoredNamespace extends Required<Entry> {
	/** Of the configuration as it is in the row now: a row that was changed by hand has another digest. */
	readonly digest: string;
	readonly status: NamespaceState;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	readonly updatedAt: number;
	readonly createdBy: string;
}

export interface Change {
	readonly operation: "create" | "update" | "delete";
	readonly oldConfig: NamespaceConfig | undefined;
	readonly newConfig: NamespaceConfig | undefined;
	readonly by: string;
	readonly at: number;
}

/** What a user changes in a row by hand: without version, history or time. */
export interface Tampering {
	readonly config?: NamespaceConfig;
	readonly owner?: string;
	readonly version?: number;
	readonly status?: NamespaceState;
}

export interface ProxyStore {
	/** Random, and made with the store: a fresh volume has another one. */
	id(): string;
	get(name: string): StoredNamespace | undefined;
	/** At most so many, by name, beginning after one. */
	list(after?: string, limit?: number): StoredNamespace[];
	/** By the rules (rules.ts). Returns why not, in the words of the answer. */
	create(entry: Entry, by: string): string | undefined;
	assign(entry: Entry, by: string): string | undefined;
	revoke(claim: Claim, by: string): string | undefined;
	/** Without checks: a proxy that knows of no owners, or an administrator. */
	put(entry: Entry, by: string): void;
	/** Whether it was there. */
	remove(name: string, by: string): boolean;
	history(name: string): Change[];
	flags(name: string): Record<string, boolean>;
	setFlag(name: string, flag: string, enabled: boolean): void;
	tamper(name: string, tampering: Tampering): void;
	/** As if the volume were a new one. */
	wipe(): void;
	close(): void;
}

/** What a store keeps its rows in. */
export interface Tables {
	readonly id: () => string;
	readonly get: (name: string) => StoredNamespace | undefined;
	/** At most so many, by name, beginning after this one. */
	readonly list: (after: string, limit: number) => StoredNamespace[];
	readonly save: (row: StoredNamespace) => void;
	/** With its flags. */
	readonly remove: (name: string) => void;
	readonly tombstone: (name: string) => number | undefined;
	readonly bury: (name: string, version: number, now: number) => void;
	readonly record: (name: string, change: Omit<Change, "operation">) => void;
	readonly history: (name: string) => Change[];
	readonly flags: (name: string) => Record<string, boolean>;
	readonly setFlag: (name: string, flag: string, enabled: boolean) => void;
	readonly wipe: () => void;
	readonly close: () => void;
	/** All of it or nothing. */
	readonly atomically: <Result>(run: () => Result) => Result;
}

export const createStore = (tables: Tables, clock: Pick<Clock, "now">): ProxyStore => {
	const known = (name: string): Known => ({ record: tables.get(name), tombstone: tables.tombstone(name) });
	const put = (entry: Entry, by: string): void => {
		const found = tables.get(entry.name);
		const { description = found?.description ?? "", quota = found?.quota } = entry;
		const wanted = { config: entry.config, version: entry.version, owner: entry.owner, description, quota };
		// Sent again what it knows: nothing changes, and the history shows no change.
		if (found !== undefined && canonicalJson(inContent(found)) === canonicalJson(wanted)) return;
		const now = clock.now();
		const made = { status: "active", createdAt: now, createdBy: by } as const;
		tables.save({
			...(found ?? made),
			...wanted,
			name: entry.name,
			digest: contentHash(entry.config),
			updatedAt: now,
		});
		tables.record(entry.name, { oldConfig: found?.config, newConfig: entry.config, by, at: now });
	};
	const remove = (name: string, by: string): boolean => {
		const found = tables.get(name);
		if (found === undefined) return false;
		tables.remove(name);
		tables.record(name, { oldConfig: found.config, newConfig: undefined, by, at: clock.now() });
		return true;
	};
	const putUnless = (refused: (known: Known, claim: Claim) => string | undefined, entry: Entry, by: string) =>
		tables.atomically(() => {
			const refusal = refused(known(entry.name), entry);
			if (refusal === undefined) put(entry, by);
			return refusal;
		});

	return {
		id: tables.id,
		get: tables.get,
		list: (after = "", limit = Number.POSITIVE_INFINITY) => tables.list(after, limit),
		create: (entry, by) => putUnless(creationRefused, entry, by),
		assign: (entry, by) => putUnless(assignmentRefused, entry, by),
		revoke: (claim, by) =>
			tables.atomically(() => {
				const refusal = revocationRefused(known(claim.name), claim);
				if (refusal !== undefined) return refusal;
				remove(claim.name, by);
				// Also for what is not there: its assignment may still be on its way.
				if (claim.version !== 0) tables.bury(claim.name, claim.version, clock.now());
				return undefined;
			}),
		put: (entry, by) => tables.atomically(() => put(entry, by)),
		remove: (name, by) => tables.atomically(() => remove(name, by)),
		history: tables.history,
		flags: tables.flags,
		setFlag: tables.setFlag,
		tamper(name, tampering) {
			const found = tables.get(name);
			if (found === undefined) return;
			const row = { ...found, ...tampering };
			tables.save({ ...row, digest: contentHash(row.config) });
		},
		wipe: () => tables.atomically(tables.wipe),
		close: tables.close,
	};
};

const inContent = ({ config, version, owner, description, quota }: StoredNamespace) => ({
	config,
	version,
	owner,
	description,
	quota,
});

export const changeOf = (change: Omit<Change, "operation">): Change => ({ operation: operationOf(change), ...change });

const operationOf = ({ oldConfig, newConfig }: Omit<Change, "operation">): Change["operation"] => {
	if (oldConfig === undefined) return "create";
	return newConfig === undefined ? "delete" : "update";
};

// ── In memory ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** A store in memory. `newId` names it. */
export const memoryStore = (clock: Pick<Clock, "now">, newId: () => string = randomUUID): ProxyStore =>
	createStore(memoryTables(newId), clock);

const memoryTables = (newId: () => string): Tables => {
	let id = newId();
	const rows = new Map<string, StoredNamespace>();
	const tombstones = new Map<string, number>();
	const histories = new Map<string, Change[]>();
	const flags = new Map<string, Record<string, boolean>>();
	return {
		id: () => id,
		get: (name) => rows.get(name),
		list: (after, limit) =>
			[...rows.values()]
				.filter(({ name }) => name > after)
				.toSorted((left, right) => (left.name < right.name ? -1 : 1))
				.slice(0, limit),
		save: (row) => void rows.set(row.name, row),
		remove(name) {
			rows.delete(name);
			flags.delete(name);
		},
		tombstone: (name) => tombstones.get(name),
		bury: (name, version) => void tombstones.set(name, Math.max(version, tombstones.get(name) ?? 0)),
		record: (name, change) => void histories.set(name, [...(histories.get(name) ?? []), changeOf(change)]),
		history: (name) => histories.get(name) ?? [],
		flags: (name) => flags.get(name) ?? {},
		setFlag: (name, flag, enabled) => void flags.set(name, { ...flags.get(name), [flag]: enabled }),
		wipe() {
			for (const table of [rows, tombstones, histories, flags]) table.clear();
			id = newId();
		},
		close() {},
		atomically: (run) => run(),
	};
};
