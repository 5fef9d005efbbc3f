import { horizontalPodAutoscaler, podDisruptionBudget, scaledObject } from "../../kube/availability.ts";
import { bindingEnvironment, bindingMounts, bindingSecrets } from "../../kube/binding.ts";
import { held } from "../../kube/hold.ts";
import { observedOf, stamped } from "../../kube/object.ts";
import { type EnvVar, type Mount, podTemplate } from "../../kube/pod.ts";
import { configMap, deployment, echoedReplicas, secret, service, withoutReplicas } from "../../kube/workload.ts";
import type { KubeObject, ObjectMeta } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import {
	BACKEND_PLACES,
	BINDING_CHECKSUM_ANNOTATION,
	CONFIG_CHECKSUM_ANNOTATION,
	DESIRED_HASH_ANNOTATION,
	RELOAD_SECRETS_ANNOTATION,
	RESTARTED_AT_ANNOTATION,
} from "../../schemas/vocabulary.ts";
import { CONFIG_FILE, configEnvironment, type RunnerPlan } from "./plan.ts";

/** All children of a runner, as they are to be sent. */
export const childrenOf = (plan: RunnerPlan, observed: ObjectMap): KubeObject[] => {
	const autoscaled = plan.spec.autoscaling?.enabled === true;
	const runner = runnerDeployment(plan, observed);
	const others = [runnerService(plan), runnerConfig(plan), runnerBudget(plan), runnerAutoscaler(plan)];
	return [
		runner &&
			(runner.built
				? stamped(runner.object, DESIRED_HASH_ANNOTATION, autoscaled ? withoutReplicas : undefined)
				: runner.object),
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
	observed: ObjectMap,
): { object: KubeObject; built: boolean } | undefined => {
	const there = observedOf(observed, { apiVersion: "apps/v1", kind: "Deployment", metadata: metadata(plan) });
	if (plan.backend.deploy === "hold") return there && { object: held(there), built: false };
	const { autoscaling } = plan.spec;
	const plural = plan.leastReplicas > 1;
	const object = deployment({
		metadata: metadata(plan, plan.name, reloadAnnotation(plan)),
		replicas: autoscaling?.enabled === true ? echoedReplicas(there, initialReplicas(plan)) : plan.spec.replicas,
		selector: plan.selector,
		plural,
		template: podTemplate({
			container: {
				name: `${plan.spec.pattern}-runner`,
				image: plan.image,
				imagePullPolicy: plan.spec.imagePullPolicy,
				args: [`--pattern=${plan.spec.pattern}`, `--backend=${plan.spec.backend}`],
				env: [
					...observabilityEnvironment(plan),
					...bindingEnvironment(plan.backend.binding, BACKEND_PLACES),
					...configEnvironmentOf(plan),
				],
				ports: plan.ports,
				probe: plan.spec.probe,
				mounts: [...configMounts(plan), ...bindingMounts(plan.backend.binding, BACKEND_PLACES)],
			},
			labels: plan.labels,
			annotations: {
				[CONFIG_CHECKSUM_ANNOTATION]: plan.config?.checksum,
				[BINDING_CHECKSUM_ANNOTATION]: plan.backend.binding?.checksum,
				[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
			},
			selector: plan.selector,
			placement: plan.placement,
			security: plan.spec.podSecurity,
			imagePullSecrets: plan.spec.imagePullSecrets,
			terminationGracePeriodSeconds: plan.spec.terminationGracePeriodSeconds,
			plural,
		}),
	});
	return { object, built: true };
};

/** Where an autoscaled runner starts, before there is a Deployment to echo. */
const initialReplicas = ({ spec: { replicas, autoscaling } }: RunnerPlan): number =>
	Math.min(Math.max(replicas, autoscaling?.minReplicas ?? 1), autoscaling?.maxReplicas ?? replicas);

const runnerService = (plan: RunnerPlan): KubeObject =>
	service({
		metadata: metadata(plan, plan.name, plan.spec.service.annotations),
		type: plan.spec.service.type,
		selector: plan.selector,
		// A Service that reaches beyond the cluster offers what clients need, not what the runner tells of itself.
		ports: plan.spec.service.type === "ClusterIP" ? plan.ports : plan.ports.filter(({ name }) => name === "grpc"),
	});

const runnerConfig = (plan: RunnerPlan): KubeObject | undefined => {
	if (plan.config === undefined) return undefined;
	const build = plan.config.kind === "Secret" ? secret : configMap;
	return build(metadata(plan, plan.config.name), plan.config.data);
};

const runnerBudget = (plan: RunnerPlan): KubeObject | undefined =>
	plan.leastReplicas > 1 ? podDisruptionBudget(metadata(plan), plan.selector) : undefined;

const runnerAutoscaler = (plan: RunnerPlan): KubeObject | undefined => {
	const { autoscaling } = plan.spec;
	if (autoscaling?.enabled !== true) return undefined;
	const build = autoscaling.scaler === "keda" ? scaledObject : horizontalPodAutoscaler;
	return build(metadata(plan), { kind: "Deployment", name: plan.name }, autoscaling);
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
