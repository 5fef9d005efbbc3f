import { podField } from "../../kube/container.ts";
import { numericUser } from "../../kube/identity.ts";
import { lastSent } from "../../kube/last-sent.ts";
import { serviceHost } from "../../kube/names.ts";
import { type GuardedPort, networkPolicy } from "../../kube/network-policy.ts";
import { canonicalJson, contentHash, observedOf, recordsAt, stamped, valueAt } from "../../kube/object.ts";
import { isUsable } from "../../kube/ownership.ts";
import { type EnvVar, podTemplate } from "../../kube/pod.ts";
import { podDisruptionBudget } from "../../kube/pod-disruption-budget.ts";
import { registration } from "../../kube/registration.ts";
import { defaultResources, recording } from "../../kube/resources.ts";
import { leastPods, remembering } from "../../kube/scaling.ts";
import { keepsApart } from "../../kube/selectors.ts";
import { afterLeaving, afterLeavingWithin, atOnce, type Termination } from "../../kube/termination.ts";
import type { Deployment, NetworkPolicy, PodTemplate, Service, ServiceMonitor, StatefulSet } from "../../kube/types.ts";
import {
	claimsOf,
	claimTemplate,
	configMap,
	deployment,
	headlessService,
	isSpread,
	service,
	statefulSet,
	withoutReplicas,
	withoutSpec,
} from "../../kube/workload.ts";
import type { KubeObject, ObjectMeta } from "../../schemas/common.ts";
import type { CompositeRequest, ObjectMap } from "../../schemas/metacontroller.ts";
import type { Resources } from "../../schemas/placement.ts";
import { TCP_PROBE } from "../../schemas/pods.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import {
	API_VERSION,
	CONFIG_CHECKSUM_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	RESTARTED_AT_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { backendConfigChild, patternRunnerChild, prismNamespaceChild } from "./parts.ts";
import { type ComponentPlan, containerName, metricsPortName, RAFT_PORT, type StackPlan } from "./plan.ts";
import { adminConfiguration, adminFolder, adminMounts, DATA_VOLUME, memberVariables } from "./records.ts";
import { isControlPlaneTaken, type Seen, stackRoster } from "./roster.ts";
import { proxyAutoscaler, proxyCount } from "./scaling.ts";

/** All children of a stack, as they are to be sent. */
export const childrenOf = (plan: StackPlan, seen: Seen): KubeObject[] => {
	const { request, now } = seen;
	const { children: observed } = request;
	const known = { plan, request, now };
	return [
		...component(known, plan.proxy),
		proxyAutoscaler(metadata(plan, plan.proxy), plan.proxy),
		headless(plan, plan.proxy, plan.headless),
		proxyServiceMonitor(plan),
		...(plan.admin === undefined ? [] : component(known, plan.admin)),
		...(plan.spec.patterns ?? []).map((pattern) => patternRunnerChild(plan, pattern, observed)),
		...(plan.spec.backends ?? []).map((backend) => backendConfigChild(plan, backend, observed)),
		stackRoster(plan, seen),
		...(plan.spec.namespaces ?? []).map((entry) => prismNamespaceChild(plan, entry, observed)),
	]
		.filter((child) => child !== undefined)
		.map((child) => rememberingCount(known, stamped(child, DESIRED_HASH_ANNOTATION, fixedFor(plan, child))));
};

/** Claims of a StatefulSet can't be changed: it goes on with those that it has. An autoscaler owns the count of proxies. */
const fixedFor = ({ proxy }: StackPlan, child: KubeObject) =>
	isProxies(proxy, child) && proxy.sizing.autoscaling !== undefined
		? withoutReplicas
		: withoutSpec("volumeClaimTemplates");

const isProxies = ({ name }: ComponentPlan, { kind, metadata: { name: own } }: KubeObject): boolean =>
	kind === "Deployment" && own === name;

const rememberingCount = ({ plan, request }: Known, child: KubeObject): KubeObject =>
	isProxies(plan.proxy, child)
		? remembering(child, proxyCount(plan, request), observedOf(request.children, child))
		: child;

/** What the children of proxy and admin are made of. */
interface Known {
	readonly plan: StackPlan;
	readonly request: CompositeRequest;
	readonly now: string;
}

const metadata = (plan: StackPlan, own: ComponentPlan, name = own.name): ObjectMeta => ({
	name,
	namespace: plan.namespace,
	labels: { ...own.labels },
});

/** What proxy and admin have in common. */
const component = (known: Known, own: ComponentPlan): KubeObject[] => {
	const { plan } = known;
	const there = observedWorkload(known, own);
	const folder = adminFolder(own, there, plan.restartedAt);
	const config = { ...configuration(known, own), ...(folder !== undefined && adminConfiguration(plan, own, folder)) };
	return [
		workload({
			plan,
			own,
			there,
			replicas: replicasOf(known, own),
			config,
			folder,
			controlPlane: controlPlaneOf(known),
		}),
		componentService(plan, own),
		headless(plan, own, own.records?.headless),
		configMap(metadata(plan, own), { [CONFIG_FILE]: `${canonicalJson(config)}\n` }),
		podDisruptionBudget(metadata(plan, own), own.selector),
		componentPolicy(plan, own),
	].filter((child) => child !== undefined);
};

