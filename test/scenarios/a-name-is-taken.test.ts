import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patternRunner } from "../../hooks/patternrunner/index.ts";
import { prismNamespace } from "../../hooks/prismnamespace/index.ts";
import { prismStack } from "../../hooks/prismstack/index.ts";
import { newName } from "../../hooks/prismstack/names.ts";
import { canonicalJson, recordsAt, valueAt } from "../../kube/object.ts";
import { admitted, objectMap, syncRequest } from "../../kube/offline.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeResponse, DecoratorRequest } from "../../schemas/metacontroller.ts";
import { conditionsIn, LONG_AGO, NOW, object } from "../hooks/situations.ts";
import { INSTALLATION } from "../installation.ts";
import { recordAt } from "../laws/findings.ts";
import { stored } from "../world/stored.ts";
import { CompositeWorld } from "../world/world.ts";

// A name that is computed may be someone else's. What is used under it must be the object's own.

const CONTEXT = { now: NOW, installation: INSTALLATION };
const owned = (child: KubeObject, kind: string, uid: string): KubeObject => ({
	...child,
	metadata: {
		...child.metadata,
		ownerReferences: [{ apiVersion: "prism.io/v1alpha1", kind, name: uid, uid, controller: true }],
	},
});

const stackOf = (name: string, spec: unknown): KubeObject => object("PrismStack", spec, { name, uid: `uid-${name}` });
const worldOf = (parent: KubeObject): CompositeWorld =>
	new CompositeWorld(prismStack, admitted(prismStack.parent, parent, NOW), NOW);
const syncStack = (parent: KubeObject, children: readonly KubeObject[], related: readonly KubeObject[] = []) =>
	Object.assign(worldOf(parent), { children, related }).respond();
/** Once all that can be made is there. */
const settled = (parent: KubeObject, isTaken: (child: KubeObject) => boolean = () => false): CompositeResponse =>
	Object.assign(worldOf(parent), { isTaken }).settle();
const namesOf = ({ children }: CompositeResponse, kind: string): string[] =>
	children.filter((child) => child.kind === kind).map(({ metadata }) => metadata.name);

describe("names of a stack's parts", () => {
	const part = fc.stringMatching(/^[a-c](-?[a-c]){0,3}$/);

	it("never meet those of another stack", () => {
		fc.assert(
			fc.property(part, part, part, part, (stack, entry, otherStack, otherEntry) => {
				fc.pre(stack !== otherStack || entry !== otherEntry);
				expect(newName(stack, entry)).not.toBe(newName(otherStack, otherEntry));
			}),
			{ numRuns: 3000 },
		);
	});

	it("are at most 63 characters long, and differ where the cut names do not", () => {
		const long = `${"x".repeat(30)}-${"y".repeat(32)}`;
		const [one, other] = [newName(long, "b-c"), newName(`${long}-b`.slice(0, 63), "c")];
		expect(one.length).toBeLessThanOrEqual(63);
		expect(one).not.toBe(other);
	});

	it("are short where they can be read in one way only", () => {
		expect(newName("shop", "redis")).toBe("shop-redis");
		expect(newName("a", "b-c")).toMatch(/^a-b-c-[0-9a-f]{8}$/);
	});

	const backends = [{ name: "c", type: "cache", provider: "redis", connectionString: "redis://two:6379" }];
	const spec = { backends, namespaces: [{ name: "acme" }] };

	it("are kept where the child is there", () => {
		const stack = stackOf("a-b", spec);
		const former = ["BackendConfig", "PrismNamespace"].map((kind) =>
			stored(object(kind, {}, { name: kind === "BackendConfig" ? "a-b-c" : "a-b-acme" }), stack, undefined),
		);
		const answer = syncStack(stack, former);
		expect(namesOf(answer, "BackendConfig")).toEqual(["a-b-c"]);
		expect(namesOf(answer, "PrismNamespace")).toEqual(["a-b-acme"]);
		expect(namesOf(syncStack(stack, []), "BackendConfig")).toEqual([newName("a-b", "c")]);
	});

	it("lead a pattern to the backend of its own stack", () => {
		const stack = stackOf("a-b", { ...spec, patterns: [{ name: "kv", type: "keyvalue", backend: "c" }] });
		const runner = syncStack(stack, []).children.find(({ kind }) => kind === "PatternRunner");
		expect(valueAt(runner, "spec", "backendConfig", "name")).toBe(newName("a-b", "c"));
	});
});

