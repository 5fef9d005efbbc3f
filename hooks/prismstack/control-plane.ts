import { isTaken } from "../../kube/ownership.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { adminName, type Seen, type StackPlan } from "./plan.ts";

/** host:port where proxies register; undefined: nowhere. */
export const controlPlaneOf = ({ admin }: StackPlan, { request }: Seen): string | undefined =>
	isControlPlaneTaken(request) ? undefined : admin?.address;

/** Whether an object of another owner has the name of the control plane's Service. */
export const isControlPlaneTaken = (request: CompositeRequest): boolean => {
	const { name, namespace = "default" } = request.parent.metadata;
	const metadata = { name: adminName(name), namespace };
	return isTaken(request, { apiVersion: "v1", kind: "Service", metadata });
};
