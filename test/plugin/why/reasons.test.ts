import { describe, expect, it } from "vitest";
import { EXPLAINERS, explainerOf } from "../../../plugin/why/reasons.ts";
import { REASONS } from "../../../schemas/vocabulary.ts";
import { advised, CONTROLLERS, knownOf, MACHINERY, machineryIn, metacontroller } from "../why-case.ts";
import { condition, deployment, late, NOW, ours, pod, replicaSet, waiting } from "../world.ts";

it("knows every documented reason", () => {
	expect(Object.keys(EXPLAINERS).toSorted()).toEqual(Object.keys(REASONS).toSorted());
	for (const [reason, explainer] of Object.entries(EXPLAINERS)) expect(explainerOf(reason)).toBe(explainer);
});

describe("a reason without more information", () => {
	const stack = (reason: string, { stalled = false, since = NOW } = {}) =>
		ours("PrismStack", "shop", {
			conditions: [
				condition("Ready", "False", reason, "as reported", since),
				condition(stalled ? "Stalled" : "Reconciling", "True", reason, "m"),
			],
		});

	it.each([
		["BackendNotReady", false, "waiting"],
		["BackendNotReady", true, "broken"],
		["OfANewerRelease", false, "waiting"],
		["toString", false, "waiting"],
	])("%s, stalled: %s, is explained by its condition", (reason, stalled, state) => {
		const object = stack(reason, { stalled });
		const found = explainerOf(reason)(knownOf([object]), object);
		expect(found).toMatchObject({ cause: "as reported", state, needs: [], steps: [{ word: reason }] });
		expect(advised(found.next)).toEqual(["kubectl describe prismstack shop -n shop"]);
	});

	it("that is old may be outdated: the machinery shows whether", async () => {
		const object = stack("BackendNotReady", { since: "2026-01-01T11:00:00Z" });
		const explain = explainerOf("BackendNotReady");
		expect(explain(knownOf([object]), object).needs).toEqual([{ need: "machinery" }]);
		const running = explain(knownOf([object], { machinery: await machineryIn(MACHINERY) }), object);
		expect(running).toMatchObject({ cause: "as reported", needs: [] });
		const down = await machineryIn([...CONTROLLERS, metacontroller(0)]);
		expect(explain(knownOf([object], { machinery: down }), object).steps[0]?.word).toBe("0 available");
	});
});

describe("a reason about workloads", () => {
	const STACK = ours("PrismStack", "shop", late("Progressing", "as reported"));
	const stuck = (name: string, reason: string) => {
		const set = deployment(name, STACK, 0, 1);
		const replicas = replicaSet(`${name}-1`, set);
		const containers = [{ name: "a", state: waiting(reason) }];
		return [set, replicas, pod(`${name}-1-x`, replicas, { phase: "Pending", containers })];
	};
	const lastOf = (...objects: ReturnType<typeof stuck>) =>
		explainerOf("Progressing")(knownOf([STACK, ...objects]), STACK).steps.at(-1);

	it("prefers what a user has to fix to what is on its way", () => {
		const both = [...stuck("a", "ContainerCreating"), ...stuck("b", "ImagePullBackOff")];
		expect(lastOf(...both)?.object.metadata.name).toBe("b-1-x");
		expect(lastOf(...stuck("a", "ContainerCreating"))?.object.metadata.name).toMatch(/^a/);
	});

	it("without a workload that is late is explained by its condition", () =>
		expect(lastOf(deployment("a", STACK, 1, 1))).toMatchObject({ object: STACK, word: "Progressing" }));
});
