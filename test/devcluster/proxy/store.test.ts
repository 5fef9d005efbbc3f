import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../../devcluster/proxy/sqlite.ts";
import { memoryStore, type ProxyStore } from "../../../devcluster/proxy/store.ts";
import { contentHash } from "../../../kube/object.ts";
import { CONFIG } from "./callers.ts";

let now = 1_000;
const clock = { now: () => now };
const entry = { name: "orders", config: CONFIG, version: 5, owner: "c/team/orders" };

let dir: string;
let path: string;
let store: ProxyStore;
beforeEach(() => {
	now = 1_000;
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

const KINDS = [
	{ kind: "in a file", open: () => reopened() },
	{ kind: "in memory", open: () => memoryStore(clock) },
];

describe.each(KINDS)("a store $kind", ({ open }) => {
	beforeEach(() => {
		store = open();
	});

	describe("assigning", () => {
		test("keeps the whole configuration, its digest, and who and when", () => {
			expect(store.assign(entry, "ann")).toBeUndefined();
			expect(store.get("orders")).toEqual({
				...entry,
				digest: contentHash(CONFIG),
				status: "active",
				description: "",
				quota: undefined,
				createdAt: 1_000,
				updatedAt: 1_000,
				createdBy: "ann",
			});
		});

		const cases = [
			{ why: "a newer version of the same owner", change: { version: 6 }, refusal: undefined },
			{ why: "the same version with another configuration", change: { config: {} }, refusal: undefined },
			{ why: "an older version", change: { version: 4 }, refusal: "stale version" },
			{ why: "another owner", change: { owner: "c/b/x" }, refusal: "namespace orders belongs to another owner" },
			{ why: "nobody", change: { owner: "" }, refusal: "namespace orders belongs to another owner" },
			{
				why: "another owner's newer version",
				change: { owner: "c/b/x", version: 9 },
				refusal: "namespace orders belongs to another owner",
			},
		];
		test.each(cases)("over one that is there: $why", ({ change, refusal }) => {
			store.assign(entry, "ann");
			expect(store.assign({ ...entry, ...change }, "bob")).toBe(refusal);
			expect(store.get("orders")).toMatchObject(refusal === undefined ? { ...entry, ...change } : entry);
		});

		test("a record that somebody made by hand is not taken over", () => {
			store.put({ ...entry, owner: "", version: 0 }, "admin");
			expect(store.assign(entry, "ann")).toBe("namespace orders belongs to another owner");
			expect(store.assign({ ...entry, owner: "" }, "admin")).toBeUndefined();
		});

		test("the same again changes nothing", () => {
			store.assign(entry, "ann");
			now = 2_000;
			expect(store.assign(entry, "ann")).toBeUndefined();
			expect(store.get("orders")?.updatedAt).toBe(1_000);
			expect(store.history("orders")).toHaveLength(1);
		});
	});

	describe("creating", () => {
		test("once", () => {
			expect(store.create(entry, "ann")).toBeUndefined();
			expect(store.create(entry, "ann")).toBe("already exists");
		});

		test("not after a revocation that came later", () => {
			store.revoke({ name: "orders", owner: entry.owner, version: 6 }, "ann");
			expect(store.create(entry, "ann")).toBe("stale version");
			expect(store.create({ ...entry, version: 6 }, "ann")).toBeUndefined();
		});
	});

	describe("revoking", () => {
		const claim = { name: "orders", owner: entry.owner, version: 6 };
		const cases = [
			{ why: "a newer version", change: {}, refusal: undefined },
			{ why: "the same version", change: { version: 5 }, refusal: undefined },
			{ why: "no version", change: { version: 0 }, refusal: undefined },
			{ why: "an older version", change: { version: 4 }, refusal: "stale version" },
			{ why: "another owner", change: { owner: "c/b/x" }, refusal: "namespace orders belongs to another owner" },
			{ why: "nobody", change: { owner: "" }, refusal: "namespace orders belongs to another owner" },
		];
		test.each(cases)("$why", ({ change, refusal }) => {
			store.assign(entry, "ann");
			expect(store.revoke({ ...claim, ...change }, "ann")).toBe(refusal);
			expect(store.get("orders") === undefined).toBe(refusal === undefined);
		});

		test("what is not there: yes, and an older assignment is refused ever after", () => {
			expect(store.revoke(claim, "ann")).toBeUndefined();
			expect(store.revoke({ ...claim, version: 3 }, "ann")).toBeUndefined();
			expect(store.assign(entry, "ann")).toBe("stale version");
			expect(store.assign({ ...entry, version: 6 }, "ann")).toBeUndefined();
		});

		test("without a version there is nothing to remember", () => {
			store.revoke({ ...claim, version: 0 }, "ann");
			expect(store.assign({ ...entry, version: 1 }, "ann")).toBeUndefined();
		});

		test("what was made by hand stays", () => {
			store.put({ ...entry, owner: "" }, "admin");
			expect(store.revoke(claim, "ann")).toBe("namespace orders belongs to another owner");
		});
	});

	test("history tells what became of a name", () => {
		store.create(entry, "ann");
		now = 2_000;
		store.assign({ ...entry, version: 6, config: {} }, "bob");
		store.revoke({ name: "orders", owner: entry.owner, version: 7 }, "cid");
		expect(store.history("orders")).toEqual([
			{ operation: "create", oldConfig: undefined, newConfig: CONFIG, by: "ann", at: 1_000 },
			{ operation: "update", oldConfig: CONFIG, newConfig: {}, by: "bob", at: 2_000 },
			{ operation: "delete", oldConfig: {}, newConfig: undefined, by: "cid", at: 2_000 },
		]);
	});

	test("tampering leaves no trace but the row itself", () => {
		store.assign(entry, "ann");
		now = 2_000;
		store.tamper("orders", { owner: "c/b/x", status: "disabled" });
		expect(store.get("orders")).toMatchObject({ owner: "c/b/x", status: "disabled", version: 5, updatedAt: 1_000 });
		store.tamper("orders", { config: {}, version: 7 });
		expect(store.get("orders")).toMatchObject({ config: {}, digest: contentHash({}), version: 7, owner: "c/b/x" });
	});

	test("wiped it knows nothing, tombstones neither, and is another store", () => {
		store.assign(entry, "ann");
		store.revoke({ name: "other", owner: "", version: 9 }, "ann");
		const id = store.id();
		store.wipe();
		expect(store.list()).toEqual([]);
		expect(store.history("orders")).toEqual([]);
		expect(store.id()).not.toBe(id);
		expect(store.assign({ ...entry, name: "other", version: 1 }, "ann")).toBeUndefined();
	});
});
