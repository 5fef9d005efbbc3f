import type { WarningCheck } from "../../kube/check-list.ts";
import { floatingImage } from "../../kube/pod.ts";
import { MOST_SHARDS } from "../../schemas/prismplugin.ts";
import type { PluginInput, PluginPlan } from "./plan.ts";

/** What is odd about a spec that can be carried out shows in its plan, and in who uses the plugin. */
export interface PluginWarningInput {
	readonly plan: Omit<PluginPlan, "warnings">;
	readonly surroundings: PluginInput;
}

type PluginWarning = WarningCheck<PluginWarningInput>;

/** Whether an image names its tag or digest itself. */
export const hasOwnTag = (image: string): boolean => /[:@]/.test(image);

/** The tag may mean another version tomorrow. */
export const imageFloating: PluginWarning = ({ plan: { spec, wanted } }) =>
	floatingImage(hasOwnTag(spec.source.image ?? "") ? "spec.source.image" : "spec.version", wanted.image);

/** The image names its tag itself, and spec.version is another one. */
export const tagDiffers: PluginWarning = ({ plan: { spec } }) => {
	const { version, source } = spec;
	const tag = /:([^@]+)/.exec(source.image ?? "")?.[1];
	return tag === undefined || tag === version ? undefined : [{ warning: "DifferentTag", tag, version }];
};

/** The canary is no place where the plugin runs. */
export const canaryStrange: PluginWarning = ({ plan: { spec }, surroundings: { places } }) => {
	const { canary } = spec.rollout;
	return canary === undefined || places.length === 0 || places.some(({ name }) => name === canary)
		? undefined
		: [{ warning: "StrangeCanary", canary }];
};

/** Shards call the plugin, and it runs nowhere by itself. */
export const remoteNotServed: PluginWarning = ({ surroundings: { followers, isRemote } }) => {
	const callers = followers.filter(({ form }) => form === "remote").map(({ name }) => name);
	return isRemote || callers.length === 0 ? undefined : [{ warning: "RemoteNotServed", shards: callers }];
};

/** The rollout reaches no more shards than a status can list. */
export const followersTooMany: PluginWarning = ({ surroundings: { followers } }) =>
	followers.length <= MOST_SHARDS ? undefined : [{ warning: "TooManyFollowers", most: MOST_SHARDS }];

/** In the order in which they are reported. */
export const PLUGIN_WARNINGS: readonly PluginWarning[] = [
	imageFloating,
	tagDiffers,
	canaryStrange,
	remoteNotServed,
	followersTooMany,
];
