import { autoscalerWarnings } from "../../kube/availability.ts";
import { credentialPaths } from "../../kube/connection.ts";
import { containerRefusal } from "../../kube/container.ts";
import { volumeGroup } from "../../kube/identity.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { canonicalJson, contentHash, recordsAt, valueAt } from "../../kube/object.ts";
import { floatingImage, type NamedPort } from "../../kube/pod.ts";
import { canonicalResource, isSameQuantity } from "../../kube/quantity.ts";
import { isRefusal, type Refusal, refusal } from "../../kube/refusal.ts";
import { defaultResources, withDefaultResources } from "../../kube/resources.ts";
import { type Sizing, sizingOf } from "../../kube/scaling.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import type { ShardAutoscaling } from "../../schemas/autoscaling.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Context, Installation } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { RunnerSpec } from "../../schemas/placement.ts";
import type { PrismShard, PrismShardSpec } from "../../schemas/prismshard.ts";
import { RESTARTED_AT_ANNOTATION, SHARD_LABEL } from "../../schemas/vocabulary.ts";
import { observedSet, pluginContainer, type ShardNames, shardNames } from "./observed.ts";
import { type PluginsPlan, planPlugins } from "./plugins.ts";

/** A shard with every reference resolved: what children and status are made of. */
export interface ShardPlan extends PluginsPlan {
	readonly name: string;
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
	/** Whatever it says: another value than before restarts the pods. */
	readonly restartedAt: string | undefined;
	/** Size of each volume: an existing StatefulSet keeps the one that it began with. */
	readonly storageSize: string;
	/** Group of the volumes; null: none. */
	readonly fsGroup: number | null;
	readonly sizing: Sizing<ShardAutoscaling>;
	readonly installation: Installation;
}

/** The proxies' configuration file, on its way to the pods. */
export interface ShardConfig {
	readonly kind: "ConfigMap" | "Secret";
	readonly data: Readonly<Record<string, string>>;
	readonly checksum: string;
}

export const PROXY_CONTAINER = "prism-proxy";
export const CONFIG_FILE = "config.json";
export const DATA_FOLDER = "/var/lib/prism";

export const planShard = (shard: PrismShard, request: CompositeRequest, context: Context): ShardPlan | Refusal => {
	const { spec, metadata } = shard;
	const { installation } = context;
	const wrong = containerRefusal(spec, "spec", installation);
	if (wrong !== undefined) return wrong;
	const config = planConfig(shard, context);
	if (isRefusal(config)) return config;
	const plugins = planPlugins(shard, request, context);
	if (isRefusal(plugins)) return plugins;
	const labels = labelsOf(shard);
	const placement: RunnerSpec = { ...(spec.resources && { resources: spec.resources }), ...spec.runnerSpec };
	const image = spec.image ?? `${installation.imageRegistry}/prism-proxy:${installation.imageTag}`;
	const storageSize = canonicalResource(spec.storage.size);
	const restartedAt = metadata.annotations?.[RESTARTED_AT_ANNOTATION];
	const sizing = sizingOf(spec, installation);
	return {
		...plugins,
		name: metadata.name,
		names: shardNames(shard),
		spec,
		labels,
		selector: selectorOf(metadata.name),
		image,
		placement,
		ports: [
			{ name: "grpc", port: spec.port },
			{ name: "admin", port: spec.adminPort },
			{ name: "metrics", port: spec.metricsPort },
		],
		config,
		restartedAt,
		sizing,
		storageSize,
		installation,
		fsGroup: volumeGroup(spec.podSecurity, installation),
		warnings: [
			...plugins.warnings,
			...floatingImage("spec.image", image),
			...plugins.plugins.flatMap(({ image: of }) => (of === undefined ? [] : floatingImage("spec.plugins", of))),
			...idleAntiAffinity(placement.affinity, labels).map(
				(selector): Warning => ({
					warning: "IdleAntiAffinity",
					of: { field: "spec.runnerSpec.affinity.podAntiAffinity" },
					noun: "shard",
					selector,
					labels: { app: "prism-proxy", shard: metadata.name },
				}),
			),
			...(sizing.autoscaling === undefined
				? []
				: autoscalerWarnings({
						autoscaling: sizing.autoscaling,
						resources: withDefaultResources(
							placement.resources,
							defaultResources(observedSet(request), installation, restartedAt),
						),
						container: PROXY_CONTAINER,
						others: (spec.plugins ?? []).map(({ name }) => pluginContainer(name)),
						path: "spec",
					})),
			...keptVolumes(request, storageSize),
		],
	};
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

/** No address of a backend is in it: a namespace brings those along. */
const planConfig = ({ metadata, spec }: PrismShard, { installation }: Context): ShardConfig | Refusal => {
	const secrets = credentialPaths(spec.config);
	if (secrets.length > 0 && !installation.inlineCredentials)
		return refusal({
			reason: "InlineCredentials",
			fields: secrets.toSorted().map((path) => `spec.config.${path}`),
			instead: "nowhere",
		});
	const configuration = {
		shard: metadata.name,
		port: spec.port,
		adminPort: spec.adminPort,
		metrics: { port: spec.metricsPort },
		dataFolder: DATA_FOLDER,
		...(spec.config !== undefined && { settings: spec.config }),
	};
	const data = { [CONFIG_FILE]: `${canonicalJson(configuration)}\n` };
	return { kind: secrets.length > 0 ? "Secret" : "ConfigMap", data, checksum: contentHash(data) };
};

/** The API server refuses such an edit; an object that was made anew over old volumes gets here all the same. */
const keptVolumes = (request: CompositeRequest, wanted: string): Warning[] => {
	const [template] = recordsAt(observedSet(request), "spec", "volumeClaimTemplates");
	const size = valueAt(template, "spec", "resources", "requests", "storage");
	return typeof size === "string" && !isSameQuantity(size, wanted)
		? [{ warning: "VolumesKept", wanted, has: size }]
		: [];
};
