import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { canonicalJson, contentHash } from "../../kube/object.ts";
import type { Clock } from "../../kube/time.ts";
import type { NamespaceConfig } from "../../schemas/admin.ts";
import { numberAt } from "../json.ts";
import { columnsOf, configFromText } from "./config.ts";
import { assignmentRefused, type Claim, creationRefused, type Known, revocationRefused } from "./rules.ts";
import { BURY, SCHEMA, UPSERT } from "./schema.ts";

// A proxy's own store: its namespaces in SQLite, what became of them, and what it has released.

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
	/** Of the configuration as it is in the row now: a row that was changed by hand has another one. */
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

/** The store in this file, made when it is not there; ":memory:" is gone with `close`. */
/** `newId` names a store that is new. */
export const openStore = (path: string, clock: Pick<Clock, "now">, newId: () => string = randomUUID): ProxyStore => {
	if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
	const database = new DatabaseSync(path);
	database.exec(SCHEMA);
	const nameStore = database.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('store_id', ?)");
	nameStore.run(newId());
	const sql = {
		id: database.prepare("SELECT value FROM meta WHERE key = 'store_id'"),
		get: database.prepare("SELECT * FROM namespaces WHERE name = ?"),
		list: database.prepare("SELECT * FROM namespaces WHERE name > ? ORDER BY name LIMIT ?"),
		upsert: database.prepare(UPSERT),
		remove: database.prepare("DELETE FROM namespaces WHERE name = ?"),
		tombstone: database.prepare("SELECT version FROM tombstones WHERE namespace = ?"),
		bury: database.prepare(BURY),
		record: database.prepare(
			"INSERT INTO history (namespace, operation, old_config, new_config, changed_by, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
		),
		history: database.prepare("SELECT * FROM history WHERE namespace = ? ORDER BY id"),
		flags: database.prepare("SELECT flag, enabled FROM feature_flags WHERE namespace = ? ORDER BY flag"),
		setFlag: database.prepare("INSERT OR REPLACE INTO feature_flags (namespace, flag, enabled) VALUES (?, ?, ?)"),
		tamper: database.prepare(
			"UPDATE namespaces SET config = ifnull(?, config), owner = ifnull(?, owner), version = ifnull(?, version), status = ifnull(?, status) WHERE name = ?",
		),
	};

	/** All of it or nothing, also when the machine goes down in between. */
	const atomically = <Result>(run: () => Result): Result => {
		database.exec("BEGIN IMMEDIATE");
		try {
			const result = run();
			database.exec("COMMIT");
			return result;
		} catch (error) {
			database.exec("ROLLBACK");
			throw error;
		}
	};

	const get = (name: string): StoredNamespace | undefined => {
		const row = sql.get.get(name);
		return row && namespaceOf(row);
	};
	const known = (name: string): Known => {
		const tombstone = sql.tombstone.get(name);
		return { record: get(name), tombstone: tombstone && integer(tombstone, "version") };
	};
	const put = (entry: Entry, by: string): void => {
		const found = get(entry.name);
		const { description = found?.description ?? "", quota = found?.quota } = entry;
		const wanted = { config: entry.config, version: entry.version, owner: entry.owner, description, quota };
		// A repeated push: nothing changes, and history shows that.
		if (found !== undefined && canonicalJson(inContent(found)) === canonicalJson(wanted)) return;
		const config = canonicalJson(entry.config);
		sql.upsert.run({
			...columnsOf(entry.config),
			name: entry.name,
			config,
			version: entry.version,
			owner: entry.owner,
			description,
			quota: quota === undefined ? null : JSON.stringify(quota),
			by,
			now: clock.now(),
		});
		const [operation, old] = found === undefined ? ["create", null] : ["update", canonicalJson(found.config)];
		sql.record.run(entry.name, operation, old, config, by, clock.now());
	};
	const remove = (name: string, by: string): boolean => {
		const found = get(name);
		if (found === undefined) return false;
		sql.remove.run(name);
		sql.record.run(name, "delete", canonicalJson(found.config), null, by, clock.now());
		return true;
	};
	const putUnless = (refused: (known: Known, claim: Claim) => string | undefined, entry: Entry, by: string) =>
		atomically(() => {
			const refusal = refused(known(entry.name), entry);
			if (refusal === undefined) put(entry, by);
			return refusal;
		});

	return {
		id: () => text(sql.id.get() ?? {}, "value"),
		get,
		list: (after = "", limit = -1) => sql.list.all(after, limit).map(namespaceOf),
		create: (entry, by) => putUnless(creationRefused, entry, by),
		assign: (entry, by) => putUnless(assignmentRefused, entry, by),
		revoke: (claim, by) =>
			atomically(() => {
				const refusal = revocationRefused(known(claim.name), claim);
				if (refusal !== undefined) return refusal;
				remove(claim.name, by);
				// Also for what is not there: its assignment may still be on its way.
				if (claim.version !== 0) sql.bury.run({ name: claim.name, version: claim.version, now: clock.now() });
				return undefined;
			}),
		put: (entry, by) => atomically(() => put(entry, by)),
		remove: (name, by) => atomically(() => remove(name, by)),
		history: (name) => sql.history.all(name).map(changeOf),
		flags: (name) =>
			Object.fromEntries(sql.flags.all(name).map((row) => [text(row, "flag"), integer(row, "enabled") === 1])),
		setFlag: (name, flag, enabled) => void sql.setFlag.run(name, flag, Number(enabled)),
		tamper(name, { config, owner, version, status }) {
			const changed = config === undefined ? null : canonicalJson(config);
			sql.tamper.run(changed, owner ?? null, version ?? null, status ?? null, name);
		},
		wipe: () =>
			atomically(() => {
				for (const table of ["feature_flags", "namespaces", "history", "tombstones", "meta"])
					database.exec(`DELETE FROM ${table}`);
				nameStore.run(newId());
			}),
		close: () => database.close(),
	};
};

