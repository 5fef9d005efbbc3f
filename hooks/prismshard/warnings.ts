import { autoscalerWarnings } from "../../kube/autoscaler.ts";
import type { WarningCheck } from "../../kube/check-list.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import { floatingImage } from "../../kube/pod.ts";
import { isSameQuantity } from "../../kube/quantity.ts";
import { defaultResources, withDefaultResources } from "../../kube/resources.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import { observedSet, pluginContainer } from "./observed-shard.ts";
import type { ShardPlan } from "./plan.ts";
import { PROXY_CONTAINER } from "./pod-template.ts";

/** Warnings about a valid spec depend on its plan, and on observed children. */
export interface ShardWarningInput {
	readonly plan: Omit<ShardPlan, "warnings">;
	readonly request: CompositeRequest;
}

type ShardWarning = WarningCheck<ShardWarningInput>;

/** No PrismPlugin has the plugin's versions, or none serves it to this shard. */
export const pluginUnmanaged: ShardWarning = ({ plan }) =>
	plan.plugins.flatMap(({ name, form, image, declared: type }): Warning[] => {
		if (form === "remote") return type === "remote" ? [] : [{ warning: "PluginNotServed", plugin: name, type }];
		return type === undefined ? [{ warning: "PluginMissing", plugin: name, image }] : [];
	});

/** The tag may mean another version tomorrow. */
export const imageFloating: ShardWarning = ({ plan }) => floatingImage("spec.image", plan.image);

/** The same, of plugins that run in the shard's pods. */
export const pluginImageFloating: ShardWarning = ({ plan }) =>
	plan.plugins.flatMap(({ image }) => (image === undefined ? [] : floatingImage("spec.plugins", image)));

/** It selects none of the shard's own pods, and keeps none apart. */
export const antiAffinityIdle: ShardWarning = ({ plan: { name, placement, labels } }) =>
	idleAntiAffinity(placement.affinity, labels).map(
		(selector): Warning => ({
			warning: "IdleAntiAffinity",
			of: { field: "spec.runnerSpec.affinity.podAntiAffinity" },
			noun: "shard",
			selector,
			labels: { app: "prism-proxy", shard: name },
		}),
	);

/** It can't act on what the pods have. */
export const autoscalerIdle: ShardWarning = ({ plan, request }) => {
	const { sizing, placement, installation, restartedAt, spec } = plan;
	if (sizing.autoscaling === undefined) return undefined;
	return autoscalerWarnings({
		autoscaling: sizing.autoscaling,
		resources: withDefaultResources(
			placement.resources,
			defaultResources(observedSet(request), installation, restartedAt),
		),
		container: PROXY_CONTAINER,
		others: (spec.plugins ?? []).map(({ name }) => pluginContainer(name)),
		path: "spec",
	});
};

/** The API server refuses such an edit; an object that was created again over old volumes gets here all the same. */
export const volumesKept: ShardWarning = ({ plan: { storageSize: wanted }, request }) => {
	const [template] = recordsAt(observedSet(request), "spec", "volumeClaimTemplates");
	const has = valueAt(template, "spec", "resources", "requests", "storage");
	return typeof has === "string" && !isSameQuantity(has, wanted)
		? [{ warning: "VolumesKept", wanted, has }]
		: undefined;
};

/** In the order in which they are reported. */
export const SHARD_WARNINGS: readonly ShardWarning[] = [
	pluginUnmanaged,
	imageFloating,
	pluginImageFloating,
	antiAffinityIdle,
	autoscalerIdle,
	volumesKept,
];
