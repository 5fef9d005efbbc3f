import type { ScaleTarget } from "../../kube/children/horizontal-pod-autoscaler.ts";
import { distinctPorts } from "../../kube/children/service.ts";
import { containerRefusal } from "../../kube/container.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { derivedName, serviceHost } from "../../kube/names.ts";
import { givenAffinity, placementOf } from "../../kube/placement-strategies.ts";
import type { NamedPort } from "../../kube/pod.ts";
import { volumeGroup } from "../../kube/pod-user.ts";
import { canonicalResource } from "../../kube/quantity.ts";
import { type Sizing, sizingOf } from "../../kube/replica-count.ts";
import { credentialsShown, type Refusal } from "../../kube/spec-refusal.ts";
import type { Answer } from "../../schemas/admin.ts";
import type { Autoscaling } from "../../schemas/autoscaling.ts";
import type { ObjectMeta } from "../../schemas/common.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PrismStack, PrismStackSpec } from "../../schemas/prismstack.ts";
import type { RunnerSpec } from "../../schemas/scheduling.ts";
import { RESTARTED_AT_ANNOTATION, STACK_LABEL } from "../../schemas/vocabulary.ts";

/** A stack with its defaults worked out: what children and status are made of. */
export interface StackPlan {
	readonly name: string;
	readonly namespace: string;
	readonly spec: PrismStackSpec;
	readonly proxy: ProxyPlan;
	/** undefined: no admin control plane. */
	readonly admin: ComponentPlan | undefined;
	readonly tracingEndpoint: string | undefined;
	/** undefined: no metrics. */
	readonly metricsPort: number | undefined;
	readonly serviceMonitor: boolean;
	readonly installation: Installation;
	/** Any text: another value than before restarts the pods of proxy and admin. */
	readonly restartedAt: string | undefined;
}

/** What is known of a stack's proxies beside its spec. */
export interface Seen {
	readonly request: CompositeRequest;
	readonly now: string;
	/** None of whom was not asked. */
	readonly answers: readonly Answer[];
}

/** The proxies, or the admin control plane. */
export interface ComponentPlan {
	readonly component: "proxy" | "admin";
	/** Name of its Service, ConfigMap and budget. */
	readonly name: string;
	/** What runs its pods. */
	readonly workload: ScaleTarget;
	readonly spec: PrismStackSpec["proxy"] | PrismStackSpec["admin"];
	readonly image: string;
	readonly labels: Readonly<Record<string, string>>;
	/** The smallest stable set; must not move when spec is edited. */
	readonly selector: Readonly<Record<string, string>>;
	readonly placement: RunnerSpec;
	/** The part of its affinity that users wrote. */
	readonly givenAffinity: RunnerSpec["affinity"];
	/** What the container listens on, each port once. */
	readonly ports: readonly NamedPort[];
	/** What its Service offers: clients' port and, unless it reaches beyond the cluster, metrics. */
	readonly servicePorts: readonly NamedPort[];
	/** Name of the Service of its pods' own addresses; undefined: no client looks them up. */
	readonly headless: string | undefined;
	/** What that Service offers: each proxy's admin API, and metrics when they are not above. */
	readonly headlessPorts: readonly NamedPort[];
	/** host:port inside the cluster. */
	readonly address: string;
	/** Port for clients: of what the proxy serves, or of the control plane. */
	readonly port: number;
	/** What the control plane keeps in volumes, one for each pod; undefined: nothing outlives a pod. */
	readonly records?: Records | undefined;
}

export interface ProxyPlan extends ComponentPlan {
	readonly headless: string;
	readonly sizing: Sizing<Autoscaling>;
}

/** A control plane with volumes. */
export interface Records {
	readonly size: string;
	readonly storageClassName: string | undefined;
	/** Group of the volumes; null: none. */
	readonly fsGroup: number | null;
	/** Names of the pods, which form a Raft cluster; undefined: there is one pod. */
	readonly members: readonly string[] | undefined;
}

/** The workload of a component, of that kind. A StatefulSet with a longer name never gets a pod. */
export const workloadOf = (stack: string, component: "proxy" | "admin", kind: ScaleTarget["kind"]): ScaleTarget => ({
	kind,
	name: derivedName(stack, component, kind === "StatefulSet" ? LONGEST_STATEFULSET : undefined),
});

/** Characters. */
const LONGEST_STATEFULSET = 52;

/** Name of the proxies: of their Service, and of the roster that PrismNamespaces name in proxyRef. */
const proxyName = (stack: string): string => derivedName(stack, "proxy");

/** Name of the Service of the proxies' own addresses; it follows from the roster's name. */
export const headlessName = (stack: string): string => derivedName(proxyName(stack), "headless");

