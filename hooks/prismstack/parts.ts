import type { KubeObject } from "../../schemas/common.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { backendConfigName, namespaceName, partLabels, type StackPlan } from "./plan.ts";

// The children of a stack that are custom resources themselves.

type Pattern = NonNullable<PrismStackSpec["patterns"]>[number];
type Namespace = NonNullable<PrismStackSpec["namespaces"]>[number];
type Backend = NonNullable<PrismStackSpec["backends"]>[number];

/** A pattern, linked to the stack's backend of that name unless it names a BackendConfig itself. */
export const patternRunnerChild = (plan: StackPlan, { name, type, ...fields }: Pattern): KubeObject => {
	const linked = (plan.spec.backends ?? []).find((backend) => backend.name === fields.backend);
	return {
		apiVersion: API_VERSION,
		kind: "PatternRunner",
		metadata: {
			name,
			namespace: plan.namespace,
			labels: { ...partLabels(plan.name, "runner"), pattern: type, backend: fields.backend, runner: name },
		},
		spec: {
			imagePullSecrets: plan.spec.imagePullSecrets,
			...fields,
			pattern: type,
			backendConfig: fields.backendConfig ?? (linked && { name: backendConfigName(plan.name, linked.name) }),
			observability:
				plan.tracingEndpoint === undefined && plan.metricsPort === undefined
					? undefined
					: { tracingEndpoint: plan.tracingEndpoint, metricsPort: plan.metricsPort },
		},
	};
};

/** A tenant's namespace on the stack's own proxies. */
export const prismNamespaceChild = (plan: StackPlan, { name, ...fields }: Namespace): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismNamespace",
	metadata: {
		name: namespaceName(plan.name, name),
		namespace: plan.namespace,
		labels: partLabels(plan.name, "namespace"),
	},
	spec: { ...fields, proxyRef: { name: plan.proxy.name } },
});

/** A backend; without a URL its provider is told by its name, as in the documents' samples. */
export const backendConfigChild = (plan: StackPlan, backend: Backend): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "BackendConfig",
	metadata: {
		name: backendConfigName(plan.name, backend.name),
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
