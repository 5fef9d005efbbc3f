import { allFound, firstFound } from "../../kube/check-list.ts";
import { conditionOf } from "../../kube/conditions.ts";
import { fieldHold } from "../../kube/foreign-fields.ts";
import { recommendedLabels } from "../../kube/labels.ts";
import { lastSent } from "../../kube/last-sent.ts";
import { derivedName } from "../../kube/names.ts";
import { kindKey, recordsAt, valueAt } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import { checkOf } from "../../kube/schema.ts";
import type { Refusal } from "../../kube/spec-refusal.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Warning } from "../../schemas/findings/finding.ts";
import type { Installation } from "../../schemas/installation.ts";
import { unreadyDeploymentText } from "../../schemas/messages/status-fields.ts";
import type { DecoratorRequest } from "../../schemas/metacontroller.ts";
import { ShardPlugin } from "../../schemas/pluginrollout.ts";
import { MOST_SHARDS, type PrismPlugin, type PrismPluginSpec } from "../../schemas/prismplugin.ts";
import { API_VERSION, STACK_LABEL } from "../../schemas/vocabulary.ts";
import { PLUGIN_CHECKS } from "./checks.ts";
import { DEPLOYMENT, type Place } from "./rollout.ts";
import type { Observation, Release } from "./rollout-part.ts";
import { hasOwnTag, PLUGIN_WARNINGS } from "./warnings.ts";

const isShardPlugin = checkOf(ShardPlugin);

export interface PluginPlan {
	readonly name: string;
	readonly namespace: string;
	readonly spec: PrismPluginSpec;
	/** What spec asks for. */
	readonly wanted: Release & { readonly generation: number };
	readonly labels: Readonly<Record<string, string>>;
	readonly selector: Readonly<Record<string, string>>;
	readonly installation: Installation;
	readonly warnings: readonly Warning[];
}

export const planPlugin = (
	plugin: PrismPlugin,
	surroundings: PluginInput,
	installation: Installation,
): PluginPlan | Refusal => {
	const { spec } = plugin;
	const { name, namespace = "default", generation = 0 } = plugin.metadata;
	const image = imageOf(plugin, installation);
	const refused = firstFound(PLUGIN_CHECKS, { plugin, image, installation });
	if (refused !== undefined) return refused;
	const plan: Omit<PluginPlan, "warnings"> = {
		name,
		namespace,
		spec,
		wanted: { version: spec.version, image, generation },
		labels: labelsOf(plugin),
		selector: { app: "prism-plugin", plugin: name },
		installation,
	};
	return { ...plan, warnings: allFound(PLUGIN_WARNINGS, { plan, surroundings }) };
};

/** An image with a tag or a digest of its own is taken as it is. */
const imageOf = ({ metadata: { name }, spec }: PrismPlugin, { imageRegistry }: Installation): string => {
	const { registry = `${imageRegistry}/plugins`, image = `${name}-plugin` } = spec.source;
	return `${registry}/${image}${hasOwnTag(image) ? "" : `:${spec.version}`}`;
};

const labelsOf = ({ metadata: { name, labels } }: PrismPlugin): Record<string, string> => {
	const stack = labels?.[STACK_LABEL];
	return {
		app: "prism-plugin",
		plugin: name,
		component: "plugin",
		...(stack !== undefined && { [STACK_LABEL]: stack }),
		...recommendedLabels({
			name: "prism-plugin",
			instance: name,
			component: "plugin",
			partOf: "prism",
			managedBy: "prism-operator",
		}),
	};
};

// ── Shards ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A shard that lists the plugin. */
export interface Use {
	readonly name: string;
	/** It names a version of its own. */
	readonly isPinned: boolean;
	/** It is being deleted: it holds the plugin, and gets no version any more. */
	readonly isLeaving: boolean;
	/** How the shard runs the plugin. */
	readonly form: string;
	/** The last report about it, be it old. */
	readonly told: (Observation & { readonly deployment?: string }) | undefined;
	readonly observed: Observation | undefined;
	readonly namespaces: number | undefined;
}

/** Who uses the plugin, and where it runs by the rollout's leave. */
export interface PluginInput {
	readonly uses: readonly Use[];
	readonly followers: readonly Use[];
	readonly pinned: readonly Use[];
	readonly places: readonly Place[];
	/** Name of the Deployment and the Service of the remote form. */
	readonly remote: string;
	readonly isRemote: boolean;
}

