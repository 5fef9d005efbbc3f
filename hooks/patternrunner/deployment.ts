import { deployment } from "../../kube/children/deployment.ts";
import { bindingEnvironment, bindingMounts, bindingSecrets, runnerFileMounts } from "../../kube/connection-binding.ts";
import { held } from "../../kube/held-children.ts";
import { childMetadata, stamped, withoutReplicas } from "../../kube/object.ts";
import { type EnvVar, type Mount, podTemplate } from "../../kube/pod.ts";
import { leastPods, remembering } from "../../kube/replica-count.ts";
import { recording } from "../../kube/resources.ts";
import { isSpread } from "../../kube/scheduling.ts";
import { keepsApart } from "../../kube/selectors.ts";
import type { PodTemplate } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { PatternRunnerSpec } from "../../schemas/patternrunner.ts";
import type { Probe } from "../../schemas/pods.ts";
import {
	BACKEND_PLACES,
	BINDING_CHECKSUM_ANNOTATION,
	CONFIG_CHECKSUM_ANNOTATION,
	CONFIG_FILE,
	DESIRED_HASH_ANNOTATION,
	RELOAD_SECRETS_ANNOTATION,
	RESTARTED_AT_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { configEnvironment } from "./config-file.ts";
import type { RunnerPlan } from "./plan.ts";
import { observedDeployment, type RunnerSeen, runnerCount } from "./replica-count.ts";

/**
 * The runner's pods: built from the plan, or the observed Deployment held while its backend is not known. Its hash leaves out the count
 * that an autoscaler owns.
 */
export const runnerDeployment = (plan: RunnerPlan, seen: RunnerSeen): KubeObject | undefined => {
	const there = observedDeployment(plan, seen);
	if (plan.backend.deploy === "hold") return there && held(there);
	const count = runnerCount(plan, seen);
	const object = deployment({
		metadata: recording(childMetadata(plan, plan.name, reloadAnnotation(plan)), plan.byDefault),
		replicas: count.replicas,
		selector: plan.selector,
		replacesInPlace: leastPods(plan.sizing) > 1 && keepsApart(plan.placement.affinity, plan.labels),
		template: runnerPods(plan, there),
	});
	const fixed = plan.sizing.autoscaling === undefined ? undefined : withoutReplicas;
	return remembering(stamped(object, DESIRED_HASH_ANNOTATION, fixed), count, there);
};

export const containerName = ({ pattern }: PatternRunnerSpec): string => `${pattern}-runner`;

const runnerPods = (plan: RunnerPlan, there: KubeObject | undefined): PodTemplate => {
	const { preStopSeconds, graceSeconds } = plan.termination;
	const { binding } = plan.backend;
	return podTemplate({
		container: {
			name: containerName(plan.spec),
			image: plan.image,
			imagePullPolicy: plan.spec.imagePullPolicy,
			args: [`--pattern=${plan.spec.pattern}`, `--backend=${plan.spec.backend}`],
			env: [
				...observabilityEnvironment(plan),
				...bindingEnvironment(binding, BACKEND_PLACES),
				...configEnvironment(plan.config),
			],
			ports: plan.ports,
			added: plan.spec,
			probe: probeOf(plan),
			preStopSeconds,
			mounts: [
				...configMounts(plan),
				...bindingMounts(binding, BACKEND_PLACES),
				...runnerFileMounts(binding, BACKEND_PLACES),
			],
		},
		labels: plan.labels,
		annotations: {
			[CONFIG_CHECKSUM_ANNOTATION]: plan.config?.checksum,
			[BINDING_CHECKSUM_ANNOTATION]: binding?.checksum,
			[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
		},
		selector: plan.selector,
		placement: plan.placement,
		byDefault: plan.byDefault,
		security: plan.spec.podSecurity,
		imagePullSecrets: plan.spec.imagePullSecrets,
		terminationGracePeriodSeconds: graceSeconds,
		spread: isSpread(there),
	});
};

/** Without a port for clients there is nothing to check, unless a port is named. */
const probeOf = ({ spec: { probe, service: its } }: RunnerPlan): Probe =>
	its.type === "None" && probe.port === undefined ? { ...probe, type: "none" } : probe;

const observabilityEnvironment = ({ spec: { observability } }: RunnerPlan): EnvVar[] => [
	...(observability?.tracingEndpoint === undefined
		? []
		: [{ name: "PRISM_TRACING_ENDPOINT", value: observability.tracingEndpoint }]),
	...(observability?.metricsPort === undefined
		? []
		: [{ name: "PRISM_METRICS_PORT", value: String(observability.metricsPort) }]),
];

const configMounts = ({ config }: RunnerPlan): Mount[] => {
	if (config === undefined) return [];
	const items = [{ key: CONFIG_FILE, path: CONFIG_FILE }];
	const source =
		config.kind === "Secret"
			? { secret: { secretName: config.name, items } }
			: { configMap: { name: config.name, items } };
	return [{ name: "config", mountPath: "/etc/prism/runner", source }];
};

/** The operator never reads a user's Secret; Reloader, where it is installed, rolls the pods when one changes. */
const reloadAnnotation = ({ backend: { binding } }: RunnerPlan): Record<string, string> | undefined => {
	const names = bindingSecrets(binding);
	return names.length === 0 ? undefined : { [RELOAD_SECRETS_ANNOTATION]: names.join(",") };
};
