import { createServer } from "node:net";
import { expect } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { isReady } from "../../kube/health.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { eventually } from "./installed.ts";
import type { Line } from "./line.ts";

// Clusters that are broken in one way each, every one in a namespace of its own, with what somebody on call has to be told: the
// object that shows the first cause, the word for it, and what helps.

/** What is applied, and what then happens to it. */
interface Broken {
	readonly line: Line;
	readonly namespace: string;
	readonly apply: (...objects: readonly KubeObject[]) => Promise<void>;
	readonly ready: (kind: string, name: string) => Promise<unknown>;
	readonly edit: (kind: string, name: string, fields: Spec) => Promise<unknown>;
	readonly remove: (kind: string, name: string) => Promise<unknown>;
}

type Spec = Record<string, unknown>;

export interface Breakage {
	/** Also that of its namespace. */
	readonly name: string;
	readonly about: readonly [kind: string, name: string];
	/** Of Ready, once it is told; undefined: it says nothing of that any more. */
	readonly reason?: string;
	/** "Pod orders", and the beginning of a name is enough: what shows the first cause. */
	readonly shownBy: string;
	readonly word: string;
	/** The verb and the kind of a command that helps, and the field to change, if it is one. */
	readonly remedy: string;
	readonly field?: string;
	readonly breaks: (broken: Broken) => Promise<unknown>;
}

const API = "prism.io/v1alpha1";
const ours = (kind: string, name: string, spec: Spec = {}): KubeObject => ({
	apiVersion: API,
	kind,
	metadata: { name },
	spec,
});
const stack = (name: string, spec: Spec) => ours("PrismStack", name, { proxy: { replicas: 1 }, ...spec });
const runner = (name: string, spec: Spec = {}) =>
	ours("PatternRunner", name, { pattern: "keyvalue", backend: "memstore", ...spec });
const shard = (name: string, spec: Spec = {}) => ours("PrismShard", name, { backends: ["postgres"], ...spec });
const tenant = (name: string, spec: Spec = {}) => ours("PrismNamespace", name, { backend: "postgres", ...spec });
const backend = (name: string, spec: Spec) => ours("BackendConfig", name, { type: "cache", ...spec });
const plugin = (name: string, spec: Spec) => ours("PrismPlugin", name, spec);
const of = (apiVersion: string, kind: string, name: string, fields: Spec): KubeObject => ({
	apiVersion,
	kind,
	metadata: { name },
	...fields,
});
const image = (tag: string) => `ghcr.io/prism/app:${tag}`;

const quota = (name: string, hard: Spec) => of("v1", "ResourceQuota", name, { spec: { hard } });
/** Until it counts: the API server takes any amount before that. */
const limited = async ({ apply, line, namespace }: Broken, name: string, hard: Spec) => {
	await apply(quota(name, hard));
	await eventually(async () =>
		expect((await line.get("ResourceQuota", name, namespace))["status"]).toMatchObject({ hard }),
	);
};

const ADMISSION = "admissionregistration.k8s.io/v1";
const inNamespace = (namespace: string) => ({
	namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
});
/** Until it is enforced. */
const refused = async ({ line, namespace }: Broken, [group, resource]: readonly [string, string], object: KubeObject) =>
	eventually(async () => {
		const metadata = { name: "dry-run", namespace };
		const tried = line.cluster.store.apply({ ...object, metadata }, { fieldManager: "test", dryRun: true });
		await expect(tried, `${group} ${resource}`).rejects.toThrow(/denied|calling webhook/);
	});
const PODS = ["", "pods"] as const;
const DEPLOYMENTS = ["apps", "deployments"] as const;
const CONTAINERS = { containers: [{ name: "main", image: "app:1" }] };
const A_POD = of("v1", "Pod", "", { spec: CONTAINERS });
const LABELS = { app: "theirs" };
const A_DEPLOYMENT = of("apps/v1", "Deployment", "", {
	spec: {
		replicas: 0,
		selector: { matchLabels: LABELS },
		template: { metadata: { labels: LABELS }, spec: CONTAINERS },
	},
});
const A_SERVICE = of("v1", "Service", "", { spec: { ports: [{ port: 80 }] } });
const SAMPLES: Readonly<Record<string, KubeObject>> = { pods: A_POD, services: A_SERVICE, deployments: A_DEPLOYMENT };
const sampleOf = ([, resource]: readonly [string, string]) => SAMPLES[resource] ?? A_DEPLOYMENT;

const policy = async (broken: Broken, what: readonly [string, string]) => {
	const { line, namespace } = broken;
	const name = `${namespace}-policy`;
	const resourceRules = [
		{ apiGroups: [what[0]], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: [what[1]] },
	];
	const clustered = (kind: string, spec: Spec) =>
		line.cluster.store.apply(of(ADMISSION, kind, name, { spec }), { fieldManager: "test" });
	await clustered("ValidatingAdmissionPolicy", {
		failurePolicy: "Fail",
		matchConstraints: { resourceRules },
		validations: [{ expression: "false", message: "nothing of that kind here" }],
	});
	await clustered("ValidatingAdmissionPolicyBinding", {
		policyName: name,
		validationActions: ["Deny"],
		matchResources: inNamespace(namespace),
	});
	await refused(broken, what, sampleOf(what));
};
const webhook = async (broken: Broken, what: readonly [string, string], mutating = false) => {
	const { line, namespace } = broken;
	const kind = mutating ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration";
	const hook = {
		name: `${namespace}.example.com`,
		clientConfig: { url: "https://127.0.0.1:9/" },
		rules: [{ apiGroups: [what[0]], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: [what[1]] }],
		...inNamespace(namespace),
		failurePolicy: "Fail",
		sideEffects: "None",
		admissionReviewVersions: ["v1"],
		timeoutSeconds: 2,
	};
	const object = of(ADMISSION, kind, `${namespace}-webhook`, { webhooks: [hook] });
	await line.cluster.store.apply(object, { fieldManager: "test" });
	await refused(broken, what, sampleOf(what));
};

