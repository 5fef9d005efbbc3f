import { describe, expect, it } from "vitest";
import { objectMap } from "../../kube/offline.ts";
import type { Rollout } from "../../kube/rollout.ts";
import { withGrowth, withoutFollowers } from "../../kube/scale-up.ts";
import { secondsAfter } from "../../kube/time.ts";
import type { KubeObject } from "../../schemas/common.ts";

const NOW = "2026-01-01T01:00:00Z";
const READY = { type: "Ready", status: "True", reason: "StackReady" };
const NOT_READY = { type: "Ready", status: "False", reason: "ReplicasUnavailable" };

const parent = (condition: object | undefined, waited?: number): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name: "it", generation: 1 },
	status: {
		observedGeneration: 1,
		conditions: condition === undefined ? [] : [{ message: "", lastTransitionTime: NOW, ...condition }],
		delayed:
			waited === undefined
				? []
				: [{ kind: "Deployment", name: "it", cause: "PodsUnavailable", since: secondsAfter(NOW, -waited) }],
	},
});

const workload = (kind: string): KubeObject => ({ apiVersion: "apps/v1", kind, metadata: { name: "it" } });
const rollout = (state: Rollout["state"], available: number, more: Partial<Rollout> = {}): Rollout => ({
	state,
	desired: 4,
	replicas: 4,
	updated: 4,
	ready: available,
	available,
	...more,
});

describe("a workload that lacks pods", () => {
	it.each<[string, Rollout, string, KubeObject, unknown, Rollout["state"]]>([
		["grows while those that were available are", rollout("unavailable", 2), "Deployment", parent(READY), 2, "growing"],
		["lost a pod if fewer are available", rollout("unavailable", 2), "Deployment", parent(READY), 3, "unavailable"],
		["grows after a scale-down, too", rollout("unavailable", 4), "Deployment", parent(READY), 9, "ready"],
		[
			"is unknown without an earlier count",
			rollout("unavailable", 2),
			"Deployment",
			parent(READY),
			undefined,
			"unavailable",
		],
		["does not grow without any pod", rollout("unavailable", 0), "Deployment", parent(READY), 0, "unavailable"],
		[
			"does not grow once it was reported",
			rollout("unavailable", 2),
			"Deployment",
			parent(NOT_READY),
			2,
			"unavailable",
		],
		["grows for 10 min", rollout("unavailable", 2), "Deployment", parent(READY, 599), 2, "growing"],
		["and no longer", rollout("unavailable", 2), "Deployment", parent(READY, 600), 2, "unavailable"],
		["stays in its rollout", rollout("progressing", 2), "Deployment", parent(READY), 2, "progressing"],
		["grows as a StatefulSet of a Ready object", rollout("progressing", 2), "StatefulSet", parent(READY), 2, "growing"],
		[
			"does not as one that is being updated",
			rollout("progressing", 2, { isRolling: true }),
			"StatefulSet",
			parent(READY),
			2,
			"progressing",
		],
		[
			"does not as one of an object that is not Ready",
			rollout("progressing", 2),
			"StatefulSet",
			parent(undefined),
			2,
			"progressing",
		],
		[
			"grows while its controller has not observed the count",
			rollout("outdated", 2, { isLagging: true }),
			"Deployment",
			parent(READY),
			2,
			"growing",
		],
	])("%s", (_, before, kind, of, available, state) => {
		expect(withGrowth(before, workload(kind), { parent: of, available, now: NOW })).toEqual({ ...before, state });
	});
});

describe("children that make an object not Ready while they are outdated", () => {
	const roster = (instances: readonly object[], more: object = {}): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind: "PrismRoster",
		metadata: { name: "it" },
		spec: { accepting: true, instances, ...more },
	});
	const A = { name: "a", ready: true, uid: "1", readySince: NOW };
	const B = { name: "b", ready: true, uid: "2", readySince: NOW };

	it.each<[string, boolean, KubeObject, KubeObject | undefined, boolean]>([
		["an instance joins a Ready object", true, roster([A, B]), roster([A]), false],
		["one leaves it", true, roster([A]), roster([A, B]), false],
		["one that was ready changes", true, roster([{ ...A, ready: false }]), roster([A]), true],
		["its terms change", true, roster([A], { accepting: false }), roster([A]), true],
		["an instance joins an object that is not Ready", false, roster([A, B]), roster([A]), true],
		["only times and identities change", false, roster([{ ...A, uid: "3" }]), roster([A]), false],
		["nothing changes, and another annotation is missing", false, roster([A]), roster([A]), true],
		["it is not observed", true, roster([A]), undefined, true],
	])("%s (Ready: %s)", (_, isReady, wanted, observed, isAmong) => {
		const service: KubeObject = { apiVersion: "v1", kind: "Service", metadata: { name: "it" } };
		const map = objectMap(observed === undefined ? [] : [observed]);
		expect(withoutFollowers(parent(isReady ? READY : NOT_READY), [service, wanted], map)).toEqual(
			isAmong ? [service, wanted] : [service],
		);
	});
});
