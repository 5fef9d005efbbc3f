import { horizontalPodAutoscaler, podDisruptionBudget } from "../../kube/availability.ts";
import { podField } from "../../kube/container.ts";
import { held } from "../../kube/hold.ts";
import { serviceHost } from "../../kube/names.ts";
import { networkPolicy } from "../../kube/network-policy.ts";
import { canonicalJson, stamped } from "../../kube/object.ts";
import { type EnvVar, type InitPlan, type Mount, podTemplate, type SidecarPlan } from "../../kube/pod.ts";
import { registration } from "../../kube/registration.ts";
import { defaultResources, recording } from "../../kube/resources.ts";
import { countOf } from "../../kube/rollout.ts";
import { type PodCount, podCount, remembering } from "../../kube/scaling.ts";
import { afterLeaving, afterLeavingWithin } from "../../kube/termination.ts";
import type {
	ConfigMap,
	HorizontalPodAutoscaler,
	Ingress,
	NetworkPolicy,
	PodDisruptionBudget,
	PodTemplate,
	Secret,
	Service,
} from "../../kube/types.ts";
import {
	claimsOf,
	claimTemplate,
	configMap,
	headlessService,
	ingress,
	isSpread,
	secret,
	service,
	statefulSet,
	withoutSpec,
} from "../../kube/workload.ts";
import type { Metric } from "../../schemas/autoscaling.ts";
import type { KubeObject, ObjectMeta } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { Resources } from "../../schemas/placement.ts";
import { TCP_PROBE } from "../../schemas/pods.ts";
import {
	CONFIG_CHECKSUM_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	PLUGIN_VERSIONS_ANNOTATION,
	RESTARTED_AT_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { observedSet, pluginContainer, pluginVariable } from "./observed.ts";
import { CONFIG_FILE, DATA_FOLDER, PROXY_CONTAINER, type ShardPlan } from "./plan.ts";
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
		shardPolicy(plan),
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

const COPY_RESOURCES: Resources = { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } };

/** Built from the plan, or held as observed while it is not known which plugins its pods are to have. */
const shardSet = (plan: ShardPlan, request: CompositeRequest): KubeObject | undefined => {
	const there = observedSet(request);
	if (plan.waiting.length > 0) return there && held(there);
	const { storage } = plan.spec;
	const count = shardCount(plan, request);
	const byDefault = defaultResources(there, plan.installation, plan.restartedAt);
	const object = statefulSet({
		metadata: recording(metadata(plan), byDefault),
		replicas: count.replicas,
		serviceName: plan.names.headless,
		selector: plan.selector,
		claims: claimsOf(
			there,
			claimTemplate(DATA_VOLUME, { size: plan.storageSize, storageClassName: storage.storageClassName }),
		),
		retention: storage.retention,
		template: shardPods(plan, there, byDefault),
	});
	const own = plan.sizing.autoscaling !== undefined ? ["volumeClaimTemplates", "replicas"] : ["volumeClaimTemplates"];
	return remembering(stamped(object, DESIRED_HASH_ANNOTATION, withoutSpec(...own)), count, there);
};

/** How many pods the shard is to have. */
export const shardCount = ({ sizing }: ShardPlan, request: CompositeRequest): PodCount =>
	podCount({
		sizing,
		path: "spec",
		had: countOf(request.parent["status"], "replicas"),
		observed: observedSet(request),
	});

