import { headlessService, type Service } from "../../kube/children/service.ts";
import { type ComponentPlan, componentMetadata, type StackPlan } from "./plan.ts";

/** Addresses of the pods themselves: each proxy has an admin API of its own, and members of a cluster look each other up. */
export const componentHeadlessService = (plan: StackPlan, own: ComponentPlan): Service | undefined =>
	own.headless === undefined
		? undefined
		: headlessService({
				metadata: componentMetadata(plan, own, own.headless),
				selector: own.selector,
				ports: own.headlessPorts,
			});
