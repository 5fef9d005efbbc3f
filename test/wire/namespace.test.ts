import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import type { Fault, Scope } from "../../devcluster/proxy/faults.ts";
import type { Fleet, MemberOptions } from "../../devcluster/proxy/fleet.ts";
import { roster } from "../hooks/namespace-world.ts";
import { endAll, type Wire, wiredTo } from "./wired.ts";

// The namespace's hook, the production client and emulated proxies, over real gRPC on loopback: what the wire can do to
// them, and that it ends well.

const SPEC = { backend: "postgres", pattern: "keyvalue", quotas: { maxKeys: 5 } };
const SHARD = "prism-playback";
const OWNER = "test/team/profiles";

afterEach(endAll);

const wired = async (replicas = 2, spec: unknown = SPEC): Promise<Wire> => {
	const members = Array.from({ length: replicas }, (_, index): MemberOptions => {
		const name = `${SHARD}-${index}`;
		return { name, namespace: "team", kind: "proxy", addresses: [`${name}.${SHARD}-headless.team.svc:8981`] };
	});
	return wiredTo({ members, rosters: [roster({ name: SHARD, replicas })], spec });
};

const storeOf = (fleet: Fleet, index: number) => {
	const proxy = fleet.proxy(`team/${SHARD}-${index}`);
	if (proxy === undefined) throw new Error(`instance ${index} does not run`);
	return proxy;
};

interface Said {
	readonly reason: string;
	readonly message: RegExp;
}

interface Trouble {
	readonly title: string;
	readonly scope: Scope;
	readonly fault: Fault;
	/** What Ready says of it; undefined: it is Ready all the same. */
	readonly says: Said | undefined;
	/** What it says as soon as the call itself has failed, where that takes longer. */
	readonly later?: Said;
}

const partial = (message: RegExp) => ({ reason: "PartiallyProvisioned", message });
const told = {
	reason: "Progressing",
	message: /^Being provisioned on playback: 1 of 2 instances have the namespace; prism-playback-0: not pushed yet$/,
};
const silent = partial(/^1 of 2 instances have the namespace; prism-playback-0: does not answer$/);

const ASSIGN = "ControlPlane.AssignNamespace";
const LIST = "AdminService.ListNamespaces";

