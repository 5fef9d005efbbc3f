import type { Own } from "../../kube/types.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PatternRunner } from "../../schemas/patternrunner.ts";
import type { PodSecurity } from "../../schemas/pods.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import { API_VERSION, OWN_BACKEND_ANNOTATION, UNKNOWN_BACKEND_ANNOTATION } from "../../schemas/vocabulary.ts";
import { entryName } from "./names.ts";
import { partLabels, type StackPlan } from "./plan.ts";
import { hasUnknownBackend } from "./warnings.ts";

type Pattern = NonNullable<PrismStackSpec["patterns"]>[number];

/** A pattern, linked to the stack's backend of that name unless it names a BackendConfig itself. */
export const patternRunnerChild = (
	plan: StackPlan,
	{ name, type, ...fields }: Pattern,
	observed: ObjectMap,
): Own<typeof PatternRunner> => {
	const linked = (plan.spec.backends ?? []).find((backend) => backend.name === fields.backend);
	const own =
		fields.backendConfig === undefined && linked !== undefined
			? { name: entryName(plan, observed, "BackendConfig", linked.name) }
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

/** A runner has no group and no user by default, so an explicit null has no meaning of its own. */
const withoutNulls = ({ runAsUser, fsGroup, ...security }: PodSecurity): PodSecurity => ({
	...security,
	...(typeof runAsUser === "number" && { runAsUser }),
	...(typeof fsGroup === "number" && { fsGroup }),
});
