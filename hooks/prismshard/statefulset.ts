import { claimsOf, claimTemplate, statefulSet } from "../../kube/children/statefulset.ts";
import { held } from "../../kube/held-children.ts";
import { childMetadata, stamped, withoutSpec } from "../../kube/object.ts";
import { remembering } from "../../kube/replica-count.ts";
import { defaultResources, recording } from "../../kube/resources.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import { observedSet } from "./observed-shard.ts";
import type { ShardPlan } from "./plan.ts";
import { DATA_VOLUME, shardPods } from "./pod-template.ts";
import { shardCount } from "./replica-count.ts";

/**
 * The proxies: built from the plan, or held as observed while it is not known which plugins the pods are to have. Its hash leaves out
 * what can't be changed afterwards, and what an autoscaler owns.
 */
export const shardSet = (plan: ShardPlan, request: CompositeRequest): KubeObject | undefined => {
	const there = observedSet(request);
	if (plan.waiting.length > 0) return there && held(there);
	const { storage } = plan.spec;
	const count = shardCount(plan, request);
	const byDefault = defaultResources(there, plan.installation, plan.restartedAt);
	const object = statefulSet({
		metadata: recording(childMetadata(plan, plan.names.base), byDefault),
		replicas: count.replicas,
		serviceName: plan.names.headless,
		selector: plan.selector,
		claims: claimsOf(
			there,
			claimTemplate(DATA_VOLUME, { size: plan.storageSize, storageClassName: storage.storageClassName }),
		),
		retention: storage.retention,
		template: shardPods(plan, there, byDefault),
	});
	const own = plan.sizing.autoscaling !== undefined ? ["volumeClaimTemplates", "replicas"] : ["volumeClaimTemplates"];
	return remembering(stamped(object, DESIRED_HASH_ANNOTATION, withoutSpec(...own)), count, there);
};
