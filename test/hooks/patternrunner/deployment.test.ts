import { expect, it } from "vitest";
import { runnerDeployment } from "../../../hooks/patternrunner/deployment.ts";
import { recordsAt, valueAt } from "../../../kube/object.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { plannedRunner, type Surroundings } from "../plans.ts";

const built = (spec: object = {}, around: Surroundings = {}) => {
	const { plan, request } = plannedRunner(spec, around);
	return runnerDeployment(plan, request);
};
const made = (spec: object = {}, around: Surroundings = {}): KubeObject => {
	const deployment = built(spec, around);
	if (deployment === undefined) throw new Error("no Deployment");
	return deployment;
};
const containerOf = (deployment: KubeObject | undefined) => {
	const [container] = recordsAt(deployment, "spec", "template", "spec", "containers");
	return container;
};
const hashOf = (deployment: KubeObject | undefined) => deployment?.metadata.annotations?.["prism.io/desired-hash"];

const binding = {
	provider: "redis",
	configMap: "redis-backend",
	urlFrom: "Secret",
	secret: { name: "redis-credentials", url: "url" },
	checksum: "abc",
};
const backend = (status: object): KubeObject => ({
	apiVersion: "prism.io/v1alpha1",
	kind: "BackendConfig",
	metadata: { name: "redis", namespace: "prism" },
	status,
});
const READY = { binding, conditions: [{ type: "Ready", status: "True", reason: "BackendHealthy", message: "" }] };
const REDIS = { backend: "redis", backendConfig: { name: "redis" } };
const AUTOSCALED = {
	autoscaling: { enabled: true, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
};

const APART = {
	podAntiAffinity: {
		requiredDuringSchedulingIgnoredDuringExecution: [
			{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { runner: "it" } } },
		],
	},
};

it.each<[string, object, object]>([
	["replicas", { replicas: 3 }, { replicas: 3 }],
	["the least that an autoscaler may have", { replicas: 1, ...AUTOSCALED }, { replicas: 2 }],
	["a selector that no edit moves", { image: "x:1" }, { selector: { matchLabels: { app: "prism", runner: "it" } } }],
	["a new pod before an old one goes", {}, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }],
	[
		"an old pod that goes first, where two can't be on one node",
		{ replicas: 2, runnerSpec: { affinity: APART } },
		{ strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
	],
])("has %s", (_, spec, expected) => {
	expect(built(spec)?.["spec"]).toMatchObject(expected);
});

it("runs the pattern on the backend", () => {
	expect(containerOf(built())).toMatchObject({
		name: "keyvalue-runner",
		image: "ghcr.io/prism/keyvalue-runner:v1.0.0",
		args: ["--pattern=keyvalue", "--backend=memstore"],
	});
	expect(containerOf(built({ image: "mine:1" }))).toMatchObject({ image: "mine:1" });
});

it.each<[string, object, boolean]>([
	["by its port", {}, true],
	["not at all without a port", { service: { type: "None" } }, false],
	["by a port that the probe names", { service: { type: "None" }, probe: { port: 9000 } }, true],
])("is probed %s", (_, spec, expected) => {
	expect(valueAt(containerOf(built(spec)), "readinessProbe") !== undefined).toBe(expected);
});

it("tells the runner where traces and metrics go", () => {
	const observability = { tracingEndpoint: "http://traces:4317", metricsPort: 9100 };
	const env = recordsAt(containerOf(built({ observability })), "env");
	expect(env).toContainEqual({ name: "PRISM_TRACING_ENDPOINT", value: "http://traces:4317" });
	expect(env).toContainEqual({ name: "PRISM_METRICS_PORT", value: "9100" });
	expect(recordsAt(containerOf(built()), "env")).toEqual([]);
});

it.each<[string, Surroundings["installation"], object]>([
	["its ConfigMap", {}, { configMap: { name: "it-config", items: [{ key: "config.json", path: "config.json" }] } }],
	[
		"its Secret",
		{ inlineCredentials: true },
		{ secret: { secretName: "it-config", items: [{ key: "config.json", path: "config.json" }] } },
	],
])("mounts spec.config from %s", (_, installation, source) => {
	const config = installation?.inlineCredentials === true ? { password: "x" } : { size: 1 };
	const deployment = built({ config }, { installation: { ...installation } });
	expect(recordsAt(deployment, "spec", "template", "spec", "volumes")).toContainEqual({ name: "config", ...source });
	expect(recordsAt(containerOf(deployment), "volumeMounts")).toContainEqual({
		name: "config",
		mountPath: "/etc/prism/runner",
		readOnly: true,
	});
});

it("has the connection of its backend, and is replaced when that changes", () => {
	const deployment = made(REDIS, { related: [backend(READY)] });
	expect(recordsAt(containerOf(deployment), "env").map(({ name }) => name)).toContain("PRISM_BACKEND_URL");
	expect(valueAt(deployment, "spec", "template", "metadata", "annotations", "prism.io/backend-checksum")).toBe("abc");
	// Reloader rolls the pods when the user's Secret changes, which the operator never reads.
	expect(deployment.metadata.annotations).toMatchObject({ "secret.reloader.stakater.com/reload": "redis-credentials" });
});

it("waits for its backend: there is none yet, and one that is there stays as it is", () => {
	const unknown = { related: [backend({})] };
	expect(built(REDIS, unknown)).toBeUndefined();
	const there = made({ ...REDIS, replicas: 2 }, { related: [backend(READY)] });
	expect(built({ ...REDIS, replicas: 5 }, { ...unknown, observed: [there] })?.["spec"]).toMatchObject({ replicas: 2 });
});

it("has a hash that an edit moves, but not a count that an autoscaler owns", () => {
	expect(hashOf(built({ replicas: 2 }))).not.toBe(hashOf(built({ replicas: 3 })));
	expect(hashOf(built({ ...AUTOSCALED, replicas: 3 }))).toBe(hashOf(built({ ...AUTOSCALED, replicas: 4 })));
});
