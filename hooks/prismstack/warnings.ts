import { floatingImage } from "../../kube/pod.ts";
import { PROXY_ID } from "../../kube/registration.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Installation } from "../../schemas/installation.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import { needsAddress } from "../../schemas/providers.ts";
import type { ComponentPlan, StackPlan } from "./plan.ts";

/** What a stack's spec has that does not do what it seems to do. */
export const specWarnings = ({ spec, proxy, admin, metricsPort, installation }: StackPlan): Warning[] => [
	...[proxy, admin].filter((component) => component !== undefined).flatMap(componentWarnings),
	...portListedTwice("spec.proxy.port", proxy.port, metricsPort),
	...(admin === undefined ? [] : portListedTwice("spec.admin.port", admin.port, metricsPort)),
	...(admin === undefined ? [] : recordsForgotten(admin)),
	...(admin === undefined ? [] : idsNotKept(proxy, installation)),
	...backendsNobodyUses(spec),
	...(spec.patterns ?? []).flatMap((pattern, index) => backendUnknown(spec, pattern, index)),
];

const componentWarnings = ({ component, image, givenAffinity: affinity, labels }: ComponentPlan): Warning[] => [
	...floatingImage(`spec.${component}.image`, image),
	...idleAntiAffinity(affinity, labels).map(
		(selector): Warning => ({
			warning: "IdleAntiAffinity",
			of: { component },
			noun: "it",
			selector,
			labels: { app: `prism-${component}`, component },
		}),
	),
];

/** The API server rejects a Service that lists a port twice; a stack is not stuck because of that. */
const portListedTwice = (other: string, port: number, metricsPort: number | undefined): Warning[] =>
	port === metricsPort ? [{ warning: "MetricsPortShared", field: "spec.observability.metrics.port", other, port }] : [];

/** Each pod has records of its own, and they go with it. */
const recordsForgotten = ({ records, spec: { replicas } }: ComponentPlan): Warning[] =>
	records === undefined && replicas > 0 ? [{ warning: "RecordsForgotten", replicas }] : [];

/** With the arguments of the design, proxies register by the names of their pods; a control plane may remember all of them. */
const idsNotKept = ({ workload, spec }: ComponentPlan, { proxyArguments }: Installation): Warning[] => {
	const isOwn = spec.args !== undefined || spec.env?.some(({ name }) => name === PROXY_ID) === true;
	return proxyArguments === true && workload.kind === "Deployment" && !isOwn ? [{ warning: "ProxyIdsNotKept" }] : [];
};

const backendUnknown = (spec: PrismStackSpec, pattern: StackPattern, index: number): Warning[] =>
	hasUnknownBackend(spec, pattern)
		? [
				{
					warning: "BackendUnknown",
					field: `spec.patterns[${index}].backend`,
					backend: pattern.backend,
					known: (spec.backends ?? []).map(({ name }) => name),
				},
			]
		: [];

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

const backendsNobodyUses = ({ backends = [], patterns = [] }: PrismStackSpec): Warning[] => {
	const used = new Set(patterns.map(({ backend }) => backend));
	return backends
		.filter(({ name }) => !used.has(name))
		.map(({ name }) => ({ warning: "BackendUnused", backend: name }));
};
