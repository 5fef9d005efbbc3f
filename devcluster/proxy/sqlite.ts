import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { canonicalJson, contentHash } from "../../kube/object.ts";
import type { Clock } from "../../kube/time.ts";
import { numberAt } from "../json.ts";
import { columnsOf, configFromText } from "./config.ts";
import { BURY, SCHEMA, UPSERT } from "./schema.ts";
import {
	changeOf,
	createStore,
	type NamespaceState,
	type ProxyStore,
	type Quota,
	type StoredNamespace,
	type Tables,
} from "./store.ts";

// A proxy's store in a file, as a proxy's volume has it: it outlives the process, and users look into it with sqlite3.

/** Makes the file if there is none. */
export const openStore = (path: string, clock: Pick<Clock, "now">): ProxyStore => createStore(openTables(path), clock);

const openTables = (path: string): Tables => {
	mkdirSync(dirname(path), { recursive: true });
	const database = new DatabaseSync(path);
	database.exec(SCHEMA);
	const nameStore = database.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('store_id', ?)");
	nameStore.run(randomUUID());
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
	};
	return {
		id: () => text(sql.id.get() ?? {}, "value"),
		get(name) {
			const row = sql.get.get(name);
			return row && namespaceOf(row);
		},
		list: (after, limit) => sql.list.all(after, Number.isFinite(limit) ? limit : -1).map(namespaceOf),
		save({ digest: _digest, config, quota, ...row }) {
			sql.upsert.run({
				...columnsOf(config),
				...row,
				config: canonicalJson(config),
				quota: quota === undefined ? null : JSON.stringify(quota),
			});
		},
		remove: (name) => void sql.remove.run(name),
		tombstone(name) {
			const row = sql.tombstone.get(name);
			return row && integer(row, "version");
		},
		bury: (name, version, now) => void sql.bury.run({ name, version, now }),
		record(name, change) {
			const { operation, oldConfig, newConfig, by, at } = changeOf(change);
			const [before, after] = [oldConfig, newConfig].map((config) => (config ? canonicalJson(config) : null));
			sql.record.run(name, operation, before ?? null, after ?? null, by, at);
		},
		history: (name) =>
			sql.history.all(name).map((row) =>
				changeOf({
					oldConfig: optionalConfig(row, "old_config"),
					newConfig: optionalConfig(row, "new_config"),
					by: text(row, "changed_by"),
					at: integer(row, "changed_at"),
				}),
			),
		flags: (name) =>
			Object.fromEntries(sql.flags.all(name).map((row) => [text(row, "flag"), integer(row, "enabled") === 1])),
		setFlag: (name, flag, enabled) => void sql.setFlag.run(name, flag, Number(enabled)),
		wipe() {
			for (const table of ["feature_flags", "namespaces", "history", "tombstones", "meta"])
				database.exec(`DELETE FROM ${table}`);
			nameStore.run(randomUUID());
		},
		close: () => database.close(),
		// Also when the machine goes down in between.
		atomically(run) {
			database.exec("BEGIN IMMEDIATE");
			try {
				const result = run();
				database.exec("COMMIT");
				return result;
			} catch (error) {
				database.exec("ROLLBACK");
				throw error;
			}
		},
	};
};

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

const optionalConfig = (row: Row, column: string) => {
	const json = optional(row, column);
	return json === undefined ? undefined : configFromText(json);
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
