import type { V1Ingress } from "@kubernetes/client-node";
import type { ObjectMeta } from "../../schemas/common.ts";
import { asStored } from "../stored-form.ts";
import type { Child } from "../types.ts";

export type Ingress = Child<"networking.k8s.io/v1", "Ingress", V1Ingress>;

export interface IngressPlan {
	readonly metadata: ObjectMeta;
	readonly className?: string | undefined;
	readonly host: string;
	readonly tlsSecret?: string | undefined;
	readonly service: string;
	/** Name of the Service's port. */
	readonly port: string;
}

/** All requests for one host, to one port of one Service. */
export const ingress = ({ metadata, className, host, tlsSecret, service: name, port }: IngressPlan): Ingress => ({
	apiVersion: "networking.k8s.io/v1",
	kind: "Ingress",
	metadata,
	spec: asStored({
		ingressClassName: className,
		tls: tlsSecret === undefined ? undefined : [{ hosts: [host], secretName: tlsSecret }],
		rules: [
			{
				host,
				http: { paths: [{ path: "/", pathType: "Prefix", backend: { service: { name, port: { name: port } } } }] },
			},
		],
	}),
});