const inContent = ({ config, version, owner, description, quota }: StoredNamespace) => ({
	config,
	version,
	owner,
	description,
	quota,
});

// ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────

type Row = Readonly<Record<string, SQLOutputValue>>;

const namespaceOf = (row: Row): StoredNamespace => {
	const config = configFromText(text(row, "config"));
	const quota = optional(row, "quota");
	return {
		name: text(row, "name"),
		config,
		digest: contentHash(config),
		version: integer(row, "version"),
		owner: text(row, "owner"),
		description: text(row, "description"),
		quota: quota === undefined ? undefined : quotaFromText(quota),
		status: stateOf(text(row, "status")),
		createdAt: integer(row, "created_at"),
		updatedAt: integer(row, "updated_at"),
		createdBy: text(row, "created_by"),
	};
};

const quotaFromText = (json: string): Quota => {
	const value: unknown = JSON.parse(json);
	const limit = (name: keyof Quota) => numberAt(value, name) ?? 0;
	return {
		maxSessions: limit("maxSessions"),
		maxStorageBytes: limit("maxStorageBytes"),
		maxRps: limit("maxRps"),
		burstSize: limit("burstSize"),
		maxKeys: limit("maxKeys"),
		maxConnections: limit("maxConnections"),
	};
};

const stateOf = (status: string): NamespaceState =>
	status === "disabled" || status === "migrating" ? status : "active";

const changeOf = (row: Row): Change => {
	const [before, after] = [optional(row, "old_config"), optional(row, "new_config")];
	return {
		operation: operationOf(before, after),
		oldConfig: before === undefined ? undefined : configFromText(before),
		newConfig: after === undefined ? undefined : configFromText(after),
		by: text(row, "changed_by"),
		at: integer(row, "changed_at"),
	};
};

const operationOf = (before: string | undefined, after: string | undefined): Change["operation"] => {
	if (before === undefined) return "create";
	return after === undefined ? "delete" : "update";
};

const optional = (row: Row, column: string): string | undefined => {
	const value = row[column];
	return typeof value === "string" ? value : undefined;
};

const text = (row: Row, column: string): string => optional(row, column) ?? "";

const integer = (row: Row, column: string): number => {
	const value = row[column];
	return typeof value === "number" ? value : 0;
};
