import type { Own } from "../../kube/types.ts";
import type { BackendConfig } from "../../schemas/backendconfig.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PatternRunner } from "../../schemas/patternrunner.ts";
import type { PodSecurity } from "../../schemas/pods.ts";
import type { PrismNamespace } from "../../schemas/prismnamespace.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import { API_VERSION, OWN_BACKEND_ANNOTATION, UNKNOWN_BACKEND_ANNOTATION } from "../../schemas/vocabulary.ts";
import { backendConfigName, namespaceName } from "./names.ts";
import { hasUnknownBackend, partLabels, type StackPlan } from "./plan.ts";

// The children of a stack that are custom resources themselves.

type Pattern = NonNullable<PrismStackSpec["patterns"]>[number];
type Namespace = NonNullable<PrismStackSpec["namespaces"]>[number];
type Backend = NonNullable<PrismStackSpec["backends"]>[number];

/** A pattern, linked to the stack's backend of that name unless it names a BackendConfig itself. */
export const patternRunnerChild = (
	plan: StackPlan,
	{ name, type, ...fields }: Pattern,
	observed: ObjectMap,
): Own<typeof PatternRunner> => {
	const linked = (plan.spec.backends ?? []).find((backend) => backend.name === fields.backend);
	const own =
		fields.backendConfig === undefined && linked !== undefined
			? { name: backendConfigName(namesOf(plan, observed), linked.name) }
			: undefined;
	return {
		apiVersion: API_VERSION,
		kind: "PatternRunner",
		metadata: {
			name,
			namespace: plan.namespace,
			labels: { ...partLabels(plan.name, "runner"), pattern: type, backend: fields.backend, runner: name },
			...(own !== undefined && { annotations: { [OWN_BACKEND_ANNOTATION]: "true" } }),
			...(hasUnknownBackend(plan.spec, fields) && { annotations: { [UNKNOWN_BACKEND_ANNOTATION]: "true" } }),
		},
		spec: {
			imagePullSecrets: plan.spec.imagePullSecrets,
			...fields,
			podSecurity: withoutNulls(fields.podSecurity),
			pattern: type,
			backendConfig: fields.backendConfig ?? own,
			observability:
				plan.tracingEndpoint === undefined && plan.metricsPort === undefined
					? undefined
					: { tracingEndpoint: plan.tracingEndpoint, metricsPort: plan.metricsPort },
		},
	};
};

/** A runner has no group and no user by default, so that none at all says nothing more. */
const withoutNulls = ({ runAsUser, fsGroup, ...security }: PodSecurity): PodSecurity => ({
	...security,
	...(typeof runAsUser === "number" && { runAsUser }),
	...(typeof fsGroup === "number" && { fsGroup }),
});

const namesOf = ({ name: stack, namespace }: StackPlan, observed: ObjectMap) => ({ stack, namespace, observed });

/** A tenant's namespace on the stack's own proxies. */
export const prismNamespaceChild = (
	plan: StackPlan,
	{ name, ...fields }: Namespace,
	observed: ObjectMap,
): Own<typeof PrismNamespace> => ({
	apiVersion: API_VERSION,
	kind: "PrismNamespace",
	metadata: {
		name: namespaceName(namesOf(plan, observed), name),
		namespace: plan.namespace,
		labels: partLabels(plan.name, "namespace"),
	},
	spec: { ...fields, proxyRef: { name: plan.proxy.name } },
});

/** A backend; without a URL its provider is told by its name, as in the documents' samples. */
export const backendConfigChild = (
	plan: StackPlan,
	backend: Backend,
	observed: ObjectMap,
): Own<typeof BackendConfig, "tls" | "healthCheck"> => ({
	apiVersion: API_VERSION,
	kind: "BackendConfig",
	metadata: {
		name: backendConfigName(namesOf(plan, observed), backend.name),
		namespace: plan.namespace,
		labels: { ...partLabels(plan.name, "backend"), backend: backend.name },
	},
	spec: {
		type: backend.type,
		provider: backend.provider ?? (backend.connectionString === undefined ? backend.name : undefined),
		connection:
			backend.connectionString === undefined && backend.secretRef === undefined
				? undefined
				: { url: backend.connectionString, secretRef: backend.secretRef },
		tls: backend.tls,
		healthCheck: backend.healthCheck,
	},
});
