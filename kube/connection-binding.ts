import type { Binding } from "../schemas/backendconfig.ts";
import { RUNNER_FILE } from "../schemas/vocabulary.ts";
import type { EnvVar, Mount } from "./pod.ts";

// How a pod gets a published connection: environment variables and files that refer to a ConfigMap and to Secrets by name. The
// operator never reads their content.

export interface BindingPlaces {
	/** Prefix of the variables' names, without the last underscore. */
	readonly prefix: string;
	/** Folder of the connection's files; TLS files are in `<folder>-tls`. */
	readonly folder: string;
}

export const bindingEnvironment = (binding: Binding | undefined, { prefix, folder }: BindingPlaces): EnvVar[] => {
	if (binding === undefined) return [];
	const { configMap: name, urlFrom, secret, tls } = binding;
	return [
		{ name: `${prefix}_PROVIDER`, value: binding.provider },
		...(urlFrom === "ConfigMap"
			? [{ name: `${prefix}_URL`, valueFrom: { configMapKeyRef: { name, key: "url" } } }]
			: []),
		...fromSecret(`${prefix}_URL`, secret, urlFrom === "Secret" ? secret?.url : undefined),
		...fromSecret(`${prefix}_USERNAME`, secret, secret?.username),
		...fromSecret(`${prefix}_PASSWORD`, secret, secret?.password),
		...(tls === undefined ? [] : [{ name: `${prefix}_TLS`, value: "true" }]),
		...(tls?.serverName === undefined ? [] : [{ name: `${prefix}_TLS_SERVER_NAME`, value: tls.serverName }]),
		...(tls?.secret === undefined ? [] : [{ name: `${prefix}_TLS_DIR`, value: `${folder}-tls` }]),
	];
};

const fromSecret = (variable: string, secret: Binding["secret"], key: string | undefined): EnvVar[] => {
	if (secret === undefined || key === undefined) return [];
	const optional = secret.optional?.includes(key) === true;
	return [{ name: variable, valueFrom: { secretKeyRef: { name: secret.name, key, ...(optional && { optional }) } } }];
};

export const bindingMounts = (binding: Binding | undefined, { folder }: BindingPlaces): Mount[] => {
	if (binding === undefined) return [];
	const { configMap: name, tls } = binding;
	return [
		{ name: "backend", mountPath: folder, source: { configMap: { name } } },
		...(tls?.secret === undefined
			? []
			: [{ name: "backend-tls", mountPath: `${folder}-tls`, source: { secret: { secretName: tls.secret } } }]),
	];
};

/** The configuration file of a runner, in a folder of its own: pods that only connect do not mount it. */
export const runnerFileMounts = (binding: Binding | undefined, { folder }: BindingPlaces): Mount[] => {
	if (binding?.runnerFile === undefined) return [];
	const { from, key } = binding.runnerFile;
	const items = [{ key, path: RUNNER_FILE }];
	const source =
		from === "Secret" && binding.secret !== undefined
			? { secret: { secretName: binding.secret.name, items } }
			: { configMap: { name: binding.configMap, items } };
	return [{ name: "backend-runner", mountPath: `${folder}-runner`, source }];
};

/** Names of the Secrets that a pod with this connection mounts, sorted. */
export const bindingSecrets = (binding: Binding | undefined): string[] =>
	[...new Set([binding?.secret?.name, binding?.tls?.secret].filter((name) => name !== undefined))].toSorted();
