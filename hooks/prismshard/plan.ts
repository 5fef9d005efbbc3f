import { allFound, firstFound } from "../../kube/check-list.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import type { NamedPort } from "../../kube/pod.ts";
import { volumeGroup } from "../../kube/pod-user.ts";
import { canonicalResource } from "../../kube/quantity.ts";
import { type Sizing, sizingOf } from "../../kube/replica-count.ts";
import type { Refusal } from "../../kube/spec-refusal.ts";
import type { ShardAutoscaling } from "../../schemas/autoscaling.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PrismShard, PrismShardSpec } from "../../schemas/prismshard.ts";
import type { RunnerSpec } from "../../schemas/scheduling.ts";
import { RESTARTED_AT_ANNOTATION, SHARD_LABEL } from "../../schemas/vocabulary.ts";
import { SHARD_CHECKS } from "./checks.ts";
import { type ShardConfig, shardConfig } from "./config-file.ts";
import { type ShardNames, shardNames } from "./observed-shard.ts";
import { type PluginsPlan, planPlugins } from "./plugins.ts";
import { SHARD_WARNINGS } from "./warnings.ts";

/** A shard with every reference resolved: what children and status are made of. */
export interface ShardPlan extends PluginsPlan {
	readonly name: string;
	readonly namespace: string;
	readonly names: ShardNames;
	readonly spec: PrismShardSpec;
	readonly labels: Readonly<Record<string, string>>;
	/** The smallest stable set; must not move when spec is edited. */
	readonly selector: Readonly<Record<string, string>>;
	readonly image: string;
	readonly placement: RunnerSpec;
	/** What the proxy listens on: clients, the admin API, metrics. */
	readonly ports: readonly NamedPort[];
	readonly config: ShardConfig;
	/** Any text: another value than before restarts the pods. */
	readonly restartedAt: string | undefined;
	/** Size of each volume: an existing StatefulSet keeps the one that it began with. */
	readonly storageSize: string;
	/** Group of the volumes; null: none. */
	readonly fsGroup: number | null;
	readonly sizing: Sizing<ShardAutoscaling>;
	readonly installation: Installation;
	readonly warnings: readonly Warning[];
}

export const planShard = (shard: PrismShard, request: CompositeRequest, context: Context): ShardPlan | Refusal => {
	const { spec, metadata } = shard;
	const { installation } = context;
	const plugins = planPlugins(shard, request, context);
	const refused = firstFound(SHARD_CHECKS, { shard, plugins: plugins.plugins, installation });
	if (refused !== undefined) return refused;
	const names = shardNames(shard);
	const plan: Omit<ShardPlan, "warnings"> = {
		...plugins,
		name: metadata.name,
		namespace: names.namespace,
		names,
		spec,
		labels: labelsOf(shard),
		selector: selectorOf(metadata.name),
		image: spec.image ?? `${installation.imageRegistry}/prism-proxy:${installation.imageTag}`,
		placement: { ...(spec.resources && { resources: spec.resources }), ...spec.runnerSpec },
		ports: [
			{ name: "grpc", port: spec.port },
			{ name: "admin", port: spec.adminPort },
			{ name: "metrics", port: spec.metricsPort },
		],
		config: shardConfig(shard),
		restartedAt: metadata.annotations?.[RESTARTED_AT_ANNOTATION],
		sizing: sizingOf(spec, installation),
		storageSize: canonicalResource(spec.storage.size),
		installation,
		fsGroup: volumeGroup(spec.podSecurity, installation),
	};
	return { ...plan, warnings: allFound(SHARD_WARNINGS, { plan, request }) };
};

export const selectorOf = (shard: string): Record<string, string> => ({ app: "prism-proxy", [SHARD_LABEL]: shard });

const labelsOf = ({ metadata: { name } }: PrismShard): Record<string, string> => ({
	...selectorOf(name),
	component: "shard",
	...recommendedLabels({
		name: "prism-proxy",
		instance: labelValue(name),
		component: "shard",
		partOf: "prism",
		managedBy: "prism-operator",
	}),
});
