import { compact, stampedChildren } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { runnerConfigMap } from "./config-map.ts";
import { runnerDeployment } from "./deployment.ts";
import { runnerAutoscaler } from "./horizontal-pod-autoscaler.ts";
import type { RunnerPlan } from "./plan.ts";
import { runnerBudget } from "./pod-disruption-budget.ts";
import type { RunnerSeen } from "./replica-count.ts";
import { runnerScaledObject } from "./scaled-object.ts";
import { runnerSecret } from "./secret.ts";
import { runnerService } from "./service.ts";

/** All children of a runner, as they are sent. */
export const childrenOf = (plan: RunnerPlan, seen: RunnerSeen): KubeObject[] => [
	...compact([runnerDeployment(plan, seen)]),
	...stampedChildren([
		runnerService(plan),
		runnerConfigMap(plan),
		runnerSecret(plan),
		runnerBudget(plan),
		runnerAutoscaler(plan),
		runnerScaledObject(plan),
	]),
];
