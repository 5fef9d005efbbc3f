import { allFound, firstFound } from "../../kube/check-list.ts";
import { distinctPorts } from "../../kube/children/service.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { placementOf } from "../../kube/placement-strategies.ts";
import type { NamedPort } from "../../kube/pod.ts";
import { afterLeaving, atOnce, type Termination } from "../../kube/pod-termination.ts";
import { type Sizing, sizingOf } from "../../kube/replica-count.ts";
import { defaultResources } from "../../kube/resources.ts";
import type { Refusal } from "../../kube/spec-refusal.ts";
import type { Autoscaling } from "../../schemas/autoscaling.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PatternRunner, PatternRunnerSpec } from "../../schemas/patternrunner.ts";
import type { Resources, RunnerSpec } from "../../schemas/scheduling.ts";
import { RESTARTED_AT_ANNOTATION, STACK_LABEL } from "../../schemas/vocabulary.ts";
import { type Backend, planBackend } from "./backend.ts";
import { RUNNER_CHECKS } from "./checks.ts";
import { type RunnerConfig, runnerConfig } from "./config-file.ts";
import { observedDeployment } from "./replica-count.ts";
import { RUNNER_WARNINGS } from "./warnings.ts";

/** A runner with every reference resolved: what children and status are made of. */
export interface RunnerPlan {
	readonly name: string;
	readonly namespace: string;
	readonly spec: PatternRunnerSpec;
	readonly labels: Readonly<Record<string, string>>;
	/** The smallest stable set; must not move when spec is edited. */
	readonly selector: Readonly<Record<string, string>>;
	readonly image: string;
	readonly placement: RunnerSpec;
	/** Resources of containers whose spec names none. */
	readonly byDefault: Resources | undefined;
	readonly ports: readonly NamedPort[];
	readonly termination: Termination;
	readonly sizing: Sizing<Autoscaling>;
	readonly config: RunnerConfig | undefined;
	/** Any text: another value than before restarts the pods. */
	readonly restartedAt: string | undefined;
	readonly backend: Backend;
	readonly warnings: readonly Warning[];
}

export const planRunner = (
	runner: PatternRunner,
	request: CompositeRequest,
	context: Context,
): RunnerPlan | Refusal => {
	const { spec } = runner;
	const { installation } = context;
	const refused = firstFound(RUNNER_CHECKS, { runner, installation });
	if (refused !== undefined) return refused;
	const { name, namespace = "default" } = runner.metadata;
	const restartedAt = runner.metadata.annotations?.[RESTARTED_AT_ANNOTATION];
	const byDefault = defaultResources(observedDeployment({ namespace, name }, request), installation, restartedAt);
	const plan: Omit<RunnerPlan, "warnings"> = {
		name,
		namespace,
		spec,
		labels: labelsOf(runner),
		selector: { app: "prism", runner: name },
		image: spec.image ?? `${installation.imageRegistry}/${spec.pattern}-runner:${installation.imageTag}`,
		placement: placementOf(spec, { app: "prism", pattern: spec.pattern }),
		byDefault,
		ports: portsOf(spec),
		// Those that were made before get SIGTERM at once: another template replaces every pod.
		termination:
			spec.service.type === "None" || byDefault === undefined
				? atOnce(spec.terminationGracePeriodSeconds)
				: afterLeaving(spec.terminationGracePeriodSeconds, installation),
		sizing: sizingOf(spec, installation),
		config: spec.config && runnerConfig(name, spec.config),
		restartedAt,
		backend: planBackend(runner, namespace, request, context),
	};
	return { ...plan, warnings: allFound(RUNNER_WARNINGS, { runner, plan, installation }) };
};

const portsOf = ({ service, observability }: PatternRunnerSpec): NamedPort[] =>
	distinctPorts([
		...(service.type === "None" ? [] : [{ name: "grpc", port: service.port }]),
		...(observability?.metricsPort === undefined ? [] : [{ name: "metrics", port: observability.metricsPort }]),
	]);

const labelsOf = ({ metadata, spec }: PatternRunner): Record<string, string> => {
	const stack = metadata.labels?.[STACK_LABEL];
	return {
		app: "prism",
		pattern: spec.pattern,
		backend: spec.backend,
		runner: metadata.name,
		component: "runner",
		...(stack !== undefined && { [STACK_LABEL]: stack }),
		...recommendedLabels({
			name: `${spec.pattern}-runner`,
			instance: labelValue(metadata.name),
			component: "runner",
			partOf: "prism",
			managedBy: "prism-operator",
		}),
	};
};
