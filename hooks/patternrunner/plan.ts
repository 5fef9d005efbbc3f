import type { Verdict } from "../../kube/conditions.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { credentialPaths } from "../../kube/connection.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { derivedName, jittered } from "../../kube/names.ts";
import { canonicalJson, contentHash, isRecord, kindKey, objectKey } from "../../kube/object.ts";
import { type EnvVar, floatingImage, type NamedPort } from "../../kube/pod.ts";
import { type Refusal, refusal } from "../../kube/refusal.ts";
import { conforms } from "../../kube/schema.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import { secondsBetween } from "../../kube/time.ts";
import { distinctPorts } from "../../kube/workload.ts";
import { Binding } from "../../schemas/backendconfig.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PatternRunner, PatternRunnerSpec } from "../../schemas/patternrunner.ts";
import type { RunnerSpec } from "../../schemas/placement.ts";
import { API_VERSION, RESTARTED_AT_ANNOTATION, STACK_LABEL } from "../../schemas/vocabulary.ts";

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
	readonly ports: readonly NamedPort[];
	/** Least number of pods that there may be. */
	readonly leastReplicas: number;
	readonly config: RunnerConfig | undefined;
	/** Whatever it says: another value than before restarts the pods. */
	readonly restartedAt: string | undefined;
	readonly backend: Backend;
	readonly warnings: readonly string[];
	readonly resyncAfterSeconds: number | undefined;
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

/** How the backend stands; a Deployment is built only when `deploy` says so, and otherwise held as observed. */
export interface Backend {
	readonly binding: Binding | undefined;
	readonly deploy: "build" | "hold";
	readonly finding: Verdict | undefined;
}

/** Seconds that a new runner waits for a BackendConfig that does not exist yet: a stack creates both at once. */
const BACKEND_GRACE_SECONDS = 10;
/** Seconds between two looks at a backend that is not there; its creation wakes the runner anyway. */
const BACKEND_RESYNC_SECONDS = 60;

const KNOWN_PATTERNS: readonly string[] = ["keyvalue", "pubsub", "queue"];

export const planRunner = (
	runner: PatternRunner,
	request: CompositeRequest,
	context: Context,
): RunnerPlan | Refusal => {
	const { spec } = runner;
	const { name, namespace = "default" } = runner.metadata;
	const foreign = foreignBackend(spec, namespace);
	if (foreign !== undefined) return foreign;
	if (spec.autoscaling?.enabled === true && spec.autoscaling.scaler === "keda" && !context.installation.keda)
		return refusal(
			"Unsupported",
			`spec.autoscaling.scaler is "keda", which this installation does not provide: use scaler: hpa`,
		);
	const config = planConfig(name, spec.config, context);
	if (config !== undefined && "refused" in config) return config;
	const backend = planBackend(runner, namespace, request, context);
	const labels = labelsOf(runner);
	const ports = [
		{ name: "grpc", port: spec.service.port },
		...(spec.observability?.metricsPort === undefined
			? []
			: [{ name: "metrics", port: spec.observability.metricsPort }]),
	];
	const placement: RunnerSpec = { ...(spec.resources && { resources: spec.resources }), ...spec.runnerSpec };
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
		ports: distinctPorts(ports),
		leastReplicas: spec.autoscaling?.enabled === true ? spec.autoscaling.minReplicas : spec.replicas,
		config,
		restartedAt: runner.metadata.annotations?.[RESTARTED_AT_ANNOTATION],
		backend,
		warnings: [
			...floatingImage(image),
			...portsListedTwice(ports),
			...unknownPattern(spec),
			...idleAntiAffinity(placement.affinity, labels).map(
				(selector) =>
					`spec.runnerSpec.affinity.podAntiAffinity selects ${selector}, which matches none of this runner's own pods (labels app=prism, runner=${name})`,
			),
			...backendWarnings(spec, backend),
		],
		resyncAfterSeconds:
			backend.finding === undefined
				? undefined
				: jittered(
						backend.deploy === "build" ? BACKEND_RESYNC_SECONDS : BACKEND_GRACE_SECONDS,
						runner.metadata.uid ?? name,
					),
	};
};

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

// ── Backend ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Name of the BackendConfig to relate to; undefined when spec names none that could be used. Reads spec only. */
export const backendReference = (parent: KubeObject): string | undefined => {
	const spec = parent["spec"];
	const reference = isRecord(spec) ? spec["backendConfig"] : undefined;
	if (!isRecord(reference) || typeof reference["name"] !== "string") return undefined;
	const namespace = reference["namespace"];
	return namespace === undefined || namespace === (parent.metadata.namespace ?? "default")
		? reference["name"]
		: undefined;
};

