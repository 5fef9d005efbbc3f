import { describe, expect, it } from "vitest";
import {
	delayedSince,
	externalAddress,
	isLate,
	isOverdue,
	isStalled,
	isToCorrect,
	lateChildren,
	untilVerdict,
} from "../../kube/delays.ts";
import { objectMap } from "../../kube/offline.ts";
import { secondsAfter } from "../../kube/time.ts";
import { DELAY_CAUSES, type DelayCause, type KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";

const NOW = "2026-01-01T01:00:00Z";
const ago = (seconds: number): string => secondsAfter(NOW, -seconds);

const child = (kind: string, spec: object, more: object = {}, hash = "1"): KubeObject => ({
	apiVersion: kind === "Service" ? "v1" : "apps/v1",
	kind,
	metadata: { name: "it", namespace: "team", generation: 1, annotations: { [DESIRED_HASH_ANNOTATION]: hash } },
	spec,
	...more,
});

const parentWith = (delayed: readonly object[], observedGeneration = 1): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "PrismStack",
	metadata: { name: "it", namespace: "team", generation: 1 },
	status: { observedGeneration, delayed },
});

const lateOf = (
	wanted: KubeObject,
	observed: KubeObject | undefined,
	{ parent = parentWith([]), siblings = [] }: { parent?: KubeObject; siblings?: readonly KubeObject[] } = {},
) =>
	lateChildren({
		parent,
		wanted: [wanted, ...siblings],
		observed: objectMap(observed === undefined ? [] : [observed]),
		related: {},
		now: NOW,
	}).map(({ delay: { cause, since } }) => ({ cause, since }));

