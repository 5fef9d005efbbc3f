import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { secondsAfter } from "../../kube/time.ts";
import type { Answer } from "../../schemas/admin.ts";
import type { NamespaceProxy } from "../hooks/namespace-proxies.ts";
import { NamespaceWorld, type RosterOptions, roster } from "../hooks/namespace-world.ts";
import { stagesOf } from "../stages.ts";

// One test for every fault that a review or a user has found: the input that showed it, and what is right.

const SPEC = { backend: "postgres", pattern: "keyvalue" };
const A = "prism-a";
const B = "prism-b";

const settled = (spec: unknown, ...rosters: readonly RosterOptions[]): NamespaceWorld => {
	const world = new NamespaceWorld(spec);
	world.relate(...rosters);
	world.settle();
	return world;
};

const syncs = (world: NamespaceWorld, count: number): void => {
	for (let done = 0; done < count && !world.finalized; done += 1) {
		const { resyncAfterSeconds = 1 } = world.sync();
		world.pass(Math.ceil(resyncAfterSeconds));
	}
};

const down = { kind: "down", failure: "Unreachable" } as const;
const holders = (world: NamespaceWorld): string[] =>
	[...world.proxies].filter(([, { store }]) => store.list().length > 0).map(([address]) => address.split(".")[0] ?? "");

describe("letting go", () => {
	it("tells the proxies that it was on, when proxyRef names ones of another namespace by the same name", () => {
		const world = new NamespaceWorld({ proxyRef: { name: "dev-proxy", namespace: "a" } });
		world.related = [roster({ name: "dev-proxy", namespace: "a", allowed: { from: "All" } })];
		world.settle();
		world.edit({ proxyRef: { name: "dev-proxy", namespace: "b" } });
		world.related = [];
		world.delete();
		syncs(world, 3);
		expect(world.finalized).toBe(true);
		expect(holders(world)).toEqual([]);
	});

	it("believes that it is not there, once nothing can arrive any more, although nobody takes a revocation", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: A });
		for (const index of [0, 1]) world.at(A, index).trouble = { kind: "refuses", message: "never" };
		syncs(world, 4);
		world.delete();
		syncs(world, 3);
		expect(world.finalized).toBe(false);
		expect(world.condition("Ready")?.["message"]).toContain("prism-a-0 (never)");
		world.pass(30);
		syncs(world, 2);
		expect(world.finalized).toBe(true);
	});

	it.each(["Unauthenticated", "Overloaded", "BadAnswer"] as const)("does not take %s for being away", (failure) => {
		const world = settled(SPEC, { name: A, replicas: 1 });
		world.at(A, 0).trouble = { kind: "down", failure };
		world.delete();
		syncs(world, 20);
		expect(world.finalized).toBe(false);
		world.at(A, 0).trouble = undefined;
		syncs(world, 3);
		expect(world.finalized).toBe(true);
		expect(holders(world)).toEqual([]);
	});

	it("tries again soon after the deletion, however long it was Ready before", () => {
		const world = settled(SPEC, { name: A });
		world.pass(86_400);
		world.sync();
		world.at(A, 0).trouble = down;
		world.delete();
		expect(world.sync().resyncAfterSeconds).toBe(1);
	});

	it("tells nobody when the object merely is no longer decorated", () => {
		const world = settled(SPEC, { name: A });
		const request = { ...world.request(), finalizing: true };
		const { ask, decide } = stagesOf(prismNamespace);
		const answers = ask(request, world.context).map((question) => world.answer(question));
		expect(decide(request, world.context, answers)).toEqual([]);
	});

	it("never tells a proxy on which it was somebody else's, before it can ask", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: A, replicas: 1 });
		world.at(A, 0).store.put({ name: "profiles", config: {}, owner: "else", version: 1 }, "");
		syncs(world, 2);
		world.at(A, 0).trouble = down;
		world.delete();
		world.sync();
		expect(world.calls).toEqual([]);
	});

	it("leaves room for a namesake that is created within the same second", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: A, replicas: 1 });
		world.sync();
		world.sync();
		world.delete();
		world.sync();
		expect(world.finalized).toBe(false);
		world.pass(2);
		world.sync();
		expect(world.finalized).toBe(true);
	});
});

