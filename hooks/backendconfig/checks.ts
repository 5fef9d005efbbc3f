import type { SpecCheck } from "../../kube/check-list.ts";
import { connectionParts } from "../../kube/connection.ts";
import { resourceProblems } from "../../kube/resources.ts";
import { credentialsWritten, refusal } from "../../kube/spec-refusal.ts";
import type { BackendConfig } from "../../schemas/backendconfig.ts";
import type { Installation } from "../../schemas/installation.ts";

/** What is checked before a BackendConfig's spec is carried out. */
export interface BackendSpecInput {
	readonly backend: BackendConfig;
	readonly installation: Installation;
}

type BackendCheck = SpecCheck<BackendSpecInput>;

/** A Secret of another Kubernetes namespace, which pods can't mount. */
export const secretForeign =
	(part: "connection" | "tls"): BackendCheck =>
	({ backend: { metadata, spec } }) => {
		const { namespace: home = "default" } = metadata;
		const { name, namespace } = spec[part]?.secretRef ?? {};
		if (name === undefined || namespace === undefined || namespace === home) return undefined;
		return refusal({
			reason: "CrossNamespaceReference",
			about: "secret",
			field: `spec.${part}.secretRef.namespace`,
			name,
			namespace,
			home,
			remedy: { verb: "copy", kind: "secret", name, namespace, to: home },
		});
	};

const urlHasCredentials = ({ backend: { spec } }: BackendSpecInput): boolean =>
	connectionParts(spec.connection?.url ?? "").credentials;

/** A user may not write credentials into a spec, unless the installation allows it. */
export const credentialsInUrl: BackendCheck = (input) =>
	urlHasCredentials(input) && !input.installation.inlineCredentials
		? refusal({ reason: "InlineCredentials", fields: ["spec.connection.url"], instead: "connectionSecret" })
		: undefined;

/** The file is published in a ConfigMap, whatever the installation allows. */
export const credentialsInRunnerFile: BackendCheck = ({ backend: { spec } }) =>
	credentialsWritten(spec.runnerFile, "spec.runnerFile", "runnerFileSecret");

/** The address would be rendered into the file with its credentials. */
export const credentialsForRunnerFile: BackendCheck = (input) =>
	input.backend.spec.runnerFile !== undefined && urlHasCredentials(input)
		? refusal({ reason: "InlineCredentials", fields: ["spec.connection.url"], instead: "runnerFileSecret" })
		: undefined;

/** The type is published in a ConfigMap as it is. */
export const credentialsInType: BackendCheck = ({ backend: { spec } }) =>
	credentialsWritten({ type: spec.type }, "spec", "never");

/** What the API server would reject in the probe's pods. */
export const probeResources: BackendCheck = ({ backend: { spec } }) => {
	const problems = resourceProblems(spec.healthCheck.resources ?? {}, "spec.healthCheck.resources");
	return problems.length === 0 ? undefined : refusal({ reason: "InvalidSpec", about: "fields", problems });
};

/** In this order: the first that finds something decides. */
export const BACKEND_CHECKS: readonly BackendCheck[] = [
	secretForeign("connection"),
	secretForeign("tls"),
	credentialsInUrl,
	credentialsInType,
	credentialsInRunnerFile,
	credentialsForRunnerFile,
	probeResources,
];
