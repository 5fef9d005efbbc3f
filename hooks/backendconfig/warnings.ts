import type { WarningCheck } from "../../kube/check-list.ts";
import type { BackendConfig } from "../../schemas/backendconfig.ts";
import { healthOfProvider, PROBED_PROVIDERS } from "../../schemas/providers.ts";
import type { BackendPlan } from "./plan.ts";

/** What is odd about a spec that can be carried out shows in the object and in its plan. */
export interface BackendWarningInput {
	readonly backend: BackendConfig;
	readonly plan: Omit<BackendPlan, "warnings">;
}

type BackendWarning = WarningCheck<BackendWarningInput>;

/** Every user who may read the BackendConfig reads the credentials in its URL. */
export const urlInClearText: BackendWarning = ({ plan }) =>
	plan.secretUrl === undefined ? undefined : [{ warning: "UrlInClearText" }];

/** The Secret's URL wins over the spec's. */
export const urlUnused: BackendWarning = ({ backend: { spec } }) => {
	const { url, secretRef } = spec.connection ?? {};
	return url === undefined || secretRef?.keys?.url === undefined
		? undefined
		: [{ warning: "UrlUnused", key: secretRef.keys.url, secret: secretRef.name }];
};

/** A check was asked for, and there is no probe for the provider. */
export const notProbed: BackendWarning = ({ backend: { spec }, plan: { binding } }) =>
	spec.healthCheck.enabled && healthOfProvider(binding.provider) === "unknown"
		? [{ warning: "NotProbed", provider: binding.provider, probed: PROBED_PROVIDERS }]
		: undefined;

/** In the order in which they are reported. */
export const BACKEND_WARNINGS: readonly BackendWarning[] = [urlInClearText, urlUnused, notProbed];
