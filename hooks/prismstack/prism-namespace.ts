import type { Own } from "../../kube/types.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PrismNamespace } from "../../schemas/prismnamespace.ts";
import type { PrismStackSpec } from "../../schemas/prismstack.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { entryName } from "./names.ts";
import { partLabels, type StackPlan } from "./plan.ts";

type Namespace = NonNullable<PrismStackSpec["namespaces"]>[number];

/** A tenant's namespace on the stack's own proxies. */
export const prismNamespaceChild = (
	plan: StackPlan,
	{ name, ...fields }: Namespace,
	observed: ObjectMap,
): Own<typeof PrismNamespace> => ({
	apiVersion: API_VERSION,
	kind: "PrismNamespace",
	metadata: {
		name: entryName(plan, observed, "PrismNamespace", name),
		namespace: plan.namespace,
		labels: partLabels(plan.name, "namespace"),
	},
	spec: { ...fields, proxyRef: { name: plan.proxy.name } },
});