const TROUBLES: readonly Trouble[] = [
	{ title: "slow, but in time", scope: ASSIGN, fault: { kind: "slow", ms: 200 }, says: undefined },
	{ title: "answers after the hook's time", scope: ASSIGN, fault: { kind: "slow", ms: 3000 }, says: told },
	{ title: "answers after the deadline", scope: ASSIGN, fault: { kind: "slow", ms: 6000 }, says: told, later: silent },
	{ title: "hanging assignment", scope: ASSIGN, fault: { kind: "hanging" }, says: told, later: silent },
	{ title: "hanging listing", scope: LIST, fault: { kind: "hanging" }, says: silent },
	{ title: "reset in mid-call", scope: ASSIGN, fault: { kind: "reset" }, says: silent },
	{
		title: "UNAVAILABLE",
		scope: ASSIGN,
		fault: { kind: "status", code: status.UNAVAILABLE },
		says: partial(/prism-playback-0: answers UNAVAILABLE$/),
	},
	{
		title: "FAILED_PRECONDITION",
		scope: ASSIGN,
		fault: { kind: "status", code: status.FAILED_PRECONDITION },
		says: partial(/prism-playback-0: is not ready to serve yet$/),
	},
	{
		title: "UNAUTHENTICATED",
		scope: ASSIGN,
		fault: { kind: "status", code: status.UNAUTHENTICATED },
		says: partial(/prism-playback-0: does not accept the operator's credentials$/),
	},
	{
		title: "success: false",
		scope: ASSIGN,
		fault: { kind: "refusing", message: "disk full" },
		says: { reason: "ProvisioningRefused", message: /^Rejected by instances: prism-playback-0: disk full$/ },
	},
	{
		title: "says yes, and does nothing",
		scope: ASSIGN,
		fault: { kind: "lying" },
		says: partial(/prism-playback-0: accepted the namespace, and does not list it$/),
	},
	{
		title: "applies a part of it",
		scope: ASSIGN,
		fault: { kind: "halfApplying" },
		says: partial(/prism-playback-0: accepted the namespace, and reports another configuration$/),
	},
	{
		title: "no read-back",
		scope: "AdminService",
		fault: { kind: "status", code: status.UNIMPLEMENTED },
		says: undefined,
	},
];

describe("a proxy that is in trouble", () => {
	it.each(TROUBLES)("$title", { timeout: 40_000 }, async ({ scope, fault, says, later }) => {
		const { world, fleet, sync, settle } = await wired();
		storeOf(fleet, 0).faults.set(scope, fault);
		for (let count = 0; count < 3; count += 1) expect((await sync()).ms).toBeLessThan(2000);
		const ready = world.condition("Ready");
		if (says === undefined) expect(ready).toMatchObject({ status: "True" });
		else {
			expect(ready).toMatchObject({ status: "False", reason: says.reason });
			expect(ready?.["message"]).toMatch(says.message);
		}
		expect(storeOf(fleet, 1).store.get("profiles")?.owner).toBe(OWNER);
		if (later !== undefined) {
			const deadline = performance.now() + 20_000;
			while (world.condition("Ready")?.["reason"] !== later.reason && performance.now() < deadline) await sync();
			expect(world.condition("Ready")).toMatchObject({ status: "False", reason: later.reason });
			expect(world.condition("Ready")?.["message"]).toMatch(later.message);
		}
		storeOf(fleet, 0).faults.clear();
		await settle();
		for (const index of [0, 1])
			expect(storeOf(fleet, index).store.get("profiles")).toMatchObject({
				owner: OWNER,
				digest: world.status["digest"],
			});
	});

	it.each(["unavailable", "reset", "hanging"] as const)(
		"committed, then %s: is not told twice",
		{ timeout: 40_000 },
		async (afterwards) => {
			const { world, fleet, sync, settle } = await wired();
			const { faults, store } = storeOf(fleet, 0);
			faults.set(ASSIGN, { kind: "committed", afterwards }, 1);
			await sync();
			await sync();
			expect(store.get("profiles")?.owner).toBe(OWNER);
			await settle();
			expect(world.condition("Ready")).toMatchObject({ status: "True", reason: "NamespaceReady" });
			expect(storeOf(fleet, 0).calls(ASSIGN)).toBe(1);
		},
	);

	it("without read-back is believed, and says so", { timeout: 30_000 }, async () => {
		const { world, fleet, sync, settle } = await wired();
		for (const index of [0, 1])
			storeOf(fleet, index).faults.set("AdminService", { kind: "status", code: status.UNIMPLEMENTED });
		for (let count = 0; count < 4; count += 1) await sync();
		expect(world.condition("Ready")).toMatchObject({ status: "True", reason: "Unverified" });
		expect(world.condition("QuotasEnforced")).toMatchObject({ status: "Unknown", reason: "Unverified" });
		expect(storeOf(fleet, 0).calls(ASSIGN)).toBe(1);
		world.delete();
		await settle();
		expect(world.finalized).toBe(true);
		expect(storeOf(fleet, 0).store.get("profiles")).toBeUndefined();
	});

	it("that knows only the published design is believed as well", { timeout: 30_000 }, async () => {
		const { world, fleet, sync } = await wired();
		for (const index of [0, 1]) storeOf(fleet, index).faults.speak("design");
		for (let count = 0; count < 4; count += 1) await sync();
		expect(world.condition("Ready")).toMatchObject({ status: "True", reason: "Unverified" });
		expect(storeOf(fleet, 0).calls(ASSIGN)).toBe(1);
	});

	it("crashes and comes back with its volume, or with a fresh one", { timeout: 60_000 }, async () => {
		const { world, fleet, sync, settle } = await wired();
		await settle();
		const key = `team/${SHARD}-0`;
		await fleet.stop(key);
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect((await sync()).ms).toBeLessThan(2000);
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "PartiallyProvisioned" });
		await fleet.restart(key);
		await settle();
		expect(storeOf(fleet, 0).calls(ASSIGN)).toBe(0);
		await fleet.restart(key, { freshVolume: true });
		// Right after a push a reading that lacks it is taken for another copy's older listing.
		await new Promise((resolve) => setTimeout(resolve, 4000));
		await settle();
		expect(storeOf(fleet, 0).store.get("profiles")?.owner).toBe(OWNER);
		expect(storeOf(fleet, 1).calls(ASSIGN)).toBe(1);
	});
});

describe("somebody else's record", () => {
	it("stays as it is, whatever happens to the object", { timeout: 30_000 }, async () => {
		const { world, fleet, sync, settle } = await wired();
		const theirs = {
			name: "profiles",
			owner: "other/shop/profiles",
			version: 1,
			config: { metadata: { owner: "theirs" } },
		};
		for (const index of [0, 1]) storeOf(fleet, index).store.put(theirs, "somebody");
		for (let count = 0; count < 3; count += 1) await sync();
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "NamespaceIdTaken" });
		world.delete();
		await settle();
		expect(world.finalized).toBe(true);
		for (const index of [0, 1]) expect(storeOf(fleet, index).store.get("profiles")).toMatchObject(theirs);
	});

	it("is found by the proxy itself when it appears between the reading and the call", { timeout: 30_000 }, async () => {
		const { world, fleet, sync } = await wired(1);
		await sync();
		const { store, faults } = storeOf(fleet, 0);
		faults.set(ASSIGN, { kind: "slow", ms: 300 }, 1);
		const syncing = sync();
		await new Promise((resolve) => setTimeout(resolve, 150));
		store.put({ name: "profiles", owner: "other/shop/profiles", version: 1, config: {} }, "somebody");
		await syncing;
		expect(world.condition("Ready")).toMatchObject({ status: "False" });
		expect(store.get("profiles")?.owner).toBe("other/shop/profiles");
	});
});
