import { type Deployment, deployment } from "../../kube/children/deployment.ts";
import { childMetadata, observedOf } from "../../kube/object.ts";
import { podTemplate } from "../../kube/pod.ts";
import { afterLeaving, atOnce } from "../../kube/pod-termination.ts";
import { defaultResources, recording } from "../../kube/resources.ts";
import { isSpread } from "../../kube/scheduling.ts";
import { durationMillis } from "../../kube/time.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import type { PodSecurity, Probe } from "../../schemas/pods.ts";
import { CONTAINER, type PluginInput, type PluginPlan } from "./plan.ts";
import { DEPLOYMENT, type RolloutState } from "./rollout.ts";

const REPLICAS = 2;
const replicasOf = ({ spec }: PluginPlan): number => spec.deployment.replicas ?? REPLICAS;

const SECURITY: PodSecurity = { runAsNonRoot: true, readOnlyRootFilesystem: true };

/** At the version that the rollout gives it, as a shard would run it; none while it waits for its first. */
export const pluginDeployment = (
	plan: PluginPlan,
	surroundings: PluginInput,
	{ parts }: RolloutState,
	observed: ObjectMap,
): Deployment | undefined => {
	const part = parts.find(({ name }) => name === `${DEPLOYMENT}${surroundings.remote}`);
	if (part === undefined) return undefined;
	const { spec, labels, selector } = plan;
	const named = childMetadata(plan, surroundings.remote);
	const there = observedOf(observed, { apiVersion: "apps/v1", kind: "Deployment", metadata: named });
	const byDefault = defaultResources(there, plan.installation);
	const { preStopSeconds, graceSeconds } =
		byDefault === undefined ? atOnce(GRACE_SECONDS) : afterLeaving(GRACE_SECONDS, plan.installation);
	return deployment({
		metadata: recording(named, byDefault),
		replicas: replicasOf(plan),
		selector,
		template: podTemplate({
			container: {
				name: CONTAINER,
				image: part.image,
				imagePullPolicy: spec.source.pullPolicy,
				args: [],
				env: [],
				ports: [{ name: "grpc", port: spec.healthCheck.grpc.port }],
				added: spec.deployment,
				probe: probeOf(plan),
				mounts: [],
				preStopSeconds,
			},
			labels,
			annotations: {},
			selector,
			placement: { ...(spec.deployment.resources && { resources: spec.deployment.resources }) },
			byDefault,
			security: spec.deployment.podSecurity ?? SECURITY,
			imagePullSecrets: spec.source.pullSecrets,
			terminationGracePeriodSeconds: graceSeconds,
			spread: isSpread(there),
		}),
	});
};

/** Seconds that a pod gets to end calls of proxies. */
const GRACE_SECONDS = 30;

const probeOf = ({ spec: { healthCheck } }: PluginPlan): Probe => ({
	type: "grpc",
	...(healthCheck.grpc.service !== undefined && { service: healthCheck.grpc.service }),
	periodSeconds: wholeSeconds(healthCheck.interval),
	timeoutSeconds: wholeSeconds(healthCheck.timeout),
	failureThreshold: 3,
});

/** The kubelet counts in seconds, and from one. */
const wholeSeconds = (duration: string): number => Math.max(1, Math.ceil(durationMillis(duration) / 1000));
