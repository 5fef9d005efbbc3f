import { globSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { REGISTRY } from "../../hooks/index.ts";
import { isComposite } from "../../kube/hook.ts";
import { isRecord, kindKey } from "../../kube/object.ts";
import { selects } from "../../kube/selectors.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { readManifests } from "../../yaml/manifests.ts";
import { ROOT } from "../samples.ts";
import { installation, NOW } from "../server/toy.ts";
import { at, HELM_TIMEOUT, helm, hooksOf, list, NAMESPACE, only, set, template } from "./helm.ts";
import { leaves, type Party, passes } from "./policies.ts";

// Every address that a roster can name, against the policies of what is installed: the operator must reach each of them.

beforeAll(() => helm("version"), HELM_TIMEOUT);

interface Address {
	readonly of: string;
	readonly pod: Party;
	readonly port: number;
}

/** Stacks and shards of the samples, the documents, and the golden cases, which have ports of their own. */
const PARENTS = ["samples/**/*.yaml", "config/samples/*.yaml", "test/golden/*.in.yaml"]
	.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
	.toSorted()
	.flatMap((file) => readManifests(join(ROOT, file)).map(({ object }) => ({ file, object })))
	.filter(({ object }) => object.kind === "PrismStack" || object.kind === "PrismShard");

const partyOf = (workload: KubeObject): Party => ({
	namespace: workload.metadata.namespace ?? "default",
	labels: at(workload, "spec", "template", "metadata", "labels") as Party["labels"],
	ports: Object.fromEntries(
		list(at(workload, "spec", "template", "spec", "containers"))
			.flatMap((container) => list(container["ports"]))
			.map(({ name, containerPort }) => [String(name), Number(containerPort)]),
	),
});

/** What a stack or shard becomes, once each of its headless Services has an endpoint. */
const childrenOf = (parent: KubeObject, extra: object = {}): KubeObject[] => {
	const row = REGISTRY.find((each) => each.parent.kind === parent.kind);
	if (row === undefined || !isComposite(row)) throw new Error(`no composite controller for ${parent.kind}`);
	const namespace = parent.metadata.namespace ?? "default";
	const whole = {
		...parent,
		metadata: { ...parent.metadata, namespace, uid: "u", generation: 1, creationTimestamp: NOW },
		spec: { ...(isRecord(parent["spec"]) ? parent["spec"] : {}), ...extra },
	};
	const request = { controller: {}, parent: whole, children: {}, related: {}, finalizing: false };
	const context = { now: NOW, installation: { ...installation, inlineCredentials: true } };
	const first = row.sync(request, context).children;
	const slices = only(first, "Service")
		.filter(({ spec }) => at(spec, "clusterIP") === "None")
		.map(({ metadata: { name } }) => ({
			apiVersion: "discovery.k8s.io/v1",
			kind: "EndpointSlice",
			metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
			endpoints: [
				{
					addresses: ["10.0.0.7"],
					conditions: { serving: true },
					targetRef: { kind: "Pod", name: `${name.replace(/-headless$/, "")}-0` },
				},
			],
		}));
	const related = keyed(slices);
	// Pods come once what they read was observed, and a roster lists them after that.
	const second = row.sync({ ...request, children: keyed(first), related }, context).children;
	return row.sync({ ...request, children: keyed(second), related }, context).children;
};

/** By kind and name, as in a request. */
const keyed = (objects: readonly KubeObject[]): ObjectMap => {
	const groups = Map.groupBy(objects, ({ apiVersion, kind }) => kindKey(apiVersion, kind));
	return Object.fromEntries(
		[...groups].map(([key, group]) => [
			key,
			Object.fromEntries(group.map((object) => [`${object.metadata.namespace}/${object.metadata.name}`, object])),
		]),
	);
};

const addressesOf = (file: string, parent: KubeObject, children: readonly KubeObject[]): Address[] => {
	const workloads = [...only(children, "Deployment"), ...only(children, "StatefulSet")];
	const behind = (service: KubeObject): KubeObject[] =>
		workloads.filter((workload) =>
			selects({ matchLabels: at(service, "spec", "selector") as Record<string, string> }, partyOf(workload).labels),
		);
	return only(children, "PrismRoster").flatMap((roster) => {
		const named = (service: KubeObject | undefined, port: unknown): Address[] =>
			(service === undefined ? [] : behind(service)).map((workload) => ({
				of: `${file} ${parent.metadata.name} ${service?.metadata.name}`,
				pod: partyOf(workload),
				port: Number(port),
			}));
		const headless = only(children, "Service").find(({ spec }) => at(spec, "clusterIP") === "None");
		const controlPlane = at(roster, "spec", "controlPlane", "service");
		return [
			...(list(at(roster, "spec", "instances")).length > 0 ? named(headless, at(roster, "spec", "port")) : []),
			...named(
				only(children, "Service").find(({ metadata }) => metadata.name === controlPlane),
				at(roster, "spec", "controlPlane", "port"),
			),
		];
	});
};

const ADDRESSES = PARENTS.flatMap(({ file, object }) => addressesOf(file, object, childrenOf(object)));
const DENY: KubeObject = {
	apiVersion: "networking.k8s.io/v1",
	kind: "NetworkPolicy",
	metadata: { name: "default-deny", namespace: NAMESPACE },
	spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
};

const configured = (): KubeObject[] =>
	readManifests(join(ROOT, "config/default/hooks.yaml")).map(({ object }) => object);

describe.each([
	["the chart", () => template()],
	["config/default", async () => configured()],
])("%s", (_name, render) => {
	let objects: KubeObject[];
	let policies: KubeObject[];
	beforeAll(async () => {
		objects = await render();
		policies = [...only(objects, "NetworkPolicy"), DENY];
	});
	const operator = () => ({ ...partyOf(hooksOf(objects)), namespace: NAMESPACE });

	it("lets the operator reach every proxy and every control plane, whatever their ports", () => {
		expect(ADDRESSES.filter(({ pod }) => pod.labels?.["app"] === "prism-admin").length).toBeGreaterThan(2);
		expect(new Set(ADDRESSES.map(({ port }) => port)).size).toBeGreaterThan(2);
		// What a namespace that denies all has of its own is its administrator's to let in.
		const elsewhere = (pod: Party) => ({ ...pod, namespace: "stacks" });
		expect(ADDRESSES.filter(({ pod, port }) => !passes(policies, operator(), elsewhere(pod), port))).toEqual([]);
	});

	it("lets it reach nothing else", () => {
		for (const labels of [{ app: "web" }, { app: "prism" }, {}])
			expect(passes(policies, operator(), { namespace: "team-a", labels }, 8981)).toBe(false);
		expect([443, 6443, 8981].filter((port) => leaves(policies, operator(), port))).toEqual([]);
	});
});

it("narrows admin ports to those that are listed", async () => {
	const objects = await template(...set({ "networkPolicy.adminPorts": [8981] }));
	const operator = { ...partyOf(hooksOf(objects)), namespace: NAMESPACE };
	const pod = { namespace: "team-a", labels: { app: "prism-proxy" } };
	const reached = (port: number) => passes(only(objects, "NetworkPolicy"), operator, pod, port);
	expect([reached(8981), reached(9981)]).toEqual([true, false]);
});

describe("a Metacontroller of the release, in a namespace that denies all else", () => {
	let objects: KubeObject[];
	let policies: KubeObject[];
	const party = (suffix: string): Party => {
		const found = only(objects, "Deployment").find(({ metadata }) => metadata.name.endsWith(suffix));
		if (found === undefined) throw new Error(`no Deployment ends in ${suffix}`);
		return { ...partyOf(found), namespace: NAMESPACE };
	};
	beforeAll(async () => {
		objects = await template("--set", "metacontroller.enabled=true");
		policies = [...only(objects, "NetworkPolicy"), DENY];
	});

	it("calls the hooks, the API server and DNS, and nobody else", () => {
		const dns = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };
		const metacontroller = party("-metacontroller");
		expect(passes(policies, metacontroller, party("-controller-manager"), 8080)).toBe(true);
		expect(passes(policies, metacontroller, dns, 53)).toBe(true);
		expect(passes(policies, party("-controller-manager"), dns, 53)).toBe(true);
		expect([443, 6443].every((port) => leaves(policies, metacontroller, port))).toBe(true);
		expect([80, 8080, 8981, 5432].filter((port) => leaves(policies, metacontroller, port))).toEqual([]);
		expect(passes(policies, metacontroller, { namespace: "team-a", labels: { app: "prism-proxy" } }, 8981)).toBe(false);
	});

	it("is asked for metrics by the scraper alone", () => {
		const reached = (namespace: string, port: number) =>
			passes(policies, { namespace, labels: {} }, party("-metacontroller"), port);
		expect([reached("monitoring", 9999), reached("monitoring", 8081), reached("team-a", 9999)]).toEqual([
			true,
			false,
			false,
		]);
	});

	it("has a budget that selects its pods", () => {
		const budgets = only(objects, "PodDisruptionBudget").filter(({ spec }) =>
			selects(at(spec, "selector") as { matchLabels: Record<string, string> }, party("-metacontroller").labels),
		);
		expect(budgets.map(({ spec }) => at(spec, "maxUnavailable"))).toEqual([1]);
	});
});

