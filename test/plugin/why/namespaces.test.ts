import { describe, expect, it } from "vitest";
import {
	expired,
	identifierTaken,
	instancesFailing,
	instancesNotReady,
	revoking,
	shardInDoubt,
} from "../../../plugin/why/namespaces.ts";
import { advised, knownOf } from "../why-case.ts";
import { HOURS_AGO, late, MINUTES_AGO, ours, ownedBy, pod, statefulSet, waiting } from "../world.ts";

const SHARD = ours("PrismShard", "live");
const ROSTER = ours("PrismRoster", "prism-live", { metadata: ownedBy(SHARD) });
const SET = statefulSet("prism-live", SHARD, 1, 2);
const running = (name: string) => pod(name, SET, { ready: true, containers: [{ name: "prism-proxy" }] });
const PULLING = pod("prism-live-0", SET, {
	phase: "Pending",
	containers: [{ name: "prism-proxy", state: waiting("ImagePullBackOff") }],
});
const FORCE = "kubectl annotate prismnamespace acme -n shop prism.io/force-delete=true";

const placed = (reason: string, instances: readonly Record<string, unknown>[], state = "Active") =>
	ours("PrismNamespace", "acme", {
		...late(reason, "as reported"),
		status: { placements: [{ roster: "prism-live", namespace: "shop", state, instances }] },
	});

describe("a namespace whose instances are not ready", () => {
	it.each([
		["Active", ["kubectl prism why prismshard/live -n shop"]],
		["Revoking", []],
	])("is explained by where it is placed, if that is %s", (state, advice) => {
		const object = placed("InstancesNotReady", [], state);
		expect(advised(instancesNotReady(knownOf([object, ROSTER, SHARD]), object).next)).toEqual(advice);
	});

	it("needs the objects there", () => {
		const object = placed("InstancesNotReady", []);
		expect(instancesNotReady(knownOf([object]), object).needs).toEqual([{ need: "namespace", namespace: "shop" }]);
	});
});

describe("an instance that lacks a namespace", () => {
	const WAITING = { name: "prism-live-0", state: "Waiting" };

	it("has a pod that shows the cause", () => {
		const object = placed("PartiallyProvisioned", [WAITING]);
		const { steps } = instancesFailing(knownOf([object, ROSTER, PULLING]), object);
		expect(steps.map(({ word }) => word)).toEqual(["PartiallyProvisioned", "ImagePullBackOff"]);
	});

	it.each([
		["Unauthenticated", ""],
		["NoAnswer", "kubectl get networkpolicy -A"],
		["BadAnswer", "kubectl get networkpolicy -A"],
		["Unavailable", "kubectl get pods -A -l component=admin"],
		["Unimplemented", ""],
	])("because of %s", (cause, advice) => {
		const object = placed("PartiallyProvisioned", [{ ...WAITING, cause }]);
		const { steps, next, state } = instancesFailing(knownOf([object, ROSTER, running("prism-live-0")]), object);
		expect(steps.map(({ object: step, word }) => `${step.kind} ${word}`)).toEqual([
			"PrismNamespace PartiallyProvisioned",
			"Pod Waiting",
		]);
		expect(advised(next)).toEqual(["kubectl logs prism-live-0 -n shop", advice]);
		expect(state).toBe("broken");
	});

	it("rejects it: its spec is to change", () => {
		const object = placed("ProvisioningRefused", [{ name: "prism-live-0", state: "Refused", message: "too many" }]);
		const { next, details } = instancesFailing(knownOf([object, ROSTER]), object);
		expect(advised(next)).toEqual(["spec"]);
		expect(details[0]?.lines).toEqual([expect.stringMatching(/^prism-live-0: Refused.*too many/)]);
	});

	it("is on its way", () => {
		const object = placed("Progressing", [WAITING, { name: "prism-live-1", state: "Applied" }]);
		expect(instancesFailing(knownOf([object, ROSTER]), object)).toMatchObject({ state: "waiting", steps: [{}] });
	});
});

