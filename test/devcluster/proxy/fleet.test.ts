import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFaults } from "../../../devcluster/proxy/faults.ts";
import { createFleet, type Fleet, type MemberOptions } from "../../../devcluster/proxy/fleet.ts";
import { systemTime } from "../../../server/time.ts";
import { DIALECTS } from "../../dialects.ts";
import type { TestCaller } from "./callers.ts";
import { atTheEnd, call, endAll, ORDERS } from "./started.ts";

const UNAVAILABLE = { code: status.UNAVAILABLE };

const member = (index = 0, options: Partial<MemberOptions> = {}): MemberOptions => ({
	name: `prism-a-${index}`,
	namespace: "data",
	addresses: [`prism-a-${index}.prism-a.data.svc:8981`],
	kind: "proxy",
	...options,
});
const ADDRESS = "prism-a-0.prism-a.data.svc:8981";
const KEY = "data/prism-a-0";

const callerAt = (fleet: Fleet, address = ADDRESS): TestCaller =>
	call({ port: Number(fleet.resolve(address)?.split(":")[1]) });

afterEach(endAll);

const temporary = () => {
	const dir = mkdtempSync(join(tmpdir(), "prism-fleet-"));
	atTheEnd(() => rmSync(dir, { recursive: true, force: true }));
	return dir;
};

describe.each([
	["in files", temporary],
	["in memory", () => undefined],
])("a fleet with its volumes %s", (_, makeDir) => {
	let fleet: Fleet;
	beforeEach(() => {
		fleet = createFleet({ dir: makeDir(), clock: systemTime });
		atTheEnd(() => fleet.close());
	});

	test("a proxy is reached by its name", async () => {
		expect(fleet.resolve(ADDRESS)).toBeUndefined();
		const proxy = await fleet.start(member());
		expect(fleet.resolve(ADDRESS)).toBe(`127.0.0.1:${proxy.port}`);
		expect(fleet.proxyAt(ADDRESS)).toBe(proxy);
		expect(fleet.resolve("prism-a-0.prism-a.data.svc:8980")).toBeUndefined();
		await callerAt(fleet).assign(ORDERS);
		expect(proxy.store.get("orders")).toBeDefined();
	});

	test("a stopped one refuses connections and cuts off what is under way; a restarted one knows its namespaces", async () => {
		const proxy = await fleet.start(member());
		const caller = callerAt(fleet);
		await caller.assign(ORDERS);
		const { storeId } = await caller.list();
		proxy.faults.set("AdminService", { kind: "hanging" }, 1);
		const cut = caller.list();
		cut.catch(() => {});
		await expect.poll(() => proxy.calls("AdminService.ListNamespaces")).toBe(2);
		await fleet.stop(KEY);
		await expect(cut).rejects.toMatchObject(UNAVAILABLE);
		await expect(callerAt(fleet).list()).rejects.toThrow(/UNAVAILABLE.*ECONNREFUSED/);
		expect(fleet.proxyAt(ADDRESS)).toBeUndefined();
		await fleet.restart(KEY);
		expect(await callerAt(fleet).list()).toMatchObject({ namespaces: [{ name: "orders" }], storeId });
	});

	test("with a fresh volume it knows none, and is another store", async () => {
		await fleet.start(member());
		await callerAt(fleet).assign(ORDERS);
		const { storeId } = await callerAt(fleet).list();
		await fleet.restart(KEY, { freshVolume: true });
		const fresh = await callerAt(fleet).list();
		expect(fresh.namespaces).toEqual([]);
		expect(fresh.storeId).not.toBe(storeId);
	});

	test("address, token and faults stay over a restart", async () => {
		const proxy = await fleet.start(member(0, { token: "s3cret" }));
		proxy.faults.speak("design");
		const address = fleet.resolve(ADDRESS);
		await fleet.restart(KEY);
		expect(fleet.resolve(ADDRESS)).toBe(address);
		expect(fleet.proxyAt(ADDRESS)?.faults.dialect()).toBe("design");
		await expect(callerAt(fleet).list()).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
	});

	test("a removed one has no name any more; one in its place has its port and its volume", async () => {
		await fleet.start(member());
		await callerAt(fleet).assign(ORDERS);
		const address = fleet.resolve(ADDRESS);
		const removed = fleet.remove(KEY);
		const started = fleet.start(member());
		await removed;
		await started;
		expect(fleet.resolve(ADDRESS)).toBe(address);
		expect((await callerAt(fleet).list()).namespaces).toHaveLength(1);
		await fleet.remove(KEY);
		expect(fleet.resolve(ADDRESS)).toBeUndefined();
		await expect(fleet.stop(KEY)).rejects.toThrow(`there is no proxy ${KEY}`);
	});

	test("proxies of one volume share what is in it", async () => {
		const [first, second] = await Promise.all([
			fleet.start(member(0, { volume: "shared" })),
			fleet.start(member(1, { volume: "shared" })),
		]);
		first.store.put({ name: "orders", config: {}, version: 1, owner: "" }, "");
		await fleet.stop(KEY);
		expect(second.store.get("orders")).toBeDefined();
	});
});

