import type { Installation } from "../schemas/installation.ts";
import type { Resources } from "../schemas/scheduling.ts";
import { podField } from "./container.ts";
import type { ContainerPlan } from "./pod.ts";

export interface RegistrationPlan {
	readonly installation: Installation;
	/** undefined: the pods were created before they had an ID, and another template would replace them. */
	readonly byDefault: Resources | undefined;
	/** host:port of the control plane; undefined: there is none. */
	readonly controlPlane: string | undefined;
}

/**
 * How a proxy registers: with the name of its pod and, if the image supports them, the arguments of the design. Pods of a StatefulSet
 * keep their names; those of a Deployment do not, and a control plane that keeps every ID gets more and more of them.
 */
export const registration = ({
	installation: { proxyArguments = false },
	byDefault,
	controlPlane,
}: RegistrationPlan): Pick<ContainerPlan, "env" | "args" | "referringArgs"> => ({
	env:
		byDefault === undefined && !proxyArguments
			? []
			: [{ name: PROXY_ID, valueFrom: { fieldRef: podField("metadata.name") } }],
	args: proxyArguments && controlPlane !== undefined ? [`--admin-endpoint=${controlPlane}`] : [],
	referringArgs: proxyArguments ? [`--proxy-id=$(${PROXY_ID})`] : [],
});

/** Variable with the id of a proxy. */
export const PROXY_ID = "PRISM_PROXY_ID";
