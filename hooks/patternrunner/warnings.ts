import { autoscalerWarnings } from "../../kube/autoscaler.ts";
import type { WarningCheck } from "../../kube/check-list.ts";
import { givenAffinity } from "../../kube/placement-strategies.ts";
import { floatingImage } from "../../kube/pod.ts";
import { kedaMissing } from "../../kube/replica-count.ts";
import { withDefaultResources } from "../../kube/resources.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Installation } from "../../schemas/installation.ts";
import type { PatternRunner } from "../../schemas/patternrunner.ts";
import { UNKNOWN_BACKEND_ANNOTATION } from "../../schemas/vocabulary.ts";
import { containerName } from "./deployment.ts";
import type { RunnerPlan } from "./plan.ts";

/** What is odd about a spec that can be carried out shows in the object and in its plan. */
export interface RunnerWarningInput {
	readonly runner: PatternRunner;
	readonly plan: Omit<RunnerPlan, "warnings">;
	readonly installation: Installation;
}

type RunnerWarning = WarningCheck<RunnerWarningInput>;

/** The tag may mean another version tomorrow. */
export const imageFloating: RunnerWarning = ({ plan }) => floatingImage("spec.image", plan.image);

/** A Service can't list a port twice: the clients' port serves both. */
export const metricsPortShared: RunnerWarning = ({ runner: { spec } }) => {
	const { type, port } = spec.service;
	return type === "None" || spec.observability?.metricsPort !== port
		? undefined
		: [
				{
					warning: "MetricsPortShared",
					field: "spec.observability.metricsPort",
					other: "spec.service.port",
					port,
				},
			];
};

const KNOWN_PATTERNS: readonly string[] = ["keyvalue", "pubsub", "queue"];

/** There is no default image for the pattern. */
export const patternUnknown: RunnerWarning = ({ runner: { spec } }) =>
	KNOWN_PATTERNS.includes(spec.pattern) || spec.image !== undefined
		? undefined
		: [{ warning: "UnknownPattern", pattern: spec.pattern, known: KNOWN_PATTERNS }];

/** It selects none of the runner's own pods, and keeps none apart. */
export const antiAffinityIdle: RunnerWarning = ({ plan: { spec, name, labels } }) => {
	const { field, affinity } = givenAffinity(spec);
	return idleAntiAffinity(affinity, labels).map(
		(selector): Warning => ({
			warning: "IdleAntiAffinity",
			of: { field: `spec.${field}.podAntiAffinity` },
			noun: "runner",
			selector,
			labels: { app: "prism", runner: name },
		}),
	);
};

/** The spec asks for KEDA, and the cluster has none. */
export const scalerMissing: RunnerWarning = ({ runner: { spec }, installation }) =>
	kedaMissing(spec, installation, "spec");

/** It can't act on what the pods have. */
export const autoscalerIdle: RunnerWarning = ({ plan: { spec, sizing, placement, byDefault } }) =>
	sizing.autoscaling &&
	autoscalerWarnings({
		autoscaling: sizing.autoscaling,
		resources: withDefaultResources(placement.resources, byDefault),
		container: containerName(spec),
		path: "spec",
	});

/** memstore needs no address: it starts without the BackendConfig that the spec names. */
export const backendConfigMissing: RunnerWarning = ({ runner: { spec }, plan: { backend } }) =>
	spec.backendConfig !== undefined && spec.backend === "memstore" && backend.binding === undefined
		? [{ warning: "BackendConfigMissing", name: spec.backendConfig.name }]
		: undefined;

/** The stack that made the runner has no backend of this name. */
export const backendUnknown: RunnerWarning = ({ runner: { metadata, spec } }) =>
	metadata.annotations?.[UNKNOWN_BACKEND_ANNOTATION] === "true"
		? [{ warning: "BackendUnknown", field: "spec.backend", backend: spec.backend }]
		: undefined;

/** In the order in which they are reported. */
export const RUNNER_WARNINGS: readonly RunnerWarning[] = [
	imageFloating,
	metricsPortShared,
	patternUnknown,
	antiAffinityIdle,
	scalerMissing,
	autoscalerIdle,
	backendConfigMissing,
	backendUnknown,
];
