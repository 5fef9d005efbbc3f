import { describe, expect, it } from "vitest";
import { KINDS, REGISTRY } from "../../../hooks/index.ts";
import { controllerObject } from "../../../kube/controllers.ts";
import { customResourceDefinition } from "../../../kube/crd.ts";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import type { ClusterState } from "../../../plugin/doctor/cluster-state.ts";
import { doctorCode, doctorLines } from "../../../plugin/doctor/finding.ts";
import { delegated, examined } from "../../../plugin/doctor/index.ts";
import { parseMetrics, quantile, sumOf } from "../../../plugin/doctor/samples.ts";
import { paintOf, widthOf } from "../../../plugin/text/paint.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import {
	event,
	expectGolden,
	HOURS_AGO,
	MINUTES_AGO,
	NOW,
	other,
	ours,
	pod,
	ready,
	silent,
	waiting,
} from "../world.ts";

const SPEECH = { program: "kubectl prism", flags: [] };
const SYSTEM = { namespace: "prism-system" };
const LABELS = { "app.kubernetes.io/name": "prism-operator", "app.kubernetes.io/component": "hooks" };

const metacontroller = (
	args: readonly string[],
	image = "ghcr.io/metacontroller/metacontroller:v4.17.2",
	spec: Record<string, unknown> = {},
	available = 1,
): KubeObject =>
	other(
		"apps/v1",
		"Deployment",
		"metacontroller",
		{ namespace: "metacontroller" },
		{
			spec: { replicas: 1, template: { spec: { containers: [{ name: "metacontroller", image, args }] } }, ...spec },
			status: { availableReplicas: available },
		},
	);
const hooksDeployment = (
	available: number,
	image = "ghcr.io/prism/prism-operator:v0.1.0",
	env: readonly { readonly name: string; readonly value: string }[] = [],
) =>
	other(
		"apps/v1",
		"Deployment",
		"prism-operator-controller-manager",
		{ ...SYSTEM, labels: LABELS },
		{
			spec: { replicas: 2, template: { spec: { containers: [{ name: "hooks", image, env }] } } },
			status: { availableReplicas: available },
		},
	);
const service = other("v1", "Service", "prism-operator", { ...SYSTEM, labels: LABELS }, { spec: {} });
const slice = (isReady: boolean) =>
	other(
		"discovery.k8s.io/v1",
		"EndpointSlice",
		"prism-operator-x",
		{ ...SYSTEM, labels: { ...LABELS, "kubernetes.io/service-name": "prism-operator" } },
		{ endpoints: [{ conditions: { ready: isReady } }] },
	);

const METRICS = `# HELP prism_operator_hook_calls_total Calls
prism_operator_hook_calls_total{controller="prismstack",hook="sync",outcome="answered"} 1200
prism_operator_hook_calls_total{controller="prismnamespace",hook="sync",outcome="answered"} 34
prism_operator_hook_duration_seconds_bucket{le="0.01",controller="prismstack"} 1190
prism_operator_hook_duration_seconds_bucket{le="0.1",controller="prismstack"} 1230
prism_operator_hook_duration_seconds_bucket{le="+Inf",controller="prismstack"} 1234
`;
const TROUBLED = `${METRICS}prism_operator_hook_calls_total{outcome="failed"} 3
prism_operator_hook_calls_total{outcome="unauthenticated"} 8
prism_operator_admin_breakers_open 2
prism_operator_certificate_expiry_timestamp_seconds ${Date.parse(NOW) / 1000 + 3 * 86_400}
`;

const controllers = REGISTRY.map((row) =>
	controllerObject(row, { origin: "http://prism-operator.prism-system.svc:8080", features: {} }),
);
const SERVED = new Set([
	...KINDS.map(({ plural, group }) => `${plural}.${group}`),
	"deployments.apps",
	"statefulsets.apps",
	"services",
	"configmaps",
	"poddisruptionbudgets.policy",
	"horizontalpodautoscalers.autoscaling",
	"ingresses.networking.k8s.io",
	"networkpolicies.networking.k8s.io",
]);

const HEALTHY: ClusterState = {
	isLocal: false,
	scope: {},
	machinery: {
		controllers,
		kindsInstalled: true,
		metacontrollers: [metacontroller(["--workers=20", "--client-go-qps=200", "--client-go-burst=400"])],
		metacontrollerPods: [],
		hooks: [hooksDeployment(2)],
		services: [service],
		slices: [slice(true)],
		pods: [],
		unread: [],
		notes: [],
	},
	definitions: KINDS.map(customResourceDefinition),
	served: SERVED,
	version: "v1.33.2",
	view: viewOf({ objects: [ours("PrismStack", "shop", ready("StackReady", "ready"))], now: NOW }),
	health: [{ service: "prism-system/prism-operator", ready: true, metrics: METRICS, problem: undefined }],
	release: "0.1.0",
};

