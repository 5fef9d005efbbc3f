import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { derivedName } from "../../kube/names.ts";
import { floatingImage, type NamedPort } from "../../kube/pod.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import { distinctPorts } from "../../kube/workload.ts";
import type { Context } from "../../schemas/installation.ts";
import type { RunnerSpec } from "../../schemas/placement.ts";
import type { PrismStack, PrismStackSpec } from "../../schemas/prismstack.ts";
import { RESTARTED_AT_ANNOTATION, STACK_LABEL } from "../../schemas/vocabulary.ts";

/** A stack with its defaults worked out: what children and status are made of. */
export interface StackPlan {
	readonly name: string;
	readonly namespace: string;
	readonly spec: PrismStackSpec;
	readonly proxy: ComponentPlan;
	/** undefined: no admin control plane. */
	readonly admin: ComponentPlan | undefined;
	readonly tracingEndpoint: string | undefined;
	/** undefined: no metrics. */
	readonly metricsPort: number | undefined;
	readonly serviceMonitor: boolean;
	/** Whatever it says: another value than before restarts the pods of proxy and admin. */
	readonly restartedAt: string | undefined;
	/** Name of the Service of the proxies' own addresses. */
	readonly headless: string;
	readonly warnings: readonly string[];
}

/** The proxies, or the admin control plane. */
export interface ComponentPlan {
	readonly component: "proxy" | "admin";
	/** Name of its Deployment, Service, ConfigMap and budget. */
	readonly name: string;
	readonly spec: PrismStackSpec["proxy"] | PrismStackSpec["admin"];
	readonly image: string;
	readonly labels: Readonly<Record<string, string>>;
	/** The smallest stable set; must not move when spec is edited. */
	readonly selector: Readonly<Record<string, string>>;
	readonly placement: RunnerSpec;
	/** What the container listens on, each port once. */
	readonly ports: readonly NamedPort[];
	/** What its Service offers: clients' port and, unless it reaches beyond the cluster, metrics. */
	readonly servicePorts: readonly NamedPort[];
	/** What the Service of the pods' own addresses offers: each proxy's admin API, and metrics when they are not above. */
	readonly headlessPorts: readonly NamedPort[];
	/** host:port inside the cluster. */
	readonly address: string;
}

/** Name of the proxies: of their Deployment, and of the roster that PrismNamespaces name in proxyRef. */
const proxyName = (stack: string): string => derivedName(stack, "proxy");

/** Name of the Service of the proxies' own addresses; whoever has the roster's name can derive it. */
export const headlessName = (stack: string): string => derivedName(proxyName(stack), "headless");

export const planStack = (stack: PrismStack, context: Context): StackPlan => {
	const { spec } = stack;
	const { name, namespace = "default" } = stack.metadata;
	const { observability } = spec;
	const metricsPort = observability.enabled ? observability.metrics.port : undefined;
	const proxy = planProxy(stack, context, metricsPort);
	const admin = spec.admin.enabled ? planAdmin(stack, context, metricsPort) : undefined;
	return {
		name,
		namespace,
		spec,
		proxy,
		admin,
		tracingEndpoint: observability.enabled ? observability.tracing?.endpoint : undefined,
		metricsPort,
		serviceMonitor: context.installation.serviceMonitors && metricsPort !== undefined,
		restartedAt: stack.metadata.annotations?.[RESTARTED_AT_ANNOTATION],
		headless: headlessName(name),
		warnings: [
			...[proxy, admin].filter((component) => component !== undefined).flatMap(componentWarnings),
			...portListedTwice("spec.proxy.port", spec.proxy.port, metricsPort),
			...(admin === undefined ? [] : portListedTwice("spec.admin.port", spec.admin.port, metricsPort)),
			...backendsNobodyUses(spec),
		],
	};
};

