import { describe, expect, it } from "vitest";
import { deletion, hasOnlyForeignFinalizers, waitsForNamespaces } from "../../../plugin/why/deletion.ts";
import { shownBy } from "../../../plugin/why/diagnosis.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { advised, knownOf, MACHINERY, machineryIn, metacontroller } from "../why-case.ts";
import { event, HOURS_AGO, late, NOW, other, ours, ownedBy, ready, statefulSet } from "../world.ts";

const OURS = "metacontroller.io/compositecontroller-prismstack";
const going = (finalizers: readonly string[], deletionTimestamp = HOURS_AGO) =>
	ours("PrismStack", "shop", { metadata: { deletionTimestamp, finalizers: [...finalizers] } });
const without = (gone: (object: KubeObject) => boolean) => MACHINERY.filter((object) => !gone(object));

it.each([
	[[], false],
	[["example.com/audit"], true],
	[["example.com/audit", OURS], false],
	[["metacontroller.k8s.io/old"], false],
])("only other controllers hold %j: %s", (finalizers, isForeign) =>
	expect(hasOnlyForeignFinalizers(going(finalizers))).toBe(isForeign),
);

describe("a deletion", () => {
	const patch = (finalizers: string) =>
		`kubectl patch prismstack shop -n shop --type=merge -p '{"metadata":{"finalizers":${finalizers}}}'`;

	it("waits for the finalizers of others, of which each can be removed alone", () => {
		const found = deletion(knownOf([]), going(["example.com/a", "example.com/b"]));
		expect(found).toMatchObject({ state: "broken", since: HOURS_AGO, steps: [{ word: "Finalizers" }] });
		expect(advised(found.next)).toEqual([
			"kubectl describe prismstack shop -n shop",
			patch('["example.com/b"]'),
			patch('["example.com/a"]'),
		]);
	});

	it("needs nobody while it is young, or without finalizers", () => {
		expect(deletion(knownOf([]), going(["example.com/a"], NOW)).state).toBe("waiting");
		expect(deletion(knownOf([]), going([])).next).toHaveLength(1);
	});

	it("waits for children in the foreground", () => {
		const stack = going(["foregroundDeletion"]);
		const child = other("v1", "ConfigMap", "a", ownedBy(stack));
		const stepIn = (objects: KubeObject[]) => deletion(knownOf(objects), stack).steps[0];
		expect(stepIn([stack, child])).toMatchObject({ word: "foregroundDeletion", object: child });
		expect(stepIn([stack])).toMatchObject({ word: "foregroundDeletion", object: stack });
	});

	it("asks for the machinery before it explains Metacontroller's finalizer", () => {
		expect(deletion(knownOf([]), going([OURS])).needs).toEqual([{ need: "machinery" }]);
	});

	const DOCTOR = "kubectl prism doctor";
	it.each<[string, KubeObject[], Parameters<typeof machineryIn>[1], string, string]>([
		["all runs", [...MACHINERY], {}, NOW, "waiting kubectl describe"],
		["all runs for long", [...MACHINERY], {}, HOURS_AGO, "broken kubectl describe"],
		["the controller is gone", without(({ metadata }) => metadata.name === "prismstack"), {}, NOW, `broken ${DOCTOR}`],
		[
			"Metacontroller is down",
			[...without(({ kind }) => kind === "StatefulSet"), metacontroller(0)],
			{},
			NOW,
			`broken ${DOCTOR}`,
		],
		["its workload is unread", [...MACHINERY], { forbidden: ["statefulsets.apps"] }, NOW, "waiting kubectl describe"],
	])("waits for Metacontroller: %s", async (_, objects, world, at, expected) => {
		const stack = going([OURS], at);
		const found = deletion(knownOf([stack], { machinery: await machineryIn(objects, world) }), stack);
		expect(`${found.state} ${advised(found.next)[0]}`).toContain(expected);
		// The last resort appears only where nobody else would remove it.
		expect(advised(found.next).includes(patch("null"))).toBe(found.state === "broken");
	});

	it("quotes the error of the finalize webhook", async () => {
		const stack = going([OURS]);
		const events = [event(stack, "SyncError", "connection refused")];
		const found = deletion(knownOf([stack], { events, machinery: await machineryIn(MACHINERY) }), stack);
		expect(found.cause).toContain("connection refused");
	});
});

describe("a deletion that waits for namespaces", () => {
	const shard = ours("PrismShard", "live", {
		...late("NamespacesRemain", "1 left"),
		metadata: { deletionTimestamp: HOURS_AGO },
	});
	const roster = ours("PrismRoster", "prism-live", { metadata: ownedBy(shard) });
	const placed = (name: string, roster_: string, deletionTimestamp?: string) =>
		ours("PrismNamespace", name, {
			...ready("NamespaceReady", "up"),
			status: { placements: [{ roster: roster_, namespace: "shop", state: "Active" }] },
			...(deletionTimestamp !== undefined && { metadata: { deletionTimestamp } }),
		});

	it("lists those that are placed there, and forces the deletion last", () => {
		const objects = [shard, roster, placed("acme", "prism-live"), placed("other", "prism-else")];
		const found = waitsForNamespaces(knownOf(objects), shard);
		expect(found).toMatchObject({ state: "broken", cause: "1 left" });
		expect(found.details[0]?.lines).toEqual(["shop/acme: Ready"]);
		expect(advised(found.next)).toEqual([
			"kubectl prism why prismnamespace/acme -n shop",
			"kubectl annotate prismshard live -n shop prism.io/force-delete=true",
		]);
	});

	it("follows one that is being deleted itself", () => {
		const stuck = placed("acme", "prism-live", HOURS_AGO);
		const explain = (object: KubeObject) => shownBy(object, "Revoking", { cause: "why" });
		const found = waitsForNamespaces(knownOf([shard, roster, stuck], { explain }), shard);
		expect(found.cause).toBe("why");
		expect(found.steps.map(({ word }) => word)).toEqual(["NamespacesRemain", "Revoking"]);
	});

	it("starts a pod of a shard without any, which alone knows its namespaces", () => {
		const asleep = ours("PrismShard", "live", {
			...late("NamespacesUnknown", "nobody to ask", { phase: "Terminating" }),
			metadata: { deletionTimestamp: HOURS_AGO, finalizers: ["metacontroller.io/compositecontroller-prismshard"] },
			spec: { replicas: 0 },
		});
		const spec = { instances: [], draining: true };
		const drained = ours("PrismRoster", "prism-live", { metadata: ownedBy(asleep), spec });
		const known = knownOf([asleep, drained, statefulSet("prism-live", asleep, 0, 0)]);
		const [first] = advised(waitsForNamespaces(known, asleep).next);
		expect(first).toMatch(/^kubectl (scale|patch) prismshard live -n shop/);
	});
});