describe("spec.networkPolicy", () => {
	const STRANGER: Party = { namespace: "team-b", labels: { app: "web" } };
	const MONITOR: Party = { namespace: "monitoring", labels: { app: "prometheus" } };
	const MONITORING = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }];
	const OPERATOR: Party = {
		namespace: NAMESPACE,
		labels: { "app.kubernetes.io/name": "prism-operator", "app.kubernetes.io/component": "hooks" },
	};
	const guarded = (kind: string, networkPolicy: unknown, spec: object = {}) => {
		const parent = { apiVersion: "prism.io/v1alpha1", kind, metadata: { name: "shop", namespace: "team-a" }, spec };
		const children = childrenOf(parent, { networkPolicy });
		return { children, policies: only(children, "NetworkPolicy"), addresses: addressesOf(kind, parent, children) };
	};
	const STACK = { admin: { enabled: true, port: 7001 }, observability: { enabled: true } };

	it.each([
		["PrismStack", STACK, 2],
		["PrismShard", { backends: ["redis"] }, 1],
	])("of a %s guards the admin API, and leaves clients alone", (kind, spec, count) => {
		const { policies, addresses, children } = guarded(kind, {}, spec);
		expect([policies.length, addresses.length]).toEqual([count, count]);
		for (const { pod, port } of addresses) {
			expect(passes(policies, OPERATOR, pod, port)).toBe(true);
			expect(passes(policies, { ...OPERATOR, namespace: "team-b" }, pod, port)).toBe(false);
			expect(passes(policies, STRANGER, pod, port)).toBe(false);
			const { grpc = 0, metrics = 0 } = pod.ports ?? {};
			if (pod.labels?.["app"] === "prism-proxy") expect(passes(policies, STRANGER, pod, grpc)).toBe(true);
			expect(passes(policies, STRANGER, pod, metrics)).toBe(true);
		}
		// Proxies get their configuration from the control plane, and it provisions on them.
		for (const from of addresses)
			for (const to of addresses) if (from !== to) expect(passes(policies, from.pod, to.pod, to.port)).toBe(true);
		expect(only(children, "NetworkPolicy").every(({ metadata }) => metadata.namespace === "team-a")).toBe(true);
	});

	it("lets in those that it names, and with an empty list nobody", () => {
		const { policies, addresses } = guarded(
			"PrismShard",
			{ clients: [], admin: MONITORING, metrics: MONITORING },
			{ backends: ["redis"] },
		);
		const [{ pod, port } = { pod: STRANGER, port: 0 }] = addresses;
		const { grpc = 0, metrics = 0 } = pod.ports ?? {};
		expect([grpc, port, metrics].map((each) => passes(policies, MONITOR, pod, each))).toEqual([false, true, true]);
		expect([grpc, port, metrics].map((each) => passes(policies, STRANGER, pod, each))).toEqual([false, false, false]);
		// What the API server would drop is written at every sync.
		expect(JSON.stringify(policies)).not.toMatch(/:\[\]|:\{\}/);
	});

	it("is off unless it is set, and can be switched off", () => {
		for (const networkPolicy of [undefined, { enabled: false }])
			expect(guarded("PrismStack", networkPolicy, STACK).policies).toEqual([]);
	});
});