describe("a stack's runner", () => {
	const binding = { provider: "redis", configMap: "a-b-c-backend", urlFrom: "ConfigMap", checksum: "0123456789abcdef" };
	const ready = { type: "Ready", status: "True", reason: "BackendHealthy", message: "", lastTransitionTime: LONG_AGO };
	const config = {
		...object("BackendConfig", {}, { name: "a-b-c" }),
		status: { observedGeneration: 1, binding, conditions: [ready] },
	};
	const runner = (annotations: Record<string, string>): KubeObject =>
		owned(
			object("PatternRunner", { pattern: "keyvalue", backend: "c", backendConfig: { name: "a-b-c" } }, { annotations }),
			"PrismStack",
			"a-b",
		);
	const answerFor = (parent: KubeObject, related: KubeObject) =>
		patternRunner.sync(
			syncRequest(admitted(patternRunner.parent, parent, NOW), patternRunner.children, [], [related]),
			CONTEXT,
		);
	const own = { "prism.io/own-backend": "true" };

	it.each([
		["of its stack", runner(own), owned(config, "PrismStack", "a-b"), true],
		["of another stack", runner(own), owned(config, "PrismStack", "a"), false],
		["of nobody", runner(own), config, false],
		["of another stack, which was named on purpose", runner({}), owned(config, "PrismStack", "a"), true],
	])("and a BackendConfig %s", (_, parent, related, isUsed) => {
		const answer = answerFor(parent, related);
		expect(answer.children.some(({ kind }) => kind === "Deployment")).toBe(isUsed);
		const [condition] = conditionsIn(answer);
		if (!isUsed)
			expect(condition).toMatchObject({
				status: "False",
				reason: "BackendNotReady",
				message: "BackendConfig a-b-c belongs to another stack than this runner",
			});
	});
});

describe("the proxies of a stack", () => {
	const patterns = ["kv", "queue"].map((name) => ({ name, type: name, backend: "memstore" }));
	const stack = stackOf("shop", { patterns });
	const listed = (answer: CompositeResponse) => {
		const config = answer.children.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "shop-proxy");
		return recordsAt(JSON.parse(String(recordAt(config, "data")["config.json"])), "patterns").map(({ name }) => name);
	};

	it("are configured with the stack's own runners only", () => {
		expect(listed(settled(stack))).toEqual(["kv", "queue"]);
		const isTaken = ({ kind, metadata }: KubeObject) => kind === "PatternRunner" && metadata.name === "kv";
		expect(listed(settled(stack, isTaken))).toEqual(["queue"]);
	});

	it("keep a runner that was deleted until it is there again", () => {
		const { children } = settled(stack);
		const without = children.filter(({ kind }) => kind !== "PatternRunner");
		const observed = without.map((child) => stored(child, stack, undefined));
		expect(listed(syncStack(stack, observed))).toEqual(["kv", "queue"]);
		const since = "2025-12-31T23:59:00Z";
		const missing = patterns.map(({ name }) => ({ kind: "PatternRunner", name, since }));
		expect(listed(syncStack({ ...stack, status: { missing } }, observed))).toEqual([]);
	});

	it("are not those behind a Service of another owner", () => {
		const slice = (uid: string): KubeObject => ({
			apiVersion: "discovery.k8s.io/v1",
			kind: "EndpointSlice",
			metadata: {
				name: "shop-proxy-headless-x",
				namespace: "prism",
				labels: { "kubernetes.io/service-name": "shop-proxy-headless" },
				ownerReferences: [{ apiVersion: "v1", kind: "Service", name: "shop-proxy-headless", uid, controller: true }],
			},
			endpoints: [
				{ addresses: ["10.0.0.1"], conditions: { serving: true }, targetRef: { kind: "Pod", name: "someone-s" } },
			],
		});
		const observed = settled(stack).children.map((child) => stored(child, stack, undefined));
		const instances = (there: readonly KubeObject[], related: KubeObject) =>
			recordsAt(
				syncStack(stack, there, [related]).children.find(({ kind }) => kind === "PrismRoster"),
				"spec",
				"instances",
			);
		const uid = observed.find(({ metadata }) => metadata.name === "shop-proxy-headless")?.metadata.uid ?? "";
		expect(instances(observed, slice(uid))).toHaveLength(1);
		expect(instances(observed, slice("another"))).toEqual([]);
		expect(instances([], slice(uid))).toEqual([]);
	});
});

describe("a stack's namespace", () => {
	const roster = object(
		"PrismRoster",
		{ instances: [], port: 8981, weight: 1, accepting: true, draining: false, deleting: false, allowedNamespaces: {} },
		{ name: "shop-proxy" },
	);
	const namespace = object("PrismNamespace", { proxyRef: { name: "shop-proxy" } }, { name: "acme" });
	const answerFor = (subject: KubeObject, related: KubeObject) => {
		const request: DecoratorRequest = {
			controller: {},
			object: admitted(prismNamespace.parent, subject, NOW),
			attachments: {},
			related: objectMap([related]),
			finalizing: false,
		};
		return canonicalJson(prismNamespace.sync(request, CONTEXT));
	};

	it.each([
		["of its stack", owned(namespace, "PrismStack", "shop"), owned(roster, "PrismStack", "shop"), true],
		["of another owner", owned(namespace, "PrismStack", "shop"), owned(roster, "PrismStack", "other"), false],
		["of a stack that a user named", namespace, owned(roster, "PrismStack", "shop"), true],
	])("and a roster %s", (_, subject, related, isUsed) => {
		expect(answerFor(subject, related).includes("NoMatchingProxy")).toBe(!isUsed);
	});
});
