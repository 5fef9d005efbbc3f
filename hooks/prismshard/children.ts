import { horizontalPodAutoscaler, podDisruptionBudget } from "../../kube/availability.ts";
import { held } from "../../kube/hold.ts";
import { canonicalJson, recordsAt, stamped } from "../../kube/object.ts";
import { type EnvVar, type InitPlan, type Mount, podTemplate, type SidecarPlan } from "../../kube/pod.ts";
import {
	claimTemplate,
	configMap,
	echoedReplicas,
	headlessService,
	ingress,
	secret,
	service,
	statefulSet,
	withoutSpec,
} from "../../kube/workload.ts";
import type { KubeObject, ObjectMeta } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { Resources } from "../../schemas/placement.ts";
import type { Probe } from "../../schemas/pods.ts";
import {
	CONFIG_CHECKSUM_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	PLUGIN_VERSIONS_ANNOTATION,
	RESTARTED_AT_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { observedSet, pluginContainer, pluginVariable } from "./observed.ts";
import { CONFIG_FILE, DATA_FOLDER, type ShardPlan } from "./plan.ts";
import { type PluginPlan, pluginService } from "./plugins.ts";

/** All children of a shard but its roster, as they are to be sent. */
export const childrenOf = (plan: ShardPlan, request: CompositeRequest): KubeObject[] => {
	const others = [
		shardService(plan),
		shardHeadlessService(plan),
		shardConfig(plan),
		shardBudget(plan),
		shardAutoscaler(plan),
		shardIngress(plan),
	];
	return [shardSet(plan, request), ...others.map((child) => child && stamped(child, DESIRED_HASH_ANNOTATION))].filter(
		(child) => child !== undefined,
	);
};

const metadata = (
	{ names, labels }: ShardPlan,
	name = names.base,
	annotations?: Record<string, string>,
): ObjectMeta => ({
	name,
	namespace: names.namespace,
	labels: { ...labels },
	...(annotations !== undefined && { annotations }),
});

// ── StatefulSet ─────────────────────────────────────────────────────────────────────────────────────────────────────

const DATA_VOLUME = "data";
const CONFIG_FOLDER = "/etc/prism/config";
/** Folder of the libraries that plugins bring along: of the proxy, and of the container that copies one. */
const LIBRARIES = { volume: "plugins", proxy: "/var/lib/prism-plugins", copy: "/plugins" } as const;

/** How the kubelet checks the proxy: by connecting, since it is not known to serve a health endpoint. */
const TCP_PROBE: Probe = { type: "tcp", periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };
/** Seconds in which clients hear that a proxy goes, before it is told to stop. */
const DRAIN_SECONDS = 5;
/** Group of the volumes, so that a proxy that is not root can write them. */
const FS_GROUP = 65532;
const COPY_RESOURCES: Resources = { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } };

/** Built from the plan, or held as observed while it is not known which plugins its pods are to have. */
const shardSet = (plan: ShardPlan, request: CompositeRequest): KubeObject | undefined => {
	const there = observedSet(request);
	if (plan.waiting.length > 0) return there && held(there);
	const { autoscaling, storage } = plan.spec;
	const autoscaled = autoscaling?.enabled === true;
	const kept = recordsAt(there, "spec", "volumeClaimTemplates");
	const object = statefulSet({
		metadata: metadata(plan),
		replicas: autoscaled ? echoedReplicas(there, initialReplicas(plan)) : plan.spec.replicas,
		serviceName: plan.names.headless,
		selector: plan.selector,
		// They can't be changed, and another API server may have added something else to them.
		claims:
			kept.length > 0
				? kept
				: [claimTemplate(DATA_VOLUME, { size: plan.storageSize, storageClassName: storage.storageClassName })],
		retention: storage.retention,
		template: shardPods(plan),
	});
	const own = autoscaled ? ["volumeClaimTemplates", "replicas"] : ["volumeClaimTemplates"];
	return stamped(object, DESIRED_HASH_ANNOTATION, withoutSpec(...own));
};

/** Where an autoscaled shard starts, before there is a StatefulSet to echo. */
const initialReplicas = ({ spec: { replicas, autoscaling } }: ShardPlan): number =>
	Math.min(Math.max(replicas, autoscaling?.minReplicas ?? 1), autoscaling?.maxReplicas ?? replicas);

