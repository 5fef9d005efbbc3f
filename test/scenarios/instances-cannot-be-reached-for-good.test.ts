import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { canonicalJson } from "../../kube/object.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { AdminFailure, Answer, CallOutcome, NamespaceAnswer } from "../../schemas/admin.ts";
import { NamespaceWorld } from "../hooks/namespace-world.ts";
import { stagesOf } from "../stages.ts";

// While instances can't be reached for good, a namespace's status is written at most twice, then never again: whichever of two
// copies of the webhook server looks, whatever its calls failed of last, and whatever it read before.

const SPEC = { backend: "postgres", pattern: "keyvalue" };
const SILENT = ["Unreachable", "DeadlineExceeded", "Overloaded"] as const satisfies readonly AdminFailure[];
const STALE_SECONDS = 60;
const RUNS = 100;

interface Look {
	readonly failure: AdminFailure;
	readonly outcome: CallOutcome;
	readonly goesByListing: boolean;
	readonly pause: number;
}

/** What one copy does at one sync: how its calls end, and for how long it goes by its last listing. */
const look: fc.Arbitrary<Look> = fc.record({
	failure: fc.constantFrom(...SILENT),
	outcome: fc.constantFrom<CallOutcome>(
		{ state: "pending" },
		...SILENT.map((failure) => ({ state: "failed", failure }) as const),
	),
	goesByListing: fc.boolean(),
	pause: fc.integer({ min: 0, max: 20 }),
});

const silentFrom = (
	world: NamespaceWorld,
	looks: readonly Look[],
	change: () => void = () => {},
	meanwhile: (look: number) => void = () => {},
) => {
	const began = world.now;
	change();
	const before = world.statusWrites;
	const written: unknown[] = [];
	for (const [index, { failure, outcome, goesByListing, pause }] of looks.entries()) {
		if (world.finalized) break;
		meanwhile(index);
		const request = world.request();
		const { ask, decide } = stagesOf(prismNamespace);
		const answers = ask(request, world.context).map((question): Answer => {
			if (question.about !== "namespace") throw new Error("a namespace asks about itself");
			const { after = "" } = question;
			const isListed = goesByListing && secondsBetween(began, world.now) < STALE_SECONDS && after < began;
			const listed = world.read(question.instance.address, question.namespaceId);
			const answer: NamespaceAnswer =
				isListed && listed.state === "known" ? { ...listed, readAt: began } : { state: "unknown", failure };
			return { question, answer };
		});
		const results = decide(request, world.context, answers).map((call) => ({ call, outcome }));
		const writes = world.statusWrites;
		world.conclude(request, { answers, results });
		if (world.statusWrites > writes)
			written.push({
				by: { failure, outcome, goesByListing },
				status: canonicalJson(world.object["status"]).replaceAll(/"(lastTransitionTime|message)":"[^"]*",?/g, ""),
			});
		world.pass(pause);
	}
	expect(world.statusWrites - before, JSON.stringify(written, undefined, 1)).toBeLessThanOrEqual(2);
};

describe("a namespace whose instances can't be reached for good", () => {
	const looks = fc.array(look, { minLength: 20, maxLength: 40 });

	it("is written at most twice, from when it is placed", () => {
		fc.assert(
			fc.property(looks, (each) => {
				const world = new NamespaceWorld(SPEC);
				world.relate({ name: "prism-a" });
				world.sync();
				silentFrom(world, each);
			}),
			{ seed: 20, numRuns: RUNS },
		);
	});

	it("is written at most twice, from when it was served", () => {
		fc.assert(
			fc.property(looks, (each) => {
				const world = new NamespaceWorld(SPEC);
				world.relate({ name: "prism-a" });
				world.settle();
				silentFrom(world, each);
			}),
			{ seed: 20, numRuns: RUNS },
		);
	});

	it("is written at most twice, from when it was served, and when its shard reports that, too", () => {
		fc.assert(
			fc.property(looks, fc.nat(20), fc.integer({ min: 1, max: 3 }), (each, toldAt, replicas) => {
				const world = new NamespaceWorld(SPEC);
				world.relate({ name: "prism-a", replicas });
				world.settle();
				silentFrom(world, each, undefined, (index) => {
					if (index === toldAt) world.relate({ name: "prism-a", replicas, silentSince: world.now });
				});
			}),
			{ seed: 20, numRuns: RUNS },
		);
	});

	it("is written at most twice, from when it was edited", () => {
		fc.assert(
			fc.property(looks, (each) => {
				const world = new NamespaceWorld(SPEC);
				world.relate({ name: "prism-a" });
				world.settle();
				silentFrom(world, each, () => world.edit({ ...SPEC, quotas: { maxKeys: 7 } }));
			}),
			{ seed: 20, numRuns: RUNS },
		);
	});

	it("is written at most twice, from when it was deleted", () => {
		fc.assert(
			fc.property(looks, (each) => {
				const world = new NamespaceWorld(SPEC);
				world.relate({ name: "prism-a" });
				world.settle();
				silentFrom(world, each, () => world.delete());
			}),
			{ seed: 20, numRuns: RUNS },
		);
	});
});
