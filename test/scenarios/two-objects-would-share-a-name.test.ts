import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prismShard } from "../../hooks/prismshard/index.ts";
import { prismStack } from "../../hooks/prismstack/index.ts";
import type { CompositeRow } from "../../kube/hook.ts";
import { describeObject } from "../../kube/object.ts";
import { syncRequest } from "../../kube/offline.ts";
import { objectProblems } from "../../kube/validation.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { NOW, object } from "../hooks/situations.ts";
import { INSTALLATION } from "../installation.ts";

// Stacks and shards name their objects by names that users choose, and no two of them may choose the same: the second
// would never get its own, and PrismNamespaces would be sent to the pods of the other.

/** Everything that a spec can make: whatever has a switch is on. */
const stack = (name: string): KubeObject =>
	object(
		"PrismStack",
		{ proxy: { replicas: 2, workload: "StatefulSet" }, admin: { enabled: true, replicas: 3, storage: {} } },
		{ name },
	);
const shard = (name: string): KubeObject =>
	object(
		"PrismShard",
		{
			backends: ["redis"],
			replicas: 2,
			autoscaling: { minReplicas: 2, maxReplicas: 3, targetRPS: 100 },
			exposure: { type: "Ingress", host: "prism.example.com" },
		},
		{ name },
	);

const namesOf = (row: CompositeRow, parent: KubeObject): Set<string> => {
	const context = { now: NOW, installation: INSTALLATION };
	return new Set(row.sync(syncRequest(parent, row.children, [], []), context).children.map(describeObject));
};
const common = (ours: ReadonlySet<string>, theirs: ReadonlySet<string>) => [...ours].filter((name) => theirs.has(name));
const isTaken = (parent: KubeObject): boolean => objectProblems(prismShard.parent, parent).length === 0;

/** Names made of the words that names are made of, and some that are cut because they are too long. */
const name = fc
	.array(fc.constantFrom("prism", "proxy", "admin", "headless", "live", "x".repeat(30)), { minLength: 1, maxLength: 4 })
	.map((words) => words.join("-"))
	.filter((text) => text.length <= 63);

describe("objects of a stack and of a shard", () => {
	it("never meet, whatever the two are named", () => {
		let taken = 0;
		fc.assert(
			fc.property(name, name, (one, other) => {
				// Where they could: the shard's prefix is what the stack's name begins with.
				const pairs = [one, `prism-${one}`, "prism"].map((owner) => [stack(owner), shard(other)] as const);
				for (const [left, right] of pairs.filter(([owner]) => owner.metadata.name.length <= 63)) {
					if (!isTaken(right)) continue;
					taken += 1;
					expect(common(namesOf(prismStack, left), namesOf(prismShard, right))).toEqual([]);
				}
			}),
			{ numRuns: 300 },
		);
		expect(taken).toBeGreaterThan(100);
	});

	it("never meet those of another shard", () => {
		fc.assert(
			fc.property(name, name, (one, other) => {
				const [left, right] = [shard(one), shard(other)];
				fc.pre(one !== other && isTaken(left) && isTaken(right));
				expect(common(namesOf(prismShard, left), namesOf(prismShard, right))).toEqual([]);
			}),
			{ numRuns: 300 },
		);
	});

	it.each([
		["prism", "proxy"],
		["prism-checkout", "checkout-proxy"],
		["prism", "admin"],
	])("would meet if names were not refused: %s and %s", (owner, refused) => {
		expect(common(namesOf(prismStack, stack(owner)), namesOf(prismShard, shard(refused)))).not.toEqual([]);
		expect(objectProblems(prismShard.parent, shard(refused))).toEqual([
			expect.stringContaining("A shard's name can't be, or end in, proxy, admin or headless"),
		]);
	});
});
