import { type Autoscaler, autoscaler, podDisruptionBudget } from "../../kube/availability.ts";
import { bindingEnvironment, bindingMounts, bindingSecrets, runnerFileMounts } from "../../kube/binding.ts";
import { held } from "../../kube/hold.ts";
import { observedOf, stamped } from "../../kube/object.ts";
import { type EnvVar, type Mount, podTemplate } from "../../kube/pod.ts";
import { recording } from "../../kube/resources.ts";
import { countOf } from "../../kube/rollout.ts";
import { leastPods, type PodCount, podCount, remembering } from "../../kube/scaling.ts";
import { keepsApart } from "../../kube/selectors.ts";
import type { ConfigMap, PodDisruptionBudget, Secret, Service } from "../../kube/types.ts";
import { configMap, deployment, isSpread, secret, service, withoutReplicas } from "../../kube/workload.ts";
import type { KubeObject, ObjectMeta } from "../../schemas/common.ts";
import type { CompositeRequest, ObjectMap } from "../../schemas/metacontroller.ts";
import type { Probe } from "../../schemas/pods.ts";
import {
	BACKEND_PLACES,
	BINDING_CHECKSUM_ANNOTATION,
	CONFIG_CHECKSUM_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	RELOAD_SECRETS_ANNOTATION,
	RESTARTED_AT_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { CONFIG_FILE, configEnvironment, containerName, type RunnerPlan } from "./plan.ts";

/** All children of a runner, as they are to be sent. */
export const childrenOf = (plan: RunnerPlan, request: CompositeRequest): KubeObject[] => {
	const autoscaled = plan.sizing.autoscaling !== undefined;
	const runner = runnerDeployment(plan, request);
	const others = [runnerService(plan), runnerConfig(plan), runnerBudget(plan), runnerAutoscaler(plan)];
	return [
		runner?.built === true
			? remembering(
					stamped(runner.object, DESIRED_HASH_ANNOTATION, autoscaled ? withoutReplicas : undefined),
					runnerCount(plan, request),
					observedDeployment(plan, request.children),
				)
			: runner?.object,
		...others.map((child) => child && stamped(child, DESIRED_HASH_ANNOTATION)),
	].filter((child) => child !== undefined);
};

const metadata = (plan: RunnerPlan, name = plan.name, annotations?: Record<string, string>): ObjectMeta => ({
	name,
	namespace: plan.namespace,
	labels: { ...plan.labels },
	...(annotations !== undefined && { annotations }),
});

/** The Deployment: built from the plan, or the observed one held while its backend is not known. */
const runnerDeployment = (
	plan: RunnerPlan,
	request: CompositeRequest,
): { object: KubeObject; built: boolean } | undefined => {
	const there = observedDeployment(plan, request.children);
	if (plan.backend.deploy === "hold") return there && { object: held(there), built: false };
	const { preStopSeconds, graceSeconds } = plan.termination;
	const object = deployment({
		metadata: recording(metadata(plan, plan.name, reloadAnnotation(plan)), plan.byDefault),
		replicas: runnerCount(plan, request).replicas,
		selector: plan.selector,
		replacesInPlace: leastPods(plan.sizing) > 1 && keepsApart(plan.placement.affinity, plan.labels),
		template: podTemplate({
			container: {
				name: containerName(plan.spec),
				image: plan.image,
				imagePullPolicy: plan.spec.imagePullPolicy,
				args: [`--pattern=${plan.spec.pattern}`, `--backend=${plan.spec.backend}`],
				env: [
					...observabilityEnvironment(plan),
					...bindingEnvironment(plan.backend.binding, BACKEND_PLACES),
					...configEnvironmentOf(plan),
				],
				ports: plan.ports,
				added: plan.spec,
				probe: probeOf(plan),
				preStopSeconds,
				mounts: [
					...configMounts(plan),
					...bindingMounts(plan.backend.binding, BACKEND_PLACES),
					...runnerFileMounts(plan.backend.binding, BACKEND_PLACES),
				],
			},
			labels: plan.labels,
			annotations: {
				[CONFIG_CHECKSUM_ANNOTATION]: plan.config?.checksum,
				[BINDING_CHECKSUM_ANNOTATION]: plan.backend.binding?.checksum,
				[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
			},
			selector: plan.selector,
			placement: plan.placement,
			byDefault: plan.byDefault,
			security: plan.spec.podSecurity,
			imagePullSecrets: plan.spec.imagePullSecrets,
			terminationGracePeriodSeconds: graceSeconds,
			spread: isSpread(there),
		}),
	});
	return { object, built: true };
};

/** How many pods the runner is to have. */
export const runnerCount = (
	plan: RunnerPlan,
	{ parent, children: observed }: Pick<CompositeRequest, "parent" | "children">,
): PodCount =>
	podCount({
		sizing: plan.sizing,
		path: "spec",
		had: countOf(parent["status"], "replicas"),
		observed: observedDeployment(plan, observed),
	});

const observedDeployment = (plan: RunnerPlan, observed: ObjectMap): KubeObject | undefined =>
	observedOf(observed, { apiVersion: "apps/v1", kind: "Deployment", metadata: metadata(plan) });

/** Without a port for clients there is nothing to check, unless a port is named. */
const probeOf = ({ spec: { probe, service: its } }: RunnerPlan): Probe =>
	its.type === "None" && probe.port === undefined ? { ...probe, type: "none" } : probe;

const runnerService = (plan: RunnerPlan): Service | undefined => {
	const { type, annotations } = plan.spec.service;
	if (type === "None") return undefined;
	return service({
		metadata: metadata(plan, plan.name, annotations),
		type,
		selector: plan.selector,
		// A Service that reaches beyond the cluster offers what clients need, not what the runner tells of itself.
		ports: type === "ClusterIP" ? plan.ports : plan.ports.filter(({ name }) => name === "grpc"),
		exposure: plan.spec.service,
	});
};

const runnerConfig = (plan: RunnerPlan): ConfigMap | Secret | undefined => {
	if (plan.config === undefined) return undefined;
	const build = plan.config.kind === "Secret" ? secret : configMap;
	return build(metadata(plan, plan.config.name), plan.config.data);
};

const runnerBudget = (plan: RunnerPlan): PodDisruptionBudget => podDisruptionBudget(metadata(plan), plan.selector);

const runnerAutoscaler = (plan: RunnerPlan): Autoscaler | undefined => {
	const { autoscaling } = plan.sizing;
	return autoscaling && autoscaler(metadata(plan), plan.name, autoscaling);
};

// ── Environment and files ───────────────────────────────────────────────────────────────────────────────────────────

const observabilityEnvironment = ({ spec: { observability } }: RunnerPlan): EnvVar[] => [
	...(observability?.tracingEndpoint === undefined
		? []
		: [{ name: "PRISM_TRACING_ENDPOINT", value: observability.tracingEndpoint }]),
	...(observability?.metricsPort === undefined
		? []
		: [{ name: "PRISM_METRICS_PORT", value: String(observability.metricsPort) }]),
];

const configEnvironmentOf = ({ config }: RunnerPlan): EnvVar[] =>
	config === undefined ? [] : configEnvironment(config);

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
