import type { DeploymentPlan } from "../../kube/children/deployment.ts";
import { podField } from "../../kube/container.ts";
import { contentHash } from "../../kube/object.ts";
import { type ContainerPlan, type EnvVar, podTemplate } from "../../kube/pod.ts";
import type { Termination } from "../../kube/pod-termination.ts";
import { recording } from "../../kube/resources.ts";
import { isSpread } from "../../kube/scheduling.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { type PodSecurity, TCP_PROBE } from "../../schemas/pods.ts";
import type { Resources } from "../../schemas/scheduling.ts";
import { CONFIG_CHECKSUM_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";
import { configurationMount, MOUNTED_CONFIG } from "./configuration.ts";
import { type ComponentPlan, componentMetadata, containerName, type StackPlan } from "./plan.ts";

/** What a workload has, of whichever kind it is. */
export type Pods = Pick<DeploymentPlan, "metadata" | "replicas" | "selector" | "template" | "minReadySeconds">;

/** How the pods of the proxies differ from those of the control plane. */
export interface PodsOfComponent {
	/** The workload, as it is there. */
	readonly there: KubeObject | undefined;
	readonly byDefault: Resources | undefined;
	readonly replicas: number;
	/** Settings in the configuration file: others than before replace the pods. */
	readonly settings: object;
	readonly container: Pick<ContainerPlan, "args" | "ports" | "mounts"> &
		Partial<Pick<ContainerPlan, "referringArgs" | "env" | "referring">>;
	readonly termination: Termination;
	readonly security?: Partial<PodSecurity>;
}

/** The pods of a component, and how many there are. */
export const componentPods = (plan: StackPlan, own: ComponentPlan, pods: PodsOfComponent): Pods => {
	const { there, byDefault, replicas, settings, container, termination, security } = pods;
	const { args, referringArgs, env = [], referring = [], ports, mounts } = container;
	return {
		metadata: recording(componentMetadata(plan, own, own.workload.name), byDefault),
		replicas,
		selector: own.selector,
		template: podTemplate({
			container: {
				name: containerName(own),
				image: own.image,
				imagePullPolicy: own.spec.imagePullPolicy,
				args,
				referringArgs,
				env: [...environment(plan), ...env],
				referring,
				ports,
				added: own.spec,
				probe: own.spec.probe ?? TCP_PROBE,
				mounts: [configurationMount(own), ...mounts],
				preStopSeconds: termination.preStopSeconds,
			},
			labels: own.labels,
			annotations: {
				[CONFIG_CHECKSUM_ANNOTATION]: contentHash(settings),
				[RESTARTED_AT_ANNOTATION]: plan.restartedAt,
			},
			selector: own.selector,
			placement: own.placement,
			byDefault,
			security: { ...own.spec.podSecurity, ...security },
			imagePullSecrets: plan.spec.imagePullSecrets,
			terminationGracePeriodSeconds: termination.graceSeconds,
			spread: isSpread(there),
		}),
	};
};

const environment = (plan: StackPlan): EnvVar[] => [
	{ name: "PRISM_STACK", value: plan.name },
	{ name: "PRISM_CONFIG_FILE", value: MOUNTED_CONFIG },
	{ name: "PRISM_POD_NAME", valueFrom: { fieldRef: podField("metadata.name") } },
	...(plan.tracingEndpoint === undefined ? [] : [{ name: "PRISM_TRACING_ENDPOINT", value: plan.tracingEndpoint }]),
	...(plan.metricsPort === undefined ? [] : [{ name: "PRISM_METRICS_PORT", value: String(plan.metricsPort) }]),
];