/** Read from whatever spec is: a plugin whose spec can't be carried out is used all the same. */
export const surroundingsOf = ({ object, attachments, related }: DecoratorRequest): PluginInput => {
	const { name, namespace = "default" } = object.metadata;
	const type = typeOf(object);
	const uses = Object.values(related[kindKey(API_VERSION, "PrismShard")] ?? {})
		.filter(({ metadata }) => (metadata.namespace ?? "default") === namespace)
		.map((shard) => useOf(shard, name, type))
		.filter((use) => use !== undefined)
		.toSorted((left, right) => (left.name < right.name ? -1 : 1));
	const present = uses.filter(({ isLeaving }) => !isLeaving);
	const followers = present.filter(({ isPinned }) => !isPinned);
	const remote = derivedName(name, "plugin");
	const isRemote = type === "remote";
	const deployment = attachments[kindKey("apps/v1", "Deployment")]?.[`${namespace}/${remote}`];
	return {
		uses,
		followers,
		pinned: present.filter(({ isPinned }) => isPinned),
		places: [
			...(isRemote ? [{ name: `${DEPLOYMENT}${remote}`, observed: deployment && deploymentState(deployment) }] : []),
			...followers.filter(({ form }) => form !== "remote").slice(0, MOST_SHARDS),
		],
		remote,
		isRemote,
	};
};

const typeOf = (plugin: KubeObject): string => {
	const type = valueAt(plugin, "spec", "deployment", "type");
	return typeof type === "string" ? type : "sidecar";
};

const useOf = (shard: KubeObject, plugin: string, type: string): Use | undefined => {
	const entry = entryOf(shard["spec"], plugin);
	if (entry === undefined) return undefined;
	const { name, generation, deletionTimestamp } = shard.metadata;
	const { status } = shard;
	const told = entryOf(status, plugin);
	const known = isShardPlugin(told) ? told : undefined;
	return {
		name,
		isPinned: typeof entry["version"] === "string",
		isLeaving: deletionTimestamp !== undefined,
		form: typeof entry["deployment"] === "string" ? entry["deployment"] : type,
		told: known,
		// A report from before its own spec changed may be about other pods.
		observed: countOf(status, "observedGeneration") === generation ? known : undefined,
		namespaces: countOf(status, "namespaces"),
	};
};

const entryOf = (where: unknown, plugin: string): Record<string, unknown> | undefined =>
	recordsAt(where, "plugins").find(({ name }) => name === plugin);

// ── Deployment ──────────────────────────────────────────────────────────────────────────────────────────────────────

export const CONTAINER = "plugin";

/** The Deployment of the remote form as if it were a shard; unknown while its controller has not seen its latest spec. */
const deploymentState = (deployment: KubeObject): Observation | undefined => {
	const { spec, status, metadata } = deployment;
	if ((countOf(status, "observedGeneration") ?? 0) < (metadata.generation ?? 0)) return undefined;
	// An admission policy may store another image than the one that was sent.
	const image = runningImage(lastSent(deployment)["spec"]);
	const updated = countOf(status, "updatedReplicas") ?? 0;
	const older = Math.max(0, (countOf(status, "replicas") ?? 0) - updated);
	const failing = [conditionOf(deployment, "ReplicaFailure"), conditionOf(deployment, "Progressing")].find(
		(condition) => condition?.status === (condition?.type === "ReplicaFailure" ? "True" : "False"),
	);
	const hold = fieldHold(deployment);
	return {
		...(image !== undefined && { image }),
		...(hold && { hold: { workload: metadata.name, ...hold } }),
		desired: countOf(spec, "replicas") ?? 1,
		updated,
		// Which of the pods are ready is not reported: the older ones are assumed to be.
		ready: Math.max(0, (countOf(status, "readyReplicas") ?? 0) - older),
		...(failing !== undefined && {
			unready: unreadyDeploymentText(failing.type, failing.status, failing.message).slice(0, 512),
		}),
	};
};

const runningImage = (spec: unknown): string | undefined => {
	const container = recordsAt(spec, "template", "spec", "containers").find(({ name }) => name === CONTAINER);
	return typeof container?.["image"] === "string" ? container["image"] : undefined;
};
