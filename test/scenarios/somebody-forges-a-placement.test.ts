import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import type { Placement } from "../../schemas/prismnamespace.ts";
import { NamespaceWorld, START } from "../hooks/namespace-world.ts";
import { stagesOf } from "../stages.ts";

const KEYS = ["first-key", "second-key"];
const SPEC = { backend: "postgres", pattern: "keyvalue", shard: { product: "playback" } };

/** A place that nobody but the writer of the status knows of. */
const forged = (place: Partial<Placement> = {}): Placement => ({
	roster: "prism-vault",
	namespace: "bank",
	state: "Revoking",
	since: START,
	port: 443,
	controlPlane: true,
	instances: [{ name: "vault" }],
	...place,
});

const worldWith = (...placements: readonly Placement[]): NamespaceWorld => {
	const world = new NamespaceWorld(SPEC);
	world.keys = KEYS;
	world.object = { ...world.object, status: { placements } };
	return world;
};

/** Every address that a hook call would reach. */
const reached = (world: NamespaceWorld): string[] => {
	const { ask, decide } = stagesOf(prismNamespace);
	const request = world.request();
	const questions = ask(request, world.context);
	const answers = questions.map((question) => world.answer(question));
	return [
		...questions.map(({ instance }) => instance.address),
		...decide(request, world.context, answers).map(({ instance }) => instance.address),
	];
};

/** A world whose namespace moved from a shard of the team `there` to one of its own, while the first can't be reached. */
const movedFrom = (there: string, keys = KEYS): NamespaceWorld => {
	const world = new NamespaceWorld({ ...SPEC, shard: { product: "playback", namespace: there } });
	world.keys = keys;
	world.relate({ name: "prism-old", namespace: there, allowed: { from: "All" } });
	world.settle();
	world.edit(SPEC);
	world.relate({ name: "prism-new" });
	for (let index = 0; index < 2; index += 1)
		world.proxy(`prism-old-${index}.prism-old-headless.${there}.svc:8981`).trouble = {
			kind: "down",
			failure: "Unreachable",
		};
	for (let count = 0; count < 8; count += 1) {
		world.sync();
		world.pass(10);
	}
	return world;
};

const states = (world: NamespaceWorld) => world.placements.map(({ roster, state }) => `${roster} ${state}`);

describe("a status is not an order", () => {
	it.each<[string, Placement]>([
		["a control plane of another namespace", forged()],
		["pods of another namespace", forged({ controlPlane: false })],
		["a place that is said to be served", forged({ state: "Active" })],
		["with proofs that nobody made", forged({ proofs: ["0".repeat(64), ""] })],
		["with the roster of a place that there is, elsewhere", forged({ roster: "prism-live" })],
		["a control plane of its own namespace", forged({ namespace: "team" })],
		["pods of its own namespace", forged({ namespace: "team", controlPlane: false })],
		["another port of its own namespace's place", forged({ namespace: "team", roster: "prism-live" })],
	])("%s is neither asked nor told anything", (_, place) => {
		const world = worldWith(place);
		world.relate({ name: "prism-live" });
		expect(reached(world)).toEqual([]);
		world.sync();
		expect(world.placements.map(({ roster, namespace }) => [roster, namespace])).toEqual([["prism-live", "team"]]);
		const going = worldWith(place);
		going.delete();
		expect(reached(going)).toEqual([]);
		going.settle();
		expect(going.finalized).toBe(true);
	});

	it("a related roster vouches for its own instances, and for no others", () => {
		const world = new NamespaceWorld({ ...SPEC, shard: { product: "playback", namespace: "bank" } });
		world.keys = KEYS;
		world.relate({ name: "prism-live", namespace: "bank", allowed: { from: "All" } });
		world.object = {
			...world.object,
			status: {
				placements: [
					forged({
						roster: "prism-live",
						state: "Active",
						port: 8981,
						controlPlane: false,
						instances: [{ name: "prism-live-0" }, { name: "vault" }, { name: "prism-live-1", host: "vault" }],
					}),
				],
			},
		};
		world.delete();
		expect(new Set(reached(world))).toEqual(new Set(["prism-live-0.prism-live-headless.bank.svc:8981"]));
	});

	it("a roster that takes no namespaces from here vouches for nothing", () => {
		const world = worldWith(
			forged({ roster: "prism-live", port: 8981, controlPlane: false, instances: [{ name: "prism-live-0" }] }),
		);
		world.relate({ name: "prism-live", namespace: "bank", allowed: { from: "Same" } });
		expect(reached(world)).toEqual([]);
	});

	it("goes to no address but those of related rosters and of signed places, whatever the status says", () => {
		const own = movedFrom("bank");
		const signed = own.placements.filter(({ state }) => state === "Revoking");
		expect(signed).toHaveLength(1);
		const known = ["new", "old"].flatMap((name) =>
			[0, 1].map(
				(index) => `prism-${name}-${index}.prism-${name}-headless.${name === "new" ? "team" : "bank"}.svc:8981`,
			),
		);
		const text = fc.string({ unit: "binary", maxLength: 12 });
		const label = fc.stringMatching(/^[a-z0-9]{1,6}$/);
		const name = fc.oneof(label, text, fc.constantFrom("prism-new", "prism-old", "prism-new-0", "prism-old-1"));
		const place = fc.record({
			roster: name,
			namespace: fc.oneof(fc.constantFrom("team", "bank"), label, text),
			state: fc.constantFrom("Assigning", "Active", "Revoking"),
			since: fc.constant(START),
			port: fc.oneof(fc.constant(8981), fc.integer({ min: 1, max: 65_535 })),
			controlPlane: fc.boolean(),
			instances: fc.array(fc.record({ name, host: name }, { requiredKeys: ["name"] }), { maxLength: 3 }),
			proofs: fc.oneof(
				fc.constantFrom(...signed.map(({ proofs = [] }) => proofs)),
				fc.array(fc.oneof(text, fc.constant("0".repeat(64))), { maxLength: 2 }),
			),
		});
		/** A place of ours in which anything was changed. */
		const changed = place.chain((other) =>
			fc.subarray(Object.keys(other) as (keyof typeof other)[]).map((fields) => ({
				...signed[0],
				...Object.fromEntries(fields.map((field) => [field, other[field]])),
			})),
		);
		fc.assert(
			fc.property(fc.array(fc.oneof(place, changed), { maxLength: 4 }), fc.boolean(), (placements, going) => {
				own.object = { ...own.object, status: { ...own.status, placements } };
				const { metadata } = own.object;
				own.object = { ...own.object, metadata: { ...metadata, ...(going && { deletionTimestamp: own.now }) } };
				for (const address of reached(own)) expect(known).toContain(address);
				const { deletionTimestamp: _deleted, ...kept } = own.object.metadata;
				own.object = { ...own.object, metadata: kept };
			}),
			{ numRuns: 200 },
		);
	});
});