const planProxy = (stack: PrismStack, { installation }: Context, metricsPort: number | undefined): ComponentPlan => {
	const { proxy, affinity } = stack.spec;
	const name = proxyName(stack.metadata.name);
	const isInternal = proxy.service.type === "ClusterIP";
	const ports = distinctPorts([
		{ name: "grpc", port: proxy.port },
		{ name: "admin", port: proxy.adminPort },
		...metrics(metricsPort),
	]);
	return {
		component: "proxy",
		name,
		spec: proxy,
		image: proxy.image ?? `${installation.imageRegistry}/prism-proxy:${installation.imageTag}`,
		...labelsOf(stack, "proxy"),
		placement: {
			...(affinity && { affinity }),
			...(proxy.resources && { resources: proxy.resources }),
			...proxy.runnerSpec,
		},
		ports,
		servicePorts: ports.filter((port) => port.name === "grpc" || (port.name === "metrics" && isInternal)),
		headlessPorts: ports.filter((port) => port.name === "admin" || (port.name === "metrics" && !isInternal)),
		address: `${name}.${stack.metadata.namespace ?? "default"}.svc:${proxy.port}`,
	};
};

const planAdmin = (stack: PrismStack, { installation }: Context, metricsPort: number | undefined): ComponentPlan => {
	const { admin } = stack.spec;
	const name = derivedName(stack.metadata.name, "admin");
	const ports = distinctPorts([{ name: "grpc", port: admin.port }, ...metrics(metricsPort)]);
	return {
		component: "admin",
		name,
		spec: admin,
		image: admin.image ?? `${installation.imageRegistry}/prism-admin:${installation.imageTag}`,
		...labelsOf(stack, "admin"),
		placement: { ...(admin.resources && { resources: admin.resources }), ...admin.runnerSpec },
		ports,
		servicePorts: ports,
		headlessPorts: [],
		address: `${name}.${stack.metadata.namespace ?? "default"}.svc:${admin.port}`,
	};
};

const metrics = (port: number | undefined): NamedPort[] => (port === undefined ? [] : [{ name: "metrics", port }]);

const labelsOf = ({ metadata }: PrismStack, component: "proxy" | "admin") => {
	const selector = { app: `prism-${component}`, [STACK_LABEL]: metadata.name };
	return {
		selector,
		labels: {
			...selector,
			component,
			...recommendedLabels({
				name: `prism-${component}`,
				instance: metadata.name,
				component,
				partOf: "prism",
				managedBy: "prism-operator",
			}),
		},
	};
};

/** Labels of what belongs to a stack and is neither proxy nor admin. */
export const partLabels = (stack: string, component: string): Record<string, string> => ({
	app: "prism",
	[STACK_LABEL]: stack,
	component,
	...recommendedLabels({
		name: `prism-${component}`,
		instance: labelValue(stack),
		component,
		partOf: "prism",
		managedBy: "prism-operator",
	}),
});

/** Name of the BackendConfig of a stack's backend. */
export const backendConfigName = (stack: string, backend: string): string => derivedName(stack, backend);

/** Name of the PrismNamespace of a stack's entry. */
export const namespaceName = (stack: string, entry: string): string => derivedName(stack, entry);

/** Name of the port with the metrics: another's, when that one serves both. */
export const metricsPortName = ({ ports }: ComponentPlan): string =>
	ports.some(({ name }) => name === "metrics") ? "metrics" : "grpc";

// ── Warnings ────────────────────────────────────────────────────────────────────────────────────────────────────────

const componentWarnings = ({ component, image, placement, labels }: ComponentPlan): string[] => [
	...floatingImage(image),
	...idleAntiAffinity(placement.affinity, labels).map(
		(selector) =>
			`the ${component}'s podAntiAffinity selects ${selector}, which matches none of its own pods (labels app=prism-${component}, component=${component})`,
	),
];

/** The API server rejects a Service that lists a port twice; a stack is not stuck because of that. */
const portListedTwice = (field: string, port: number, metricsPort: number | undefined): string[] =>
	port === metricsPort
		? [`spec.observability.metrics.port equals ${field} ${port}: one port serves both; give metrics a port of its own`]
		: [];

const backendsNobodyUses = ({ backends = [], patterns = [] }: PrismStackSpec): string[] => {
	const used = new Set(patterns.map(({ backend }) => backend));
	return backends
		.filter(({ name }) => !used.has(name))
		.map(({ name }) => `spec.backends has "${name}", which no pattern uses`);
};
