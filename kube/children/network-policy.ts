import type { V1NetworkPolicy } from "@kubernetes/client-node";
import type { ObjectMeta } from "../../schemas/common.ts";
import { DEFAULT_OPERATOR_NAMESPACE, type Installation } from "../../schemas/installation.ts";
import type { NetworkPolicySpec, Peer } from "../../schemas/networkpolicy.ts";
import { asStored } from "../stored-form.ts";
import type { Child } from "../types.ts";

export type NetworkPolicy = Child<"networking.k8s.io/v1", "NetworkPolicy", V1NetworkPolicy>;

/** A port of the pods, and its purpose. */
export interface GuardedPort {
	readonly port: number;
	/** own: only these pods themselves. */
	readonly audience: "clients" | "admin" | "metrics" | "own";
}

export interface NetworkPolicyPlan {
	readonly metadata: ObjectMeta;
	readonly selector: Readonly<Record<string, string>>;
	/** undefined: no NetworkPolicy. */
	readonly spec: NetworkPolicySpec | undefined;
	readonly ports: readonly GuardedPort[];
	/** Selectors of other pods that need the admin port. */
	readonly siblings: readonly Readonly<Record<string, string>>[];
	readonly installation: Installation;
}

/** Allowed ingress to these pods. Egress is not restricted: no spec lists the backends that they need. */
export const networkPolicy = (plan: NetworkPolicyPlan): NetworkPolicy | undefined => {
	const { spec } = plan;
	if (spec?.enabled !== true) return undefined;
	const admin = [operator(plan.installation), ...plan.siblings.map(podsWith), ...(spec.admin ?? [])];
	const allowed = { clients: spec.clients, admin, metrics: spec.metrics, own: [podsWith(plan.selector)] };
	return {
		apiVersion: "networking.k8s.io/v1",
		kind: "NetworkPolicy",
		metadata: plan.metadata,
		spec: asStored({
			podSelector: { matchLabels: plan.selector },
			policyTypes: ["Ingress"],
			ingress: plan.ports.flatMap(({ port, audience }) => {
				const from = allowed[audience];
				// An empty list of peers would allow all traffic.
				return from?.length === 0 ? [] : [{ ...(from && { from: [...from] }), ports: [{ port, protocol: "TCP" }] }];
			}),
		}),
	};
};

/** Pods of the chart's Deployment. */
const operator = ({ operatorNamespace = DEFAULT_OPERATOR_NAMESPACE }: Installation): Peer => ({
	namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": operatorNamespace } },
	podSelector: {
		matchLabels: { "app.kubernetes.io/name": "prism-operator", "app.kubernetes.io/component": "hooks" },
	},
});

const podsWith = (labels: Readonly<Record<string, string>>): Peer => ({ podSelector: { matchLabels: { ...labels } } });