/** The control plane serves nothing but its admin API. */
const componentPolicy = (plan: StackPlan, own: ComponentPlan): NetworkPolicy | undefined => {
	const sibling = own.component === "proxy" ? plan.admin : plan.proxy;
	return networkPolicy({
		metadata: metadata(plan, own),
		selector: own.selector,
		spec: plan.spec.networkPolicy,
		ports: [
			...own.ports.map(({ name, port }): GuardedPort => {
				if (name === "metrics") return { port, audience: "metrics" };
				return { port, audience: name === "admin" || own.component === "admin" ? "admin" : "clients" };
			}),
			...(own.ports.some(({ name }) => name === "metrics") || plan.metricsPort === undefined
				? []
				: [{ port: plan.metricsPort, audience: "metrics" } as const]),
			...(own.records?.members === undefined ? [] : [{ port: RAFT_PORT.port, audience: "own" } as const]),
		],
		siblings: sibling === undefined ? [] : [sibling.selector],
		installation: plan.installation,
	});
};

const CONFIG_FILE = "config.json";
const CONFIG_PATH = "/etc/prism/config";

/** Seconds that a new proxy gets to receive its namespaces, which the operator pushes once the proxy is ready. */
const TELLING_SECONDS = 5;

const observedWorkload = ({ plan, request }: Known, own: ComponentPlan): KubeObject | undefined => {
	const kind = own.records === undefined ? "Deployment" : "StatefulSet";
	return observedOf(request.children, { apiVersion: "apps/v1", kind, metadata: metadata(plan, own) });
};

/** What a component's pods are made of. */
interface Workload {
	readonly plan: StackPlan;
	readonly own: ComponentPlan;
	readonly there: KubeObject | undefined;
	readonly replicas: number;
	readonly config: object;
	/** Folder that the control plane can write; undefined: its pods have none. */
	readonly folder: string | undefined;
	/** host:port where proxies register; undefined: nowhere. */
	readonly controlPlane: string | undefined;
}

const workload = (parts: Workload): Deployment | StatefulSet => {
	const { plan, own, there, replicas } = parts;
	const byDefault = defaultResources(there, plan.installation, plan.restartedAt);
	const common = {
		metadata: recording(metadata(plan, own), byDefault),
		replicas,
		selector: own.selector,
		template: componentPods(parts, byDefault),
	};
	if (own.records !== undefined) {
		return statefulSet({
			...common,
			serviceName: own.records.headless,
			claims: claimsOf(there, claimTemplate(DATA_VOLUME, own.records)),
			retention: { whenDeleted: "Retain", whenScaled: "Retain" },
		});
	}
	const isTold = own.component === "proxy" && plan.admin === undefined;
	return deployment({
		...common,
		// Two control planes at once would each have half of the records.
		strategy: own.component === "admin" ? "Recreate" : "RollingUpdate",
		replacesInPlace: leastOf(plan, own) > 1 && keepsApart(own.placement.affinity, own.labels),
		minReadySeconds: isTold ? TELLING_SECONDS : undefined,
	});
};

const replicasOf = ({ plan, request }: Known, own: ComponentPlan): number =>
	own === plan.proxy ? proxyCount(plan, request).replicas : own.spec.replicas;

/** Least number of its pods that there may be. */
const leastOf = ({ proxy }: StackPlan, own: ComponentPlan): number =>
	own === proxy ? leastPods(proxy.sizing) : own.spec.replicas;

