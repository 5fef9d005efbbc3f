import type { SpecCheck } from "../../kube/check-list.ts";
import { containerRefusal } from "../../kube/container.ts";
import { imageDenied } from "../../kube/permitted-fields.ts";
import { refusal } from "../../kube/spec-refusal.ts";
import type { Installation } from "../../schemas/installation.ts";
import type { PrismPlugin } from "../../schemas/prismplugin.ts";

/** What is checked before a plugin's spec is carried out. */
export interface PluginSpecInput {
	readonly plugin: PrismPlugin;
	/** Image that spec asks for. */
	readonly image: string;
	readonly installation: Installation;
}

type PluginCheck = SpecCheck<PluginSpecInput>;

/** What the API server would reject in every pod, or the installation does not allow. */
export const containerRejected: PluginCheck = ({ plugin: { spec }, installation }) =>
	containerRefusal(spec.deployment, "spec.deployment", installation);

/** The installation's own registry is its own choice. */
export const registryDenied: PluginCheck = ({ plugin: { spec }, image, installation }) => {
	if (spec.source.registry === undefined) return undefined;
	const denied = imageDenied(image, "spec.source", installation.grants ?? {});
	return denied && refusal(denied);
};

/** In this order: the first that finds something decides. */
export const PLUGIN_CHECKS: readonly PluginCheck[] = [containerRejected, registryDenied];