const hold = async ({ line, namespace }: Broken, kind: string, name: string) =>
	line.change(
		kind,
		name,
		({ metadata, ...object }) => ({
			...object,
			metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), "example.com/hold"] },
		}),
		namespace,
	);

/** The emulated proxies whose names begin so. */
const proxiesOf = async ({ line, namespace }: Broken, prefix: string) => {
	const { items } = await line.cluster.store.list(await line.resource("Pod"), namespace);
	return items
		.filter(({ metadata }) => metadata.name.startsWith(prefix))
		.map(({ metadata }) => line.cluster.proxies?.proxy(`${namespace}/${metadata.name}`))
		.filter((proxy) => proxy !== undefined);
};

/** Somebody at a port of this machine who says one thing to everyone. */
const saying = (text: string): Promise<number> =>
	new Promise((resolve) => {
		const server = createServer((socket) => {
			socket.on("error", () => {}).on("data", () => socket.write(text));
		}).unref();
		server.listen(0, "127.0.0.1", () => resolve(Number(valueAt(server.address(), "port"))));
	});
const CHECKED = { healthCheck: { enabled: true, interval: "1s", timeout: "500ms" } };
const ROLLOUT = { rollout: { bakeSeconds: 1, deadlineSeconds: 25, graceSeconds: 5 } };

// ── Pods ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const RUNNER = ["PatternRunner", "orders"] as const;
const ORDERS_POD = "Pod orders-";

/** What has the webhooks of a cluster. */
const LOOK_AT_WEBHOOKS = "get validatingwebhookconfigurations,mutatingwebhookconfigurations";

const ofRunner = (
	name: string,
	spec: Spec,
	{
		prepare,
		...expected
	}: Omit<Breakage, "name" | "about" | "breaks" | "shownBy"> &
		Partial<Breakage> & { readonly prepare?: Breakage["breaks"] },
): Breakage => ({
	name,
	about: RUNNER,
	shownBy: ORDERS_POD,
	breaks: async (broken) => {
		await prepare?.(broken);
		await broken.apply(runner("orders", spec));
	},
	...expected,
});

/** A runner that keeps its data on a claim of a person's. */
const ON_CLAIM = {
	volumes: [{ name: "orders", persistentVolumeClaim: { claimName: "orders-data" } }],
	volumeMounts: [{ name: "orders", mountPath: "/data" }],
};
const claim = (spec: Spec) =>
	of("v1", "PersistentVolumeClaim", "orders-data", {
		spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
	});

