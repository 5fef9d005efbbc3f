import type { FindingOf, WarningOf } from "../findings/finding.ts";
import type { BackendFindings, RunnerFindings, StackFindings } from "../findings/stack.ts";
import { counted, listed } from "./words.ts";

// What is said of a stack, of a runner and of a backend.

// ── Stacks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const stackReadyText = ({ deployments, patterns, backends, namespaces }: FindingOf<"StackReady">): string =>
	[
		`Ready: ${counted(deployments, "deployment")}`,
		counted(patterns, "pattern"),
		counted(backends, "backend"),
		...(namespaces === 0 ? [] : [counted(namespaces, "namespace")]),
	].join(", ");

export const partNotReadyText = ({ part, its }: StackFindings["PatternNotReady"]): string =>
	`${part.kind} ${part.name}: ${its.reason}: ${its.words}`;

export const partPendingText = ({ part }: Extract<StackFindings["Progressing"], { about: "part" }>): string =>
	`${part.kind} ${part.name} is not ready yet`;

export const behindText = ({ namespaces }: Extract<StackFindings["Progressing"], { about: "namespaces" }>): string =>
	`PrismNamespace ${listed(namespaces.map(({ name, proxies }) => `${name} is not on ${listed(proxies)} yet`))}`;

export const stackLeavingText = ({ namespaces }: StackFindings["Terminating"]): string =>
	namespaces.length > 0
		? `Waiting for the deletion of its PrismNamespaces: ${listed(namespaces)}`
		: "Being deleted: its namespaces leave the proxies first";

export const recordsForgottenText = ({ replicas }: WarningOf<"RecordsForgotten">): string =>
	replicas > 1
		? `spec.admin.storage is not set: each of the ${replicas} admin pods has namespaces of its own, and loses them when it is replaced`
		: "spec.admin.storage is not set: the admin pod loses its namespaces when it is replaced, until they are pushed again";

export const proxyIdsNotKeptText = (): string =>
	"spec.proxy.workload is Deployment: each new pod registers with a new id, and prism-admin never removes the ids of deleted pods";

export const backendUnusedText = ({ backend }: WarningOf<"BackendUnused">): string =>
	`spec.backends has "${backend}", which no pattern uses`;

export const backendUnknownText = ({ field, backend, known }: WarningOf<"BackendUnknown">): string =>
	`${field} is "${backend}", and the stack has no backend of that name${known === undefined ? "" : ` (it has ${listed(known)})`}: the runner gets no address`;

// ── Runners ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const scaledToZeroText = (): string => "Scaled to zero";

export const deploymentReadyText = ({ available, desired }: FindingOf<"DeploymentReady">): string =>
	`${available} of ${desired} pods are available`;

export const backendNotFoundText = ({ field, name, namespace }: FindingOf<"BackendConfigNotFound">): string =>
	`${field} is "${name}", and there is no such BackendConfig in namespace ${namespace}: create it, or change the name`;

export const backendNotReadyText = (finding: RunnerFindings["BackendNotReady"]): string => {
	const { name } = finding;
	if (finding.about === "foreign") return `BackendConfig ${name} belongs to another stack than this runner`;
	const { its } = finding;
	return its === undefined
		? `BackendConfig ${name} has no status yet`
		: `BackendConfig ${name} is not ready: ${its.reason}: ${its.words}`;
};

export const foreignBackendText = (finding: RunnerFindings["CrossNamespaceReference"]): string =>
	`${finding.field} is "${finding.namespace}", but pods can only use what is in their own namespace "${finding.home}": create BackendConfig ${finding.name} there`;

export const unsupportedText = (finding: FindingOf<"Unsupported">): string => {
	const { field, value } = finding;
	const named = field.endsWith(".annotations") ? `has "${value}"` : value === undefined ? "is set" : `is "${value}"`;
	const allowed = finding.allowed.length === 0 ? "" : `: it allows ${finding.allowed.join(", ")}`;
	return `${field} ${named}, which this installation does not allow${allowed}`;
};

export const sameVariableText = ({ field, keys, variable }: RunnerFindings["InvalidSpec"]): string =>
	`${field} has the keys ${keys.map((key) => `"${key}"`).join(" and ")}, which are one environment variable, ${variable}: keep one of them`;

export const unknownPatternText = ({ pattern, known }: WarningOf<"UnknownPattern">): string =>
	`spec.pattern "${pattern}" is none of ${known.join(", ")}: its default image may not exist; set spec.image`;

export const backendMissingText = ({ name }: WarningOf<"BackendConfigMissing">): string =>
	`spec.backendConfig names BackendConfig ${name}, which does not exist; memstore does without`;

// ── Backends ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const probeText = ({ probe }: BackendFindings["Progressing"]): string =>
	`${probe.kind} ${probe.name} has not reported yet whether the backend answers`;

export const unhealthyText = ({ provider }: FindingOf<"BackendUnhealthy">): string =>
	`The health check of the backend (${provider}) fails`;

const publishedText = ({
	provider,
	configMap,
}: Pick<BackendFindings["NotChecked"], "provider" | "configMap">): string =>
	`The connection (${provider}) is published in ConfigMap ${configMap}`;

export const notCheckedText = (finding: FindingOf<"NotChecked">): string => {
	const because =
		finding.because === "off"
			? "whether the backend answers is not checked"
			: `there is no probe for ${finding.provider}`;
	return `${publishedText(finding)}; ${because}`;
};

export const healthyText = (finding: FindingOf<"BackendHealthy">): string =>
	`${publishedText(finding)}, and ${finding.by === "nature" ? "needs no backend" : "the backend answers its probe"}`;

export const foreignSecretText = (finding: BackendFindings["CrossNamespaceReference"]): string =>
	`${finding.field} is "${finding.namespace}", but pods can only mount Secrets of their own namespace "${finding.home}": copy the Secret, and remove the field`;

export const clearTextText = (): string =>
	"spec.connection.url carries credentials in clear text: move it into a Secret and name it in secretRef";

export const urlUnusedText = ({ key, secret }: WarningOf<"UrlUnused">): string =>
	`spec.connection.url is not used: key ${key} of Secret ${secret} wins`;

export const notProbedText = ({ provider, probed }: WarningOf<"NotProbed">): string =>
	`spec.healthCheck.enabled is true, but there is no probe for provider "${provider}": only ${probed.join(", ")} have one`;