const shardPods = (plan: ShardPlan): Record<string, unknown> => {
	const { imagePullPolicy, imagePullSecrets = [], podSecurity, terminationGracePeriodSeconds } = plan.spec;
	const secrets = [...imagePullSecrets, ...plan.plugins.flatMap(({ pullSecrets }) => pullSecrets)];
	return podTemplate({
		container: {
			name: "prism-proxy",
			image: plan.image,
			imagePullPolicy,
			args: [],
			env: environment(plan),
			ports: plan.ports,
			probe: TCP_PROBE,
			mounts: mounts(plan),
			drainSeconds: terminationGracePeriodSeconds > DRAIN_SECONDS ? DRAIN_SECONDS : undefined,
		},
		sidecars: pluginsAs(plan, "sidecar").map(sidecar),
		init: pluginsAs(plan, "in-process").map(libraryCopy),
		labels: plan.labels,
		annotations: {
			[CONFIG_CHECKSUM_ANNOTATION]: plan.config.checksum,
			[PLUGIN_VERSIONS_ANNOTATION]: pluginVersions(plan),
			[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
		},
		selector: plan.selector,
		placement: plan.placement,
		security: { ...podSecurity, fsGroup: podSecurity.fsGroup ?? FS_GROUP },
		imagePullSecrets: secrets.filter(({ name }, index) => secrets.findIndex((other) => other.name === name) === index),
		terminationGracePeriodSeconds,
		plural: plan.leastReplicas > 1,
	});
};

const environment = ({ name, names, plugins }: ShardPlan): EnvVar[] => [
	{ name: "PRISM_SHARD", value: name },
	{ name: "PRISM_CONFIG_FILE", value: `${CONFIG_FOLDER}/${CONFIG_FILE}` },
	{ name: "PRISM_POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
	...plugins.map(({ name: plugin, form, port }) => {
		if (form === "in-process") return { name: pluginVariable(plugin, "PATH"), value: `${LIBRARIES.proxy}/${plugin}` };
		const host = form === "sidecar" ? "localhost" : `${pluginService(plugin)}.${names.namespace}.svc`;
		return { name: pluginVariable(plugin, "ADDRESS"), value: `${host}:${port}` };
	}),
];

const mounts = (plan: ShardPlan): Mount[] => {
	const { base } = plan.names;
	const source = plan.config.kind === "Secret" ? { secret: { secretName: base } } : { configMap: { name: base } };
	return [
		{ name: DATA_VOLUME, mountPath: DATA_FOLDER, source: undefined, access: "write" },
		{ name: "config", mountPath: CONFIG_FOLDER, source },
		...(pluginsAs(plan, "in-process").length === 0
			? []
			: [{ name: LIBRARIES.volume, mountPath: LIBRARIES.proxy, source: { emptyDir: {} } }]),
	];
};

// ── Plugins ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A plugin that runs in the shard's own pods. */
type LocalPlugin = PluginPlan & { readonly image: string };

const isLocal = (plugin: PluginPlan): plugin is LocalPlugin => plugin.image !== undefined;

const pluginsAs = ({ plugins }: ShardPlan, form: PluginPlan["form"]): LocalPlugin[] =>
	plugins.filter((plugin) => plugin.form === form).filter(isLocal);

const sidecar = (plugin: LocalPlugin): SidecarPlan => ({
	name: pluginContainer(plugin.name),
	image: plugin.image,
	imagePullPolicy: plugin.pullPolicy,
	args: [],
	env: [{ name: "PRISM_PLUGIN_PORT", value: String(plugin.port) }],
	// A name of its own: Services find the proxy's ports by theirs.
	ports: [{ name: `plugin-${plugin.port}`, port: plugin.port }],
	probe: plugin.probe,
	resources: plugin.resources,
	mounts: [],
});

/** Copies the library out of the plugin's image, into a volume that the proxy sees. */
const libraryCopy = (plugin: LocalPlugin): InitPlan => ({
	name: pluginContainer(plugin.name),
	image: plugin.image,
	imagePullPolicy: plugin.pullPolicy,
	command: ["cp", "-r", "/plugin/.", `${LIBRARIES.copy}/${plugin.name}/`],
	resources: COPY_RESOURCES,
	mounts: [{ name: LIBRARIES.volume, mountPath: LIBRARIES.copy, source: { emptyDir: {} }, access: "write" }],
});

/** Kept on the pods, so that the version which they have can be told from what is observed. */
const pluginVersions = ({ plugins }: ShardPlan): string | undefined => {
	const versions = plugins.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version] as const]));
	return versions.length === 0 ? undefined : canonicalJson(Object.fromEntries(versions));
};

// ── Around it ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Clients' port, and nothing else: what reaches beyond the cluster must not offer the admin API or metrics. */
const shardService = (plan: ShardPlan): KubeObject => {
	const { type, annotations } = plan.spec.exposure;
	return service({
		metadata: metadata(plan, plan.names.base, type === "Ingress" ? undefined : annotations),
		type: type === "LoadBalancer" ? "LoadBalancer" : "ClusterIP",
		selector: plan.selector,
		ports: plan.ports.filter(({ name }) => name === "grpc"),
	});
};

/** Addresses of the pods themselves, each with an admin API and metrics of its own. */
const shardHeadlessService = (plan: ShardPlan): KubeObject =>
	headlessService({
		metadata: metadata(plan, plan.names.headless),
		selector: plan.selector,
		ports: plan.ports.filter(({ name }) => name !== "grpc"),
	});

const shardConfig = (plan: ShardPlan): KubeObject => {
	const build = plan.config.kind === "Secret" ? secret : configMap;
	return build(metadata(plan), plan.config.data);
};

const shardBudget = (plan: ShardPlan): KubeObject | undefined =>
	plan.leastReplicas > 1 ? podDisruptionBudget(metadata(plan), plan.selector) : undefined;

/** Name of the metric that each pod tells, and that the metrics API must know. */
const LOAD_METRIC = "prism_requests_per_second";

const shardAutoscaler = (plan: ShardPlan): KubeObject | undefined => {
	const { autoscaling } = plan.spec;
	if (autoscaling?.enabled !== true) return undefined;
	const { minReplicas, maxReplicas, targetRPS, behavior } = autoscaling;
	return horizontalPodAutoscaler(
		metadata(plan),
		{ kind: "StatefulSet", name: plan.names.base },
		{
			minReplicas,
			maxReplicas,
			metrics: [{ name: LOAD_METRIC, source: "Pods", averageValue: targetRPS }],
			...(behavior && { behavior }),
		},
	);
};

const shardIngress = (plan: ShardPlan): KubeObject | undefined => {
	const { type, annotations, host, ingressClassName, tlsSecretName } = plan.spec.exposure;
	if (type !== "Ingress" || host === undefined) return undefined;
	return ingress({
		metadata: metadata(plan, plan.names.base, annotations),
		className: ingressClassName,
		host,
		tlsSecret: tlsSecretName,
		service: plan.names.base,
		port: "grpc",
	});
};
