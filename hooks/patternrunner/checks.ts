import type { SpecCheck } from "../../kube/check-list.ts";
import { containerRefusal } from "../../kube/container.ts";
import { credentialsShown, credentialsWritten, refusal } from "../../kube/spec-refusal.ts";
import type { Installation } from "../../schemas/installation.ts";
import type { PatternRunner } from "../../schemas/patternrunner.ts";
import { configVariables } from "./config-file.ts";

/** What is checked before a runner's spec is carried out. */
export interface RunnerSpecInput {
	readonly runner: PatternRunner;
	readonly installation: Installation;
}

type RunnerCheck = SpecCheck<RunnerSpecInput>;

/** A runner may use the backends of its own Kubernetes namespace only. */
export const backendForeign: RunnerCheck = ({ runner: { metadata, spec } }) => {
	const { namespace: home = "default" } = metadata;
	const { name, namespace } = spec.backendConfig ?? {};
	if (name === undefined || namespace === undefined || namespace === home) return undefined;
	return refusal({
		reason: "CrossNamespaceReference",
		about: "backendConfig",
		field: "spec.backendConfig.namespace",
		name,
		namespace,
		home,
	});
};

/** The endpoint is in every pod template as it is. */
export const credentialsInTracing: RunnerCheck = ({ runner: { spec } }) =>
	credentialsShown({ "spec.observability.tracingEndpoint": spec.observability?.tracingEndpoint });

/** What the API server would reject in every pod, or the installation does not allow. */
export const containerRejected: RunnerCheck = ({ runner: { spec }, installation }) =>
	containerRefusal(spec, "spec", installation);

/** A user may not write credentials into a spec, unless the installation allows it. */
export const credentialsInConfig: RunnerCheck = ({ runner: { spec }, installation }) =>
	installation.inlineCredentials ? undefined : credentialsWritten(spec.config, "spec.config", "backendConfigSecret");

/** Two keys of spec.config that would be one environment variable. */
export const variablesClash: RunnerCheck = ({ runner: { spec } }) => {
	const variables = configVariables(spec.config ?? {}).map(({ key, variable }, index, all) => ({
		key,
		variable,
		isSecond: all.findIndex((other) => other.variable === variable) !== index,
	}));
	const twice = variables.find(({ isSecond }) => isSecond);
	if (twice === undefined) return undefined;
	const { variable } = twice;
	const keys = variables.filter((other) => other.variable === variable).map(({ key }) => key);
	return refusal({ reason: "InvalidSpec", about: "variables", field: "spec.config", keys, variable });
};

/** In this order: the first that finds something decides. */
export const RUNNER_CHECKS: readonly RunnerCheck[] = [
	backendForeign,
	credentialsInTracing,
	containerRejected,
	credentialsInConfig,
	variablesClash,
];
