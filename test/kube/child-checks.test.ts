import { expect, it } from "vitest";
import { firstFound } from "../../kube/check-list.ts";
import {
	CHILD_CHECKS,
	type ChildrenInput,
	changeRefused,
	childLate,
	childrenGoing,
	fieldsRewritten,
	podsRefused,
	volumeMissing,
	volumeUnavailable,
} from "../../kube/child-checks.ts";
import type { Late } from "../../kube/delays.ts";
import { objectMap } from "../../kube/offline.ts";
import type { ClaimInTrouble } from "../../kube/volume-claims.ts";
import type { DelayCause, KubeObject } from "../../schemas/common.ts";

const NOW = "2026-01-01T00:10:00Z";
const LONG_AGO = "2026-01-01T00:00:00Z";

const child = (kind: string, metadata: Partial<KubeObject["metadata"]> = {}, spec: unknown = {}): KubeObject => ({
	apiVersion: kind === "Deployment" ? "apps/v1" : "v1",
	kind,
	metadata: { name: "it", namespace: "prism", ...metadata },
	spec,
});
const PARENT = { ...child("Widget"), apiVersion: "example.com/v1" };

const late = (cause: DelayCause, changes: Partial<Late> = {}): Late => ({
	delay: { kind: "Deployment", name: "it", cause, since: LONG_AGO },
	child: child("Deployment"),
	there: child("Deployment"),
	...changes,
});
const claim = (changes: Partial<ClaimInTrouble> = {}): ClaimInTrouble => ({
	workload: { kind: "StatefulSet", name: "it" },
	claim: "data-it-0",
	trouble: { about: "lost" },
	remedy: { verb: "describe", kind: "persistentvolumeclaim", name: "data-it-0", namespace: "prism" },
	isAwaited: true,
	stalled: true,
	dueIn: 0,
	...changes,
});

/** Children that are as they should be. */
const input = (changes: Partial<ChildrenInput> = {}): ChildrenInput => ({
	view: { parent: PARENT, wanted: [], observed: {}, related: {}, now: NOW },
	built: [],
	isReady: true,
	isStaying: true,
	missing: [],
	going: [],
	overdue: [],
	due: [],
	awaited: undefined,
	...changes,
});
const viewOf = (wanted: readonly KubeObject[], observed: readonly KubeObject[]) => ({
	...input().view,
	wanted,
	observed: objectMap(observed),
});

it("find nothing in children that are as they should be", () => {
	expect(firstFound(CHILD_CHECKS, input())).toBeUndefined();
});

it.each<[DelayCause, boolean]>([
	["Outdated", true],
	["PodsMissing", false],
	["NoAddress", false],
])("changeRefused of a child that is late, %s", (cause, isFound) => {
	const found = changeRefused(input({ overdue: [late("NoAddress"), late(cause)] }));
	expect(found !== undefined).toBe(isFound);
	if (isFound)
		expect(found).toMatchObject({
			phase: "Failed",
			stalled: true,
			finding: { reason: "ChildRefused", change: "update", child: { kind: "Deployment", name: "it" } },
		});
});

it("podsRefused of a workload whose pods nobody creates", () => {
	expect(podsRefused(input({ overdue: [late("Rescaled"), late("PodsMissing")] }))?.finding).toMatchObject({
		reason: "ReplicaFailure",
		remedy: { verb: "describe", kind: "deployment", name: "it", namespace: "prism" },
	});
	expect(podsRefused(input({ overdue: [late("Outdated")] }))).toBeUndefined();
});

it.each([
	[true, "Failed"],
	[false, "Pending"],
])("volumeMissing of a claim that pods wait for: stalled %s", (stalled, phase) => {
	expect(volumeMissing(input({ awaited: claim({ stalled }) }))).toMatchObject({
		phase,
		stalled,
		finding: { reason: "VolumeUnavailable", claim: "data-it-0", trouble: { about: "lost" } },
	});
	expect(volumeMissing(input({ due: [claim()] }))).toBeUndefined();
});

it("volumeUnavailable of claims that the verdict is not about", () => {
	const [awaited, other, used] = [claim(), claim({ claim: "b" }), claim({ claim: "c", isAwaited: false })];
	const claims = (changes: Partial<ChildrenInput>) =>
		(volumeUnavailable(input({ due: [awaited, other, used], ...changes })) ?? []).map((found) =>
			found.warning === "VolumeUnavailable" ? found.claim : "",
		);
	expect(claims({ awaited })).toEqual(["b", "c"]);
	expect(claims({ awaited, isReady: false })).toEqual(["c"]);
	expect(claims({})).toEqual(["data-it-0", "b", "c"]);
});

it("childLate of delays that keep nothing from being Ready", () => {
	const service = child("Service");
	const overdue = [late("Outdated"), late("Rescaled"), late("NoAddress", { child: service })];
	expect(childLate(input({ overdue }))).toMatchObject([
		{ warning: "Rescaled", workload: { kind: "Deployment", name: "it" } },
		{ warning: "NoAddress", service: "it", remedy: { kind: "service" } },
	]);
});

it("fieldsRewritten of nothing without a child that is there", () => {
	const built = [child("Deployment")];
	expect(fieldsRewritten(input({ built }))).toEqual([]);
});

it.each<[string, Partial<KubeObject["metadata"]>, object[]]>([
	["none", {}, []],
	[
		"one that goes on its own",
		{ deletionTimestamp: LONG_AGO, finalizers: ["orphan"] },
		[{ phase: "Pending", stalled: false }],
	],
	[
		"one that somebody's finalizer keeps",
		{ deletionTimestamp: LONG_AGO, finalizers: ["x/y"] },
		[{ phase: "Failed", stalled: true }],
	],
	[
		"one that it keeps for a moment",
		{ deletionTimestamp: NOW, finalizers: ["x/y"] },
		[{ phase: "Pending", stalled: false }],
	],
])("childrenGoing: %s", (_, metadata, expected) => {
	const found = childrenGoing(viewOf([child("Service")], [child("Service", metadata)]));
	expect(found).toHaveLength(expected.length);
	expect(found).toMatchObject(expected);
});

it("stand in their order: a child that goes, one that is not created, one that is refused, then volumes and pods", () => {
	const missing = [{ kind: "Secret", name: "it", since: LONG_AGO }];
	const [going] = childrenGoing(viewOf([child("Service")], [child("Service", { deletionTimestamp: LONG_AGO })]));
	const all = {
		going: going ? [going] : [],
		missing,
		overdue: [late("Outdated"), late("PodsMissing")],
		awaited: claim(),
	};
	const reasons = [
		all,
		{ ...all, going: [] },
		{ ...all, going: [], missing: [] },
		{ overdue: [late("PodsMissing")], awaited: claim() },
		{ overdue: [late("PodsMissing")] },
	].map((changes) => firstFound(CHILD_CHECKS, input(changes))?.finding.reason);
	expect(reasons).toEqual(["ChildTerminating", "ChildRefused", "ChildRefused", "VolumeUnavailable", "ReplicaFailure"]);
});
