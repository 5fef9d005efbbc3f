import { describe, expect, it } from "vitest";
import { leavingVerdict, statusFields, verdictOf } from "../../../hooks/prismstack/status.ts";
import { objectMap } from "../../../kube/offline.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION } from "../../../schemas/vocabulary.ts";
import { NOW, object } from "../situations.ts";
import { planned } from "./planned.ts";

const STACK = object("PrismStack", {});

const child = (kind: string, name: string, fields: object = {}, labels: Record<string, string> = {}): KubeObject => ({
	apiVersion: ["Deployment", "StatefulSet"].includes(kind)
		? "apps/v1"
		: kind === "Service"
			? "v1"
			: "prism.io/v1alpha1",
	kind,
	metadata: { name, namespace: "prism", generation: 1, labels, annotations: { [DESIRED_HASH_ANNOTATION]: "1" } },
	...fields,
});

const available = (count: number) => ({
	spec: { replicas: 2 },
	status: {
		observedGeneration: 1,
		replicas: 2,
		updatedReplicas: 2,
		readyReplicas: count,
		availableReplicas: count,
		conditions: [{ type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" }],
	},
});
const PROXIES = child("Deployment", "it-proxy", available(2), { app: "prism-proxy" });
const ADMIN = child("Deployment", "it-admin", available(2), { app: "prism-admin" });
const short = (workload: KubeObject): KubeObject => ({ ...workload, ...available(1) });

const part = (kind: string, name: string, phase: string, reason: string, status = "False", more: object = {}) =>
	child(kind, name, {
		status: {
			observedGeneration: 1,
			phase,
			conditions: [{ type: "Ready", status, reason, message: `${reason}.`, lastTransitionTime: NOW }],
			...more,
		},
	});
const BACKEND = part("BackendConfig", "redis", "Ready", "BackendHealthy", "True");
const RUNNER = part("PatternRunner", "kv", "Ready", "DeploymentReady", "True");
const TENANT = part("PrismNamespace", "t", "Active", "NamespaceReady", "True", { prismInstances: ["p-0"] });
const roster = (...ready: readonly string[]): KubeObject =>
	child("PrismRoster", "it-proxy", { spec: { instances: ready.map((name) => ({ name, ready: true })) } });
const ALL = [PROXIES, ADMIN, BACKEND, RUNNER, TENANT, roster("p-0")];

/** The children as desired, and as observed with these in the place of their namesakes. */
const verdictWith = (...changed: readonly KubeObject[]) => {
	const observed = ALL.map(
		(one) => changed.find((other) => other.kind === one.kind && other.metadata.name === one.metadata.name) ?? one,
	);
	const children = ALL.map(
		(one) => changed.find((other) => other.kind === "PrismRoster" && one.kind === other.kind) ?? one,
	);
	return verdictOf(planned(), {
		request: { parent: STACK, children: objectMap(observed), related: {} },
		children,
		now: NOW,
	});
};

describe("the first finding decides", () => {
	const unhealthy = part("BackendConfig", "redis", "Degraded", "BackendUnhealthy");
	const failing = part("PatternRunner", "kv", "Failed", "InvalidSpec");
	const waiting = part("PrismNamespace", "t", "Pending", "NoneReady");

	it.each<[string, readonly KubeObject[], object]>([
		[
			"nothing",
			[],
			{
				ready: "True",
				phase: "Running",
				finding: { reason: "StackReady", deployments: 2, patterns: 1, backends: 1, namespaces: 1 },
			},
		],
		[
			"pods before backends",
			[short(ADMIN), unhealthy],
			{ phase: "Degraded", finding: { reason: "ReplicasUnavailable", workload: { name: "it-admin" } } },
		],
		[
			"backends before runners, because runners wait for them",
			[unhealthy, failing],
			{ phase: "Degraded", finding: { reason: "BackendNotReady", its: { reason: "BackendUnhealthy" } } },
		],
		[
			"runners before namespaces; a failure is Stalled",
			[failing, waiting],
			{ phase: "Failed", stalled: true, finding: { reason: "PatternNotReady", part: { name: "kv" } } },
		],
		["namespaces", [waiting], { phase: "Pending", finding: { reason: "NamespaceNotReady", part: { name: "t" } } }],
		[
			"a part that progresses: its own reason says nothing more",
			[part("PatternRunner", "kv", "Pending", "Progressing")],
			{
				phase: "Pending",
				finding: { reason: "Progressing", about: "part", part: { kind: "PatternRunner", name: "kv" } },
			},
		],
		[
			"a namespace that is not on all ready proxies yet",
			[roster("p-0", "p-1")],
			{ finding: { reason: "Progressing", about: "namespaces", namespaces: [{ name: "t", proxies: ["p-1"] }] } },
		],
	])("%s", (_, changed, verdict) => {
		expect(verdictWith(...changed)).toMatchObject(verdict);
	});

	it("the worst of several workloads", () => {
		const absent: KubeObject = { ...PROXIES, ...available(0), status: { observedGeneration: 1 } };
		expect(verdictWith(absent, short(ADMIN)).finding).toMatchObject({ workload: { name: "it-admin" } });
	});

	it("a deletion reports the namespaces that remain", () => {
		expect(leavingVerdict(["t"])).toMatchObject({
			ready: "False",
			phase: "Terminating",
			finding: { about: "stack", namespaces: ["t"] },
		});
	});
});

describe("the fields of the status", () => {
	const service = (name: string, spec: object, app = "prism-proxy") => child("Service", name, { spec }, { app });
	const PORTS = [
		{ name: "grpc", port: 8980 },
		{ name: "metrics", port: 9091 },
	];
	const fieldsOf = (...observed: readonly KubeObject[]) => statusFields(STACK, ALL, objectMap(observed));

	it("count what was observed as it is desired now", () => {
		const outdated = { ...PROXIES, metadata: { ...PROXIES.metadata, annotations: { [DESIRED_HASH_ANNOTATION]: "0" } } };
		expect(fieldsOf(short(PROXIES), ADMIN)).toMatchObject({
			proxy: { desired: 2, ready: 1, summary: "1/2" },
			admin: { desired: 2, ready: 2, summary: "2/2" },
		});
		expect(fieldsOf(outdated).proxy).toEqual({ desired: 2, ready: 0, summary: "0/2" });
	});

	it("list parts with the reason why they are not ready", () => {
		const fields = fieldsOf(part("BackendConfig", "redis", "Degraded", "BackendUnhealthy"), RUNNER);
		expect(fields).toMatchObject({
			backendsReady: "0/1",
			backends: [{ name: "redis", ready: false, phase: "Degraded", reason: "BackendUnhealthy" }],
			patternsReady: "1/1",
			namespacesReady: "0/1",
			namespaces: [{ name: "t", ready: false, reason: "Progressing" }],
		});
		expect(statusFields(STACK, [PROXIES], {})).toMatchObject({ patternsReady: undefined, patterns: undefined });
	});

	it.each<[string, readonly KubeObject[], object | undefined]>([
		["no Service", [], undefined],
		["a headless one alone", [service("it-proxy-headless", { clusterIP: "None", ports: PORTS })], undefined],
		[
			"that of the proxies",
			[service("it-proxy-headless", { clusterIP: "None" }), service("it-proxy", { ports: PORTS })],
			{ proxy: "it-proxy.prism.svc:8980", admin: undefined, metrics: "it-proxy.prism.svc:9091" },
		],
		[
			"that of the control plane",
			[service("it-admin", { ports: [{ name: "grpc", port: 8981 }] }, "prism-admin")],
			{ proxy: undefined, admin: "it-admin.prism.svc:8981", metrics: undefined },
		],
	])("have the addresses of the stack's Services: %s", (_, services, endpoints) => {
		expect(fieldsOf(...services).endpoints).toEqual(endpoints);
	});
});
