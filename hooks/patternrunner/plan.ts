import { autoscalerWarnings } from "../../kube/availability.ts";
import { credentialPaths } from "../../kube/connection.ts";
import { containerRefusal } from "../../kube/container.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { derivedName } from "../../kube/names.ts";
import { canonicalJson, contentHash } from "../../kube/object.ts";
import { givenAffinity, placementOf } from "../../kube/placement.ts";
import { type EnvVar, floatingImage, type NamedPort } from "../../kube/pod.ts";
import { credentialsShown, type Refusal, refusal } from "../../kube/refusal.ts";
import { defaultResources, withDefaultResources } from "../../kube/resources.ts";
import { kedaMissing, type Sizing, sizingOf } from "../../kube/scaling.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import { afterLeaving, atOnce, type Termination } from "../../kube/termination.ts";
import { distinctPorts } from "../../kube/workload.ts";
import type { Autoscaling } from "../../schemas/autoscaling.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PatternRunner, PatternRunnerSpec } from "../../schemas/patternrunner.ts";
import type { Resources, RunnerSpec } from "../../schemas/placement.ts";
import { RESTARTED_AT_ANNOTATION, STACK_LABEL } from "../../schemas/vocabulary.ts";
import { type Backend, backendWarnings, foreignBackend, planBackend } from "./backend.ts";

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
	/** Whatever it says: another value than before restarts the pods. */
	readonly restartedAt: string | undefined;
	readonly backend: Backend;
	readonly warnings: readonly Warning[];
}

/** spec.config on its way to the pods. */
export interface RunnerConfig {
	readonly name: string;
	readonly kind: "ConfigMap" | "Secret";
	/** The file config.json and one key per environment variable. */
	readonly data: Readonly<Record<string, string>>;
	readonly env: readonly string[];
	readonly checksum: string;
}

const KNOWN_PATTERNS: readonly string[] = ["keyvalue", "pubsub", "queue"];

export const planRunner = (
	runner: PatternRunner,
	request: CompositeRequest,
	context: Context,
): RunnerPlan | Refusal => {
	const { spec } = runner;
	const { name, namespace = "default" } = runner.metadata;
	const refused =
		foreignBackend(spec, namespace) ??
		credentialsShown({ "spec.observability.tracingEndpoint": spec.observability?.tracingEndpoint });
	if (refused !== undefined) return refused;
	const wrong = containerRefusal(spec, "spec", context.installation);
	if (wrong !== undefined) return wrong;
	const config = planConfig(name, spec.config, context);
	if (config !== undefined && "refused" in config) return config;
	const backend = planBackend(runner, namespace, request, context);
	const labels = labelsOf(runner);
	const ports = [
		...(spec.service.type === "None" ? [] : [{ name: "grpc", port: spec.service.port }]),
		...(spec.observability?.metricsPort === undefined
			? []
			: [{ name: "metrics", port: spec.observability.metricsPort }]),
	];
	const placement = placementOf(spec, { app: "prism", pattern: spec.pattern });
	const given = givenAffinity(spec);
	const restartedAt = runner.metadata.annotations?.[RESTARTED_AT_ANNOTATION];
	const there = request.children["Deployment.apps/v1"]?.[`${namespace}/${name}`];
	const byDefault = defaultResources(there, context.installation, restartedAt);
	const sizing = sizingOf(spec, context.installation);
	const image =
		spec.image ?? `${context.installation.imageRegistry}/${spec.pattern}-runner:${context.installation.imageTag}`;
	return {
		name,
		namespace,
		spec,
		labels,
		selector: { app: "prism", runner: name },
		image,
		placement,
		byDefault,
		ports: distinctPorts(ports),
		// Those that were made before get SIGTERM at once: another template replaces every pod.
		termination:
			spec.service.type === "None" || byDefault === undefined
				? atOnce(spec.terminationGracePeriodSeconds)
				: afterLeaving(spec.terminationGracePeriodSeconds, context.installation),
		sizing,
		config,
		restartedAt,
		backend,
		warnings: [
			...floatingImage("spec.image", image),
			...portsListedTwice(ports),
			...unknownPattern(spec),
			...idleAntiAffinity(given.affinity, labels).map(
				(selector): Warning => ({
					warning: "IdleAntiAffinity",
					of: { field: `spec.${given.field}.podAntiAffinity` },
					noun: "runner",
					selector,
					labels: { app: "prism", runner: name },
				}),
			),
			...kedaMissing(spec, context.installation, "spec"),
			...(sizing.autoscaling === undefined
				? []
				: autoscalerWarnings({
						autoscaling: sizing.autoscaling,
						resources: withDefaultResources(placement.resources, byDefault),
						container: containerName(spec),
						path: "spec",
					})),
			...backendWarnings(runner, backend),
		],
	};
};

