import { type PodCount, podCount } from "../../kube/replica-count.ts";
import { countOf } from "../../kube/rollout.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { observedSet } from "./observed-shard.ts";
import type { ShardPlan } from "./plan.ts";

/** How many pods the shard is to have. */
export const shardCount = ({ sizing }: Pick<ShardPlan, "sizing">, request: CompositeRequest): PodCount =>
	podCount({
		sizing,
		path: "spec",
		had: countOf(request.parent["status"], "replicas"),
		observed: observedSet(request),
	});