export const planStack = (stack: PrismStack, context: Context): StackPlan | Refusal => {
	const { spec } = stack;
	const { installation } = context;
	const wrong =
		containerRefusal(spec.proxy, "spec.proxy", installation) ??
		(spec.admin.enabled ? containerRefusal(spec.admin, "spec.admin", installation) : undefined);
	if (wrong !== undefined) return wrong;
	const { name, namespace = "default" } = stack.metadata;
	const { observability } = spec;
	const refused = credentialsShown({ "spec.observability.tracing.endpoint": observability.tracing?.endpoint });
	if (refused !== undefined) return refused;
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
		installation,
		serviceMonitor: installation.serviceMonitors && metricsPort !== undefined,
		restartedAt: stack.metadata.annotations?.[RESTARTED_AT_ANNOTATION],
	};
};

export const containerName = ({ component }: Pick<ComponentPlan, "component">): string => `prism-${component}`;

const planProxy = (stack: PrismStack, { installation }: Context, metricsPort: number | undefined): ProxyPlan => {
	const { proxy, affinity } = stack.spec;
	const name = proxyName(stack.metadata.name);
	const isInternal = isInside(proxy.service.type);
	const ports = distinctPorts([
		{ name: "grpc", port: proxy.port },
		{ name: "admin", port: proxy.adminPort },
		...metrics(metricsPort),
	]);
	return {
		component: "proxy",
		name,
		workload: workloadOf(stack.metadata.name, "proxy", proxy.workload ?? "Deployment"),
		sizing: sizingOf(proxy, installation),
		spec: proxy,
		image: proxy.image ?? `${installation.imageRegistry}/prism-proxy:${installation.imageTag}`,
		...labelsOf(stack, "proxy"),
		placement: placementOf({ ...proxy, affinity }, { app: "prism-proxy", pattern: "proxy" }),
		givenAffinity: givenAffinity({ ...proxy, affinity }).affinity,
		ports,
		servicePorts: ports.filter((port) => port.name === "grpc" || (port.name === "metrics" && isInternal)),
		headless: headlessName(stack.metadata.name),
		headlessPorts: ports.filter((port) => port.name === "admin" || (port.name === "metrics" && !isInternal)),
		address: `${serviceHost(name, stack.metadata.namespace ?? "default", installation.clusterDomain)}:${proxy.port}`,
		port: proxy.port,
	};
};

/** Name of the admin control plane's Service. */
export const adminName = (stack: string): string => derivedName(stack, "admin");

const planAdmin = (stack: PrismStack, { installation }: Context, metricsPort: number | undefined): ComponentPlan => {
	const { admin } = stack.spec;
	const name = adminName(stack.metadata.name);
	const workload = workloadOf(stack.metadata.name, "admin", admin.storage === undefined ? "Deployment" : "StatefulSet");
	const records = recordsOf(workload.name, admin, installation);
	const port = records?.members === undefined ? admin.port : MEMBER_PORT;
	const ports = distinctPorts([{ name: "grpc", port }, ...metrics(metricsPort)]);
	return {
		component: "admin",
		name,
		workload,
		spec: admin,
		image: admin.image ?? `${installation.imageRegistry}/prism-admin:${installation.imageTag}`,
		...labelsOf(stack, "admin"),
		placement: placementOf(admin, { app: "prism-admin", pattern: "admin" }),
		givenAffinity: givenAffinity(admin).affinity,
		ports,
		// Metrics are not for the world outside.
		servicePorts: ports.filter((each) => each.name === "grpc" || isInside(admin.service?.type)),
		headless: records && derivedName(name, "headless"),
		headlessPorts: records === undefined ? [] : [...ports, ...(records.members === undefined ? [] : [RAFT_PORT])],
		address: `${serviceHost(name, stack.metadata.namespace ?? "default", installation.clusterDomain)}:${port}`,
		port,
		records,
	};
};

/** Metadata of a child of proxy or admin. */
export const componentMetadata = (plan: StackPlan, own: ComponentPlan, name = own.name): ObjectMeta => ({
	name,
	namespace: plan.namespace,
	labels: { ...own.labels },
});

const isInside = (type = "ClusterIP"): boolean => type === "ClusterIP";

/** Where the members of a cluster forward calls to, whatever the port for clients is. */
const MEMBER_PORT = 8980;
export const RAFT_PORT: NamedPort = { name: "raft", port: 8990 };

const recordsOf = (
	workload: string,
	{ storage, replicas, podSecurity }: PrismStackSpec["admin"],
	installation: Installation,
): Records | undefined =>
	storage && {
		size: canonicalResource(storage.size),
		storageClassName: storage.storageClassName,
		fsGroup: volumeGroup(podSecurity, installation),
		members: replicas === 1 ? undefined : Array.from({ length: replicas }, (_, index) => `${workload}-${index}`),
	};

const metrics = (port: number | undefined): NamedPort[] => (port === undefined ? [] : [{ name: "metrics", port }]);

export const componentSelector = (stack: string, component: "proxy" | "admin"): Record<string, string> => ({
	app: `prism-${component}`,
	[STACK_LABEL]: stack,
});

const labelsOf = ({ metadata }: PrismStack, component: "proxy" | "admin") => {
	const selector = componentSelector(metadata.name, component);
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

/** Name of the port with the metrics: another's, when that one serves both. */
export const metricsPortName = ({ ports }: ComponentPlan): string =>
	ports.some(({ name }) => name === "metrics") ? "metrics" : "grpc";
