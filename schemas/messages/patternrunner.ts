import type { FindingOf, WarningOf } from "../findings/finding.ts";
import type { RunnerFindings } from "../findings/patternrunner.ts";

// Messages about a PatternRunner.

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

export const sameVariableText = ({ field, keys, variable }: RunnerFindings["InvalidSpec"]): string =>
	`${field} has the keys ${keys.map((key) => `"${key}"`).join(" and ")}, which are one environment variable, ${variable}: keep one of them`;

export const unknownPatternText = ({ pattern, known }: WarningOf<"UnknownPattern">): string =>
	`spec.pattern "${pattern}" is none of ${known.join(", ")}: its default image may not exist; set spec.image`;

export const backendMissingText = ({ name }: WarningOf<"BackendConfigMissing">): string =>
	`spec.backendConfig names BackendConfig ${name}, which does not exist; memstore does without`;
