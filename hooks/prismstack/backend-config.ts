import type { Own } from "../../kube/types.ts";
import type { BackendConfig } from "../../schemas/backendconfig.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { entryName } from "./names.ts";
import { partLabels, type StackPlan } from "./plan.ts";

type Backend = NonNullable<PrismStackSpec["backends"]>[number];

/** A backend; without a URL, its name is the provider, as in the documents' samples. */
export const backendConfigChild = (
	plan: StackPlan,
	backend: Backend,
	observed: ObjectMap,
): Own<typeof BackendConfig, "tls" | "healthCheck"> => ({
	apiVersion: API_VERSION,
	kind: "BackendConfig",
	metadata: {
		name: entryName(plan, observed, "BackendConfig", backend.name),
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
