import { describe, expect, it } from "vitest";
import {
	componentMetadata,
	metricsPortName,
	partLabels,
	planStack,
	workloadOf,
} from "../../../hooks/prismstack/plan.ts";
import { admitted } from "../../../kube/offline.ts";
import { readerOf } from "../../../kube/received-object.ts";
import { isRefusal } from "../../../kube/spec-refusal.ts";
import { PrismStack } from "../../../schemas/prismstack.ts";
import { INSTALLATION } from "../../installation.ts";
import { NOW, object } from "../situations.ts";
import { planned, plannedAdmin } from "./planned.ts";

const portNames = (ports: readonly { name: string }[]) => ports.map(({ name }) => name);
const METRICS = { observability: { enabled: true, metrics: { port: 9100 } } };
const STORED = { storage: { size: "1Gi" } };

describe("the proxies", () => {
	it.each([
		[{}, ["grpc", "admin"], ["grpc"], ["admin"]],
		[METRICS, ["grpc", "admin", "metrics"], ["grpc", "metrics"], ["admin"]],
		[
			{ ...METRICS, proxy: { service: { type: "LoadBalancer" } } },
			["grpc", "admin", "metrics"],
			["grpc"],
			["admin", "metrics"],
		],
	])("of %j listen on %j, and offer %j and %j", (spec, ports, service, headless) => {
		const { proxy } = planned(spec);
		expect([proxy.ports, proxy.servicePorts, proxy.headlessPorts].map(portNames)).toEqual([ports, service, headless]);
	});

	it.each([
		[{}, {}, { kind: "Deployment", name: "it-proxy" }, "ghcr.io/prism/prism-proxy:v1.0.0"],
		[{ workload: "StatefulSet", image: "mine:1" }, {}, { kind: "StatefulSet", name: "it-proxy" }, "mine:1"],
	])("of %j are a workload with an image", (proxy, installation, workload, image) => {
		expect(planned({ proxy }, installation).proxy).toMatchObject({ workload, image });
	});

	it("are reached in the cluster's domain", () => {
		expect(planned({ proxy: { port: 7000 } }).proxy.address).toBe("it-proxy.prism.svc:7000");
		expect(planned({}, { clusterDomain: "k8s.local" }).proxy.address).toBe("it-proxy.prism.svc.k8s.local.:9090");
	});
});

describe("the control plane", () => {
	it("is there only where it is enabled", () => {
		expect(planned().admin).toBeUndefined();
	});

	it.each([
		["without volumes", {}, { kind: "Deployment", port: 8981, headless: undefined, members: undefined }],
		["with a volume", STORED, { kind: "StatefulSet", port: 8981, headless: "it-admin-headless", members: undefined }],
		[
			"as a cluster, which has a port of its own",
			{ ...STORED, replicas: 3 },
			{
				kind: "StatefulSet",
				port: 8980,
				headless: "it-admin-headless",
				members: ["it-admin-0", "it-admin-1", "it-admin-2"],
			},
		],
	])("%s", (_how, spec, { kind, port, headless, members }) => {
		const { admin } = plannedAdmin({ port: 8981, ...spec });
		expect([admin.workload.kind, admin.port, admin.headless, admin.records?.members]).toEqual([
			kind,
			port,
			headless,
			members,
		]);
		expect(portNames(admin.headlessPorts)).toEqual([
			...(headless === undefined ? [] : ["grpc"]),
			...(members === undefined ? [] : ["raft"]),
		]);
	});
});

it.each([
	["prism", "Deployment", "prism-admin"],
	["s".repeat(63), "Deployment", /^s+-/],
] as const)("the workload of stack %s, a %s", (stack, kind, name) => {
	expect(workloadOf(stack, "admin", kind).name).toMatch(name);
	expect(workloadOf(stack, "admin", "StatefulSet").name.length).toBeLessThanOrEqual(52);
});

it.each([
	[METRICS, "metrics"],
	[{ observability: { enabled: true, metrics: { port: 9090 } }, proxy: { port: 9090 } }, "grpc"],
])("metrics of %j are at the port %s", (spec, name) => {
	expect(metricsPortName(planned(spec).proxy)).toBe(name);
});

it("labels say whose a child is", () => {
	const plan = planned();
	expect(componentMetadata(plan, plan.proxy, "other")).toMatchObject({
		name: "other",
		namespace: "prism",
		labels: { app: "prism-proxy", stack: "it", component: "proxy" },
	});
	expect(partLabels("it", "backend")).toMatchObject({ app: "prism", stack: "it", component: "backend" });
});

it.each([
	[{ proxy: { volumeMounts: [{ name: "v", mountPath: "/v" }] } }, "InvalidSpec"],
	[{ admin: { enabled: true, image: "redis://u:p@h/x" } }, "InlineCredentials"],
	[{ observability: { enabled: true, tracing: { endpoint: "http://u:p@otel" } } }, "InlineCredentials"],
	[{ admin: { enabled: false, volumeMounts: [{ name: "v", mountPath: "/v" }] } }, undefined],
])("%j is refused with %s", (spec, reason) => {
	const stack = readerOf(PrismStack)(admitted(PrismStack, object("PrismStack", spec), NOW));
	if (isRefusal(stack)) throw new Error(JSON.stringify(stack));
	const plan = planStack(stack, { now: NOW, installation: INSTALLATION });
	expect(isRefusal(plan) ? plan.finding.reason : undefined).toBe(reason);
});