const shardPods = (plan: ShardPlan, there: KubeObject | undefined, byDefault: Resources | undefined): PodTemplate => {
	const { imagePullPolicy, imagePullSecrets = [], podSecurity, terminationGracePeriodSeconds } = plan.spec;
	const { preStopSeconds, graceSeconds } =
		byDefault === undefined
			? afterLeavingWithin(terminationGracePeriodSeconds)
			: afterLeaving(terminationGracePeriodSeconds, plan.installation);
	const registered = registration({ installation: plan.installation, byDefault, controlPlane: undefined });
	const secrets = [...imagePullSecrets, ...plan.plugins.flatMap(({ pullSecrets }) => pullSecrets)];
	return podTemplate({
		container: {
			name: PROXY_CONTAINER,
			image: plan.image,
			imagePullPolicy,
			args: registered.args,
			referringArgs: registered.referringArgs,
			env: [...environment(plan), ...registered.env],
			ports: plan.ports,
			added: plan.spec,
			probe: plan.spec.probe ?? TCP_PROBE,
			mounts: mounts(plan),
			preStopSeconds,
		},
		sidecars: pluginsAs(plan, "sidecar").map((plugin) => ({
			...sidecar(plugin),
			// The proxy still calls it. Those that were made before did not wait.
			preStopSeconds: byDefault === undefined ? undefined : preStopSeconds,
		})),
		init: pluginsAs(plan, "in-process").map((plugin) => libraryCopy(plugin, byDefault !== undefined)),
		labels: plan.labels,
		annotations: {
			[CONFIG_CHECKSUM_ANNOTATION]: plan.config.checksum,
			[PLUGIN_VERSIONS_ANNOTATION]: pluginVersions(plan),
			[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
		},
		selector: plan.selector,
		placement: plan.placement,
		byDefault,
		security: { ...podSecurity, fsGroup: plan.fsGroup },
		imagePullSecrets: secrets.filter(({ name }, index) => secrets.findIndex((other) => other.name === name) === index),
		terminationGracePeriodSeconds: graceSeconds,
		spread: isSpread(there),
	});
};

const environment = ({ name, names, plugins, installation }: ShardPlan): EnvVar[] => [
	{ name: "PRISM_SHARD", value: name },
	{ name: "PRISM_CONFIG_FILE", value: `${CONFIG_FOLDER}/${CONFIG_FILE}` },
	{ name: "PRISM_POD_NAME", valueFrom: { fieldRef: podField("metadata.name") } },
	...plugins.map(({ name: plugin, form, port }) => {
		if (form === "in-process") return { name: pluginVariable(plugin, "PATH"), value: `${LIBRARIES.proxy}/${plugin}` };
		const host =
			form === "sidecar"
				? "localhost"
				: serviceHost(pluginService(plugin), names.namespace, installation.clusterDomain);
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
	added: plugin.added,
	resources: plugin.resources,
	mounts: [],
});

/**
 * Copies the library out of the plugin's image, into a volume that the proxy sees. In pods that were made before there were defaults, it
 * goes on without the plugin's own resources, which were not used for it.
 */
const libraryCopy = (plugin: LocalPlugin, takesOwn: boolean): InitPlan => ({
	name: pluginContainer(plugin.name),
	image: plugin.image,
	imagePullPolicy: plugin.pullPolicy,
	command: ["cp", "-r", "/plugin/.", `${LIBRARIES.copy}/${plugin.name}/`],
	resources: (takesOwn ? plugin.resources : undefined) ?? COPY_RESOURCES,
	mounts: [{ name: LIBRARIES.volume, mountPath: LIBRARIES.copy, source: { emptyDir: {} }, access: "write" }],
});

/** Kept on the pods, so that the version which they have can be told from what is observed. */
const pluginVersions = ({ plugins }: ShardPlan): string | undefined => {
	const versions = plugins.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version] as const]));
	return versions.length === 0 ? undefined : canonicalJson(Object.fromEntries(versions));
};

// ── Around it ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Clients' port, and nothing else: what reaches beyond the cluster must not offer the admin API or metrics. */
const shardService = (plan: ShardPlan): Service => {
	const { type, annotations } = plan.spec.exposure;
	return service({
		metadata: metadata(plan, plan.names.base, type === "Ingress" ? undefined : annotations),
		type: type === "LoadBalancer" ? "LoadBalancer" : "ClusterIP",
		selector: plan.selector,
		ports: plan.ports.filter(({ name }) => name === "grpc"),
		exposure: plan.spec.exposure,
	});
};

/** Addresses of the pods themselves, each with an admin API and metrics of its own. */
const shardHeadlessService = (plan: ShardPlan): Service =>
	headlessService({
		metadata: metadata(plan, plan.names.headless),
		selector: plan.selector,
		ports: plan.ports.filter(({ name }) => name !== "grpc"),
	});

const shardConfig = (plan: ShardPlan): ConfigMap | Secret => {
	const build = plan.config.kind === "Secret" ? secret : configMap;
	return build(metadata(plan), plan.config.data);
};

const shardBudget = (plan: ShardPlan): PodDisruptionBudget => podDisruptionBudget(metadata(plan), plan.selector);

const shardPolicy = (plan: ShardPlan): NetworkPolicy | undefined => {
	const { port, adminPort, metricsPort, networkPolicy: spec } = plan.spec;
	return networkPolicy({
		metadata: metadata(plan),
		selector: plan.selector,
		spec,
		ports: [
			{ port, audience: "clients" },
			{ port: adminPort, audience: "admin" },
			{ port: metricsPort, audience: "metrics" },
		],
		siblings: [],
		installation: plan.installation,
	});
};

/** Name of the metric that each pod tells, and that the metrics API must know. */
const LOAD_METRIC = "prism_requests_per_second";

const shardAutoscaler = (plan: ShardPlan): HorizontalPodAutoscaler | undefined => {
	const { autoscaling } = plan.sizing;
	if (autoscaling === undefined) return undefined;
	const { targetRPS, metrics = [] } = autoscaling;
	const load: Metric[] =
		targetRPS === undefined ? [] : [{ name: LOAD_METRIC, source: "Pods", averageValue: targetRPS }];
	return horizontalPodAutoscaler(
		metadata(plan),
		{ kind: "StatefulSet", name: plan.names.base },
		{ ...autoscaling, metrics: [...load, ...metrics] },
	);
};

const shardIngress = (plan: ShardPlan): Ingress | undefined => {
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
