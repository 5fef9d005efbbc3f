import { beforeEach, describe, expect, it } from "vitest";
import { prismStack } from "../../hooks/prismstack/index.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { secondsAfter } from "../../kube/time.ts";
import type { InstanceAnswer } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { NOW, object } from "../hooks/situations.ts";
import { CompositeWorld } from "../world/world.ts";

// A stack's roster tells which proxies there are, whatever becomes of the stack's spec.

const endpoint = (pod: string, address: string, serving: boolean) => ({
	addresses: [address],
	conditions: { ready: true, serving, terminating: false },
	targetRef: { kind: "Pod", name: pod },
});
const slice = (...endpoints: readonly unknown[]): KubeObject => ({
	apiVersion: "discovery.k8s.io/v1",
	kind: "EndpointSlice",
	metadata: {
		name: "it-proxy-abc12",
		namespace: "prism",
		labels: { "kubernetes.io/service-name": "it-proxy-headless" },
	},
	endpoints,
});

const spec = { proxy: { replicas: 2 } };
const paused = { annotations: { "prism.io/paused": "true" } };
const BEFORE = slice(endpoint("it-proxy-a", "10.0.0.1", true), endpoint("it-proxy-b", "10.0.0.2", true));
/** One fell out, and the other was replaced. */
const AFTER = slice(endpoint("it-proxy-a", "10.0.0.1", false), endpoint("it-proxy-c", "10.0.0.3", true));

let world: CompositeWorld;

/** One call of the hook, for a stack that has never had a status. */
const sync = (parent: KubeObject, pods: KubeObject) => {
	Object.assign(world, { object: parent, related: [pods] });
	return world.sync();
};
const rosterOf = (list: readonly KubeObject[]) => list.find(({ kind }) => kind === "PrismRoster");
const others = (list: readonly KubeObject[]) => list.filter(({ kind }) => kind !== "PrismRoster");

beforeEach(() => {
	world = new CompositeWorld(prismStack, object("PrismStack", spec), NOW);
	for (let round = 0; round < 2; round += 1) sync(object("PrismStack", spec), BEFORE);
});

describe("the roster of a stack", () => {
	it("lists a proxy that keeps its name under it, and as another once its pod was replaced", () => {
		const kept = (uid: string) =>
			slice({
				...endpoint("it-proxy-0", "10.0.0.9", true),
				hostname: "it-proxy-0",
				targetRef: { kind: "Pod", name: "it-proxy-0", uid },
			});
		const instance = { name: "it-proxy-0", ready: true };
		const parent = object("PrismStack", { proxy: { workload: "StatefulSet" } });
		expect(valueAt(rosterOf(sync(parent, kept("first")).children), "spec", "instances")).toEqual([
			{ ...instance, uid: "first", readySince: NOW },
		]);
		expect(valueAt(rosterOf(sync(parent, kept("second")).children), "spec", "instances")).toEqual([
			{ ...instance, uid: "second", readySince: secondsAfter(NOW, 1) },
		]);
	});

	it("lists the proxies by name, with their addresses", () => {
		expect(valueAt(rosterOf(world.children), "spec", "instances")).toEqual([
			{ name: "it-proxy-a", host: "10-0-0-1", ready: true, readySince: NOW },
			{ name: "it-proxy-b", host: "10-0-0-2", ready: true, readySince: NOW },
		]);
	});

	describe.each([
		["is paused", object("PrismStack", { proxy: { replicas: 5, adminPort: 9981 } }, paused)],
		["is refused", object("PrismStack", { proxy: { replicas: "many", adminPort: 9981 } })],
		["is paused and refused", object("PrismStack", { proxy: { replicas: "many" } }, paused)],
	])("that %s", (_, frozen) => {
		it("goes on telling which proxies there are, and nothing else", () => {
			const before = sync(frozen, BEFORE).children;
			const after = sync(frozen, AFTER).children;
			expect(valueAt(rosterOf(after), "spec", "instances")).toEqual([
				{ name: "it-proxy-a", host: "10-0-0-1", ready: false, readySince: NOW },
				{ name: "it-proxy-c", host: "10-0-0-3", ready: true, readySince: NOW },
			]);
			const { spec: intent, ...rest } = rosterOf(before) ?? object("PrismRoster", {});
			expect(rosterOf(after)).toEqual({
				...rest,
				spec: { ...(intent as object), instances: valueAt(rosterOf(after), "spec", "instances") },
			});
			expect(others(after)).toEqual(others(before));
			expect(sync(frozen, AFTER).children).toEqual(after);
		});

		it("is not made anew", () => {
			world.children = others(world.children);
			expect(rosterOf(sync(frozen, AFTER).children)).toBeUndefined();
		});
	});

	it("of one that is refused and deleted tells the proxies to the last", () => {
		const metadata = { deletionTimestamp: NOW };
		const parent = object("PrismStack", { proxy: { replicas: "many" } }, metadata);
		Object.assign(world, { object: parent, related: [AFTER] });
		const roster = rosterOf(world.respond().children);
		expect(valueAt(roster, "spec")).toMatchObject({
			deleting: true,
			instances: [
				{ name: "it-proxy-a", ready: false },
				{ name: "it-proxy-c", ready: true },
			],
		});
	});
});

