import { rolloutParts, stoppedPart } from "../../hooks/first-cause.ts";
import { isUnderWay } from "../../kube/health.ts";
import { compact } from "../../kube/object.ts";
import { seenOf } from "../../kube/partial-object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismPlugin } from "../../schemas/prismplugin.ts";
import { PrismShard } from "../../schemas/prismshard.ts";
import { namespaceOf } from "../cluster/cluster-view.ts";
import { findingOf } from "../text/findings.ts";
import {
	type Advice,
	below,
	type Detail,
	detail,
	type Explanation,
	type Known,
	reported,
	shownBy,
	stepOf,
} from "./diagnosis.ts";
import { explanationBehind } from "./first-causes.ts";
import { edit, kubectl, prism, release, why } from "./next-commands.ts";
import { workloadFinding } from "./workloads.ts";

// Plugins: a stopped or running rollout, down to the shard and the pod that block it.

const shardStates = (plugin: KubeObject): Detail[] =>
	detail(
		"Shards",
		rolloutParts(plugin).map(({ name, state, version }) => `${name}: ${compact([state, version]).join(" ")}`),
	);

const PODS_FAIL: readonly string[] = ["Failed", "BackOff", "FailedMount", "FailedScheduling", "Unhealthy"];
const MAX_EVENTS = 3;

/** Events about deleted pods of a shard, which ran the failed version. */
const podEvents = ({ view }: Known, shard: KubeObject): Detail[] => {
	const messages = view.events
		.filter(
			({ reason = "", involvedObject: { kind, name = "", namespace } }) =>
				kind === "Pod" &&
				namespace === namespaceOf(shard) &&
				name.startsWith(`prism-${shard.metadata.name}-`) &&
				PODS_FAIL.includes(reason),
		)
		.map(({ involvedObject: { name }, message }) => `${name}: ${message}`);
	return detail("Events of its pods", [...new Set(messages)].slice(0, MAX_EVENTS));
};

/** A rollout that stopped, or makes no progress. */
export const rolloutTrouble = (known: Known, plugin: KubeObject): Explanation => {
	const step = stepOf(plugin);
	const reason = step.word;
	const part = stoppedPart(plugin);
	const failure = seenOf(PrismPlugin, plugin).status.rollout?.failure;
	const shard = part && known.view.get("PrismShard", namespaceOf(plugin), part.name);
	const own = shard === undefined ? known.view.owned(plugin).find(({ kind }) => kind === "Deployment") : undefined;
	// After a rollback, only the recorded failure has the cause.
	const found =
		part === undefined || reason === "RolledBack"
			? undefined
			: own === undefined
				? explanationBehind(known, plugin)
				: workloadFinding(known, own);
	// The rollout knows the state of the shard in it; the shard does not.
	const asPart = (finding: Explanation): Explanation =>
		shard === undefined || part === undefined
			? finding
			: {
					...finding,
					steps: [{ object: shard, word: part.state ?? reason, since: part.since }, ...finding.steps.slice(1)],
				};
	const live = found && asPart(found);
	const next = [...(live?.next ?? []), ...rolloutRemedies(known, plugin, reason)];
	if (live !== undefined)
		return {
			...below(step, live),
			cause: failure === undefined ? live.cause : `${failure}. Now: ${live.cause}`,
			details: [...shardStates(plugin), ...live.details],
			next,
			state: live.state === "broken" || reason !== "Progressing" ? "broken" : "waiting",
		};
	const shown = shownBy(shard ?? plugin, part?.state ?? reason, {
		cause: failure ?? part?.message ?? reported(plugin).cause,
		since: part?.since ?? step.since,
		details: [...shardStates(plugin), ...(shard === undefined ? [] : podEvents(known, shard))],
		next,
		state: isUnderWay(reason) ? "waiting" : "broken",
	});
	return shard === undefined ? shown : below(step, shown);
};

const rolloutRemedies = (known: Known, plugin: KubeObject, reason: string): Advice[] => {
	const { name } = plugin.metadata;
	if (reason === "Progressing")
		return [{ say: "watch the rollout", ...kubectl(known, ["get", "prismplugin", name], plugin, "-w") }];
	const { spec, status } = seenOf(PrismPlugin, plugin);
	const good = status.lastGoodVersion;
	return compact([
		good !== undefined &&
			good !== spec.version && {
				say: `roll back to ${good} on all shards`,
				...prism(known, ["rollback", name], plugin),
			},
		edit(known, plugin, "spec.version", "or set a fixed version"),
	]);
};

/** A shard waits until its plugin sets a version. */
export const pluginNotReady = (known: Known, shard: KubeObject): Explanation => {
	const { cause, since } = reported(shard);
	const finding = findingOf(known.view, shard);
	const first = finding?.reason === "PluginNotReady" ? finding.plugins[0] : undefined;
	const plugin = first && known.view.get("PrismPlugin", namespaceOf(shard), first.plugin);
	return shownBy(plugin ?? shard, "PluginNotReady", {
		cause:
			plugin === undefined || first?.why !== "NoVersion"
				? cause
				: `PrismPlugin ${plugin.metadata.name} has set no version for the shard yet: the rollout updates another shard first`,
		since,
		details: plugin === undefined ? [] : shardStates(plugin),
		next: plugin === undefined ? [edit(known, shard, "spec.plugins", "name an existing plugin")] : [why(known, plugin)],
		state: "waiting",
	});
};

export const pluginInUse = (known: Known, plugin: KubeObject): Explanation => {
	const users = known.view
		.all("PrismShard", namespaceOf(plugin))
		.filter((shard) => seenOf(PrismShard, shard).spec.plugins?.some(({ name }) => name === plugin.metadata.name));
	const [first] = users;
	return shownBy(first ?? plugin, "PluginInUse", {
		cause: `PrismPlugin ${plugin.metadata.name} is being deleted, and ${users.length} shard${users.length === 1 ? "" : "s"} still use${users.length === 1 ? "s" : ""} it`,
		since: plugin.metadata.deletionTimestamp,
		details: detail("Shards that use it", users.map(({ metadata }) => metadata.name).toSorted()),
		next: compact([
			first && edit(known, first, "spec.plugins", "remove it from each shard"),
			{ say: "or force the deletion", ...release(known, plugin) },
		]),
	});
};
