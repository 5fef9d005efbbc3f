import { describe, expect, it } from "vitest";
import { excessesOver } from "../../kube/tenancy.ts";
import { NamespaceWorld, type RosterOptions } from "../hooks/namespace-world.ts";

// What a shared place grants namespaces of other Kubernetes namespaces.

const CEILINGS = { maxKeys: 1000, rateLimit: { requestsPerSecond: 50 } };
const FITTING = { maxKeys: 1000, rateLimit: { requestsPerSecond: 50 } };
const SHARED: RosterOptions = { name: "prism-shared", namespace: "pool", replicas: 1 };
const ADDRESS = "prism-shared-0.prism-shared-headless.pool.svc:8981";
const SPEC = { backend: "postgres", shard: { namespace: "pool" } };

const bounded = (allowed: Record<string, unknown>): RosterOptions => ({
	...SHARED,
	allowed: { from: "All", ...allowed },
});

const worldOf = (spec: Record<string, unknown>, ...rosters: RosterOptions[]): NamespaceWorld => {
	const world = new NamespaceWorld({ ...SPEC, ...spec });
	world.keys = ["key"];
	world.relate(...rosters);
	return world;
};

/** Addresses that are asked or told anything from then on; nobody answers. */
const watched = (world: NamespaceWorld): { readonly addresses: string[] } => {
	const addresses: string[] = [];
	world.read = (address) => {
		addresses.push(address);
		return { state: "unknown", failure: "Unreachable" };
	};
	world.execute = ({ instance: { address } }) => {
		addresses.push(address);
		return { state: "failed", failure: "Unreachable" };
	};
	return { addresses };
};

describe("what is beyond a place's bounds", () => {
	const all = { maxKeys: 10, maxConnections: 10, rateLimit: { requestsPerSecond: 10, burstSize: 10 } };
	it.each([
		["nothing without bounds", {}, { quotas: { maxKeys: 11 } }, []],
		["nothing at the ceiling", { ceilings: all }, { quotas: all }, []],
		[
			"each quota above its ceiling",
			{ ceilings: all },
			{ quotas: { maxKeys: 11, maxConnections: 12, rateLimit: { requestsPerSecond: 13, burstSize: 14 } } },
			[
				{ about: "quota", field: "spec.quotas.maxKeys", value: 11, ceiling: 10 },
				{ about: "quota", field: "spec.quotas.maxConnections", value: 12, ceiling: 10 },
				{ about: "quota", field: "spec.quotas.rateLimit.requestsPerSecond", value: 13, ceiling: 10 },
				{ about: "quota", field: "spec.quotas.rateLimit.burstSize", value: 14, ceiling: 10 },
			],
		],
		[
			"each quota that is left out and has a ceiling",
			{ ceilings: { maxConnections: 10, rateLimit: { burstSize: 0 } } },
			{ quotas: { maxKeys: 5 } },
			[
				{ about: "quota", field: "spec.quotas.maxConnections", ceiling: 10 },
				{ about: "quota", field: "spec.quotas.rateLimit.burstSize", ceiling: 0 },
			],
		],
		[
			"a quota of 0, which a proxy can take as no limit",
			{ ceilings: { maxKeys: 10, maxConnections: 0 } },
			{ quotas: { maxKeys: 0, maxConnections: 0 } },
			[{ about: "quota", field: "spec.quotas.maxKeys", value: 0, ceiling: 10 }],
		],
		[
			"the rate under its other name",
			{ ceilings: { rateLimit: { requestsPerSecond: 10 } } },
			{ rateLimit: { rps: 11 } },
			[{ about: "quota", field: "spec.rateLimit.rps", value: 11, ceiling: 10 }],
		],
		[
			"not a rate under its other name",
			{ ceilings: { rateLimit: { requestsPerSecond: 10 } } },
			{ rateLimit: { rps: 10 } },
			[],
		],
		[
			"backend settings",
			{},
			{ backend: "postgres", backendConfig: { pool_size: 2, connection_string: "postgres://db" } },
			[{ about: "settings", keys: ["pool_size", "connection_string"] }],
		],
		[
			"backend settings, where that is said",
			{ backendConfig: false },
			{ backend: "postgres", backendConfig: { a: 1 } },
			[{ about: "settings", keys: ["a"] }],
		],
		[
			"no backend settings that are allowed",
			{ backendConfig: true },
			{ backend: "postgres", backendConfig: { a: 1 } },
			[],
		],
		["no backend settings without any", {}, { backend: "postgres", backendConfig: {} }, []],
		["no backend settings that go nowhere", {}, { backendConfig: { a: 1 } }, []],
	])("%s", (_, bounds, spec, excesses) => {
		expect(excessesOver(bounds, spec)).toEqual(excesses);
	});
});