const PODS_BREAK: readonly Breakage[] = [
	{
		name: "image-of-a-pattern",
		about: ["PrismStack", "shop"],
		shownBy: ORDERS_POD,
		word: "ImagePullBackOff",
		remedy: "edit prismstack",
		field: "spec.patterns[name=orders].image",
		breaks: ({ apply }) =>
			apply(
				stack("shop", {
					patterns: [{ name: "orders", type: "keyvalue", backend: "memstore", image: image("broken") }],
				}),
			),
	},
	{
		name: "image-of-proxies",
		about: ["PrismStack", "shop"],
		shownBy: "Pod shop-proxy-",
		word: "ImagePullBackOff",
		remedy: "edit prismstack",
		field: "spec.proxy.image",
		breaks: ({ apply }) =>
			apply(
				stack("shop", { proxy: { replicas: 1, image: image("broken") } }),
				tenant("acme", { proxyRef: { name: "shop-proxy" } }),
			),
	},
	ofRunner("crash-loop", { image: image("crashing") }, { word: "CrashLoopBackOff", remedy: "logs" }),
	ofRunner(
		"out-of-memory",
		{ image: image("starving") },
		{
			word: "OOMKilled",
			remedy: "edit patternrunner",
			field: "spec.resources.limits.memory",
		},
	),
	ofRunner("readiness", { image: image("unready") }, { word: "NotReady", remedy: "logs" }),
	ofRunner(
		"secret-missing",
		{ env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "tokens", key: "token" } } }] },
		{ word: "CreateContainerConfigError", remedy: "create secret" },
	),
	ofRunner(
		"key-missing",
		{},
		{
			word: "CreateContainerConfigError",
			remedy: "describe secret",
			breaks: ({ apply }) =>
				apply(
					of("v1", "Secret", "tokens", { stringData: { other: "x" } }),
					runner("orders", { env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "tokens", key: "token" } } }] }),
				),
		},
	),
	ofRunner(
		"volume-of-a-config-map",
		{
			volumes: [{ name: "rules", configMap: { name: "rules" } }],
			volumeMounts: [{ name: "rules", mountPath: "/rules" }],
		},
		{ word: "FailedMount", remedy: "get configmap" },
	),
	ofRunner(
		"node-selector",
		{ runnerSpec: { nodeSelector: { disk: "nvme" } } },
		{
			word: "Unschedulable",
			remedy: "edit patternrunner",
			field: "spec.runnerSpec",
		},
	),
	ofRunner(
		"too-large",
		{ resources: { requests: { cpu: "500" } } },
		{
			word: "Unschedulable",
			remedy: "edit patternrunner",
		},
	),
	ofRunner(
		"tainted",
		{ runnerSpec: { nodeSelector: { "kubernetes.io/hostname": "node-9" } } },
		{
			word: "Unschedulable",
			remedy: "describe nodes",
		},
	),
	ofRunner("claim-missing", ON_CLAIM, {
		shownBy: "PersistentVolumeClaim orders-data",
		word: "NotFound",
		remedy: "get pvc",
	}),
	ofRunner(
		"apart-from-each-other",
		{
			replicas: 10,
			runnerSpec: {
				affinity: {
					podAntiAffinity: {
						requiredDuringSchedulingIgnoredDuringExecution: [
							{
								topologyKey: "kubernetes.io/hostname",
								labelSelector: { matchLabels: { "app.kubernetes.io/managed-by": "prism-operator" } },
							},
						],
					},
				},
			},
		},
		{ word: "Unschedulable", remedy: "edit patternrunner", field: "spec.runnerSpec" },
	),
	{
		name: "storage-class",
		about: ["PrismShard", "live"],
		shownBy: "PersistentVolumeClaim data-prism-live-0",
		word: "ProvisioningFailed",
		remedy: "edit prismshard",
		field: "spec.storage.storageClassName",
		breaks: ({ apply }) => apply(shard("live", { storage: { size: "1Gi", storageClassName: "fast" } })),
	},
	{
		name: "storage-quota",
		about: ["PrismShard", "live"],
		shownBy: "StatefulSet prism-live",
		word: "QuotaExceeded",
		remedy: "describe resourcequota",
		breaks: async (broken) => {
			await limited(broken, "storage", { "requests.storage": "1Mi" });
			await broken.apply(shard("live", { storage: { size: "1Gi" } }));
		},
	},
	...["WaitForFirstConsumer", "Immediate"].map(
		(volumeBindingMode): Breakage => ({
			name: `provisioner-down-${volumeBindingMode.toLowerCase()}`,
			about: ["PrismShard", "live"],
			shownBy: "PersistentVolumeClaim data-prism-live-0",
			word: "ExternalProvisioning",
			remedy: "edit prismshard",
			field: "spec.storage.storageClassName",
			breaks: async ({ apply, line, namespace }) => {
				const down = of("storage.k8s.io/v1", "StorageClass", namespace, {
					provisioner: "csi.example.com",
					volumeBindingMode,
				});
				await line.cluster.store.apply(down, { fieldManager: "test" });
				await apply(shard("live", { storage: { size: "1Gi", storageClassName: namespace } }));
			},
		}),
	),
	ofRunner("claim-being-deleted", ON_CLAIM, {
		shownBy: "PersistentVolumeClaim orders-data",
		word: "Terminating",
		remedy: "get pvc",
		prepare: async (broken) => {
			await broken.apply(claim({ storageClassName: "standard" }));
			await hold(broken, "PersistentVolumeClaim", "orders-data");
			await broken.remove("PersistentVolumeClaim", "orders-data");
		},
	}),
	ofRunner("volume-elsewhere", ON_CLAIM, {
		shownBy: "PersistentVolumeClaim orders-data",
		word: "NodeAffinityConflict",
		remedy: "describe pv",
		field: "spec.runnerSpec",
		prepare: async ({ apply, line, namespace }) => {
			const there = { key: "kubernetes.io/hostname", operator: "In", values: ["a-node-that-is-gone"] };
			const volume = of("v1", "PersistentVolume", namespace, {
				spec: {
					capacity: { storage: "1Gi" },
					accessModes: ["ReadWriteOnce"],
					claimRef: { namespace, name: "orders-data" },
					hostPath: { path: "/nonexistent" },
					nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [there] }] } },
				},
			});
			await line.cluster.store.apply(volume, { fieldManager: "test" });
			await apply(claim({ storageClassName: "", volumeName: namespace }));
		},
	}),
	ofRunner(
		"key-of-a-volume",
		{
			volumes: [{ name: "certs", secret: { secretName: "orders-tls", items: [{ key: "tls.crt", path: "tls.crt" }] } }],
			volumeMounts: [{ name: "certs", mountPath: "/certs" }],
		},
		{
			word: "FailedMount",
			remedy: "describe secret orders-tls",
			prepare: ({ apply }) => apply(of("v1", "Secret", "orders-tls", { stringData: { certificate: "x" } })),
		},
	),
	ofRunner("volume-missing", ON_CLAIM, {
		shownBy: "PersistentVolumeClaim orders-data",
		word: "Unbound",
		remedy: "get pv",
		prepare: ({ apply }) => apply(claim({ storageClassName: "", volumeName: "not-there" })),
	}),
	ofRunner("volume-of-another-claim", ON_CLAIM, {
		shownBy: "PersistentVolumeClaim orders-data",
		word: "FailedBinding",
		remedy: "get pv",
		prepare: async ({ apply, line, namespace }) => {
			const volume = of("v1", "PersistentVolume", namespace, {
				spec: {
					capacity: { storage: "1Gi" },
					accessModes: ["ReadWriteOnce"],
					claimRef: { namespace, name: "other" },
					hostPath: { path: "/nonexistent" },
				},
			});
			await line.cluster.store.apply(volume, { fieldManager: "test" });
			await apply(claim({ storageClassName: "", volumeName: namespace }));
		},
	}),
	ofRunner(
		"claim-of-one-pod",
		{ replicas: 2, ...ON_CLAIM },
		{
			shownBy: "PersistentVolumeClaim orders-data",
			word: "InUse",
			remedy: "edit patternrunner",
			field: "spec.replicas",
			prepare: ({ apply }) => apply(claim({ storageClassName: "standard", accessModes: ["ReadWriteOncePod"] })),
		},
	),
	ofRunner(
		"user-of-an-image",
		{ podSecurity: { runAsUser: 0, runAsNonRoot: true } },
		{
			word: "CreateContainerConfigError",
			remedy: "edit patternrunner",
			field: "spec.podSecurity",
		},
	),
	ofRunner(
		"image-changed-by-admission",
		{ image: image("v1") },
		{
			word: "ImagePullBackOff",
			remedy: "get mutatingadmissionpolicies",
			prepare: async ({ line, namespace: name }) => {
				const clustered = (kind: string, spec: Spec) =>
					line.cluster.store.apply(of(ADMISSION, kind, name, { spec }), { fieldManager: "test" });
				const expression = `[JSONPatch{op: "replace", path: "/spec/containers/0/image", value: "mirror.example.com/app:broken"}]`;
				await clustered("MutatingAdmissionPolicy", {
					failurePolicy: "Fail",
					reinvocationPolicy: "Never",
					matchConstraints: {
						resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
					},
					mutations: [{ patchType: "JSONPatch", jsonPatch: { expression } }],
				});
				await clustered("MutatingAdmissionPolicyBinding", { policyName: name, matchResources: inNamespace(name) });
				await eventually(async () => {
					const pod = { ...A_POD, metadata: { name: "dry-run", namespace: name } };
					const stored = await line.cluster.store.apply(pod, { fieldManager: "test", dryRun: true });
					expect(recordsAt(stored["spec"], "containers")[0]?.["image"]).toBe("mirror.example.com/app:broken");
				});
			},
		},
	),
	// The pod that follows it is in trouble of its own, which is what there is to mend.
	ofRunner(
		"evicted-before",
		{ runnerSpec: { nodeSelector: { disk: "nvme" } } },
		{
			word: "Unschedulable",
			remedy: "edit patternrunner",
			field: "spec.runnerSpec",
			breaks: async ({ apply, line, namespace }) => {
				await apply(runner("orders", { runnerSpec: { nodeSelector: { disk: "nvme" } } }));
				for (const _ of [1, 2])
					await eventually(async () => {
						const { items } = await line.cluster.store.list(await line.resource("Pod"), namespace);
						const pod = items.find(({ status }) => valueAt(status, "phase") === "Pending");
						if (pod === undefined) throw new Error("no pod yet");
						const message = "The node was low on resource: ephemeral-storage.";
						await line.cluster.store.updateStatus({ ...pod, status: { phase: "Failed", reason: "Evicted", message } });
					}, READY_SECONDS);
			},
		},
	),
	{
		name: "sidecar-out-of-memory",
		about: ["PrismShard", "live"],
		shownBy: "Pod prism-live-0",
		word: "OOMKilled",
		remedy: "edit prismplugin",
		field: "spec.deployment.resources.limits.memory",
		breaks: ({ apply }) =>
			apply(
				plugin("clickhouse", { version: "1.0.0", source: { image: "clickhouse-plugin:starving" } }),
				shard("live", { backends: ["clickhouse"], plugins: [{ name: "clickhouse" }] }),
			),
	},
	{
		name: "sidecar-of-a-plugin",
		about: ["PrismShard", "live"],
		shownBy: "Pod prism-live-0",
		word: "CrashLoopBackOff",
		remedy: "logs",
		breaks: ({ apply }) =>
			apply(
				plugin("clickhouse", { version: "1.0.0", source: { image: "clickhouse-plugin:crashing" } }),
				shard("live", { backends: ["clickhouse"], plugins: [{ name: "clickhouse" }] }),
			),
	},
	{
		name: "image-of-a-plugin",
		about: ["PrismPlugin", "clickhouse"],
		shownBy: "Pod prism-live-0",
		word: "ImagePullBackOff",
		remedy: "edit prismplugin",
		breaks: ({ apply }) =>
			apply(
				plugin("clickhouse", { version: "broken", ...ROLLOUT }),
				shard("live", { backends: ["clickhouse"], plugins: [{ name: "clickhouse" }] }),
			),
	},
	{
		name: "library-of-a-plugin",
		about: ["PrismShard", "live"],
		shownBy: "Pod prism-live-0",
		word: "ImagePullBackOff",
		remedy: "edit prismplugin",
		breaks: ({ apply }) =>
			apply(
				plugin("clickhouse", { version: "broken", deployment: { type: "in-process" } }),
				shard("live", { backends: ["clickhouse"], plugins: [{ name: "clickhouse" }] }),
			),
	},
];

