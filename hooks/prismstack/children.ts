import { podDisruptionBudget } from "../../kube/availability.ts";
import { canonicalJson, contentHash, stamped } from "../../kube/object.ts";
import { type EnvVar, podTemplate } from "../../kube/pod.ts";
import { configMap, deployment, headlessService, service } from "../../kube/workload.ts";
import type { KubeObject, ObjectMeta } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { Probe } from "../../schemas/pods.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import {
	CONFIG_CHECKSUM_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	RESTARTED_AT_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { backendConfigChild, patternRunnerChild, prismNamespaceChild } from "./parts.ts";
import { type ComponentPlan, metricsPortName, type StackPlan } from "./plan.ts";
import { stackRoster } from "./roster.ts";

/** All children of a stack, as they are to be sent. */
export const childrenOf = (plan: StackPlan, related: ObjectMap): KubeObject[] =>
	[
		...component(plan, plan.proxy),
		proxyHeadlessService(plan),
		proxyServiceMonitor(plan),
		...(plan.admin === undefined ? [] : component(plan, plan.admin)),
		...(plan.spec.patterns ?? []).map((pattern) => patternRunnerChild(plan, pattern)),
		...(plan.spec.backends ?? []).map((backend) => backendConfigChild(plan, backend)),
		stackRoster(plan, related),
		...(plan.spec.namespaces ?? []).map((entry) => prismNamespaceChild(plan, entry)),
	]
		.filter((child) => child !== undefined)
		.map((child) => stamped(child, DESIRED_HASH_ANNOTATION));

const metadata = (plan: StackPlan, own: ComponentPlan, name = own.name): ObjectMeta => ({
	name,
	namespace: plan.namespace,
	labels: { ...own.labels },
});

/** What proxy and admin have in common. */
const component = (plan: StackPlan, own: ComponentPlan): (KubeObject | undefined)[] => [
	componentDeployment(plan, own),
	componentService(plan, own),
	componentConfig(plan, own),
	componentBudget(plan, own),
];

const CONFIG_FILE = "config.json";
const CONFIG_PATH = "/etc/prism/config";

/** How the kubelet checks proxy and admin: by connecting, since neither is known to serve a health endpoint. */
const TCP_PROBE: Probe = { type: "tcp", periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3 };

/** Seconds in which clients hear that a proxy goes, before it is told to stop. */
const DRAIN_SECONDS = 5;

const componentDeployment = (plan: StackPlan, own: ComponentPlan): KubeObject => {
	const { replicas, imagePullPolicy, podSecurity, terminationGracePeriodSeconds } = own.spec;
	const plural = replicas > 1;
	return deployment({
		metadata: metadata(plan, own),
		replicas,
		selector: own.selector,
		plural,
		template: podTemplate({
			container: {
				name: `prism-${own.component}`,
				image: own.image,
				imagePullPolicy,
				args: [],
				env: environment(plan),
				ports: own.ports,
				probe: TCP_PROBE,
				mounts: [{ name: "config", mountPath: CONFIG_PATH, source: { configMap: { name: own.name } } }],
				drainSeconds:
					own.component === "proxy" && terminationGracePeriodSeconds > DRAIN_SECONDS ? DRAIN_SECONDS : undefined,
			},
			labels: own.labels,
			annotations: {
				[CONFIG_CHECKSUM_ANNOTATION]: contentHash(configuration(plan, own)),
				[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
			},
			selector: own.selector,
			placement: own.placement,
			security: podSecurity,
			imagePullSecrets: plan.spec.imagePullSecrets,
			terminationGracePeriodSeconds,
			plural,
		}),
	});
};

const environment = (plan: StackPlan): EnvVar[] => [
	{ name: "PRISM_STACK", value: plan.name },
	{ name: "PRISM_CONFIG_FILE", value: `${CONFIG_PATH}/${CONFIG_FILE}` },
	{ name: "PRISM_POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
	...(plan.tracingEndpoint === undefined ? [] : [{ name: "PRISM_TRACING_ENDPOINT", value: plan.tracingEndpoint }]),
	...(plan.metricsPort === undefined ? [] : [{ name: "PRISM_METRICS_PORT", value: String(plan.metricsPort) }]),
];

const componentService = (plan: StackPlan, own: ComponentPlan): KubeObject => {
	const { service: exposure } = plan.spec.proxy;
	const isProxy = own.component === "proxy";
	return service({
		metadata: {
			...metadata(plan, own),
			...(isProxy && exposure.annotations !== undefined && { annotations: exposure.annotations }),
		},
		type: isProxy ? exposure.type : "ClusterIP",
		selector: own.selector,
		ports: own.servicePorts,
	});
};

/** Addresses of the proxies themselves, each of which has an admin API of its own. */
const proxyHeadlessService = (plan: StackPlan): KubeObject =>
	headlessService({
		metadata: metadata(plan, plan.proxy, plan.headless),
		selector: plan.proxy.selector,
		ports: plan.proxy.headlessPorts,
	});

const componentConfig = (plan: StackPlan, own: ComponentPlan): KubeObject =>
	configMap(metadata(plan, own), { [CONFIG_FILE]: `${canonicalJson(configuration(plan, own))}\n` });

/** The component's configuration file. No credentials are in it: backends reach the runners, never the proxy. */
const configuration = (plan: StackPlan, own: ComponentPlan): Record<string, unknown> => ({
	stack: plan.name,
	port: own.spec.port,
	...(own.component === "proxy" && { adminPort: plan.spec.proxy.adminPort, patterns: patternAddresses(plan) }),
	...(own.component === "proxy" && plan.admin !== undefined && { controlPlane: plan.admin.address }),
	...(plan.metricsPort !== undefined && { metrics: { port: plan.metricsPort } }),
	...(plan.tracingEndpoint !== undefined && { tracing: { endpoint: plan.tracingEndpoint } }),
});

const patternAddresses = ({ spec, namespace }: StackPlan) =>
	(spec.patterns ?? [])
		.map((pattern: NonNullable<PrismStackSpec["patterns"]>[number]) => ({
			name: pattern.name,
			pattern: pattern.type,
			backend: pattern.backend,
			address: `${pattern.name}.${namespace}.svc:${pattern.service.port}`,
		}))
		.toSorted((left, right) => (left.name < right.name ? -1 : 1));

const componentBudget = (plan: StackPlan, own: ComponentPlan): KubeObject | undefined =>
	own.spec.replicas > 1 ? podDisruptionBudget(metadata(plan, own), own.selector) : undefined;

/** Where the cluster has the Prometheus operator: scrape proxy, admin and runners of this stack. */
const proxyServiceMonitor = (plan: StackPlan): KubeObject | undefined =>
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
