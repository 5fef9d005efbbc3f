import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../../hooks/prismnamespace/index.ts";
import type { AdminCall, CallOutcome } from "../../../schemas/admin.ts";
import type { DecoratorRequest } from "../../../schemas/metacontroller.ts";
import { stagesOf } from "../../stages.ts";
import { NamespaceWorld, type RosterOptions, roster } from "../namespace-world.ts";

// What a request says before anybody is asked: when time is over, who is gone, what is left of a spec that makes no sense.

const SPEC = { backend: "postgres", pattern: "keyvalue" };
const A = "prism-a";
const B = "prism-b";
const down = { kind: "down", failure: "Unreachable" } as const;
const REFUSED = { ...SPEC, backendConfig: { url: "postgres://me:secret@db" } };

const settled = (spec: unknown, ...rosters: readonly RosterOptions[]): NamespaceWorld => {
	const world = new NamespaceWorld(spec);
	world.relate(...rosters);
	world.settle();
	return world;
};

const asked = (world: NamespaceWorld, request: DecoratorRequest): string[] =>
	stagesOf(prismNamespace)
		.ask(request, world.context)
		.map(({ instance }) => instance.name);

describe("a ttl", () => {
	it("is over in the very second, and not before", () => {
		const world = settled({ ...SPEC, ttl: "1h" }, { name: A });
		world.now = "2026-01-01T00:59:59Z";
		world.sync();
		expect(world.status["phase"]).toBe("Active");
		world.now = "2026-01-01T01:00:00Z";
		world.sync();
		expect(world.status["phase"]).toBe("Expired");
	});
});

describe("an object that goes", () => {
	it("is left alone by sync when it is not ours to finalize", () => {
		const world = settled(SPEC, { name: A });
		world.delete();
		const request = { ...world.request(), finalizing: false };
		expect(asked(world, request)).toEqual([]);
		expect(stagesOf(prismNamespace).decide(request, world.context, [])).toEqual([]);
		expect(prismNamespace.sync(request, world.context)).toEqual({ attachments: [] });
	});

	it("asks nobody when it merely is no longer decorated", () => {
		const world = settled(SPEC, { name: A });
		expect(asked(world, { ...world.request(), finalizing: true })).toEqual([]);
	});

	// Nobody answers, so that only who is known to be gone for good is not waited for.
	const goes = (spec: unknown, edited: unknown, ...rosters: readonly RosterOptions[]): boolean => {
		const world = new NamespaceWorld(spec);
		world.related = rosters.map(roster);
		world.settle();
		for (const [, proxy] of world.proxies) proxy.trouble = down;
		world.related = [];
		world.edit(edited);
		world.delete();
		world.sync();
		return world.finalized;
	};
	const dev = { name: "dev-proxy", allowed: { from: "All" } };
	const byName = (name: string, namespace?: string) => ({ proxyRef: { name, ...(namespace && { namespace }) } });

	it.each([
		["named in its own namespace", byName("dev-proxy"), byName("dev-proxy"), dev, true],
		["named with its own namespace", byName("dev-proxy"), byName("dev-proxy", "team"), dev, true],
		[
			"named in another namespace",
			byName("dev-proxy", "x"),
			byName("dev-proxy", "x"),
			{ ...dev, namespace: "x" },
			true,
		],
		["named by an edit alone", byName("dev-proxy"), byName("other-proxy"), dev, false],
		["named in another namespace by an edit", byName("dev-proxy"), byName("dev-proxy", "x"), dev, false],
		["selected", SPEC, SPEC, { name: A }, true],
		["selected, and others are since", SPEC, { ...SPEC, shard: { product: "other" } }, { name: A }, true],
		["selected in another namespace by an edit", SPEC, { ...SPEC, shard: { namespace: "x" } }, { name: A }, false],
		["named, and shards are selected since", byName("dev-proxy"), SPEC, dev, true],
	])("does not wait for proxies without a roster only if they are %s", (_, spec, edited, its, isGone) => {
		expect(goes(spec, edited, its)).toBe(isGone);
	});

	it("waits for proxies whose roster is there and stays", () => {
		const world = settled({ proxyRef: { name: "dev-proxy" } }, { name: "dev-proxy" });
		for (const [, proxy] of world.proxies) proxy.trouble = down;
		world.delete();
		world.sync();
		expect(world.finalized).toBe(false);
	});
});

