import { autoscalerWarnings, scalingInactive } from "../../kube/autoscaler.ts";
import { allFound, type WarningCheck } from "../../kube/check-list.ts";
import { floatingImage } from "../../kube/pod.ts";
import { PROXY_ID } from "../../kube/registration.ts";
import { kedaMissing } from "../../kube/replica-count.ts";
import { defaultResources, withDefaultResources } from "../../kube/resources.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import { needsAddress } from "../../schemas/providers.ts";
import { type ComponentPlan, containerName, type StackPlan } from "./plan.ts";
import { observedProxies, PATH, proxyCount } from "./replica-count.ts";

/** Warnings about a valid spec depend on its plan, on the children that the plan leads to, and on observed children. */
export interface StackWarningInput {
	readonly plan: StackPlan;
	readonly children: readonly KubeObject[];
	readonly request: CompositeRequest;
}

type StackWarning = WarningCheck<StackWarningInput>;
type ComponentWarning = WarningCheck<ComponentPlan>;

/** The tag is mutable. */
export const imageFloating: ComponentWarning = ({ component, image }) =>
	floatingImage(`spec.${component}.image`, image);

/** The anti-affinity selects no pod of the component, so it separates none. */
export const antiAffinityIdle: ComponentWarning = ({ component, givenAffinity, labels }) =>
	idleAntiAffinity(givenAffinity, labels).map(
		(selector): Warning => ({
			warning: "IdleAntiAffinity",
			of: { component },
			noun: "it",
			selector,
			labels: { app: `prism-${component}`, component },
		}),
	);

const COMPONENT_WARNINGS: readonly ComponentWarning[] = [imageFloating, antiAffinityIdle];

const componentsOf = ({ proxy, admin }: StackPlan): ComponentPlan[] => (admin === undefined ? [proxy] : [proxy, admin]);

/** What the proxies and the control plane have in common, one after the other. */
const componentOdd: StackWarning = ({ plan }) =>
	componentsOf(plan).flatMap((component) => allFound(COMPONENT_WARNINGS, component));

/** The API server rejects a Service that lists a port twice: the port for clients serves metrics, too. */
export const metricsPortShared: StackWarning = ({ plan }) =>
	componentsOf(plan)
		.filter(({ port }) => port === plan.metricsPort)
		.map(({ component, port }) => ({
			warning: "MetricsPortShared",
			field: "spec.observability.metrics.port",
			other: `spec.${component}.port`,
			port,
		}));

/** Without volumes, each pod of the control plane has its own records, and they are lost with the pod. */
export const recordsForgotten: StackWarning = ({ plan: { admin } }) =>
	admin === undefined || admin.records !== undefined || admin.spec.replicas === 0
		? undefined
		: [{ warning: "RecordsForgotten", replicas: admin.spec.replicas }];

/** With the arguments of the design, proxies register under the names of their pods, and a control plane may keep every name. */
export const proxyIdsNotKept: StackWarning = ({ plan: { proxy, admin, installation } }) => {
	const { workload, spec } = proxy;
	const isOwn = spec.args !== undefined || spec.env?.some(({ name }) => name === PROXY_ID) === true;
	return admin !== undefined && installation.proxyArguments === true && workload.kind === "Deployment" && !isOwn
		? [{ warning: "ProxyIdsNotKept" }]
		: undefined;
};

/** A backend that no pattern uses. */
export const backendUnused: StackWarning = ({ plan: { spec } }) => {
	const { backends = [], patterns = [] } = spec;
	const used = new Set(patterns.map(({ backend }) => backend));
	return backends
		.filter(({ name }) => !used.has(name))
		.map(({ name }) => ({ warning: "BackendUnused", backend: name }));
};

/** A pattern that names a backend which the stack does not have. */
export const backendUnknown: StackWarning = ({ plan: { spec } }) =>
	(spec.patterns ?? []).flatMap((pattern, index): Warning[] =>
		hasUnknownBackend(spec, pattern)
			? [
					{
						warning: "BackendUnknown",
						field: `spec.patterns[${index}].backend`,
						backend: pattern.backend,
						known: (spec.backends ?? []).map(({ name }) => name),
					},
				]
			: [],
	);

type StackPattern = NonNullable<PrismStackSpec["patterns"]>[number];

/** Whether a pattern names a backend that would need an address, in a stack that has other backends. */
export const hasUnknownBackend = (
	{ backends = [] }: PrismStackSpec,
	{ backend, backendConfig }: Pick<StackPattern, "backend" | "backendConfig">,
): boolean =>
	backends.length > 0 &&
	backendConfig === undefined &&
	needsAddress(backend) &&
	backends.every(({ name }) => name !== backend);

/** The spec requests KEDA, and the cluster does not have it. */
export const scalerMissing: StackWarning = ({ plan: { spec, installation } }) =>
	kedaMissing(spec.proxy, installation, PATH);

/** spec.proxy.replicas is not the number of proxies. */
export const replicasIgnored: StackWarning = ({ plan, request }) => proxyCount(plan, request).warnings;

/** An observed autoscaler reports that it can't act. */
export const scalerInactive: StackWarning = ({ children, request }) => scalingInactive(children, request.children);

/** The autoscaler needs resources that the proxies don't request. */
export const autoscalerIdle: StackWarning = ({ plan, request }) => {
	const { proxy, installation, restartedAt } = plan;
	if (proxy.sizing.autoscaling === undefined) return undefined;
	const byDefault = defaultResources(observedProxies(plan, request), installation, restartedAt);
	return autoscalerWarnings({
		autoscaling: proxy.sizing.autoscaling,
		resources: withDefaultResources(proxy.placement.resources, byDefault),
		container: containerName(proxy),
		path: PATH,
	});
};

/** In the order in which they are reported. */
export const STACK_WARNINGS: readonly StackWarning[] = [
	componentOdd,
	metricsPortShared,
	recordsForgotten,
	proxyIdsNotKept,
	backendUnused,
	backendUnknown,
	scalerMissing,
	replicasIgnored,
	scalerInactive,
	autoscalerIdle,
];
