import { held } from "../../kube/held-children.ts";
import { asRecord, contentHash, isGoing } from "../../kube/object.ts";
import { podCounts } from "../../kube/rollout.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import type { Seen, StackPlan } from "./plan.ts";
import { keptApart } from "./proxy-pods.ts";
import { observedFormerProxies, observedProxies, proxyCount } from "./replica-count.ts";

/**
 * The workload that ran the proxies before spec.proxy.workload was changed. It shrinks as pods of the new one become available, so that
 * clients are served meanwhile; where the nodes may have no room for both, one pod goes before the first new one comes. undefined: there
 * is none, or its last pod may go.
 */
export const proxyFormerWorkload = (plan: StackPlan, { request }: Seen): KubeObject | undefined => {
	const there = observedFormerProxies(plan, request);
	if (there === undefined || isGoing(there)) return undefined;
	const kept = held(there);
	const successor = observedProxies(plan, request);
	if (successor === undefined) return kept;
	const room = keptApart(plan.proxy) ? 1 : 0;
	const needed = proxyCount(plan, request).replicas - podCounts(successor).available - room;
	const { wanted: count, available } = podCounts(there);
	if (Math.min(needed, count) <= 0) return undefined;
	// Which pods are deleted is unknown: those that are not available may stay.
	const replicas = needed + (room === 0 ? Math.max(count - available, 0) : 0);
	return replicas < count ? withReplicas(kept, replicas) : kept;
};

/** With a hash of its own: what is sent differs from what was sent before. */
const withReplicas = ({ metadata, ...workload }: KubeObject, replicas: number): KubeObject => ({
	...workload,
	metadata: {
		...metadata,
		annotations: { ...metadata.annotations, [DESIRED_HASH_ANNOTATION]: contentHash({ replicas }) },
	},
	spec: { ...asRecord(workload["spec"]), replicas },
});
