import { status } from "@grpc/grpc-js";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { timestampOf } from "../../kube/time.ts";
import type { Fault, Scope } from "../../local/proxy/faults.ts";
import { createFleet, type Fleet } from "../../local/proxy/fleet.ts";
import { systemClock } from "../../local/store.ts";
import type { CallOutcome } from "../../schemas/admin.ts";
import type { Admin } from "../../server/admin/admin.ts";
import { createAdmin } from "../../server/admin/index.ts";
import { NamespaceWorld, roster } from "../hooks/namespace-world.ts";

// The namespace's hook, the production client and emulated proxies, over real gRPC on loopback: what the wire can do to
// them, and that it ends well.

const SPEC = { backend: "postgres", pattern: "keyvalue", quotas: { maxKeys: 5 } };
const SHARD = "prism-playback";
const OWNER = "test/team/profiles";
/** As the server gives them to a hook's stages. */
const ASK_MS = 800;
const CALL_MS = 700;

interface Wire {
	readonly world: NamespaceWorld;
	readonly fleet: Fleet;
	/** One hook, as the server runs it. Returns how long it took, and what became of its calls. */
	readonly sync: () => Promise<{ ms: number; outcomes: CallOutcome[] }>;
	/** Syncs until nobody waits for anything. */
	readonly settle: () => Promise<void>;
}

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const step of undo.splice(0).toReversed()) await step();
});

const wired = async (replicas = 2, spec: unknown = SPEC): Promise<Wire> => {
	const fleet = createFleet({ clock: systemClock });
	const admin: Admin = createAdmin({
		log: pino({ level: "silent" }),
		resolve: (address) => fleet.resolve(address),
		timing: {
			listingMaxAgeMs: 200,
			staleForMs: 0,
			failedReadMs: 50,
			openMs: 200,
			longestOpenMs: 400,
			unimplementedMs: 300,
		},
	});
	undo.push(() => fleet.close());
	undo.push(() => admin.close());
	for (let index = 0; index < replicas; index += 1) {
		const name = `${SHARD}-${index}`;
		await fleet.start({
			name,
			namespace: "team",
			kind: "proxy",
			addresses: [`${name}.${SHARD}-headless.team.svc:8981`],
		});
	}
	const now = () => timestampOf(Date.now());
	const world = new NamespaceWorld(spec, { creationTimestamp: now() });
	world.rosters = [roster({ name: SHARD, replicas })];
	const sync: Wire["sync"] = async () => {
		world.now = now();
		const began = performance.now();
		const request = world.request();
		const { ask = () => [], decide = () => [] } = prismNamespace;
		const answers = await admin.ask(ask(request, world.context), ASK_MS);
		const results = await admin.execute(decide(request, world.context, answers), CALL_MS);
		world.conclude(request, { answers, results });
		return { ms: performance.now() - began, outcomes: results.map(({ outcome }) => outcome) };
	};
	return {
		world,
		fleet,
		sync,
		async settle() {
			const deadline = performance.now() + 15_000;
			while (!world.finalized) {
				const { writes } = world;
				await sync();
				const isGoing = world.object.metadata.deletionTimestamp !== undefined;
				const isReady = world.condition("Ready")?.["status"] === "True";
				if (world.finalized || (!isGoing && isReady && world.writes === writes)) return;
				if (performance.now() > deadline) throw new Error(JSON.stringify(world.status));
				await new Promise((resolve) => setTimeout(resolve, 250));
			}
		},
	};
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
	message: /^being provisioned on playback: 1 of 2 instances have it; prism-playback-0: is being told$/,
};
const late = partial(/^1 of 2 instances have it; prism-playback-0: does not answer in time$/);
const unreachable = partial(/^1 of 2 instances have it; prism-playback-0: can't be reached$/);

const ASSIGN = "ControlPlane.AssignNamespace";
const LIST = "AdminService.ListNamespaces";

const TROUBLES: readonly Trouble[] = [
	{ title: "slow, but in time", scope: ASSIGN, fault: { kind: "slow", ms: 200 }, says: undefined },
	{ title: "answers after the hook's time", scope: ASSIGN, fault: { kind: "slow", ms: 3000 }, says: told },
	{ title: "answers after the deadline", scope: ASSIGN, fault: { kind: "slow", ms: 6000 }, says: told, later: late },
	{ title: "hanging assignment", scope: ASSIGN, fault: { kind: "hanging" }, says: told, later: late },
	{ title: "hanging listing", scope: LIST, fault: { kind: "hanging" }, says: late },
	{ title: "reset in mid-call", scope: ASSIGN, fault: { kind: "reset" }, says: unreachable },
	{
		title: "UNAVAILABLE",
		scope: ASSIGN,
		fault: { kind: "status", code: status.UNAVAILABLE },
		says: unreachable,
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
		says: { reason: "ProvisioningRefused", message: /^prism-playback-0: disk full$/ },
	},
	{
		title: "says yes, and does nothing",
		scope: ASSIGN,
		fault: { kind: "lying" },
		says: partial(/prism-playback-0: accepted it, and does not list it$/),
	},
	{
		title: "applies a part of it",
		scope: ASSIGN,
		fault: { kind: "halfApplying" },
		says: partial(/prism-playback-0: accepted it, and reports another configuration$/),
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
		expect(world.condition("QuotasEnforced")).toMatchObject({ status: "True", reason: "Unverified" });
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