const drifted = (definition: KubeObject): KubeObject =>
	JSON.parse(
		JSON.stringify(definition)
			.replace('"maximum":65535', '"maximum":1024')
			.replace('"singular":"prismstack"', '"singular":"prismstak"'),
	) as KubeObject;
const changed = (controller: KubeObject): KubeObject =>
	JSON.parse(
		JSON.stringify(controller).replaceAll('"InPlace"', '"OnDelete"').replace('"version":"v2"', '"version":"v1"'),
	) as KubeObject;

const shardEvents = silent("PrismShard", "live");
const TROUBLE: ClusterState = {
	...HEALTHY,
	version: "v1.27.4",
	definitions: HEALTHY.definitions
		?.slice(1)
		.map((definition, index) => (index === 0 ? drifted(definition) : definition)),
	served: new Set([...SERVED].filter((name) => name !== "ingresses.networking.k8s.io")),
	isLocal: false,
	scope: {},
	machinery: {
		...HEALTHY.machinery,
		controllers: [
			...controllers.slice(2).map((controller, index) => (index === 0 ? changed(controller) : controller)),
			{ ...(controllers[4] as KubeObject), metadata: { name: "shards-copy" } },
		],
		metacontrollers: [
			metacontroller(["--apply-strategy=server-side-apply", "--workers", "3"], "metacontroller:v4.11.0", {
				replicas: 2,
			}),
		],
		hooks: [hooksDeployment(0)],
		slices: [slice(false)],
		pods: [
			pod("prism-operator-controller-manager-1", hooksDeployment(0), {
				metadata: { ...SYSTEM, labels: LABELS },
				containers: [
					{
						name: "hooks",
						state: waiting("CrashLoopBackOff"),
						lastState: { terminated: { exitCode: 1, message: "token=abcdef is too short" } },
					},
				],
			}),
		],
	},
	health: [{ service: "prism-system/prism-operator", ready: false, metrics: TROUBLED, problem: undefined }],
	view: viewOf({
		objects: [
			shardEvents,
			silent("PrismStack", "leaving", {
				deletionTimestamp: HOURS_AGO,
				finalizers: ["metacontroller.io/compositecontroller-prismstack"],
			}),
		],
		events: [
			event(shardEvents, "SyncError", "sync hook failed: connection refused", { at: "2026-01-01T11:55:00Z" }),
			event(shardEvents, "SyncError", "an old one", { at: MINUTES_AGO }),
		],
		now: NOW,
	}),
};

const printed = (state: ClusterState) =>
	`${doctorLines(examined(state, SPEECH), paintOf({ color: false, columns: 80 })).join("\n")}\n`;