describe("a spec that can't be carried out", () => {
	it("leaves places, digest and identifier as they were, and warns of nothing else", () => {
		const world = settled({ ...SPEC, namespaceId: "acme" }, { name: A });
		const { placements, status, calls } = world;
		world.edit({ ...REFUSED, namespaceId: "acme" });
		world.sync();
		expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "InlineCredentials" });
		expect(world.condition("Warning")).toBeUndefined();
		expect(world.placements).toEqual(placements);
		expect(world.status).toMatchObject({ digest: status["digest"], namespaceId: "acme", shard: "a" });
		expect(world.calls).toHaveLength(calls.length);
		expect(asked(world, world.request())).toEqual([]);
	});

	it("does not go on with a move either", () => {
		const world = settled(SPEC, { name: A });
		world.relate({ name: A, draining: true }, { name: B });
		for (const _ of [1, 2, 3]) world.sync();
		expect(world.placements.map(({ state }) => state)).toEqual(["Active", "Revoking"]);
		world.at(A, 0).store.put({ name: "profiles", config: {}, owner: "test/team/profiles", version: 1 }, "");
		const { calls, placements } = world;
		world.edit(REFUSED);
		world.pass(30);
		world.sync();
		expect(world.placements).toEqual(placements);
		expect(world.calls).toHaveLength(calls.length);
	});

	it.each([5, undefined])("says no digest where status has none: %j", (digest) => {
		const world = settled(SPEC, { name: A });
		world.edit(REFUSED);
		world.object = { ...world.object, status: { ...world.status, digest } };
		world.sync();
		expect(world.status).not.toHaveProperty("digest");
	});

	it("goes by the object's name where its identifier makes no sense", () => {
		const world = settled(SPEC, { name: A });
		world.edit({ ...SPEC, namespaceId: 5 });
		world.sync();
		expect(world.status).toMatchObject({ namespaceId: "profiles", phase: "Failed" });
	});
});

describe("the proxy that a control plane chose", () => {
	class Choosing extends NamespaceWorld {
		choice = "";
		override execute(call: AdminCall): CallOutcome {
			const outcome = super.execute(call);
			return outcome.state === "done" ? { ...outcome, assignedProxy: this.choice } : outcome;
		}
	}
	const chosen = (spec: unknown, its: RosterOptions, choice: string): unknown => {
		const world = new Choosing(spec);
		world.choice = choice;
		world.relate(its);
		for (const _ of [1, 2, 3]) world.sync();
		return world.status["assignedProxy"];
	};

	it.each([
		[
			"told, and kept",
			{ proxyRef: { name: "dev-proxy" } },
			{ name: "dev-proxy", controlPlane: true },
			"dev-proxy-3",
			"dev-proxy-3",
		],
		["not told", { proxyRef: { name: "dev-proxy" } }, { name: "dev-proxy", controlPlane: true }, "", undefined],
		["of no account where there is none", SPEC, { name: A }, "dev-proxy-3", undefined],
	])("is %s", (_, spec, its, choice, proxy) => {
		expect(chosen(spec, its, choice)).toBe(proxy);
	});
});

describe("a status that somebody else wrote", () => {
	it("is not believed where it makes no sense", () => {
		const world = settled(SPEC, { name: A });
		world.object = { ...world.object, status: { ...world.status, provisionedAt: 5, lastSyncedAt: 6, version: "7" } };
		world.sync();
		expect(world.status["provisionedAt"]).toBe(world.now);
		for (const field of ["lastSyncedAt", "version"]) expect(world.status).not.toHaveProperty(field);
	});
});
