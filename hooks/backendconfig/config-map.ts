import { type ConfigMap, configMap } from "../../kube/children/config-map.ts";
import { childMetadata } from "../../kube/object.ts";
import type { BackendPlan } from "./plan.ts";

/** What runners read of the backend; never a secret. */
export const connectionConfig = (plan: BackendPlan): ConfigMap =>
	configMap(childMetadata(plan, plan.name), plan.published);