const BALANCER = { type: "LoadBalancer" };
const ADDRESSED = { status: { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } } };
const TWO = { replicas: 2 };
const counts = (ready: number, more: object = {}) => ({
	status: {
		observedGeneration: 1,
		replicas: 2,
		updatedReplicas: 2,
		readyReplicas: ready,
		availableReplicas: ready,
		conditions: [{ type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" }],
		...more,
	},
});

describe("causes of a delay", () => {
	it.each<[string, KubeObject, KubeObject | undefined, DelayCause[]]>([
		["not observed: that is another check's", child("Deployment", TWO), undefined, []],
		["of another hash", child("Deployment", TWO), child("Deployment", TWO, counts(2), "0"), ["Outdated"]],
		[
			"being deleted",
			child("Deployment", TWO),
			{
				...child("Deployment", TWO, {}, "0"),
				metadata: { name: "it", namespace: "team", deletionTimestamp: NOW },
			},
			[],
		],
		["as desired", child("Deployment", TWO), child("Deployment", TWO, counts(2)), []],
		["with another field", child("Service", { type: "ClusterIP" }), child("Service", BALANCER), ["Overridden"]],
		["without an address", child("Service", BALANCER), child("Service", BALANCER), ["NoAddress"]],
		["with an address", child("Service", BALANCER), child("Service", BALANCER, ADDRESSED), []],
		["that needs no address", child("Service", { type: "ClusterIP" }), child("Service", { type: "ClusterIP" }), []],
		["with an unavailable pod", child("Deployment", TWO), child("Deployment", TWO, counts(1)), ["PodsUnavailable"]],
		[
			"without a pod that could not be created",
			child("StatefulSet", TWO),
			child("StatefulSet", TWO, counts(1, { replicas: 1, currentReplicas: 1 })),
			["PodsMissing", "PodsUnavailable"],
		],
		[
			"not yet observed by its controller",
			child("StatefulSet", TWO),
			child("StatefulSet", TWO, { status: { observedGeneration: 0 } }),
			[],
		],
	])("a child %s", (_, wanted, observed, causes) => {
		expect(lateOf(wanted, observed).map(({ cause }) => cause)).toEqual(causes);
	});

	it("are not about a count that an autoscaler owns", () => {
		const wanted = child("Deployment", TWO);
		const observed = child("Deployment", { replicas: 5 }, counts(2));
		const scaler = child("HorizontalPodAutoscaler", { scaleTargetRef: { name: "it" } });
		const causesWith = (...siblings: readonly KubeObject[]) =>
			lateOf(wanted, observed, { siblings }).map(({ cause }) => cause);
		expect(causesWith()).toContain("Rescaled");
		expect(causesWith(scaler)).not.toContain("Rescaled");
	});
});

describe("the beginning of a delay", () => {
	const known = (cause: DelayCause, seconds: number) => ({
		kind: "Deployment",
		name: "it",
		cause,
		since: ago(seconds),
	});
	const OUTDATED = [child("Deployment", TWO), child("Deployment", TWO, counts(2), "0")] as const;
	const RESCALED = [child("Deployment", TWO), child("Deployment", { replicas: 5 }, counts(2))] as const;
	const SAME = [child("Deployment", TWO), child("Deployment", TWO, counts(2))] as const;

	it.each<[string, readonly [KubeObject, KubeObject], KubeObject, object[]]>([
		["is now for a new one", OUTDATED, parentWith([]), [{ cause: "Outdated", since: NOW }]],
		["stays", OUTDATED, parentWith([known("Outdated", 20)]), [{ cause: "Outdated", since: ago(20) }]],
		["is now after an edit", OUTDATED, parentWith([known("Outdated", 20)], 0), [{ cause: "Outdated", since: NOW }]],
		[
			"is now if status has nothing that can be read",
			OUTDATED,
			parentWith([{ kind: "Deployment", name: "it", cause: "Unheard", since: 3 }]),
			[{ cause: "Outdated", since: NOW }],
		],
		[
			"is remembered for a count that another client reverts at once",
			SAME,
			parentWith([known("Rescaled", 200)]),
			[{ cause: "Rescaled", since: ago(200) }],
		],
		["is forgotten for one that stayed", SAME, parentWith([known("Rescaled", 300)]), []],
	])("%s", (_, [wanted, observed], parent, expected) => {
		expect(lateOf(wanted, observed, { parent })).toEqual(expected);
	});

	it("of a count that changes again and again moves on, so that the report does not end between two changes", () => {
		const [wanted, observed] = RESCALED;
		const sinceAfter = (seconds: number) =>
			lateOf(wanted, observed, { parent: parentWith([known("Rescaled", seconds)]) }).find(
				({ cause }) => cause === "Rescaled",
			)?.since;
		expect(sinceAfter(100)).toBe(ago(100));
		expect(sinceAfter(150)).toBe(NOW);
	});

	it("is read of status by kind, name and cause", () => {
		const parent = parentWith([known("PodsUnavailable", 601)]);
		const deployment = child("Deployment", TWO);
		expect(delayedSince(parent, { kind: "Deployment", name: "it", cause: "PodsUnavailable" })).toBe(ago(601));
		expect(delayedSince(parent, { kind: "Service", name: "it", cause: "PodsUnavailable" })).toBeUndefined();
		expect(isLate(parent, deployment, "PodsUnavailable", NOW)).toBe(true);
		expect(isLate(parent, deployment, "Outdated", NOW)).toBe(false);
	});
});

const delayOf = (cause: DelayCause, seconds: number) => ({ kind: "Service", name: "it", cause, since: ago(seconds) });

it.each<[DelayCause, number, number]>([
	["Outdated", 30, 30],
	["Overridden", 30, 30],
	["PodsUnavailable", 600, 600],
	["NoAddress", 60, 60],
	["PodsMissing", 30, 600],
	["PodsKept", 45, 45],
	["Rescaled", 0, 300],
])("%s is reported after %d s, and needs a user after %d s", (cause, seconds, stalledAfter) => {
	expect([seconds - 1, seconds].map((age) => isOverdue(delayOf(cause, age), NOW))).toEqual([false, true]);
	expect([stalledAfter - 1, stalledAfter].map((age) => isStalled(delayOf(cause, age), NOW))).toEqual([false, true]);
});

it("corrects only changed fields, after 5 s", () => {
	expect(DELAY_CAUSES.filter((cause) => isToCorrect(delayOf(cause, 5), NOW))).toEqual(["Overridden"]);
	expect(isToCorrect(delayOf("Overridden", 4), NOW)).toBe(false);
});

it.each<[DelayCause, number, number]>([
	["Outdated", 10, 21],
	["Outdated", 30, 60],
	["PodsMissing", 10, 21],
	["PodsMissing", 100, 501],
	["Overridden", 0, 6],
	["Overridden", 10, 21],
	["Overridden", 40, 60],
])("%s for %d s is checked again after %d s", (cause, age, seconds) => {
	const there = child("Service", {});
	expect(untilVerdict({ delay: delayOf(cause, age), child: there, there }, NOW)).toBe(seconds);
});

it("finds the address of the first Service of type LoadBalancer", () => {
	const wanted = [child("Deployment", {}), child("Service", BALANCER)];
	expect(externalAddress(wanted, objectMap([child("Service", BALANCER, ADDRESSED)]))).toBe("lb.example.com");
	expect(externalAddress(wanted, objectMap([child("Service", BALANCER)]))).toBeUndefined();
	expect(externalAddress([], objectMap([child("Service", BALANCER, ADDRESSED)]))).toBeUndefined();
});
