import { describe, expect, it } from "vitest";
import { keyOf, type Need } from "../../../plugin/why/diagnosis.ts";
import {
	childRefused,
	childTerminating,
	nameTaken,
	ofSubject,
	pausedWork,
	refusedSpec,
	rejectedLately,
} from "../../../plugin/why/specs.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { advised, knownOf, MACHINERY, machineryIn } from "../why-case.ts";
import { condition, event, HOURS_AGO, late, MINUTES_AGO, NOW, other, ours, ownedBy } from "../world.ts";

const MISSING = { kind: "ConfigMap", name: "orders-config", since: MINUTES_AGO };
const runner = (reason: string, more: Record<string, unknown> = {}) =>
	ours("PatternRunner", "orders", { ...late(reason, "as reported", { stalled: true }), ...more });
const NEED: Need = { need: "object", resource: "configmap", namespace: "shop", name: "orders-config" };
const reading = (theirs: KubeObject | undefined) => ({ objects: new Map([[keyOf(NEED), theirs]]) });

it.each([
	[{ pattern: "keyvalue", backend: "redis", config: { password: "hunter2" } }, "spec.config.password"],
	// The reason in status is another one than the hook finds: only the whole spec is known to be wrong.
	[{ pattern: "keyvalue", backend: "memstore" }, "spec"],
])("a rejected spec %j is fixed at %s", (spec, field) => {
	const object = runner("InlineCredentials", { spec });
	expect(advised(refusedSpec(knownOf([object]), object).next)).toEqual([field]);
});

it("a paused object is resumed", () => {
	const conditions = [
		condition("Ready", "False", "PausedByAnnotation", "m"),
		condition("Paused", "True", "PausedByAnnotation", "m", HOURS_AGO),
	];
	const object = ours("PatternRunner", "orders", { conditions });
	const found = pausedWork(knownOf([object]), object);
	expect(found).toMatchObject({ state: "paused", since: HOURS_AGO, steps: [{ word: "Paused" }] });
	expect(advised(found.next)).toEqual(["kubectl prism resume patternrunner/orders -n shop"]);
});

describe("a name in use", () => {
	const object = runner("NameTaken", { status: { missing: [MISSING] } });
	const config = (metadata: Partial<KubeObject["metadata"]>) => other("v1", "ConfigMap", "orders-config", metadata);
	const left = { labels: { "controller-uid": "earlier" }, annotations: { "prism.io/desired-hash": "0" } };

	it.each<[string, KubeObject | undefined, string, string]>([
		["nobody's", undefined, "NameTaken broken", "kubectl get events"],
		["its own by now", config(ownedBy(object)), "Present waiting", ""],
		["left over", config(left), "LeftOver broken", "kubectl label configmap"],
		["somebody's", config({}), "Foreign broken", "kubectl get configmap orders-config -n shop -o yaml"],
	])("is %s", (_, theirs, expected, command) => {
		const { steps, state, next, needs, since } = nameTaken(knownOf([object], reading(theirs)), object);
		expect(`${steps.at(-1)?.word} ${state}`).toBe(expected);
		expect(advised(next)[0] ?? "").toContain(command);
		expect([needs, since]).toEqual([[], MINUTES_AGO]);
	});

	it("needs the object of that name", () => expect(nameTaken(knownOf([object]), object).needs).toEqual([NEED]));

	it.each<[string, Partial<KubeObject["metadata"]>]>([
		["Deployment legacy", ownedBy(other("apps/v1", "Deployment", "legacy"))],
		["Helm release legacy", { annotations: { "meta.helm.sh/release-name": "legacy" } }],
		["Argo CD application legacy", { annotations: { "argocd.argoproj.io/tracking-id": "legacy:v1/ConfigMap:a/b" } }],
		["Argo CD application legacy", { labels: { "argocd.argoproj.io/instance": "legacy" } }],
		["Flux Kustomization legacy", { labels: { "kustomize.toolkit.fluxcd.io/name": "legacy" } }],
		["legacy", { labels: { "app.kubernetes.io/managed-by": "legacy" } }],
		['"legacy"', { managedFields: [{ manager: "" }, { manager: "legacy" }] }],
	])("belongs to %s", (owner, metadata) =>
		expect(nameTaken(knownOf([object], reading(config(metadata))), object).cause).toContain(owner),
	);

	it("is that of the child which is missing for long, before a new one", () => {
		const young = { kind: "Service", name: "orders", since: NOW };
		const both = runner("NameTaken", { status: { missing: [young, MISSING] } });
		expect(nameTaken(knownOf([both]), both).needs).toEqual([NEED]);
	});
});

