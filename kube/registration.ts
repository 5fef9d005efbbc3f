import type { Installation } from "../schemas/installation.ts";
import type { Resources } from "../schemas/placement.ts";
import { podField } from "./container.ts";
import type { ContainerPlan } from "./pod.ts";

export interface RegistrationPlan {
	readonly installation: Installation;
	/** undefined: the pods were made before they had an id, and another template replaces them. */
	readonly byDefault: Resources | undefined;
	/** host:port of the control plane; undefined: there is none. */
	readonly controlPlane: string | undefined;
}

/**
 * What a proxy registers with: its pod's name, and where the image is known to take them, the arguments of the design. A StatefulSet's
 * pods keep their names; those of a Deployment change with every pod, and a control plane that forgets none has more and more of them.
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
