import { credentialPaths } from "../../kube/connection.ts";
import { labelValue, recommendedLabels } from "../../kube/labels.ts";
import { canonicalJson, contentHash, recordsAt, valueAt } from "../../kube/object.ts";
import { floatingImage, type NamedPort } from "../../kube/pod.ts";
import { canonicalQuantity } from "../../kube/quantity.ts";
import { isRefusal, type Refusal, refusal } from "../../kube/refusal.ts";
import { idleAntiAffinity } from "../../kube/selectors.ts";
import type { Context } from "../../schemas/installation.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { RunnerSpec } from "../../schemas/placement.ts";
import type { PrismShard, PrismShardSpec } from "../../schemas/prismshard.ts";
import { RESTARTED_AT_ANNOTATION, SHARD_LABEL } from "../../schemas/vocabulary.ts";
import { observedSet, type ShardNames, shardNames } from "./observed.ts";
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
	/** Least number of pods that there may be. */
	readonly leastReplicas: number;
	readonly config: ShardConfig;
	/** Whatever it says: another value than before restarts the pods. */
	readonly restartedAt: string | undefined;
	/** Size of each volume: an existing StatefulSet keeps the one that it began with. */
	readonly storageSize: string;
}

/** The proxies' configuration file, on its way to the pods. */
export interface ShardConfig {
	readonly kind: "ConfigMap" | "Secret";
	readonly data: Readonly<Record<string, string>>;
	readonly checksum: string;
}

export const CONFIG_FILE = "config.json";
export const DATA_FOLDER = "/var/lib/prism";

export const planShard = (shard: PrismShard, request: CompositeRequest, context: Context): ShardPlan | Refusal => {
	const { spec, metadata } = shard;
	const { installation } = context;
	const config = planConfig(shard, context);
	if (isRefusal(config)) return config;
	const plugins = planPlugins(shard, request, context);
	if (isRefusal(plugins)) return plugins;
	const labels = labelsOf(shard);
	const placement: RunnerSpec = { ...(spec.resources && { resources: spec.resources }), ...spec.runnerSpec };
	const image = spec.image ?? `${installation.imageRegistry}/prism-proxy:${installation.imageTag}`;
	const storageSize = canonicalQuantity(spec.storage.size) ?? String(spec.storage.size);
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
		leastReplicas: spec.autoscaling?.enabled === true ? spec.autoscaling.minReplicas : spec.replicas,
		config,
		restartedAt: metadata.annotations?.[RESTARTED_AT_ANNOTATION],
		storageSize,
		warnings: [
			...plugins.warnings,
			...[image, ...plugins.plugins.flatMap((plugin) => plugin.image ?? [])].flatMap(floatingImage),
			...idleAntiAffinity(placement.affinity, labels).map(
				(selector) =>
					`spec.runnerSpec.affinity.podAntiAffinity selects ${selector}, which matches none of this shard's own pods (labels app=prism-proxy, shard=${metadata.name})`,
			),
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
		return refusal(
			"InlineCredentials",
			`spec.config.${secrets.toSorted().join(", spec.config.")} carries credentials: take them out, or let the installation allow inline credentials`,
		);
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
const keptVolumes = (request: CompositeRequest, wanted: string): string[] => {
	const [template] = recordsAt(observedSet(request), "spec", "volumeClaimTemplates");
	const size = valueAt(template, "spec", "resources", "requests", "storage");
	return typeof size === "string" && size !== wanted
		? [`spec.storage.size is ${wanted}, but the StatefulSet was made with volumes of ${size}, and keeps them`]
		: [];
};
