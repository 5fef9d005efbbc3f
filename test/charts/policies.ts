import { isRecord } from "../../kube/object.ts";
import { type Labels, selects } from "../../kube/selectors.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { LabelSelector } from "../../schemas/metacontroller.ts";
import { at, list } from "./helm.ts";

// What NetworkPolicies let through, by the API's own rules: a pod that no policy selects is open, one that is selected gets only
// what some rule has.

/** A pod, as a policy sees it. */
export interface Party {
	readonly namespace: string;
	readonly labels: Labels;
	/** Ports that have names. */
	readonly ports?: Readonly<Record<string, number>>;
}

/** Whether a connection is let out where it begins, and in where it ends. */
export const passes = (policies: readonly KubeObject[], from: Party, to: Party, port: number): boolean =>
	allows(policies, "Egress", { pod: from, peer: to, port }) &&
	allows(policies, "Ingress", { pod: to, peer: from, port });

/** Whether a connection is let out to an address that is no pod's. */
export const leaves = (policies: readonly KubeObject[], from: Party, port: number): boolean =>
	allows(policies, "Egress", { pod: from, peer: undefined, port });

interface Connection {
	readonly pod: Party;
	readonly peer: Party | undefined;
	readonly port: number;
}

const allows = (
	policies: readonly KubeObject[],
	direction: "Ingress" | "Egress",
	{ pod, peer, port }: Connection,
): boolean => {
	const own = policies.filter(
		({ metadata, spec }) =>
			metadata.namespace === pod.namespace &&
			selects(selectorAt(spec, "podSelector"), pod.labels) &&
			typesOf(spec).includes(direction),
	);
	const [rules, side] = direction === "Ingress" ? ["ingress", "from"] : ["egress", "to"];
	const open = direction === "Ingress" ? pod : peer;
	return (
		own.length === 0 ||
		own.some(({ metadata, spec }) =>
			list(at(spec, rules ?? "")).some((rule) => {
				const peers = list(rule[side ?? ""]);
				const ports = list(rule["ports"]);
				return (
					(peers.length === 0 ||
						(peer !== undefined && peers.some((each) => isPeer(each, metadata.namespace, peer)))) &&
					(ports.length === 0 ||
						ports.some((each) => each["port"] === port || open?.ports?.[String(each["port"])] === port))
				);
			}),
		)
	);
};

const typesOf = (spec: unknown): unknown[] => {
	const types = at(spec, "policyTypes");
	return Array.isArray(types) ? types : [];
};

const selectorAt = (value: unknown, field: string): LabelSelector | undefined => at(value, field) as LabelSelector;

const isPeer = (rule: Record<string, unknown>, home: string | undefined, { namespace, labels }: Party): boolean => {
	if (isRecord(rule["ipBlock"])) return false;
	const isPlace =
		rule["namespaceSelector"] === undefined
			? namespace === home
			: selects(selectorAt(rule, "namespaceSelector"), { "kubernetes.io/metadata.name": namespace });
	return isPlace && selects(selectorAt(rule, "podSelector"), labels);
};
