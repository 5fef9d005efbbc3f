import type { V1Service } from "@kubernetes/client-node";
import type { ObjectMeta } from "../../schemas/common.ts";
import type { ServiceFields } from "../../schemas/services.ts";
import type { NamedPort } from "../pod.ts";
import { asStored } from "../stored-form.ts";
import type { Child } from "../types.ts";

export type Service = Child<"v1", "Service", V1Service>;
type ServicePort = NonNullable<NonNullable<Service["spec"]>["ports"]>[number];

export interface ServicePlan {
	readonly metadata: ObjectMeta;
	readonly type: string;
	readonly selector: Readonly<Record<string, string>>;
	readonly ports: readonly NamedPort[];
	/** How it is exposed; undefined: not at all. */
	readonly exposure?: ServiceFields;
}

export const service = ({ metadata, type, selector, ports, exposure = {} }: ServicePlan): Service => ({
	apiVersion: "v1",
	kind: "Service",
	metadata,
	spec: asStored({
		type,
		selector,
		ports: servicePorts(ports),
		externalTrafficPolicy: exposure.externalTrafficPolicy,
		loadBalancerSourceRanges: exposure.loadBalancerSourceRanges,
		ipFamilyPolicy: exposure.ipFamilyPolicy,
		ipFamilies: exposure.ipFamilies,
	}),
});

/** DNS records of the pods, also of those that are not ready: an admin call can be what makes them ready. */
export const headlessService = (plan: Omit<ServicePlan, "type" | "exposure">): Service => ({
	apiVersion: "v1",
	kind: "Service",
	metadata: plan.metadata,
	spec: {
		type: "ClusterIP",
		clusterIP: "None",
		publishNotReadyAddresses: true,
		selector: plan.selector,
		ports: servicePorts(plan.ports),
	},
});

const servicePorts = (ports: readonly NamedPort[]) =>
	ports.map(({ name, port }): ServicePort => ({ name, port, targetPort: name, protocol: "TCP" }));

/** The API server rejects a Service that lists a port twice: the first of two wins, and the caller warns. */
export const distinctPorts = (ports: readonly NamedPort[]): NamedPort[] =>
	ports.filter(({ port }, index) => ports.findIndex((other) => other.port === port) === index);
