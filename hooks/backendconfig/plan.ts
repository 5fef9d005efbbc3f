import { allFound, firstFound } from "../../kube/check-list.ts";
import { connectionParts } from "../../kube/connection.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { derivedName } from "../../kube/names.ts";
import { contentHash } from "../../kube/object.ts";
import type { Refusal } from "../../kube/spec-refusal.ts";
import type { BackendConfig, BackendConfigSpec, Binding } from "../../schemas/backendconfig.ts";
import type { FindingOf, Warning } from "../../schemas/findings/finding.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import { healthOfProvider, providerOfScheme, TLS_SCHEMES } from "../../schemas/providers.ts";
import type { Resources } from "../../schemas/scheduling.ts";
import { RUNNER_FILE, STACK_LABEL } from "../../schemas/vocabulary.ts";
import { BACKEND_CHECKS } from "./checks.ts";
import { runnerFileText } from "./runner-file.ts";
import { BACKEND_WARNINGS } from "./warnings.ts";

export interface BackendPlan {
	/** Name of what is generated: the ConfigMap and, for inline credentials, the Secret. */
	readonly name: string;
	readonly namespace: string;
	readonly labels: Readonly<Record<string, string>>;
	/** What the ConfigMap publishes; never a secret. */
	readonly published: Readonly<Record<string, string>>;
	/** A URL with credentials, to be kept in a Secret of our own. */
	readonly secretUrl: string | undefined;
	readonly binding: Binding;
	readonly health: HealthPlan;
	readonly warnings: readonly Warning[];
}

/** How the backend's health is found out. */
export type HealthPlan =
	/** No probe runs. */
	| { readonly by: "nobody"; readonly because: FindingOf<"NotChecked">["because"] }
	/** There is nothing that could be down. */
	| { readonly by: "nature" }
	| {
			readonly by: "probe";
			readonly name: string;
			readonly image: string;
			readonly interval: string;
			readonly timeout: string;
			readonly resources: Resources | undefined;
			/** The installation's, for containers whose spec names none. */
			readonly installed: Pick<Installation, "resources">;
	  };

export const planBackend = (backend: BackendConfig, { installation }: Context): BackendPlan | Refusal => {
	const { spec } = backend;
	const { name, namespace = "default" } = backend.metadata;
	const refused = firstFound(BACKEND_CHECKS, { backend, installation });
	if (refused !== undefined) return refused;
	const url = spec.connection?.url;
	const parts = url === undefined ? undefined : connectionParts(url);
	const generated = derivedName(name, "backend");
	const provider = spec.provider ?? providerOfScheme(parts?.scheme ?? "") ?? parts?.scheme ?? spec.type.toLowerCase();
	const tls = spec.tls.enabled || TLS_SCHEMES.includes(parts?.scheme ?? "");
	const published = {
		provider,
		type: spec.type,
		tls: String(tls),
		...(parts?.host !== undefined && { host: parts.host }),
		...(parts?.port !== undefined && { port: parts.port }),
		...(spec.tls.serverName !== undefined && { tlsServerName: spec.tls.serverName }),
		...(url !== undefined && parts?.credentials === false && { url }),
		...(spec.runnerFile !== undefined && {
			[RUNNER_FILE]: runnerFileText({ file: spec.runnerFile, provider, url, parts }),
		}),
	};
	const secretUrl = parts?.credentials === true ? url : undefined;
	const unsealed = {
		provider,
		configMap: generated,
		...urlSource(spec, generated, secretUrl),
		...fileSource(spec),
		...(tls && {
			tls: {
				...(spec.tls.secretRef !== undefined && { secret: spec.tls.secretRef.name }),
				...(spec.tls.serverName !== undefined && { serverName: spec.tls.serverName }),
			},
		}),
	};
	const plan: Omit<BackendPlan, "warnings"> = {
		name: generated,
		namespace,
		labels: labelsOf(backend, provider),
		published,
		secretUrl,
		binding: { ...unsealed, checksum: contentHash([unsealed, published, secretUrl]) },
		health: healthPlan(backend, provider, installation),
	};
	return { ...plan, warnings: allFound(BACKEND_WARNINGS, { backend, plan }) };
};

const healthPlan = (
	{ metadata, spec: { healthCheck } }: BackendConfig,
	provider: string,
	installation: Installation,
): HealthPlan => {
	if (healthOfProvider(provider) === "nature") return { by: "nature" };
	if (!healthCheck.enabled) return { by: "nobody", because: "off" };
	if (healthOfProvider(provider) !== "probed") return { by: "nobody", because: "noProbe" };
	return {
		by: "probe",
		name: derivedName(metadata.name, "probe"),
		image: installation.probeImage ?? `${installation.imageRegistry}/prism-operator-probe:${installation.imageTag}`,
		interval: healthCheck.interval,
		timeout: healthCheck.timeout,
		resources: healthCheck.resources,
		installed: installation,
	};
};

/**
 * Where a runner finds the URL and the credentials. What the Secret's keys give wins: its url when that key is named, or
 * when there is no other. A key that the user named must exist; one that is only the default may be missing.
 */
const urlSource = (
	{ connection }: BackendConfigSpec,
	generated: string,
	secretUrl: string | undefined,
): Pick<Binding, "urlFrom" | "secret"> => {
	const reference = connection?.secretRef;
	if (reference === undefined) {
		if (secretUrl !== undefined) return { urlFrom: "Secret", secret: { name: generated, url: "url" } };
		return connection?.url === undefined ? {} : { urlFrom: "ConfigMap" };
	}
	const { keys = {} } = reference;
	const urlFromSecret = keys.url !== undefined || connection?.url === undefined;
	const username = keys.username ?? "username";
	const password = keys.password ?? "password";
	// Who keeps the whole file there may have the address nowhere else.
	const isInFile = urlFromSecret && keys.url === undefined && keys.runnerFile !== undefined;
	const optional = [
		...(isInFile ? ["url"] : []),
		...(keys.username === undefined ? [username] : []),
		...(keys.password === undefined ? [password] : []),
	];
	return {
		urlFrom: urlFromSecret ? "Secret" : "ConfigMap",
		secret: {
			name: reference.name,
			...(urlFromSecret && { url: keys.url ?? "url" }),
			username,
			password,
			...(optional.length > 0 && { optional }),
		},
	};
};

/** What the Secret's keys give wins here, too. */
const fileSource = ({ connection, runnerFile }: BackendConfigSpec): Pick<Binding, "runnerFile"> => {
	const key = connection?.secretRef?.keys?.runnerFile;
	if (key !== undefined) return { runnerFile: { from: "Secret", key } };
	return runnerFile === undefined ? {} : { runnerFile: { from: "ConfigMap", key: RUNNER_FILE } };
};

const labelsOf = ({ metadata }: BackendConfig, provider: string): Record<string, string> => {
	const stack = metadata.labels?.[STACK_LABEL];
	return {
		app: "prism",
		component: "backend",
		backend: labelValue(provider),
		...(stack !== undefined && { [STACK_LABEL]: stack }),
		...recommendedLabels({
			name: "prism-backend",
			instance: metadata.name,
			component: "backend",
			partOf: "prism",
			managedBy: "prism-operator",
		}),
	};
};
