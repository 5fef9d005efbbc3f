import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../../devcluster/proxy/sqlite.ts";
import type { ProxyStore } from "../../../devcluster/proxy/store.ts";
import { contentHash } from "../../../kube/object.ts";
import { CONFIG } from "./callers.ts";

const clock = { now: () => 1_000 };
const entry = { name: "orders", config: CONFIG, version: 5, owner: "c/team/orders" };

let dir: string;
let path: string;
let store: ProxyStore;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), "prism-store-"));
	path = join(dir, "volume", "config.db");
	store = openStore(path, clock);
});
afterEach(() => {
	store.close();
	rmSync(dir, { recursive: true, force: true });
});

const reopened = () => {
	store.close();
	store = openStore(path, clock);
	return store;
};

describe("the file", () => {
	test("keeps namespaces, history and tombstones over a restart, and the store's id", () => {
		store.assign(entry, "ann");
		store.revoke({ name: "other", owner: "", version: 9 }, "ann");
		const [id, history] = [store.id(), store.history("orders")];
		expect(id).toMatch(/^[0-9a-f-]{36}$/);
		reopened();
		expect(store.get("orders")).toMatchObject(entry);
		expect(store.history("orders")).toEqual(history);
		expect(store.id()).toBe(id);
		expect(store.assign({ ...entry, name: "other" }, "ann")).toBe("stale version");
	});

	test("has the columns of a proxy's store", () => {
		const metadata = { cache_ttl_seconds: "300", rate_limit_rps: "1000", "tag.team": "orders" };
		store.assign({ ...entry, config: { ...CONFIG, metadata } }, "");
		const database = new DatabaseSync(path, { readOnly: true });
		expect({ ...database.prepare("SELECT * FROM namespaces").get() }).toMatchObject({
			name: "orders",
			backend: "postgres",
			pattern: "keyvalue",
			status: "active",
			backend_config: '{"pool":"5"}',
			consistency: "strong",
			cache_ttl_seconds: 300,
			rate_limit_rps: 1000,
			tags: '{"team":"orders"}',
		});
		database.close();
	});

	test("a row that was changed from outside shows in its digest, and nowhere else", () => {
		store.assign(entry, "ann");
		const database = new DatabaseSync(path);
		database.exec(`UPDATE namespaces SET config = '{"metadata":{"tier":"lead"}}'`);
		database.close();
		expect(store.get("orders")).toMatchObject({ version: 5, digest: contentHash({ metadata: { tier: "lead" } }) });
		expect(store.history("orders")).toHaveLength(1);
		expect(store.assign(entry, "ann")).toBeUndefined();
		expect(store.get("orders")?.digest).toBe(contentHash(CONFIG));
	});

	test("a row that is not even JSON is not what was assigned", () => {
		store.assign(entry, "ann");
		const database = new DatabaseSync(path);
		database.exec("UPDATE namespaces SET config = 'oops'");
		database.close();
		expect(store.get("orders")?.digest).toBe(contentHash({}));
	});
});