describe("the roster of a stack reports silence", () => {
	const SILENT: InstanceAnswer = { state: "unknown", failure: "Unreachable" };
	const WELL: InstanceAnswer = { state: "known", readAt: NOW, namespaces: new Map() };
	beforeEach(() => {
		world.object = object("PrismStack", spec);
	});

	/** One call after so many seconds, with what is asked. */
	const look = (seconds: number, parentSpec: unknown, pods: KubeObject[], said: (name: string) => InstanceAnswer) => {
		const parent = { ...world.object, spec: parentSpec };
		Object.assign(world, { object: parent, related: pods, now: secondsAfter(NOW, seconds), told: said });
		const questions = world.outside(world.request()).answers.map(({ question }) => question);
		return { questions, answer: world.sync() };
	};
	const told = () =>
		recordsAt(rosterOf(world.children), "spec", "instances").map(({ name, silentSince }) => [name, silentSince]);

	it("of a proxy, after half a minute, and its end", () => {
		const first = look(0, spec, [BEFORE], (name) => (name === "it-proxy-a" ? SILENT : WELL));
		expect(first.questions).toEqual(
			["a", "b"].map((pod, index) => ({
				about: "instance",
				instance: {
					name: `it-proxy-${pod}`,
					namespace: "prism",
					address: `10-0-0-${index + 1}.it-proxy-headless.prism.svc:8981`,
				},
				changedAt: NOW,
			})),
		);
		expect(first.answer.resyncAfterSeconds).toBeLessThanOrEqual(10);
		expect(told()).toEqual([
			["it-proxy-a", undefined],
			["it-proxy-b", undefined],
		]);
		look(20, spec, [BEFORE], (name) => (name === "it-proxy-a" ? SILENT : WELL));
		expect(told()[0]).toEqual(["it-proxy-a", undefined]);
		const later = look(30, spec, [BEFORE], (name) => (name === "it-proxy-a" ? SILENT : WELL));
		expect(told()[0]).toEqual(["it-proxy-a", secondsAfter(NOW, 30)]);
		expect(later.answer.resyncAfterSeconds).toBeGreaterThanOrEqual(30);
		const atRest = look(60, spec, [BEFORE], (name) => (name === "it-proxy-a" ? SILENT : WELL));
		expect(told()[0]).toEqual(["it-proxy-a", secondsAfter(NOW, 30)]);
		const { status: before } = atRest.answer;
		const next = look(90, spec, [BEFORE], (name) => (name === "it-proxy-a" ? SILENT : WELL));
		expect(next.answer.status).toEqual(before);
		look(70, spec, [BEFORE], () => WELL);
		expect(told()[0]).toEqual(["it-proxy-a", undefined]);
		expect(valueAt(world.status, "doubtfulSince")).toBeUndefined();
	});

	it("not of one that has no way to say how it does, nor for one lost answer", () => {
		for (const second of [0, 30, 60]) look(second, spec, [BEFORE], () => ({ state: "unverifiable" }));
		look(90, spec, [BEFORE], () => SILENT);
		look(98, spec, [BEFORE], () => WELL);
		look(130, spec, [BEFORE], () => SILENT);
		expect(told().map(([, since]) => since)).toEqual([undefined, undefined]);
	});

	it("of the control plane, which alone is asked, and whose pods are known apart", () => {
		const withAdmin = { ...spec, admin: { enabled: true } };
		const pods = (uid: string) => {
			const behind = slice({ ...endpoint("it-admin-x", "10.0.1.1", true), targetRef: { name: "it-admin-x", uid } });
			const labels = { "kubernetes.io/service-name": "it-admin" };
			return [BEFORE, { ...behind, metadata: { ...behind.metadata, name: "it-admin-abc12", labels } }];
		};
		const controlPlane = () => valueAt(rosterOf(world.children), "spec", "controlPlane");
		const instances = [{ name: "it-admin-x", host: "10-0-1-1", ready: true, uid: "1", readySince: NOW }];
		const { questions } = look(0, withAdmin, pods("1"), () => WELL);
		expect(questions.map(({ instance, changedAt }) => [instance.address, changedAt])).toEqual([
			["it-admin.prism.svc:8981", NOW],
		]);
		expect(controlPlane()).toEqual({ service: "it-admin", port: 8981, instances });
		for (const second of [60, 80, 90]) look(second, withAdmin, pods("1"), () => SILENT);
		expect(controlPlane()).toMatchObject({ instances, silentSince: secondsAfter(NOW, 90) });
		look(100, withAdmin, pods("2"), () => WELL);
		expect(controlPlane()).toEqual({
			service: "it-admin",
			port: 8981,
			instances: [{ ...instances[0], uid: "2", readySince: secondsAfter(NOW, 100) }],
		});
	});
});

describe("a stack with a namespace", () => {
	const parent = object("PrismStack", { ...spec, namespaces: [{ name: "orders" }] });
	const readyOf = (answer: { status: Record<string, unknown> }) =>
		recordsAt(answer.status, "conditions").find(({ type }) => type === "Ready");
	/** The namespace is Ready on these proxies, as it says itself. */
	const told = (...prismInstances: string[]) => {
		const conditions = [
			{ type: "Ready", status: "True", reason: "NamespaceReady", message: "ready", lastTransitionTime: NOW },
		];
		world.children = world.children.map((child) =>
			child.kind === "PrismNamespace"
				? {
						...child,
						status: { observedGeneration: child.metadata.generation, phase: "Active", prismInstances, conditions },
					}
				: child,
		);
	};

	it("is Ready only once the namespace is on every proxy that is ready", () => {
		sync(parent, BEFORE);
		sync(parent, BEFORE);
		told("it-proxy-a");
		expect(readyOf(sync(parent, BEFORE))).toMatchObject({
			status: "False",
			reason: "Progressing",
			message: "PrismNamespace it-orders is not on it-proxy-b yet",
		});
		told("it-proxy-a", "it-proxy-b");
		expect(readyOf(sync(parent, BEFORE))).toMatchObject({ status: "True", reason: "StackReady" });
	});
});