test("50 instances are told apart", async () => {
	const calls = new Map<string, number>();
	const fleet = createFleet({
		dir: temporary(),
		clock: systemTime,
		onCall: (key) => void calls.set(key, (calls.get(key) ?? 0) + 1),
	});
	atTheEnd(() => fleet.close());
	const members = Array.from({ length: 50 }, (_, index) => member(index));
	await Promise.all(members.map((options) => fleet.start(options)));
	const addresses = members.flatMap((options) => options.addresses);
	const callers = addresses.map((address) => callerAt(fleet, address));
	await Promise.all(callers.map((caller, index) => caller.assign({ ...ORDERS, namespace: `ns-${index}` })));
	const lists = await Promise.all(callers.map((caller) => caller.list()));
	expect(lists.map(({ namespaces }) => namespaces.map(({ name }) => name))).toEqual(
		members.map((_, index) => [`ns-${index}`]),
	);
	expect(new Set(lists.map(({ storeId }) => storeId)).size).toBe(50);
	expect(new Set(addresses.map((address) => fleet.resolve(address))).size).toBe(50);
	expect([...calls.values()]).toEqual(members.map(() => 2));
	await Promise.all(members.slice(0, 25).map(({ name }) => fleet.stop(`data/${name}`)));
	const rest = await Promise.allSettled(callers.map((caller) => caller.list()));
	expect(rest.filter((result) => result.status === "fulfilled")).toHaveLength(25);
});

describe.each(DIALECTS)("a control plane that speaks %s", (dialect) => {
	// The one that exists never forgets a proxy.
	const forgets = dialect === "extended";
	const group = "data/dev";
	const address = "dev-admin.data.svc:8980";
	const plane = { ...member(), name: "dev-admin", addresses: [address], kind: "controlPlane", group } as const;

	test("has the proxies of its group registered, whoever comes first", async () => {
		const fleet = createFleet({ clock: systemTime });
		atTheEnd(() => fleet.close());
		await fleet.start(member(0, { group }));
		await fleet.start({ ...plane, faults: createFaults(dialect) });
		await fleet.start(member(1, { group }));
		await fleet.start(member(2));
		const ids = () => fleet.proxyAt(address)?.registry.ids();
		expect(ids()).toEqual(["prism-a-0", "prism-a-1"]);
		expect((await callerAt(fleet, address).create(ORDERS)).assignedProxy).toMatch(/^prism-a-[01]$/);
		await fleet.stop("data/prism-a-1");
		expect(ids()).toEqual(forgets ? ["prism-a-0"] : ["prism-a-0", "prism-a-1"]);
		await fleet.restart("data/dev-admin");
		await fleet.restart("data/prism-a-1");
		expect(ids()).toEqual(["prism-a-0", "prism-a-1"]);
		await fleet.remove("data/prism-a-0");
		await fleet.remove("data/prism-a-1");
		const late = callerAt(fleet, address).create({ ...ORDERS, namespace: "late" });
		if (forgets) await expect(late).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
		else expect((await late).assignedProxy).toMatch(/^prism-a-[01]$/);
	});
});

test("control planes have the manners of the one that exists unless something else is asked for, and proxies never", async () => {
	const fleet = createFleet({ clock: systemTime });
	atTheEnd(() => fleet.close());
	const plane = await fleet.start(member(0, { kind: "controlPlane" }));
	const proxy = await fleet.start(member(1));
	expect([plane.faults.dialect(), proxy.faults.dialect()]).toEqual(["prism-admin", "extended"]);
	plane.faults.speak("extended");
	await fleet.restart(KEY);
	expect(fleet.proxy(KEY)?.faults.dialect()).toBe("extended");
});