const foreignBackend = ({ backendConfig }: PatternRunnerSpec, namespace: string): Refusal | undefined => {
	if (backendConfig?.namespace === undefined || backendConfig.namespace === namespace) return undefined;
	return refusal(
		"CrossNamespaceReference",
		`spec.backendConfig.namespace is "${backendConfig.namespace}", but pods can only use what is in their own namespace "${namespace}": create BackendConfig ${backendConfig.name} and its Secrets there, and remove the field`,
	);
};

const planBackend = (
	runner: PatternRunner,
	namespace: string,
	request: CompositeRequest,
	{ now }: Context,
): Backend => {
	const reference = runner.spec.backendConfig;
	if (reference === undefined) return { binding: undefined, deploy: "build", finding: undefined };
	const found = request.related[kindKey(API_VERSION, "BackendConfig")]?.[`${namespace}/${reference.name}`];
	const running = request.children[kindKey("apps/v1", "Deployment")]?.[objectKey(runner)] !== undefined;
	if (found === undefined) {
		if (runner.spec.backend === "memstore") return { binding: undefined, deploy: "build", finding: undefined };
		const age = secondsBetween(runner.metadata.creationTimestamp ?? now, now);
		return {
			binding: undefined,
			deploy: running || age < BACKEND_GRACE_SECONDS ? "hold" : "build",
			finding: {
				ready: "False",
				phase: running ? "Degraded" : "Pending",
				reason: "BackendConfigNotFound",
				message: `spec.backendConfig.name is "${reference.name}", and there is no such BackendConfig in namespace ${namespace}: create it, or change the name`,
			},
		};
	}
	const binding = bindingOf(found);
	const ready = conditionOf(found, "Ready");
	if (binding !== undefined && ready?.status === "True") return { binding, deploy: "build", finding: undefined };
	return {
		binding,
		deploy: binding === undefined ? "hold" : "build",
		finding: {
			ready: "False",
			phase: running ? "Degraded" : "Pending",
			reason: "BackendNotReady",
			message:
				ready === undefined
					? `BackendConfig ${reference.name} has no status yet`
					: `BackendConfig ${reference.name} is not ready: ${ready.reason}: ${ready.message}`,
		},
	};
};

/** What the BackendConfig published; checked, for anybody who may write its status could have written it. */
const bindingOf = (backendConfig: KubeObject): Binding | undefined => {
	const status = backendConfig["status"];
	if (!isRecord(status)) return undefined;
	const { binding } = status;
	return conforms(Binding, binding) ? binding : undefined;
};

const backendWarnings = (spec: PatternRunnerSpec, backend: Backend): string[] =>
	spec.backendConfig !== undefined && spec.backend === "memstore" && backend.binding === undefined
		? [`spec.backendConfig names BackendConfig ${spec.backendConfig.name}, which does not exist; memstore does without`]
		: [];

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
		return refusal(
			"InlineCredentials",
			`spec.config.${secrets.toSorted().join(", spec.config.")} carries credentials: put them into a Secret and refer to it by a BackendConfig's connection.secretRef, or let the installation allow inline credentials`,
		);
	const variables = Object.keys(config)
		.toSorted()
		.map((key) => ({ key, variable: environmentName(key) }));
	const twice = variables.find(({ variable }, index) => variables.findIndex((v) => v.variable === variable) !== index);
	if (twice !== undefined) {
		const keys = variables.filter(({ variable }) => variable === twice.variable).map(({ key }) => `"${key}"`);
		return refusal(
			"InvalidSpec",
			`spec.config has the keys ${keys.join(" and ")}, which are one environment variable, ${twice.variable}: keep one of them`,
		);
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

const portsListedTwice = (ports: readonly NamedPort[]): string[] =>
	distinctPorts(ports).length === ports.length
		? []
		: [`spec.observability.metricsPort equals spec.service.port ${ports[0]?.port}: one port serves both`];

const unknownPattern = ({ pattern, image }: PatternRunnerSpec): string[] =>
	KNOWN_PATTERNS.includes(pattern) || image !== undefined
		? []
		: [
				`spec.pattern "${pattern}" is none of ${KNOWN_PATTERNS.join(", ")}: its default image may not exist; set spec.image`,
			];
