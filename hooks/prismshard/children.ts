import { compact, stampedChildren } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { shardService } from "./client-service.ts";
import { shardConfigMap } from "./config-map.ts";
import { shardHeadlessService } from "./headless-service.ts";
import { shardAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { shardIngress } from "./ingress.ts";
import { shardPolicy } from "./network-policy.ts";
import type { ShardSeen } from "./observed-shard.ts";
import type { ShardPlan } from "./plan.ts";
import { shardBudget } from "./pod-disruption-budget.ts";
import { shardRoster } from "./prism-roster.ts";
import { shardSecret } from "./secret.ts";
import { shardSet } from "./statefulset.ts";

/** All children of a shard, as they are sent. */
export const childrenOf = (plan: ShardPlan, seen: ShardSeen): KubeObject[] => [
	...compact([shardSet(plan, seen.request)]),
	...stampedChildren([
		shardService(plan),
		shardHeadlessService(plan),
		shardConfigMap(plan),
		shardSecret(plan),
		shardBudget(plan),
		shardAutoscaler(plan),
		shardIngress(plan),
		shardPolicy(plan),
		shardRoster(plan, seen),
	]),
];
