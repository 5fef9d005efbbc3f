import { credentialPaths } from "../../kube/connection.ts";
import { derivedName } from "../../kube/names.ts";
import { canonicalJson, contentHash } from "../../kube/object.ts";
import type { EnvVar } from "../../kube/pod.ts";
import type { PatternRunnerSpec } from "../../schemas/patternrunner.ts";
import { CONFIG_FILE } from "../../schemas/vocabulary.ts";

/** spec.config on its way to the pods. */
export interface RunnerConfig {
	readonly name: string;
	/** Child that holds it: a Secret, if it has credentials. */
	readonly kind: "ConfigMap" | "Secret";
	/** The file config.json and one key per environment variable. */
	readonly data: Readonly<Record<string, string>>;
	readonly env: readonly string[];
	readonly checksum: string;
}

type Config = NonNullable<PatternRunnerSpec["config"]>;

export const runnerConfig = (runner: string, config: Config): RunnerConfig => {
	const variables = configVariables(config);
	const data = {
		[CONFIG_FILE]: `${canonicalJson(config)}\n`,
		...Object.fromEntries(variables.map(({ key, variable }) => [variable, environmentValue(config[key])])),
	};
	return {
		name: derivedName(runner, "config"),
		kind: credentialPaths(config).length > 0 ? "Secret" : "ConfigMap",
		data,
		env: variables.map(({ variable }) => variable),
		checksum: contentHash(data),
	};
};

/** The environment variable of each key, in the order of the keys: natsUrl → PRISM_CONFIG_NATS_URL. */
export const configVariables = (config: Config): { readonly key: string; readonly variable: string }[] =>
	Object.keys(config)
		.toSorted()
		.map((key) => ({ key, variable: environmentName(key) }));

const environmentName = (key: string): string =>
	`PRISM_CONFIG_${key
		.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
		.replaceAll(/[^a-zA-Z0-9]+/g, "_")
		.toUpperCase()}`;

const environmentValue = (value: unknown): string => (typeof value === "string" ? value : canonicalJson(value));

/** Environment variables that read the configuration object key by key. */
export const configEnvironment = (config: RunnerConfig | undefined): EnvVar[] => {
	if (config === undefined) return [];
	const { kind, name, env } = config;
	return env.map((key) => ({
		name: key,
		valueFrom: kind === "Secret" ? { secretKeyRef: { name, key } } : { configMapKeyRef: { name, key } },
	}));
};
