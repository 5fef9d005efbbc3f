import { stampedChildren } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { connectionConfig } from "./config-map.ts";
import { probeDeployment } from "./deployment.ts";
import type { BackendPlan } from "./plan.ts";
import { connectionSecret } from "./secret.ts";

/** All children of a BackendConfig, as they are sent. */
export const childrenOf = (plan: BackendPlan, observed: ObjectMap): KubeObject[] =>
	stampedChildren([connectionConfig(plan), connectionSecret(plan), probeDeployment(plan, observed)]);