describe("doctor", () => {
	it("finds nothing where all is in order", () => {
		expect(doctorCode(examined(HEALTHY, SPEECH))).toBe(0);
		expectGolden("doctor-healthy", printed(HEALTHY));
	});

	it("finds each trouble, and says how to mend it", () => {
		const text = printed(TROUBLE);
		expect(doctorCode(examined(TROUBLE, SPEECH))).toBe(2);
		expect(text.split("\n").filter((line) => widthOf(line) > 80)).toEqual([]);
		expect(text).not.toContain("abcdef");
		expectGolden("doctor-trouble", text);
	});

	it("says what it may not see", () => {
		const blind: ClusterState = {
			...HEALTHY,
			definitions: undefined,
			served: undefined,
			version: undefined,
			machinery: {
				...HEALTHY.machinery,
				controllers: undefined,
				metacontrollers: [],
				hooks: [],
				services: [],
				unread: ["workloads"],
				notes: ["workloads of all namespaces can't be read: forbidden"],
			},
			health: [
				{
					service: "prism-system/prism-operator",
					ready: undefined,
					metrics: undefined,
					problem: 'services "prism-operator" is forbidden',
				},
			],
		};
		expect(examined(blind, SPEECH).filter(({ level }) => level === "unknown").length).toBeGreaterThan(4);
		expect(doctorCode(examined(blind, SPEECH))).toBe(0);
	});

	it("takes an absolute name of the hooks for one in the cluster", () => {
		const without = (origin: string): ClusterState => ({
			...HEALTHY,
			machinery: {
				...HEALTHY.machinery,
				hooks: [],
				controllers: REGISTRY.map((row) => controllerObject(row, { origin, features: {} })),
			},
		});
		const inside = "http://prism-operator.prism-system.svc";
		for (const origin of [inside, `${inside}.k8s.example.:8080`])
			expect(printed(without(origin))).toContain("the cluster has no Deployment of the operator");
		expect(printed(without("http://192.0.2.1:8080"))).toContain("none runs in the cluster");
	});

	it("finds nothing missing of what make run starts beside its cluster, and no figure of what may not be listed", () => {
		const machinery = { ...HEALTHY.machinery, kindsInstalled: false, controllers: [], metacontrollers: [], hooks: [] };
		const local: ClusterState = { ...HEALTHY, isLocal: true, machinery, health: [] };
		expect(examined(local, SPEECH).filter(({ level }) => level === "bad")).toEqual([]);
		const note = "you may not read prismstacks: their data is missing here";
		const blind = printed({ ...HEALTHY, view: viewOf({ objects: [], now: NOW, notes: [note] }) });
		expect(blind).not.toContain("0 of 0 are ready");
		expect(blind).toContain("? objects");
	});

	it("never counts nothing, and names the namespace that it looked in", () => {
		expect(printed({ ...HEALTHY, view: viewOf({ objects: [], now: NOW }) })).toContain(
			"✔ objects         there are none yet",
		);
		const { objects } = HEALTHY.view;
		const late = objects.map((object) => ({ ...object, status: {} }));
		const view = viewOf({ objects: late, now: NOW, notes: ["you may not read all namespaces"] });
		const one = printed({ ...HEALTHY, view, scope: { namespace: "shop" } });
		expect(one).not.toContain(" -A");
		expect(one).toContain("? objects         you may not read all namespaces");
	});

	it("leaves changes of the installation to an administrator", () => {
		const missing = {
			level: "bad" as const,
			about: "CRDs",
			says: "not installed",
			fix: ["kubectl apply -f crds/", "docs"],
		};
		expect(delegated(missing).fix).toEqual(["ask an administrator to run: kubectl apply -f crds/", "docs"]);
	});

	it("finds that the names of children are watched of too many objects", () => {
		const advice = (count: number, ...env: { readonly name: string; readonly value: string }[]) => {
			const objects = Array.from({ length: count }, (_, index) =>
				ours("PatternRunner", `it-${index}`, ready("Ready", "ready")),
			);
			const machinery = { ...HEALTHY.machinery, hooks: [hooksDeployment(2, undefined, env)] };
			return examined({ ...HEALTHY, machinery, view: viewOf({ objects, now: NOW }) }, SPEECH)
				.filter(({ level }) => level === "odd")
				.map(({ says }) => says);
		};
		expect(advice(2000)).toEqual([]);
		expect(advice(2001, { name: "PRISM_WATCH_CHILD_NAMES", value: "true" })).toEqual([
			"Metacontroller checks 2001 patternrunners for each event of their children, to detect names in use",
		]);
		expect(advice(2001, { name: "PRISM_WATCH_CHILD_NAMES", value: "false" })).toEqual([]);
	});

	it("tells a cluster without Metacontroller from one where it does not run", () => {
		const without: ClusterState = {
			...HEALTHY,
			machinery: { ...HEALTHY.machinery, kindsInstalled: false, controllers: [], metacontrollers: [] },
		};
		expect(printed(without)).toContain("is not installed");
		const down: ClusterState = {
			...HEALTHY,
			machinery: {
				...HEALTHY.machinery,
				metacontrollers: [
					metacontroller(["--workers=20", "--client-go-qps=200", "--client-go-burst=400"], undefined, {}, 0),
				],
			},
		};
		expect(printed(down).replaceAll(/\s+/g, " ")).toContain("has no available pod: nothing calls the operator");
		const two: ClusterState = {
			...HEALTHY,
			machinery: {
				...HEALTHY.machinery,
				metacontrollers: [...HEALTHY.machinery.metacontrollers, ...HEALTHY.machinery.metacontrollers],
			},
		};
		expect(printed(two)).toContain("2 of them run all controllers");
	});
});

describe("figures", () => {
	it("are read from Prometheus' text", () => {
		const samples = parseMetrics(METRICS);
		expect(sumOf(samples, "prism_operator_hook_calls_total", { outcome: "answered" })).toBe(1234);
		expect(sumOf(samples, "prism_operator_hook_calls_total", { controller: "prismstack" })).toBe(1200);
		expect(quantile(samples, "prism_operator_hook_duration_seconds", 0.5)).toBe(0.01);
		expect(quantile(samples, "prism_operator_hook_duration_seconds", 0.99)).toBe(0.1);
		expect(quantile(samples, "nothing", 0.99)).toBeUndefined();
	});
});