describe("a shared place", () => {
	it.each([
		["takes a namespace within its bounds", { ceilings: CEILINGS }, { quotas: FITTING }],
		["has no bounds by default", {}, { quotas: { maxKeys: 1_000_000 } }],
		["takes backend settings where it says so", { backendConfig: true }, { backendConfig: { pool_size: 2 } }],
	])("%s", (_, allowed, spec) => {
		const world = worldOf(spec, bounded(allowed));
		world.settle();
		expect(world.condition("Ready")).toMatchObject({ status: "True", reason: "NamespaceReady" });
		expect(world.proxy(ADDRESS).store.get("profiles")).toBeDefined();
	});

	it.each([
		["more than a ceiling", { ceilings: CEILINGS }, { quotas: { ...FITTING, maxKeys: 1001 } }, "spec.quotas.maxKeys"],
		[
			"a quota that is left out",
			{ ceilings: CEILINGS },
			{ quotas: { maxKeys: 1 } },
			"spec.quotas.rateLimit.requestsPerSecond",
		],
		[
			"backend settings",
			{},
			{ backendConfig: { connection_string: "postgres://db", pool_size: 2 } },
			"spec.backendConfig",
		],
	])("refuses %s, and is neither asked nor told", (_, allowed, spec, field) => {
		const world = worldOf(spec, bounded(allowed));
		const { addresses } = watched(world);
		world.settle();
		expect(addresses).toEqual([]);
		expect(world.placements).toEqual([]);
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "NotPermitted" });
		expect(world.condition("Ready")?.["message"]).toContain(field);
		expect(world.condition("Stalled")).toMatchObject({ status: "True" });
		expect(world.status["phase"]).toBe("Failed");
	});

	it("sets no bounds for its own Kubernetes namespace", () => {
		const world = worldOf(
			{ shard: { namespace: "team" }, backendConfig: { pool_size: 2 } },
			{ ...bounded({ ceilings: { maxKeys: 1 } }), namespace: "team" },
		);
		world.settle();
		expect(world.condition("Ready")?.["status"]).toBe("True");
	});

	it("is passed over for one that takes it, and named once there is none", () => {
		const open: RosterOptions = { ...SHARED, name: "prism-wide", allowed: { from: "All" }, weight: 1 };
		const narrow = { ...bounded({ ceilings: CEILINGS }), weight: 1_000_000 };
		const world = worldOf({}, narrow, open);
		world.settle();
		expect(world.placements.map(({ roster }) => roster)).toEqual(["prism-wide"]);
		const nowhere = worldOf({}, { ...narrow, name: "prism-b" }, narrow, { ...open, accepting: false });
		nowhere.settle();
		expect(nowhere.condition("Ready")?.["message"]).toMatch(/^The PrismStack of b in namespace pool does not allow/);
	});
});