export const containerName = ({ pattern }: PatternRunnerSpec): string => `${pattern}-runner`;

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

// ── Configuration ───────────────────────────────────────────────────────────────────────────────────────────────────

export const CONFIG_FILE = "config.json";

const planConfig = (
	runner: string,
	config: PatternRunnerSpec["config"],
	{ installation }: Context,
): RunnerConfig | Refusal | undefined => {
	if (config === undefined) return undefined;
	const secrets = credentialPaths(config);
	if (secrets.length > 0 && !installation.inlineCredentials)
		return refusal({
			reason: "InlineCredentials",
			fields: secrets.toSorted().map((path) => `spec.config.${path}`),
			instead: "backendConfigSecret",
		});
	const variables = Object.keys(config)
		.toSorted()
		.map((key) => ({ key, variable: environmentName(key) }));
	const twice = variables.find(({ variable }, index) => variables.findIndex((v) => v.variable === variable) !== index);
	if (twice !== undefined) {
		const { variable } = twice;
		const keys = variables.filter((other) => other.variable === variable).map(({ key }) => key);
		return refusal({ reason: "InvalidSpec", about: "variables", field: "spec.config", keys, variable });
	}
	const data = {
		[CONFIG_FILE]: `${canonicalJson(config)}\n`,
		...Object.fromEntries(variables.map(({ key, variable }) => [variable, environmentValue(config[key])])),
	};
	return {
		name: derivedName(runner, "config"),
		kind: secrets.length > 0 ? "Secret" : "ConfigMap",
		data,
		env: variables.map(({ variable }) => variable),
		checksum: contentHash(data),
	};
};

/** natsUrl → PRISM_CONFIG_NATS_URL. */
const environmentName = (key: string): string =>
	`PRISM_CONFIG_${key
		.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
		.replaceAll(/[^a-zA-Z0-9]+/g, "_")
		.toUpperCase()}`;

const environmentValue = (value: unknown): string => (typeof value === "string" ? value : canonicalJson(value));

/** Environment variables that read the configuration object key by key. */
export const configEnvironment = ({ kind, name, env }: RunnerConfig): EnvVar[] =>
	env.map((key) => ({
		name: key,
		valueFrom: kind === "Secret" ? { secretKeyRef: { name, key } } : { configMapKeyRef: { name, key } },
	}));

// ── Warnings ────────────────────────────────────────────────────────────────────────────────────────────────────────

const portsListedTwice = (ports: readonly NamedPort[]): Warning[] =>
	distinctPorts(ports).length === ports.length
		? []
		: [
				{
					warning: "MetricsPortShared",
					field: "spec.observability.metricsPort",
					other: "spec.service.port",
					port: ports[0]?.port,
				},
			];

const unknownPattern = ({ pattern, image }: PatternRunnerSpec): Warning[] =>
	KNOWN_PATTERNS.includes(pattern) || image !== undefined
		? []
		: [{ warning: "UnknownPattern", pattern, known: KNOWN_PATTERNS }];
