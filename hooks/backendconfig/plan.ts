import { connectionParts } from "../../kube/connection.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { derivedName } from "../../kube/names.ts";
import { contentHash } from "../../kube/object.ts";
import { type Refusal, refusal } from "../../kube/refusal.ts";
import type { BackendConfig, BackendConfigSpec, Binding } from "../../schemas/backendconfig.ts";
import type { Context } from "../../schemas/installation.ts";
import { STACK_LABEL } from "../../schemas/vocabulary.ts";

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
	readonly warnings: readonly string[];
}

/** How the backend's health is found out. */
export type HealthPlan =
	/** Nobody asks; the message says why. */
	| { readonly by: "nobody"; readonly because: string }
	/** There is nothing that could be down. */
	| { readonly by: "nature" }
	| {
			readonly by: "probe";
			readonly name: string;
			readonly image: string;
			readonly interval: string;
			readonly timeout: string;
	  };

/** Providers that the probe has a client for. */
const PROBED: readonly string[] = ["redis", "nats", "postgres", "kafka"];

/** Scheme of a URL → provider. */
const PROVIDER_OF_SCHEME: Readonly<Record<string, string>> = {
	memstore: "memstore",
	redis: "redis",
	rediss: "redis",
	nats: "nats",
	tls: "nats",
	postgres: "postgres",
	postgresql: "postgres",
	kafka: "kafka",
	sqlite: "sqlite",
	file: "sqlite",
	s3: "s3",
};
const TLS_SCHEMES: readonly string[] = ["rediss", "tls", "https"];

export const planBackend = (backend: BackendConfig, { installation }: Context): BackendPlan | Refusal => {
	const { spec } = backend;
	const { name, namespace = "default" } = backend.metadata;
	const foreign =
		foreignSecret("spec.connection.secretRef", spec.connection?.secretRef, namespace) ??
		foreignSecret("spec.tls.secretRef", spec.tls.secretRef, namespace);
	if (foreign !== undefined) return foreign;
	const url = spec.connection?.url;
	const parts = url === undefined ? undefined : connectionParts(url);
	if (parts?.credentials === true && !installation.inlineCredentials)
		return refusal(
			"InlineCredentials",
			"spec.connection.url carries credentials: put the URL into a Secret of this namespace and name it in spec.connection.secretRef (keys.url), or let the installation allow inline credentials",
		);
	const generated = derivedName(name, "backend");
	const provider = spec.provider ?? PROVIDER_OF_SCHEME[parts?.scheme ?? ""] ?? parts?.scheme ?? spec.type.toLowerCase();
	const tls = spec.tls.enabled || TLS_SCHEMES.includes(parts?.scheme ?? "");
	const published = {
		provider,
		type: spec.type,
		tls: String(tls),
		...(parts?.host !== undefined && { host: parts.host }),
		...(parts?.port !== undefined && { port: parts.port }),
		...(spec.tls.serverName !== undefined && { tlsServerName: spec.tls.serverName }),
		...(url !== undefined && parts?.credentials === false && { url }),
	};
	const secretUrl = parts?.credentials === true ? url : undefined;
	const unsealed = {
		provider,
		configMap: generated,
		...urlSource(spec, generated, secretUrl),
		...(tls && {
			tls: {
				...(spec.tls.secretRef !== undefined && { secret: spec.tls.secretRef.name }),
				...(spec.tls.serverName !== undefined && { serverName: spec.tls.serverName }),
			},
		}),
	};
	return {
		name: generated,
		namespace,
		labels: labelsOf(backend, provider),
		published,
		secretUrl,
		binding: { ...unsealed, checksum: contentHash([unsealed, published, secretUrl]) },
		health: healthPlan(backend, provider, installation),
		warnings: [...warningsOf(spec, secretUrl), ...unprobed(spec, provider)],
	};
};

const healthPlan = (
	{ metadata, spec: { healthCheck } }: BackendConfig,
	provider: string,
	{ operatorImage, imageRegistry, imageTag }: Context["installation"],
): HealthPlan => {
	if (provider === "memstore") return { by: "nature" };
	if (!healthCheck.enabled) return { by: "nobody", because: "whether the backend answers is not checked" };
	if (!PROBED.includes(provider)) return { by: "nobody", because: `there is no probe for ${provider}` };
	return {
		by: "probe",
		name: derivedName(metadata.name, "probe"),
		image: operatorImage ?? `${imageRegistry}/prism-operator:${imageTag}`,
		interval: healthCheck.interval,
		timeout: healthCheck.timeout,
	};
};

const unprobed = ({ healthCheck }: BackendConfigSpec, provider: string): string[] =>
	healthCheck.enabled && provider !== "memstore" && !PROBED.includes(provider)
		? [
				`spec.healthCheck.enabled is true, but there is no probe for provider "${provider}": one of ${PROBED.join(", ")} is checked`,
			]
		: [];

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
	const optional = [
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

const foreignSecret = (
	field: string,
	reference: { name: string; namespace?: string } | undefined,
	namespace: string,
): Refusal | undefined => {
	if (reference?.namespace === undefined || reference.namespace === namespace) return undefined;
	return refusal(
		"CrossNamespaceReference",
		`${field}.namespace is "${reference.namespace}", but pods can only mount Secrets of their own namespace "${namespace}": copy it (kubectl get secret ${reference.name} -n ${reference.namespace} -o yaml | sed 's/namespace: ${reference.namespace}/namespace: ${namespace}/' | kubectl create -f -) and remove the field`,
	);
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

const warningsOf = ({ connection }: BackendConfigSpec, secretUrl: string | undefined): string[] => [
	...(secretUrl === undefined
		? []
		: ["spec.connection.url carries credentials in clear text: move it into a Secret and name it in secretRef"]),
	...(connection?.url !== undefined && connection.secretRef?.keys?.url !== undefined
		? [
				`spec.connection.url is not used: key ${connection.secretRef.keys.url} of Secret ${connection.secretRef.name} wins`,
			]
		: []),
];