describe("a restored object", () => {
	const newer = (world: NamespaceWorld) => world.at(A, 0).store.tamper("profiles", { version: 9e15, config: {} });

	it("says that the instance has a newer version, and after a minute is the one that counts", () => {
		const world = settled(SPEC, { name: A, replicas: 1 });
		newer(world);
		world.sync();
		expect(world.condition("Ready")).toMatchObject({ status: "False" });
		expect(world.condition("Ready")?.["message"]).toContain("has a newer version");
		expect(world.calls).toHaveLength(1);
		world.pass(61);
		syncs(world, 2);
		expect(world.condition("Ready")).toMatchObject({ status: "True" });
		world.edit({ ...SPEC, quotas: { maxKeys: 1 } });
		syncs(world, 2);
		expect(world.condition("Ready")).toMatchObject({ status: "True", observedGeneration: 2 });
	});

	it("takes away what is newer than itself when it goes", () => {
		const world = settled(SPEC, { name: A, replicas: 1 });
		newer(world);
		world.delete();
		world.sync();
		expect(world.finalized).toBe(true);
		expect(holders(world)).toEqual([]);
	});
});

describe("what is said", () => {
	it.each(["NotReady", "Unauthenticated", "Unimplemented", "Rejected"] as const)(
		"names the reason also when every instance fails: %s",
		(failure) => {
			const world = new NamespaceWorld(SPEC);
			world.relate({ name: A, replicas: 1 });
			world.at(A, 0).trouble = { kind: "failsCalls", failure };
			syncs(world, 2);
			expect(world.condition("Ready")?.["message"]).toMatch(/0 of 1 instances have the namespace; prism-a-0: .{10}/);
		},
	);

	it("forgets the control plane's choice once it lives elsewhere", () => {
		const world = settled({ proxyRef: { name: "dev-proxy" } }, { name: "dev-proxy", controlPlane: true });
		world.object = { ...world.object, status: { ...world.status, assignedProxy: "dev-proxy-1" } };
		world.sync();
		expect(world.status["assignedProxy"]).toBe("dev-proxy-1");
		world.edit(SPEC);
		world.relate({ name: A });
		syncs(world, 6);
		expect(world.status["assignedProxy"]).toBeUndefined();
	});
});

describe("moving", () => {
	const moving = (trouble: NamespaceProxy["trouble"]): NamespaceWorld => {
		const world = settled(SPEC, { name: A });
		for (const index of [0, 1]) world.at(B, index).trouble = trouble;
		world.relate({ name: A, draining: true }, { name: B });
		syncs(world, 4);
		return world;
	};

	it("stays Ready where it is, and is kept as spec wants it there, until the new place has it", () => {
		const world = moving(down);
		expect(world.condition("Ready")).toMatchObject({ status: "True", reason: "NamespaceReady" });
		expect(world.status).toMatchObject({ shard: "a", phase: "Active", prismInstances: ["prism-a-0", "prism-a-1"] });
		expect(world.condition("Warning")?.["message"]).toContain("prism-b-0");
		world.edit({ ...SPEC, quotas: { maxKeys: 3 } });
		world.at(A, 1).store.wipe();
		syncs(world, 3);
		expect(world.at(A, 1).store.get("profiles")?.config.metadata).toMatchObject({ max_keys: "3" });
		expect(world.condition("Ready")).toMatchObject({ status: "True", observedGeneration: 2 });
	});

	it("takes it away from a shard whose roster alone is being deleted", () => {
		const world = settled(SPEC, { name: A });
		world.relate({ name: A, deletedAt: world.now }, { name: B });
		syncs(world, 4);
		world.pass(30);
		syncs(world, 3);
		expect(world.placements.map(({ roster: name }) => name)).toEqual([B]);
		expect([0, 1].map((index) => world.at(A, index).store.list().length)).toEqual([0, 0]);
	});

	it("is forgotten by a shard that goes right after it was clear", () => {
		const world = settled(SPEC, { name: A });
		world.relate({ name: A, draining: true }, { name: B });
		syncs(world, 4);
		expect(world.at(A, 0).store.list().length).toBe(0);
		for (const index of [0, 1]) world.at(A, index).trouble = down;
		world.relate({ name: B });
		world.pass(30);
		syncs(world, 3);
		expect(world.placements.map(({ roster: name }) => name)).toEqual([B]);
		expect(world.condition("Warning")).toBeUndefined();
	});

	it("never forgets an instance that may come back with what it had", () => {
		const world = settled(SPEC, { name: A });
		world.relate({ name: A, draining: true }, { name: B });
		world.at(A, 1).trouble = down;
		syncs(world, 5);
		world.pass(7200);
		syncs(world, 3);
		expect(world.condition("Warning")?.["message"]).toContain("The namespace may remain on a");
		expect(world.sync().resyncAfterSeconds).toBeGreaterThan(200);
		world.at(A, 1).trouble = undefined;
		syncs(world, 3);
		expect(holders(world)).toEqual(["prism-b-0", "prism-b-1"]);
		expect(world.placements.map(({ roster: name }) => name)).toEqual([B]);
	});

	it("takes no more places than status can hold", () => {
		const world = settled(SPEC, { name: "prism-0" });
		for (let move = 0; move < 20; move += 1) {
			for (const [, proxy] of world.proxies) proxy.trouble = down;
			for (const index of [0, 1]) world.at(`prism-${move + 1}`, index).trouble = undefined;
			world.relate({ name: `prism-${move}`, draining: true }, { name: `prism-${move + 1}` });
			syncs(world, 6);
		}
		expect(world.placements.length).toBeLessThanOrEqual(12);
	});
});

