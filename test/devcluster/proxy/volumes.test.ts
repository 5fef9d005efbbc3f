import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createVolumes } from "../../../devcluster/proxy/volumes.ts";
import { createManualClock } from "../../clock.ts";
import { atTheEnd, endAll } from "./started.ts";

afterEach(endAll);

const ORDERS = { name: "orders", config: {}, version: 1, owner: "" };

const volumesIn = (place: string) => {
	const dir = place === "a file" ? mkdtempSync(join(tmpdir(), "prism-volumes-")) : undefined;
	const volumes = createVolumes(dir, createManualClock());
	atTheEnd(() => {
		volumes.close();
		if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
	});
	return { dir, volumes };
};

describe.each(["a file", "memory"])("a volume in %s", (place) => {
	test("is one store for all that use it, and another one for another name", () => {
		const { volumes } = volumesIn(place);
		const store = volumes.open("a");
		store.put(ORDERS, "");
		expect(volumes.open("a")).toBe(store);
		expect(volumes.open("b").list()).toEqual([]);
	});

	test("keeps what it has when its last user leaves", () => {
		const { volumes } = volumesIn(place);
		const id = volumes.open("a").id();
		volumes.open("a").put(ORDERS, "");
		volumes.release("a");
		volumes.release("a");
		volumes.release("a");
		const again = volumes.open("a");
		expect([again.id(), again.list().length]).toEqual([id, 1]);
	});

	test("is as new after it was erased", () => {
		const { volumes } = volumesIn(place);
		const store = volumes.open("a");
		const id = store.id();
		store.put(ORDERS, "");
		volumes.erase("a");
		const fresh = volumes.open("a");
		expect(fresh.list()).toEqual([]);
		expect(fresh.id()).not.toBe(id);
		volumes.erase("never-opened");
	});
});

test("a file is open for as long as it has a user", () => {
	const { dir, volumes } = volumesIn("a file");
	const store = volumes.open("a");
	volumes.open("a");
	volumes.release("a");
	expect(store.list()).toEqual([]);
	volumes.release("a");
	expect(() => store.list()).toThrow();
	expect(existsSync(join(dir ?? "", "a", "config.db"))).toBe(true);
});