describe("an identifier in use", () => {
	const named = (name: string, namespaceId: string) =>
		ours("PrismNamespace", name, { ...late("NamespaceIdTaken", "as reported"), status: { namespaceId } });
	const object = named("copy", "acme");

	it.each([
		[
			"by another object",
			[named("acme", "other"), named("first", "acme")],
			"kubectl prism why prismnamespace/first -n shop",
		],
		["by one that was not read", [named("acme", "other")], "kubectl prism where acme -A"],
	])("%s", (_, others, command) => {
		const { next, cause } = identifierTaken(knownOf([object, ...others]), object);
		expect(advised(next)[0]).toBe(command);
		expect(cause === "as reported").toBe(command.includes("where"));
	});
});

it.each([
	[{ expiresAt: HOURS_AGO }, HOURS_AGO],
	[{}, MINUTES_AGO],
])("an expired namespace is so since its expiry: %j", (status, since) => {
	const object = ours("PrismNamespace", "acme", { ...late("Expired", "m"), status });
	const found = expired(knownOf([object]), object);
	expect(found.since).toBe(since);
	expect(advised(found.next)).toEqual(["spec.ttl", "kubectl delete prismnamespace acme -n shop"]);
});

describe("a namespace that is being revoked", () => {
	const object = { ...placed("Revoking", [{ name: "prism-live-0", state: "Waiting" }], "Revoking") };
	const going = { ...object, metadata: { ...object.metadata, deletionTimestamp: HOURS_AGO } };

	it("waits for a pod with a problem", () => {
		const { steps, next } = revoking(knownOf([going, ROSTER, SHARD, SET, PULLING]), going);
		expect(steps.map(({ word }) => word)).toEqual(["Revoking", "ImagePullBackOff"]);
		expect(advised(next).at(-1)).toBe(FORCE);
	});

	it("waits for instances whose pods run", () => {
		const found = revoking(knownOf([going, ROSTER, SHARD, SET, running("prism-live-0")]), going);
		expect(found).toMatchObject({ state: "waiting", since: HOURS_AGO, cause: "as reported" });
		expect(advised(found.next)).toEqual(["kubectl describe prismnamespace acme -n shop", FORCE]);
	});
});

describe("a shard in doubt", () => {
	const shard = (reason: string, cause?: string) =>
		ours("PrismShard", "live", {
			...late(reason, "as reported"),
			status: { doubtfulSince: HOURS_AGO, doubtfulInstances: [{ name: "prism-live-0", cause }] },
		});
	const found = (reason: string, cause?: string, isPulling = false) => {
		const object = shard(reason, cause);
		const set = statefulSet("prism-live", object, 1, 2);
		const owned = { ...(isPulling ? PULLING : running("prism-live-0")) };
		const objects = [
			object,
			set,
			{ ...owned, metadata: { ...owned.metadata, ...ownedBy(set) } },
			pod("prism-live-1", set),
		];
		return shardInDoubt(knownOf(objects), object);
	};

	it.each([
		["InstancesUnreachable", "NoAnswer", false, "broken", "kubectl get networkpolicy -A"],
		["InstancesUnreachable", "Unimplemented", false, "broken", ""],
		["NamespacesDiffer", "NamespacesMissing", false, "waiting", "kubectl prism status -n shop"],
	])("%s, %s", (reason, cause, isPulling, state, last) => {
		const { next, steps, since, ...rest } = found(reason, cause, isPulling);
		expect([rest.state, since, advised(next).at(-1)]).toEqual([state, HOURS_AGO, last]);
		expect(steps.map(({ object }) => object.metadata.name)).toEqual(["live", "prism-live-0"]);
	});

	it("has a pod that shows the cause", () =>
		expect(found("InstancesUnreachable", "NoAnswer", true).steps.at(-1)?.word).toBe("ImagePullBackOff"));

	it("may have no pods that were read", () => {
		const object = shard("InstancesUnreachable", "NoAnswer");
		expect(shardInDoubt(knownOf([object]), object).steps).toEqual([expect.objectContaining({ object })]);
	});
});
