import { type Ingress, ingress } from "../../kube/children/ingress.ts";
import { childMetadata } from "../../kube/object.ts";
import type { ShardPlan } from "./plan.ts";

/** The way to the clients' Service from outside, if spec.exposure asks for an Ingress with a host. */
export const shardIngress = (plan: ShardPlan): Ingress | undefined => {
	const { type, annotations, host, ingressClassName, tlsSecretName } = plan.spec.exposure;
	if (type !== "Ingress" || host === undefined) return undefined;
	return ingress({
		metadata: childMetadata(plan, plan.names.base, annotations),
		className: ingressClassName,
		host,
		tlsSecret: tlsSecretName,
		service: plan.names.base,
		port: "grpc",
	});
};