describe("a place of the operator's own", () => {
	it("is left, though no roster tells of it any more", () => {
		const world = movedFrom("bank");
		expect(states(world)).toEqual(["prism-new Active", "prism-old Revoking"]);
		expect(reached(world)).toContain("prism-old-0.prism-old-headless.bank.svc:8981");
	});

	it.each([
		["the next key has come", ["second-key", "third-key"]],
		["the other key comes first", ["second-key", "first-key"]],
	])("still is when %s, and nothing is written for that", (_, keys) => {
		const world = movedFrom("bank");
		world.keys = keys;
		expect(reached(world)).toContain("prism-old-0.prism-old-headless.bank.svc:8981");
		const before = world.statusWrites;
		world.sync();
		expect(world.statusWrites).toBe(before);
	});

	it("is forgotten when no key is left that it was signed with; the one that a roster tells of is signed anew", () => {
		const world = movedFrom("bank");
		world.keys = ["third-key"];
		expect(reached(world)).not.toContain("prism-old-0.prism-old-headless.bank.svc:8981");
		const [served] = world.placements;
		world.sync();
		expect(states(world)).toEqual(["prism-new Active"]);
		expect(world.placements[0]?.proofs).not.toEqual(served?.proofs);
	});

	it("survives a restore under another uid, and is nothing in another object's status", () => {
		const world = movedFrom("bank");
		world.object = {
			...world.object,
			metadata: { ...world.object.metadata, uid: "22222222-2222-2222-2222-222222222222" },
		};
		expect(reached(world)).toContain("prism-old-0.prism-old-headless.bank.svc:8981");
		world.object = { ...world.object, metadata: { ...world.object.metadata, name: "mallory" } };
		expect(reached(world)).not.toContain("prism-old-0.prism-old-headless.bank.svc:8981");
	});

	it("is not one any more when its address is changed", () => {
		const world = movedFrom("bank");
		const [served, old] = world.placements;
		for (const change of [
			{ port: 1 },
			{ controlPlane: true },
			{ instances: [{ name: "vault" }] },
			{ namespace: "safe" },
		]) {
			world.object = { ...world.object, status: { ...world.status, placements: [served, { ...old, ...change }] } };
			expect(reached(world).filter((address) => !address.includes(".team.svc"))).toEqual([]);
		}
	});

	it("can't be proved where callers carry no tokens: what no roster tells of is left as it is in other namespaces", () => {
		const world = movedFrom("bank", []);
		expect(states(world)).toEqual(["prism-new Active"]);
		expect(world.placements[0]).not.toHaveProperty("proofs");
		const own = movedFrom("team", []);
		expect(states(own)).toEqual(["prism-new Active", "prism-old Revoking"]);
	});

	it("of an operator that signed nothing in the object's own namespace counts as far as a roster tells of it, and is signed", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: "prism-live" });
		world.settle();
		const [served] = world.placements;
		expect(served).not.toHaveProperty("proofs");
		const calls = world.calls.length;
		world.keys = KEYS;
		world.sync();
		world.settle();
		expect(world.calls).toHaveLength(calls);
		expect(world.placements).toEqual([{ ...served, proofs: [expect.any(String), expect.any(String)] }]);
		expect(world.condition("Ready")?.["status"]).toBe("True");
		// From then on it is proved, and is left when nobody tells of it any more.
		world.edit({ ...SPEC, shard: { product: "search" } });
		world.relate({ name: "prism-other", product: "search" });
		expect(reached(world)).toEqual([]);
		world.settle();
		expect(world.at("prism-live", 0).store.get("profiles")).toBeUndefined();
		expect(states(world)).toEqual(["prism-other Active"]);
	});

	it("of such an operator is revoked when the object goes, as far as a roster tells of it", () => {
		const world = new NamespaceWorld(SPEC);
		world.relate({ name: "prism-live" });
		world.settle();
		world.keys = KEYS;
		world.delete();
		world.settle();
		expect(world.finalized).toBe(true);
		expect(world.at("prism-live", 1).store.get("profiles")).toBeUndefined();
	});
});
