import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rendezvous } from "../../kube/rendezvous-hashing.ts";

const shards = (count: number, weight: (index: number) => number = () => 100) =>
	Array.from({ length: count }, (_, index) => ({ name: `team/prism-${index}`, weight: weight(index) }));

const counted = (keys: number, candidates: ReturnType<typeof shards>): Map<string, number> => {
	const counts = new Map(candidates.map(({ name }) => [name, 0]));
	for (let key = 0; key < keys; key += 1) {
		const name = rendezvous(`test/team/namespace-${key}`, candidates)?.name ?? "";
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}
	return counts;
};

describe("weighted rendezvous hashing", () => {
	it("spreads 100,000 keys over 100 equal candidates within 10 percent", { timeout: 240_000 }, () => {
		const counts = [...counted(100_000, shards(100)).values()];
		expect(Math.min(...counts)).toBeGreaterThan(900);
		expect(Math.max(...counts)).toBeLessThan(1100);
	});

	it("chooses as it always has: another choice would move namespaces at an upgrade", () => {
		const choices = Array.from({ length: 12 }, (_, key) => rendezvous(`key-${key}`, shards(5))?.name.at(-1)).join("");
		const weighted = Array.from({ length: 12 }, (_, key) =>
			rendezvous(
				`key-${key}`,
				shards(5, (index) => index * 50),
			)?.name.at(-1),
		).join("");
		expect({ choices, weighted }).toEqual({ choices: "240332144133", weighted: "243332444233" });
	});

	it("gives in proportion to the weights", () => {
		const counts = counted(
			20_000,
			shards(4, (index) => [100, 200, 300, 400][index] ?? 0),
		);
		const shares = [...counts.values()].map((count) => count / 20_000);
		for (const [index, share] of shares.entries()) expect(share).toBeCloseTo((index + 1) / 10, 1);
	});

	it("moves nothing between those that stay when one goes", () => {
		fc.assert(
			fc.property(fc.string(), fc.nat(9), (key, gone) => {
				const before = rendezvous(key, shards(10));
				const after = rendezvous(
					key,
					shards(10).filter((_, index) => index !== gone),
				);
				if (before?.name !== `team/prism-${gone}`) expect(after).toEqual(before);
			}),
		);
	});

	it("moves only to the one that comes", () => {
		fc.assert(
			fc.property(fc.string(), (key) => {
				const after = rendezvous(key, shards(11));
				expect([rendezvous(key, shards(10))?.name, "team/prism-10"]).toContain(after?.name);
			}),
		);
	});

	it("does not depend on the order of the candidates, and never takes one without weight", () => {
		fc.assert(
			fc.property(fc.string(), fc.integer({ min: 0, max: 3 }), (key, zero) => {
				const candidates = shards(4, (index) => (index === zero ? 0 : 1));
				expect(rendezvous(key, candidates.toReversed())).toEqual(rendezvous(key, candidates));
				expect(rendezvous(key, candidates)?.name).not.toBe(`team/prism-${zero}`);
			}),
		);
		expect(rendezvous("key", [])).toBeUndefined();
		expect(rendezvous("key", [{ name: "a", weight: 0 }])).toBeUndefined();
	});
});