const componentPods = (
	{ plan, own, there, config, folder, controlPlane }: Workload,
	byDefault: Resources | undefined,
): PodTemplate => {
	const { imagePullPolicy, podSecurity } = own.spec;
	const { installation } = plan;
	const { preStopSeconds, graceSeconds } = terminationOf(plan, own, byDefault);
	const registered = own.component === "proxy" ? registration({ installation, byDefault, controlPlane }) : undefined;
	return podTemplate({
		container: {
			name: containerName(own),
			image: own.image,
			imagePullPolicy,
			args: registered?.args ?? (folder === undefined ? [] : ["serve", `--config=${CONFIG_PATH}/${CONFIG_FILE}`]),
			referringArgs: registered?.referringArgs,
			env: [...environment(plan), ...(registered?.env ?? [])],
			referring: memberVariables(plan, own),
			ports: own.records?.members === undefined ? own.ports : [...own.ports, RAFT_PORT],
			added: own.spec,
			probe: own.spec.probe ?? TCP_PROBE,
			mounts: [
				{ name: "config", mountPath: CONFIG_PATH, source: { configMap: { name: own.name } } },
				...adminMounts(own, folder),
			],
			preStopSeconds,
		},
		labels: own.labels,
		annotations: {
			[CONFIG_CHECKSUM_ANNOTATION]: contentHash(config),
			[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
		},
		selector: own.selector,
		placement: own.placement,
		byDefault,
		security: {
			...podSecurity,
			...(folder !== undefined && { runAsUser: numericUser(podSecurity, plan.installation) }),
			...(own.records !== undefined && { fsGroup: own.records.fsGroup }),
		},
		imagePullSecrets: plan.spec.imagePullSecrets,
		terminationGracePeriodSeconds: graceSeconds,
		spread: isSpread(there),
	});
};

const terminationOf = (
	{ installation }: StackPlan,
	own: ComponentPlan,
	byDefault: Resources | undefined,
): Termination => {
	const { terminationGracePeriodSeconds: seconds } = own.spec;
	if (own.component === "admin") return atOnce(seconds);
	return byDefault === undefined ? afterLeavingWithin(seconds) : afterLeaving(seconds, installation);
};

const environment = (plan: StackPlan): EnvVar[] => [
	{ name: "PRISM_STACK", value: plan.name },
	{ name: "PRISM_CONFIG_FILE", value: `${CONFIG_PATH}/${CONFIG_FILE}` },
	{ name: "PRISM_POD_NAME", valueFrom: { fieldRef: podField("metadata.name") } },
	...(plan.tracingEndpoint === undefined ? [] : [{ name: "PRISM_TRACING_ENDPOINT", value: plan.tracingEndpoint }]),
	...(plan.metricsPort === undefined ? [] : [{ name: "PRISM_METRICS_PORT", value: String(plan.metricsPort) }]),
];

const componentService = (plan: StackPlan, own: ComponentPlan): Service => {
	const { service: exposure = {} } = own.spec;
	return service({
		metadata: {
			...metadata(plan, own),
			...(exposure.annotations !== undefined && { annotations: exposure.annotations }),
		},
		type: exposure.type ?? "ClusterIP",
		selector: own.selector,
		ports: own.servicePorts,
		exposure,
	});
};

/** Addresses of the pods themselves: each proxy has an admin API of its own, and members of a cluster look each other up. */
const headless = (plan: StackPlan, own: ComponentPlan, name: string | undefined): Service | undefined =>
	name === undefined
		? undefined
		: headlessService({
				metadata: metadata(plan, own, name),
				selector: own.selector,
				ports: own.headlessPorts,
			});

/** The component's configuration file. No credentials are in it: backends reach the runners, never the proxy. */
const configuration = (known: Known, own: ComponentPlan): Record<string, unknown> => {
	const { plan } = known;
	const controlPlane = controlPlaneOf(known);
	return {
		stack: plan.name,
		port: own.port,
		...(own.component === "proxy" && { adminPort: plan.spec.proxy.adminPort, patterns: patternAddresses(known) }),
		...(own.component === "proxy" && controlPlane !== undefined && { controlPlane }),
		...(plan.metricsPort !== undefined && { metrics: { port: plan.metricsPort } }),
		...(plan.tracingEndpoint !== undefined && { tracing: { endpoint: plan.tracingEndpoint } }),
	};
};

const controlPlaneOf = ({ plan, request }: Known): string | undefined =>
	isControlPlaneTaken(request) ? undefined : plan.admin?.address;

/** The runners that are the stack's own: another object may have a runner's name, and be reached under it. */
const patternAddresses = ({ plan, request, now }: Known) => {
	const { spec, namespace } = plan;
	const before = listedPatterns(plan, request.children);
	const isOwn = ({ name }: Pattern): boolean =>
		isUsable({
			parent: request.parent,
			observed: request.children,
			child: { apiVersion: API_VERSION, kind: "PatternRunner", metadata: { name, namespace } },
			before: before.includes(name),
			now,
		});
	return (spec.patterns ?? [])
		.filter((pattern) => pattern.service.type !== "None" && isOwn(pattern))
		.map((pattern) => ({
			name: pattern.name,
			pattern: pattern.type,
			backend: pattern.backend,
			address: `${serviceHost(pattern.name, namespace, plan.installation.clusterDomain)}:${pattern.service.port}`,
		}))
		.toSorted((left, right) => (left.name < right.name ? -1 : 1));
};

type Pattern = NonNullable<PrismStackSpec["patterns"]>[number];

/** Names of the patterns that the proxies were configured with. */
const listedPatterns = (plan: StackPlan, observed: ObjectMap): unknown[] => {
	const config = observedOf(observed, { apiVersion: "v1", kind: "ConfigMap", metadata: metadata(plan, plan.proxy) });
	const text = config && valueAt(lastSent(config), "data", CONFIG_FILE);
	if (typeof text !== "string") return [];
	try {
		return recordsAt(JSON.parse(text), "patterns").map(({ name }) => name);
	} catch {
		return [];
	}
};

/** Where the cluster has the Prometheus operator: scrape proxy, admin and runners of this stack. */
const proxyServiceMonitor = (plan: StackPlan): ServiceMonitor | undefined =>
	plan.serviceMonitor
		? {
				apiVersion: "monitoring.coreos.com/v1",
				kind: "ServiceMonitor",
				metadata: metadata(plan, plan.proxy, plan.name),
				spec: {
					selector: { matchLabels: { stack: plan.name } },
					endpoints: [{ port: metricsPortName(plan.proxy), path: "/metrics" }],
				},
			}
		: undefined;