describe("where it goes", () => {
	it("is not a shard without pods, if there is another", () => {
		for (let index = 0; index < 20; index += 1) {
			const world = new NamespaceWorld(SPEC, { name: `profiles-${index}` });
			world.relate({ name: A, replicas: 0 }, { name: B });
			world.sync();
			expect(world.placements.map(({ roster: name }) => name)).toEqual([B]);
		}
	});

	it("is remembered although one of its places makes no sense", () => {
		const world = settled(SPEC, { name: A });
		const [place] = world.placements;
		world.object = { ...world.object, status: { ...world.status, placements: [{ roster: 5 }, place] } };
		world.sync();
		expect(world.placements).toEqual([place]);
	});
});

describe("what can't be read back", () => {
	it("is told again after it was out of sight: it may have another store", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: A, replicas: 1 });
		world.at(A, 0).trouble = { kind: "noReadBack" };
		syncs(world, 3);
		expect(world.calls).toHaveLength(1);
		world.relate({ name: A, replicas: 1, unready: [0] });
		syncs(world, 2);
		world.at(A, 0).store.wipe();
		world.relate({ name: A, replicas: 1 });
		syncs(world, 3);
		expect(world.at(A, 0).store.list().length).toBe(1);
	});

	it("is ours when a server that knew no owners has learnt of them", () => {
		const world = settled(SPEC, { name: A, replicas: 1 });
		world.at(A, 0).store.tamper("profiles", { owner: "" });
		world.sync();
		expect(world.condition("Ready")).toMatchObject({ status: "True" });
	});

	it("is created again after a failure that certainly created nothing", () => {
		const world = new NamespaceWorld({ proxyRef: { name: "dev-proxy" } });
		world.relate({ name: "dev-proxy", controlPlane: true });
		const admin = world.proxy("dev-admin.team.svc:8981");
		admin.trouble = { kind: "failsCalls", failure: "NotReady" };
		syncs(world, 2);
		admin.trouble = undefined;
		syncs(world, 2);
		expect(world.calls.map(({ verb }) => verb)).toEqual(["create", "create"]);
	});
});

describe("a second copy of the operator that goes by an older listing", () => {
	const { ask, decide, sync } = stagesOf(prismNamespace);

	/** A namespace that another copy has just provisioned, and what this one still has in mind. */
	const overtaken = (secondsLater: number) => {
		const world = settled(SPEC, { name: A });
		const pushed = String(world.status["lastSyncedAt"]);
		world.pass(1);
		const request = world.request();
		const { context } = world;
		const readAt = secondsAfter(pushed, secondsLater);
		const answers = ask(request, context).flatMap((question): Answer[] =>
			question.about === "namespace" ? [{ question, answer: { state: "known", readAt, record: undefined } }] : [],
		);
		const calls = decide(request, context, answers);
		return { world, calls, status: sync(request, context, { answers, results: [] }).status };
	};

	it.each([-9, 0, 2])("is not told again, nor said to be lost: read %d s after it was told", (seconds) => {
		const { world, calls, status } = overtaken(seconds);
		expect(calls).toEqual([]);
		expect(status).toEqual(world.status);
	});

	it("is repaired when it is missing in a listing that began later", () => {
		const { calls } = overtaken(3);
		expect(calls.map(({ verb }) => verb)).toEqual(["assign", "assign"]);
	});
});