describe("a bound that is lowered later", () => {
	const provisioned = (...more: RosterOptions[]): NamespaceWorld => {
		const world = worldOf({ quotas: FITTING }, bounded({ ceilings: CEILINGS }), ...more);
		world.settle();
		expect(world.condition("Ready")?.["status"]).toBe("True");
		return world;
	};
	const LOWERED = bounded({ ceilings: { maxKeys: 999 } });

	it.each<[string, RosterOptions[]]>([
		["", []],
		[", though another place would take it", [{ ...SHARED, name: "prism-wide", allowed: { from: "All" }, weight: 0 }]],
	])("leaves what is there as it is, without a call%s", (_, others) => {
		const world = provisioned(...others);
		const before = world.placements;
		const row = world.proxy(ADDRESS).store.get("profiles");
		const { addresses } = watched(world);
		world.relate(LOWERED, ...others.map((other) => ({ ...other, weight: 100 })));
		world.settle();
		expect(addresses).toEqual([]);
		expect(world.placements).toEqual(before);
		expect(world.proxy(ADDRESS).store.get("profiles")).toBe(row);
		expect(world.condition("Ready")).toMatchObject({
			status: "False",
			reason: "NotPermitted",
		});
		expect(world.condition("Ready")?.["message"]).toContain("spec.quotas.maxKeys");
	});

	it("is the same as an edit beyond it: the old settings stay", () => {
		const world = provisioned();
		const row = world.proxy(ADDRESS).store.get("profiles");
		world.edit({ ...SPEC, quotas: { ...FITTING, maxKeys: 2000 } });
		world.settle();
		expect(world.proxy(ADDRESS).store.get("profiles")).toBe(row);
		expect(world.condition("Ready")?.["reason"]).toBe("NotPermitted");
		world.edit({ ...SPEC, quotas: { ...FITTING, maxKeys: 500 } });
		world.settle();
		expect(world.condition("Ready")?.["status"]).toBe("True");
		expect(world.proxy(ADDRESS).store.get("profiles")?.config).toMatchObject({ metadata: { max_keys: "500" } });
	});

	it("is forgotten once it is raised again", () => {
		const world = provisioned();
		world.relate(LOWERED);
		world.settle();
		world.relate(bounded({ ceilings: CEILINGS }));
		world.settle();
		expect(world.condition("Ready")?.["status"]).toBe("True");
	});

	it("keeps nobody from leaving: by deletion, by ttl, by another selector, by a shard that drains", () => {
		const deleted = provisioned();
		deleted.relate(LOWERED);
		deleted.settle();
		deleted.delete();
		deleted.settle();
		expect(deleted.finalized).toBe(true);
		expect(deleted.proxy(ADDRESS).store.get("profiles")).toBeUndefined();

		const expired = provisioned();
		expired.edit({ ...SPEC, quotas: FITTING, ttl: "2h" });
		expired.relate(LOWERED);
		expired.sync();
		expired.pass(3 * 3600);
		expired.settle();
		expect(expired.condition("Ready")?.["reason"]).toBe("Expired");
		expect(expired.proxy(ADDRESS).store.get("profiles")).toBeUndefined();

		const moved = provisioned();
		moved.edit({ backend: "postgres", quotas: FITTING });
		moved.relate(LOWERED, { name: "prism-own" });
		moved.related = moved.related.filter(({ metadata }) => metadata.namespace === "team");
		moved.settle();
		expect(moved.placements.map(({ roster }) => roster)).toEqual(["prism-own"]);
		expect(moved.proxy(ADDRESS).store.get("profiles")).toBeUndefined();

		const drained = provisioned();
		const wide: RosterOptions = { ...SHARED, name: "prism-wide", allowed: { from: "All" } };
		drained.relate({ ...LOWERED, draining: true }, wide);
		drained.settle();
		expect(drained.placements.map(({ roster }) => roster)).toEqual(["prism-wide"]);
		expect(drained.proxy(ADDRESS).store.get("profiles")).toBeUndefined();
	});

	it("holds what drains and has no other place", () => {
		const world = provisioned();
		const { addresses } = watched(world);
		world.relate({ ...LOWERED, draining: true });
		world.settle();
		expect(addresses).toEqual([]);
		expect(world.placements.map(({ state }) => state)).toEqual(["Active"]);
		expect(world.condition("Ready")?.["reason"]).toBe("NotPermitted");
	});
});
