import { childMetadata } from "../../kube/object.ts";
import type { ConfigMap } from "../../kube/types.ts";
import { configMap } from "../../kube/workload.ts";
import type { BackendPlan } from "./plan.ts";

/** What runners read of the backend; never a secret. */
export const connectionConfig = (plan: BackendPlan): ConfigMap =>
	configMap(childMetadata(plan, plan.name), plan.published);
