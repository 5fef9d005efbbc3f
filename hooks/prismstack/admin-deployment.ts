import { type Deployment, deployment } from "../../kube/children/deployment.ts";
import { adminPods } from "./admin-pods.ts";
import type { ComponentPlan, Seen, StackPlan } from "./plan.ts";

/** A control plane whose records go with its pods; undefined: it keeps them. Two at once would each have half of the records. */
export const adminDeployment = (plan: StackPlan, admin: ComponentPlan, seen: Seen): Deployment | undefined =>
	admin.records === undefined ? deployment({ ...adminPods(plan, admin, seen), strategy: "Recreate" }) : undefined;
