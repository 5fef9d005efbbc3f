import { describe, expect, it } from "vitest";
import { leavingVerdict } from "../../../hooks/prismshard/deletion.ts";
import { isFull, leaving } from "../../../hooks/prismshard/prism-roster.ts";
import type { InstanceAnswer } from "../../../schemas/admin.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { findingText } from "../../../schemas/messages/text.ts";
import type { PrismShardSpec } from "../../../schemas/prismshard.ts";
import { API_VERSION } from "../../../schemas/vocabulary.ts";
import { BEFORE, instance, known, request, set, unverifiable } from "../prismshard-pieces.ts";

// What a shard's instances say: what they hold together, whether it may go.

describe("a shard is full", () => {
	const full = (maxNamespaces: number | undefined, before: unknown, ...answers: readonly InstanceAnswer[]) =>
		isFull(
			{ spec: { capacity: { maxNamespaces } } as unknown as PrismShardSpec },
			answers.map((answer, index) => instance(index, answer)),
			request([], { full: before }),
		);
	const holding = (count: number) => known(Array.from({ length: count }, (_, index) => `n${index}`));

	it.each([
		["without a capacity", undefined, true, [holding(100)], undefined],
		["below it", 100, false, [holding(99)], false],
		["at it", 100, false, [holding(100)], true],
		["above it", 100, undefined, [holding(101)], true],
		["until well below it", 100, true, [holding(95)], true],
		["well below it", 100, true, [holding(94)], false],
		["as it was, when nobody tells", 100, true, [unverifiable], true],
		["as it was not, when nobody tells", 100, undefined, [], false],
	])("%s", (_, most, before, answers, isIt) => {
		expect(full(most, before, ...answers)).toBe(isIt);
	});
});

describe("a shard on its way out", () => {
	const roster = (spec: unknown): KubeObject => ({
		apiVersion: API_VERSION,
		kind: "PrismRoster",
		metadata: { name: "prism-it", namespace: "prism" },
		spec,
	});
	const going = { deletionTimestamp: BEFORE };
	const forced = { ...going, annotations: { "prism.io/force-delete": "true" } };
	const pods = set({ replicas: 1 });

	it.each([
		["nothing was made", going, [], [], undefined],
		[
			"its roster does not say so yet",
			going,
			[pods, roster({ draining: false })],
			[instance(0, known([]))],
			"Terminating: Being deleted: its namespaces are moving away",
		],
		[
			"namespaces are left",
			going,
			[pods, roster({ draining: true })],
			[instance(0, known(["a", "b"])), instance(1, undefined)],
			"NamespacesRemain: Namespaces left: 2. Each moves to another shard that matches, or is revoked with its PrismNamespace",
		],
		[
			"there is no pod to say so",
			going,
			[pods, roster({ draining: true })],
			[],
			"NamespacesUnknown: No pod can report which namespaces are left",
		],
		[
			"one can't say so",
			going,
			[pods, roster({ draining: true })],
			[instance(0, unverifiable), instance(1, known([]))],
			"NamespacesUnknown: Whether namespaces are left is unknown: prism-it-0 can't list its namespaces",
		],
		[
			"one does not say so",
			going,
			[pods, roster({ draining: true })],
			[instance(0, known([])), instance(1, undefined)],
			"NamespacesUnknown: Whether namespaces are left is unknown: prism-it-1 is not ready",
		],
		[
			"one said so before",
			going,
			[pods, roster({ draining: true })],
			[instance(0, known([])), instance(1, known([], { readAt: BEFORE }))],
			"Terminating: Being deleted: its pods are queried again for the namespaces that are left",
		],
		["all say so", going, [pods, roster({ draining: true })], [instance(0, known([]))], undefined],
		["all say so, and there is no roster", going, [pods], [instance(0, known([]))], undefined],
		[
			"it is forced, and its roster does not say so yet",
			forced,
			[pods, roster({ draining: true })],
			[instance(0, known(["a"]))],
			"Terminating: Being deleted: its namespaces are moving away",
		],
		[
			"it is forced",
			forced,
			[pods, roster({ draining: true, deleting: true })],
			[instance(0, known(["a"]))],
			undefined,
		],
	])("waits or not when %s", (_, metadata, children, instances, words) => {
		const verdict = leavingVerdict(request(children, undefined, metadata), instances);
		expect(verdict && `${verdict.finding.reason}: ${findingText(verdict.finding)}`).toBe(words);
	});

	it("tells its roster, and no other child", () => {
		const before = roster({ accepting: true, draining: false, deleting: false, weight: 3 });
		expect(leaving("draining")(before)["spec"]).toEqual({
			accepting: false,
			draining: true,
			deleting: false,
			weight: 3,
		});
		expect(leaving("deleting")(before)["spec"]).toEqual({
			accepting: false,
			draining: true,
			deleting: true,
			weight: 3,
		});
		expect(leaving("deleting")(pods)).toBe(pods);
	});
});
