import type { BackendFindings } from "../findings/backendconfig.ts";
import type { FindingOf, WarningOf } from "../findings/finding.ts";

// Messages about a BackendConfig.

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