describe("a rejected child", () => {
	const object = runner("ChildRefused", {
		status: { missing: [{ kind: "Service", name: "orders", since: MINUTES_AGO }] },
	});
	const said = (at: string, message = 'services "orders" is forbidden: exceeded quota: team, requested: services=1') =>
		event(object, "SyncError", message, { at });
	const lastOf = (...events: readonly KubeObject[]) => childRefused(knownOf([object], { events }), object).steps.at(-1);

	it("is explained by an event after the problem began", () => {
		expect(lastOf(said(MINUTES_AGO))).toMatchObject({ word: "QuotaExceeded", object: { kind: "Service" } });
		expect(lastOf(said(HOURS_AGO))).toMatchObject({ word: "Rejected" });
		expect(lastOf(said(MINUTES_AGO, 'services "other" is forbidden: exceeded quota: team'))).toMatchObject({
			word: "Rejected",
		});
		expect(lastOf()).toMatchObject({ word: "Rejected" });
	});

	it("is found before the reason of the object reports it", () => {
		const events = [said(MINUTES_AGO)];
		expect(rejectedLately(knownOf([object], { events }), object)?.steps.at(-1)?.word).toBe("QuotaExceeded");
		expect(rejectedLately(knownOf([object]), object)).toBeUndefined();
	});

	it("needs the log of Metacontroller without an event", async () => {
		const without = childRefused(knownOf([object], { objects: new Map() }), object);
		expect(without.needs).toContainEqual({ need: "machinery" });
		const read = childRefused(knownOf([object], { machinery: await machineryIn(MACHINERY) }), object);
		expect(advised(read.next)).toEqual(["kubectl logs statefulset/metacontroller -n metacontroller", "spec"]);
	});
});

describe("a child with a problem", () => {
	const object = runner("NoAddress");
	const service = (type: string, ingress: unknown[]) =>
		other("v1", "Service", "orders", ownedBy(object), { spec: { type }, status: { loadBalancer: { ingress } } });

	it.each([
		["a load balancer without address", [service("LoadBalancer", [])], "Service"],
		["one with an address", [service("LoadBalancer", [{ ip: "192.0.2.1" }])], "PatternRunner"],
		["an internal Service", [service("ClusterIP", [])], "PatternRunner"],
	])("is shown by %s", (_, children, kind) => {
		const { steps, next, state } = ofSubject(knownOf([object, ...children]), object);
		expect(steps.at(-1)?.object.kind).toBe(kind);
		expect(advised(next)).toEqual([`kubectl describe ${kind.toLowerCase()} orders -n shop`]);
		expect(state).toBe("broken");
	});

	it("that is being deleted is held by its finalizers", () => {
		const parent = runner("ChildTerminating");
		const going = other("v1", "Service", "orders", {
			...ownedBy(parent),
			deletionTimestamp: HOURS_AGO,
			finalizers: ["example.com/hold"],
		});
		const { steps } = childTerminating(knownOf([parent, going]), parent);
		expect(steps.map(({ object: step, word }) => `${step.kind} ${word}`)).toEqual([
			"PatternRunner ChildTerminating",
			"Service Finalizers",
		]);
		expect(childTerminating(knownOf([parent]), parent).steps).toHaveLength(1);
	});
});