// ── Pods that can't be created ──────────────────────────────────────────────────────────────────────────────────────

const UNCREATED: readonly Breakage[] = [
	ofRunner(
		"quota-of-replica-sets",
		{},
		{
			shownBy: "Deployment orders",
			word: "QuotaExceeded",
			remedy: "describe resourcequota",
			prepare: (broken) => limited(broken, "none", { "count/replicasets.apps": "0" }),
		},
	),
	ofRunner(
		"quota-in-a-rollout",
		{},
		{
			shownBy: "Deployment orders",
			word: "QuotaExceeded",
			remedy: "describe resourcequota",
			breaks: async (broken) => {
				await broken.apply(runner("orders", { image: image("v1") }));
				await broken.ready("PatternRunner", "orders");
				await limited(broken, "few", { pods: "1" });
				await broken.edit("PatternRunner", "orders", { image: image("v2") });
			},
		},
	),
	ofRunner(
		"quota-of-pods",
		{},
		{
			shownBy: "Deployment orders",
			word: "QuotaExceeded",
			remedy: "describe resourcequota",
			prepare: (broken) => limited(broken, "few", { pods: "0" }),
		},
	),
	ofRunner(
		"quota-of-cpu",
		{},
		{
			shownBy: "Deployment orders",
			word: "QuotaExceeded",
			remedy: "describe resourcequota",
			breaks: async (broken) => {
				await limited(broken, "small", { "requests.cpu": "1" });
				await broken.apply(runner("orders", { resources: { requests: { cpu: "2" } } }));
			},
		},
	),
	ofRunner(
		"limit-range",
		{},
		{
			shownBy: "Deployment orders",
			word: "LimitRange",
			remedy: "describe limitrange",
			breaks: async ({ apply }) => {
				const limits = [{ type: "Container", max: { memory: "64Mi" } }];
				await apply(of("v1", "LimitRange", "small", { spec: { limits } }));
				await apply(runner("orders", { resources: { requests: { memory: "1Gi" }, limits: { memory: "1Gi" } } }));
			},
		},
	),
	{
		name: "limit-range-on-claims",
		about: ["PrismShard", "live"],
		shownBy: "StatefulSet prism-live",
		word: "LimitRange",
		remedy: "describe limitrange",
		field: "spec.storage.size",
		breaks: async ({ apply }) => {
			const limits = [{ type: "PersistentVolumeClaim", max: { storage: "1Gi" } }];
			await apply(of("v1", "LimitRange", "small", { spec: { limits } }));
			await apply(shard("live", { storage: { size: "5Gi" } }));
		},
	},
	ofRunner(
		"pod-security",
		{},
		{
			shownBy: "Deployment orders",
			word: "PodSecurity",
			remedy: "edit patternrunner",
			field: "spec.podSecurity",
			breaks: async ({ apply, line, namespace }) => {
				const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
				await line.cluster.store.apply(
					{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
					{ fieldManager: "test" },
				);
				await apply(runner("orders", { podSecurity: { runAsNonRoot: false } }));
			},
		},
	),
	ofRunner(
		"priority-class",
		{ runnerSpec: { priorityClassName: "urgent" } },
		{
			shownBy: "Deployment orders",
			word: "PriorityClassMissing",
			remedy: "get priorityclass",
		},
	),
	ofRunner(
		"runtime-class",
		{ runnerSpec: { runtimeClassName: "gvisor" } },
		{
			shownBy: "Deployment orders",
			word: "RuntimeClassMissing",
			remedy: "get runtimeclass",
		},
	),
	ofRunner(
		"policy-on-pods",
		{},
		{
			shownBy: "Deployment orders",
			word: "AdmissionPolicy",
			remedy: "get validatingadmissionpolicy",
			prepare: (broken) => policy(broken, PODS),
		},
	),
	ofRunner(
		"webhook-on-pods-down",
		{},
		{
			shownBy: "Deployment orders",
			word: "AdmissionWebhook",
			remedy: LOOK_AT_WEBHOOKS,
			prepare: (broken) => webhook(broken, PODS),
		},
	),
	ofRunner(
		"injector-down",
		{},
		{
			shownBy: "Deployment orders",
			word: "AdmissionWebhook",
			remedy: LOOK_AT_WEBHOOKS,
			prepare: (broken) => webhook(broken, PODS, true),
		},
	),
];

// ── Children that the API server rejects, or that are others' ───────────────────────────────────────────────────────

const REJECTED: readonly Breakage[] = [
	ofRunner(
		"quota-of-services",
		{},
		{
			reason: "ChildRefused",
			shownBy: "Service orders",
			word: "QuotaExceeded",
			remedy: "describe resourcequota",
			prepare: (broken) => limited(broken, "none", { "count/services": "0" }),
		},
	),
	ofRunner(
		"policy-on-deployments",
		{},
		{
			reason: "ChildRefused",
			shownBy: "Deployment orders",
			word: "AdmissionPolicy",
			remedy: "get validatingadmissionpolicy",
			prepare: (broken) => policy(broken, DEPLOYMENTS),
		},
	),
	ofRunner(
		"webhook-on-deployments-down",
		{},
		{
			reason: "ChildRefused",
			shownBy: "Deployment orders",
			word: "AdmissionWebhook",
			remedy: LOOK_AT_WEBHOOKS,
			prepare: (broken) => webhook(broken, DEPLOYMENTS),
		},
	),
	ofRunner(
		"immutable",
		{},
		{
			reason: "ChildRefused",
			shownBy: "ConfigMap orders-config",
			word: "Immutable",
			remedy: "delete configmap",
			breaks: async ({ apply, ready, edit, line, namespace }) => {
				await apply(runner("orders", { config: { a: "x" } }));
				await ready("PatternRunner", "orders");
				await line.change("ConfigMap", "orders-config", (object) => ({ ...object, immutable: true }), namespace);
				await edit("PatternRunner", "orders", { config: { a: "y" } });
			},
		},
	),
	ofRunner(
		"name-of-a-deployment",
		{},
		{
			reason: "NameTaken",
			shownBy: "Deployment orders",
			word: "Foreign",
			remedy: "get deployment",
			breaks: ({ apply }) =>
				apply(
					{ ...A_DEPLOYMENT, metadata: { name: "orders", labels: { "app.kubernetes.io/managed-by": "Helm" } } },
					runner("orders"),
				),
		},
	),
	{
		name: "runner-of-another-stack",
		about: ["PrismStack", "shop"],
		reason: "NameTaken",
		shownBy: "PatternRunner orders",
		word: "Foreign",
		remedy: "get patternrunner",
		breaks: ({ apply }) =>
			apply(runner("orders"), stack("shop", { patterns: [{ name: "orders", type: "keyvalue", backend: "memstore" }] })),
	},
	ofRunner(
		"held-by-a-finalizer",
		{},
		{
			reason: "ChildTerminating",
			shownBy: "Service orders",
			word: "Finalizers",
			remedy: "patch service",
			breaks: async (broken) => {
				await broken.apply(runner("orders"));
				await broken.ready("PatternRunner", "orders");
				await hold(broken, "Service", "orders");
				await broken.remove("Service", "orders");
			},
		},
	),
	ofRunner(
		"somebody-paused-a-deployment",
		{},
		{
			reason: "RolloutHeld",
			shownBy: "Deployment orders",
			word: "RolloutHeld",
			remedy: "rollout resume",
			breaks: async ({ apply, ready, edit, line, namespace }) => {
				await apply(runner("orders", { image: image("v1") }));
				await ready("PatternRunner", "orders");
				await line.edit("Deployment", "orders", (spec) => ({ ...spec, paused: true }), namespace);
				await edit("PatternRunner", "orders", { image: image("v2") });
			},
		},
	),
	{
		name: "partition",
		about: ["PrismShard", "live"],
		reason: "RolloutHeld",
		shownBy: "StatefulSet prism-live",
		word: "RolloutHeld",
		remedy: "patch statefulset",
		breaks: async ({ apply, ready, edit, line, namespace }) => {
			await apply(shard("live", { image: image("v1") }));
			await ready("PrismShard", "live");
			const updateStrategy = { type: "RollingUpdate", rollingUpdate: { partition: 1 } };
			await line.edit("StatefulSet", "prism-live", (spec) => ({ ...spec, updateStrategy }), namespace);
			await edit("PrismShard", "live", { image: image("v2") });
		},
	},
	ofRunner(
		"paused",
		{ image: image("broken") },
		{
			reason: "PausedByAnnotation",
			shownBy: "PatternRunner orders",
			word: "Paused",
			remedy: "prism resume",
			breaks: async ({ apply, ready, edit, line, namespace }) => {
				await apply(runner("orders", { image: image("v1") }));
				await ready("PatternRunner", "orders");
				await line.annotate("PatternRunner", "orders", { "prism.io/paused": "true" }, namespace);
				await edit("PatternRunner", "orders", { image: image("v2") });
			},
		},
	),
	{
		name: "no-address",
		about: ["PrismShard", "live"],
		reason: "NoAddress",
		shownBy: "Service prism-live",
		word: "NoAddress",
		remedy: "describe service",
		breaks: ({ apply }) => apply(shard("live", { exposure: { type: "LoadBalancer" } })),
	},
	{
		name: "quota-of-runners",
		about: ["PrismStack", "shop"],
		shownBy: "PatternRunner orders",
		word: "QuotaExceeded",
		remedy: "describe resourcequota",
		breaks: async (broken) => {
			await limited(broken, "none", { "count/patternrunners.prism.io": "0" });
			await broken.apply(stack("shop", { patterns: [{ name: "orders", type: "keyvalue", backend: "memstore" }] }));
		},
	},
];

// ── Backends and specs ──────────────────────────────────────────────────────────────────────────────────────────────

const REDIS = ["BackendConfig", "redis"] as const;
const cached = (spec: Spec) => [
	backend("redis", { ...CHECKED, ...spec }),
	runner("orders", { backend: "redis", backendConfig: { name: "redis" } }),
];

const BACKENDS: readonly Breakage[] = [
	{
		name: "backend-refuses-connections",
		about: RUNNER,
		reason: "BackendNotReady",
		shownBy: "Deployment redis-",
		word: "Unreachable",
		remedy: "edit backendconfig",
		field: "spec.connection",
		breaks: ({ apply }) => apply(...cached({ connection: { url: "redis://127.0.0.1:9" } })),
	},
	{
		name: "backend-wants-a-password",
		about: REDIS,
		reason: "BackendUnhealthy",
		shownBy: "Deployment redis-",
		word: "AuthenticationFailed",
		remedy: "edit backendconfig",
		field: "spec.connection.secretRef",
		breaks: async ({ apply }) => {
			const port = await saying("-NOAUTH Authentication required.\r\n");
			await apply(...cached({ connection: { url: `redis://127.0.0.1:${port}` } }));
		},
	},
	{
		name: "backend-speaks-no-tls",
		about: REDIS,
		reason: "BackendUnhealthy",
		shownBy: "Deployment redis-",
		word: "HandshakeFailed",
		remedy: "edit backendconfig",
		field: "spec.tls",
		breaks: async ({ apply }) => {
			const port = await saying("-ERR unknown command\r\n");
			await apply(...cached({ connection: { url: `rediss://127.0.0.1:${port}` } }));
		},
	},
	{
		name: "secret-of-a-backend",
		about: REDIS,
		shownBy: "Pod redis-",
		word: "CreateContainerConfigError",
		remedy: "edit backendconfig",
		field: "spec.connection.secretRef",
		breaks: ({ apply }) =>
			apply(...cached({ provider: "redis", connection: { secretRef: { name: "redis-credentials" } } })),
	},
	ofRunner(
		"backend-config-missing",
		{ backend: "redis", backendConfig: { name: "redsi" } },
		{
			reason: "BackendConfigNotFound",
			shownBy: "PatternRunner orders",
			word: "BackendConfigNotFound",
			remedy: "edit patternrunner",
			field: "spec.backendConfig.name",
			breaks: ({ apply }) =>
				apply(
					backend("redis", { connection: { url: "redis://redis:6379" } }),
					runner("orders", { backend: "redis", backendConfig: { name: "redsi" } }),
				),
		},
	),
	ofRunner(
		"backend-config-elsewhere",
		{ backend: "redis", backendConfig: { name: "redis", namespace: "other" } },
		{
			reason: "CrossNamespaceReference",
			shownBy: "PatternRunner orders",
			word: "CrossNamespaceReference",
			remedy: "edit patternrunner",
			field: "spec.backendConfig.namespace",
		},
	),
	{
		name: "password-in-a-url",
		about: ["PrismStack", "shop"],
		shownBy: "BackendConfig shop-redis",
		word: "InlineCredentials",
		remedy: "edit prismstack",
		field: "spec.backends[name=redis].connectionString",
		breaks: ({ apply }) =>
			apply(
				stack("shop", {
					backends: [{ name: "redis", type: "cache", connectionString: "redis://user:secret@redis:6379" }],
					patterns: [{ name: "orders", type: "keyvalue", backend: "redis" }],
				}),
			),
	},
];

// ── Namespaces, shards and plugins ──────────────────────────────────────────────────────────────────────────────────

const ACME = ["PrismNamespace", "acme"] as const;
const ofTenant = (
	name: string,
	reason: string,
	expected: Partial<Breakage> & Pick<Breakage, "remedy" | "breaks">,
): Breakage => ({
	name,
	about: ACME,
	reason,
	shownBy: "PrismNamespace acme",
	word: reason,
	...expected,
});

const PLACES: readonly Breakage[] = [
	ofTenant("no-shard", "NoMatchingShard", {
		remedy: "edit prismnamespace",
		field: "spec.shard",
		breaks: ({ apply }) => apply(shard("live", { backends: ["redis"] }), tenant("acme")),
	}),
	ofTenant("no-proxies", "NoMatchingProxy", {
		remedy: "edit prismnamespace",
		field: "spec.proxyRef",
		breaks: ({ apply }) => apply(stack("shop", {}), tenant("acme", { proxyRef: { name: "shop" } })),
	}),
	ofTenant("not-let-in", "NoMatchingShard", {
		remedy: "edit prismnamespace",
		breaks: async ({ apply, line, namespace }) => {
			const home = `${namespace}-shards`;
			await line.apply({ ...shard("live"), metadata: { name: "live", namespace: home } });
			await apply(tenant("acme", { shard: { namespace: home } }));
		},
	}),
	ofTenant("beyond-a-ceiling", "NotPermitted", {
		remedy: "edit prismnamespace",
		breaks: async ({ apply, line, namespace }) => {
			const home = `${namespace}-shards`;
			const open = shard("live", { allowedNamespaces: { from: "All", ceilings: { maxKeys: 10 } } });
			await line.apply({ ...open, metadata: { name: "live", namespace: home } });
			await apply(tenant("acme", { shard: { namespace: home }, quotas: { maxKeys: 11 } }));
		},
	}),
	{
		name: "proxies-of-a-tenant",
		about: ACME,
		shownBy: "Pod shop-proxy-",
		word: "CrashLoopBackOff",
		remedy: "logs",
		breaks: ({ apply }) =>
			apply(
				stack("shop", { proxy: { replicas: 1, image: image("crashing") } }),
				tenant("acme", { proxyRef: { name: "shop-proxy" } }),
			),
	},
	{
		name: "remote-plugin",
		about: ["PrismPlugin", "clickhouse"],
		shownBy: "Pod ",
		word: "ImagePullBackOff",
		remedy: "edit prismplugin",
		breaks: ({ apply }) => apply(plugin("clickhouse", { version: "broken", deployment: { type: "remote" } })),
	},
	ofTenant("closed", "NotAccepting", {
		remedy: "get prismshards",
		breaks: ({ apply }) => apply(shard("live", { accepting: false }), tenant("acme")),
	}),
	ofTenant("full", "NotAccepting", {
		remedy: "get prismshards",
		breaks: async ({ apply, ready, line, namespace }) => {
			await apply(shard("live", { capacity: { maxNamespaces: 1 } }), tenant("globex"));
			await ready("PrismNamespace", "globex");
			await eventually(
				async () => expect(valueAt(await line.get("PrismShard", "live", namespace), "status", "full")).toBe(true),
				READY_SECONDS,
			);
			await apply(tenant("acme"));
		},
	}),
	ofTenant("identifier", "NamespaceIdTaken", {
		shownBy: "PrismNamespace globex",
		remedy: "prism why",
		breaks: async ({ apply, ready }) => {
			await apply(shard("live"), tenant("globex", { namespaceId: "one" }));
			await ready("PrismNamespace", "globex");
			await apply(tenant("acme", { namespaceId: "one" }));
		},
	}),
	{
		name: "image-of-a-shard",
		about: ACME,
		reason: "InstancesNotReady",
		shownBy: "Pod prism-live-0",
		word: "ImagePullBackOff",
		remedy: "edit prismshard",
		field: "spec.image",
		breaks: ({ apply }) => apply(shard("live", { image: image("broken") }), tenant("acme")),
	},
	ofTenant("proxies-refuse", "ProvisioningRefused", {
		shownBy: "Pod prism-live-0",
		word: "Refused",
		remedy: "logs",
		breaks: async (broken) => {
			await broken.apply(shard("live"));
			await broken.ready("PrismShard", "live");
			for (const { faults } of await proxiesOf(broken, "prism-live"))
				faults.set("ControlPlane", { kind: "refusing", message: "no room on this disk" });
			await broken.apply(tenant("acme"));
		},
	}),
	ofTenant("proxies-hang", "InstancesUnreachable", {
		shownBy: "Pod prism-live-0",
		word: "InstancesUnreachable",
		remedy: "logs",
		breaks: async (broken) => {
			await broken.apply(shard("live"));
			await broken.ready("PrismShard", "live");
			for (const { faults } of await proxiesOf(broken, "prism-live")) faults.set("*", { kind: "hanging" });
			await broken.apply(tenant("acme"));
		},
	}),
	ofTenant("expired", "Expired", {
		remedy: "edit prismnamespace",
		field: "spec.ttl",
		breaks: ({ apply }) => apply(shard("live"), tenant("acme", { ttl: "1s" })),
	}),
	{
		name: "shard-with-namespaces-goes",
		about: ["PrismShard", "live"],
		reason: "NamespacesRemain",
		shownBy: "PrismNamespace acme",
		word: "NamespacesRemain",
		remedy: "prism why",
		breaks: async ({ apply, ready, remove }) => {
			await apply(shard("live"), tenant("acme"));
			await ready("PrismNamespace", "acme");
			await remove("PrismShard", "live");
		},
	},
	{
		name: "foreign-finalizer",
		about: RUNNER,
		shownBy: "PatternRunner orders",
		word: "Finalizers",
		remedy: "patch patternrunner",
		breaks: async (broken) => {
			await broken.apply(runner("orders"));
			await hold(broken, "PatternRunner", "orders");
			await broken.remove("PatternRunner", "orders");
		},
	},
	{
		name: "kubernetes-namespace-goes",
		about: RUNNER,
		shownBy: "PatternRunner orders",
		word: "Finalizers",
		remedy: "patch patternrunner",
		breaks: async (broken) => {
			await broken.apply(runner("orders"));
			await hold(broken, "PatternRunner", "orders");
			const namespaces = await broken.line.resource("Namespace");
			await broken.line.cluster.store.delete(namespaces, undefined, broken.namespace);
		},
	},
	{
		name: "plugin-in-use-goes",
		about: ["PrismPlugin", "clickhouse"],
		reason: "PluginInUse",
		shownBy: "PrismShard live",
		word: "PluginInUse",
		remedy: "edit prismshard",
		field: "spec.plugins",
		breaks: async ({ apply, ready, remove }) => {
			await apply(
				plugin("clickhouse", { version: "1.0.0" }),
				shard("live", { backends: ["clickhouse"], plugins: [{ name: "clickhouse" }] }),
			);
			await ready("PrismShard", "live");
			await remove("PrismPlugin", "clickhouse");
		},
	},
	{
		name: "rolled-back",
		about: ["PrismPlugin", "clickhouse"],
		shownBy: "PrismShard live",
		word: "RolledBack",
		remedy: "edit prismplugin",
		field: "spec.version",
		breaks: async ({ apply, edit, line, namespace }) => {
			await apply(
				plugin("clickhouse", { version: "1.0.0", ...ROLLOUT }),
				shard("live", { backends: ["clickhouse"], plugins: [{ name: "clickhouse" }] }),
			);
			await eventually(async () => {
				const { status } = await line.get("PrismPlugin", "clickhouse", namespace);
				expect(valueAt(status, "lastGoodVersion")).toBe("1.0.0");
			}, READY_SECONDS);
			await edit("PrismPlugin", "clickhouse", { version: "broken" });
		},
	},
	{
		name: "pinned-version-of-a-plugin",
		about: ["PrismShard", "live"],
		shownBy: "Pod prism-live-0",
		word: "ImagePullBackOff",
		remedy: "edit prismshard",
		field: "spec.plugins[name=clickhouse].version",
		breaks: ({ apply }) =>
			apply(
				plugin("clickhouse", { version: "1.0.0" }),
				shard("live", { backends: ["clickhouse"], plugins: [{ name: "clickhouse", version: "broken" }] }),
			),
	},
	{
		name: "pod-held-by-a-finalizer",
		about: ["PrismShard", "live"],
		shownBy: "Pod prism-live-0",
		word: "Finalizers",
		remedy: "patch pod",
		breaks: async (broken) => {
			await broken.apply(shard("live"));
			await broken.ready("PrismShard", "live");
			await hold(broken, "Pod", "prism-live-0");
			await broken.remove("Pod", "prism-live-0");
		},
	},
	ofTenant("control-plane-of-another-namespace", "NotAccepting", {
		remedy: "edit prismstack",
		field: "spec.allowedNamespaces.unverified",
		breaks: async ({ apply, line, namespace }) => {
			const home = `${namespace}-proxies`;
			const open = stack("shop", { admin: { enabled: true }, allowedNamespaces: { from: "All" } });
			await line.apply({ ...open, metadata: { name: "shop", namespace: home } });
			await apply(ours("PrismNamespace", "acme", { proxyRef: { name: "shop-proxy", namespace: home } }));
		},
	}),
	{
		name: "plugin-missing",
		about: ["PrismShard", "live"],
		shownBy: "Pod prism-live-0",
		word: "ImagePullBackOff",
		remedy: "describe pod",
		breaks: ({ apply }) =>
			apply(
				shard("live", {
					image: image("broken"),
					backends: ["clickhouse"],
					plugins: [{ name: "clickhouse", version: "1.0.0" }],
				}),
			),
	},
];

// ── What nobody serves ──────────────────────────────────────────────────────────────────────────────────────────────

const UNSERVED: readonly Breakage[] = [
	{
		name: "shard-at-zero",
		about: ACME,
		reason: "InstancesNotReady",
		shownBy: "PrismShard live",
		word: "ScaledToZero",
		remedy: "scale prismshard/live",
		field: "spec.replicas",
		breaks: ({ apply }) => apply(shard("live", { replicas: 0 }), tenant("acme")),
	},
	{
		name: "stack-at-zero",
		about: ACME,
		reason: "InstancesNotReady",
		shownBy: "PrismStack shop",
		word: "ScaledToZero",
		remedy: "edit prismstack",
		field: "spec.proxy.replicas",
		breaks: ({ apply }) =>
			apply(stack("shop", { proxy: { replicas: 0 } }), tenant("acme", { proxyRef: { name: "shop-proxy" } })),
	},
	ofRunner(
		"cordoned",
		{ runnerSpec: { nodeSelector: { "kubernetes.io/hostname": "node-8" } } },
		{
			word: "Unschedulable",
			remedy: "get nodes",
			prepare: ({ line }) =>
				line.change("Node", "node-8", (node) => ({
					...node,
					spec: { ...(node["spec"] as Spec), unschedulable: true },
				})),
		},
	),
	// The error of a webhook names neither the child nor the parent.
	{
		name: "webhook-on-services-down",
		about: ["PrismShard", "live"],
		reason: "ChildRefused",
		shownBy: "Service prism-live",
		word: "AdmissionWebhook",
		remedy: LOOK_AT_WEBHOOKS,
		breaks: async (broken) => {
			await webhook(broken, ["", "services"]);
			await broken.apply(shard("live"));
		},
	},
];

export const BREAKAGES: readonly Breakage[] = [
	...PODS_BREAK,
	...UNCREATED,
	...REJECTED,
	...BACKENDS,
	...PLACES,
	...UNSERVED,
];

/** All of them begin at once, on a machine that may be busy. */
const READY_SECONDS = 150;

/** A place for one breakage on the line that all of them share. */
export const brokenOn = (line: Line, namespace: string): Broken => ({
	line,
	namespace,
	apply: async (...objects) => {
		for (const object of objects) await line.apply({ ...object, metadata: { ...object.metadata, namespace } });
	},
	ready: (kind, name) =>
		eventually(async () => {
			const object = await line.get(kind, name, namespace);
			expect(isReady(object), `${kind} ${name}: ${reasonOf(object)}`).toBe(true);
		}, READY_SECONDS),
	edit: (kind, name, fields) => line.edit(kind, name, (spec) => ({ ...spec, ...fields }), namespace),
	remove: async (kind, name) => line.cluster.store.delete(await line.resource(kind), namespace, name),
});

/** One node that takes nobody: the others are for all. */
export const taintOneNode = (line: Line): Promise<unknown> =>
	line.change("Node", "node-9", (node) => ({
		...node,
		spec: { ...(node["spec"] as Spec), taints: [{ key: "dedicated", value: "others", effect: "NoSchedule" }] },
	}));

/** Of Ready. */
export const reasonOf = (object: KubeObject): string | undefined => conditionOf(object, "Ready")?.reason;
