import { type Service, service } from "../../kube/children/service.ts";
import { type ComponentPlan, componentMetadata, type StackPlan } from "./plan.ts";

/** What clients of the proxies, or of the control plane, connect to. */
export const componentService = (plan: StackPlan, own: ComponentPlan): Service => {
	const { service: exposure = {} } = own.spec;
	return service({
		metadata: {
			...componentMetadata(plan, own),
			...(exposure.annotations !== undefined && { annotations: exposure.annotations }),
		},
		type: exposure.type ?? "ClusterIP",
		selector: own.selector,
		ports: own.servicePorts,
		exposure,
	});
};
