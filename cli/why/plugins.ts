import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { FORCE_DELETE_ANNOTATION } from "../../schemas/vocabulary.ts";
import { kubectlCommand, placeOf, prismCommand } from "../cluster/speech.ts";
import { namespaceOf } from "../cluster/view.ts";
import { annotate, edit, why } from "./advice.ts";
import { type Advice, below, type Detail, type Finding, type Known, shownBy } from "./diagnosis.ts";
import { workloadFinding } from "./workloads.ts";

// Plugins: a rollout that stopped, or is on its way, down to the shard and the pod that hold it up.

interface Part {
	readonly name: string;
	readonly state: string;
	readonly version: string;
	readonly since: string | undefined;
	readonly message: string | undefined;
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const partsOf = (plugin: KubeObject): Part[] =>
	[...recordsAt(plugin, "status", "shardStates"), ...[valueAt(plugin, "status", "remote")].filter(isPart)].map(
		(part) => ({
			name: String(valueAt(part, "name")),
			state: String(valueAt(part, "state")),
			version: String(valueAt(part, "version")),
			since: textOf(valueAt(part, "since")),
			message: textOf(valueAt(part, "message")),
		}),
	);

const isPart = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const places = (plugin: KubeObject): Detail[] => {
	const lines = partsOf(plugin).map(({ name, state, version }) => `${name}: ${state} ${version}`);
	return lines.length === 0 ? [] : [{ title: "Shards", lines }];
};

/** The first shard that failed, or is on its way. */
const culprit = (plugin: KubeObject): Part | undefined => {
	const parts = partsOf(plugin);
	for (const states of [["Failed", "RollingBack"], ["RolledBack"], ["Updating"], ["Baking"]]) {
		const found = parts.find(
			({ state, message }) => states.includes(state) && (state !== "RolledBack" || message !== undefined),
		);
		if (found !== undefined) return found;
	}
	return undefined;
};

const workloadOf = (known: Known, plugin: KubeObject, part: Part): KubeObject | undefined => {
	const shard = known.view.get("PrismShard", namespaceOf(plugin), part.name);
	if (shard !== undefined) return known.view.owned(shard).find(({ kind }) => kind === "StatefulSet");
	return known.view.owned(plugin).find(({ kind }) => kind === "Deployment");
};

/** A rollout that stopped, or does not get on. */
export const rolloutTrouble = (known: Known, plugin: KubeObject): Finding => {
	const ready = conditionOf(plugin, "Ready");
	const reason = ready?.reason ?? "";
	const part = culprit(plugin);
	const failure = textOf(valueAt(plugin, "status", "rollout", "failure"));
	const workload = part && workloadOf(known, plugin, part);
	const shard = part && known.view.get("PrismShard", namespaceOf(plugin), part.name);
	const step = { object: plugin, word: reason, since: ready?.lastTransitionTime };
	// What was rolled back runs again: only the recorded failure tells what happened.
	const live = workload !== undefined && reason !== "RolledBack" ? workloadFinding(known, workload) : undefined;
	const next = [...(live?.next ?? []), ...wayOn(known, plugin, reason)];
	const cause = failure ?? part?.message ?? ready?.message ?? "";
	if (live !== undefined) {
		const path =
			shard === undefined ? live : below({ object: shard, word: part?.state ?? "", since: part?.since }, live);
		return {
			...below(step, path),
			cause: failure === undefined ? live.cause : `${failure}. Now: ${live.cause}`,
			details: [...places(plugin), ...live.details],
			next,
			state: live.state === "broken" || reason !== "Progressing" ? "broken" : "waiting",
		};
	}
	const shown = shownBy(shard ?? plugin, part?.state ?? reason, {
		cause,
		since: part?.since ?? ready?.lastTransitionTime,
		details: places(plugin),
		next,
		state: UNDER_WAY.includes(reason) ? "waiting" : "broken",
	});
	return shard === undefined ? shown : below(step, shown);
};

const UNDER_WAY: readonly string[] = ["Progressing", "RollingBack"];

const wayOn = (known: Known, plugin: KubeObject, reason: string): Advice[] => {
	const good = textOf(valueAt(plugin, "status", "lastGoodVersion"));
	const wanted = textOf(valueAt(plugin, "spec", "version"));
	const advice: Advice[] = [];
	if (reason === "Progressing")
		return [
			{
				say: "watch it",
				command: kubectlCommand(known.speech, "get", "prismplugin", plugin.metadata.name, ...placeOf(plugin), "-w"),
			},
		];
	if (good !== undefined && good !== wanted)
		advice.push({
			say: `ask for ${good} again, everywhere`,
			command: prismCommand(known.speech, "rollback", plugin.metadata.name, ...placeOf(plugin)),
		});
	return [...advice, edit(known, plugin, "spec.version", "or a version that is mended")];
};

/** A shard waits for its plugin to name a version. */
export const pluginNotReady = (known: Known, shard: KubeObject): Finding => {
	const ready = conditionOf(shard, "Ready");
	const name = /PrismPlugin (\S+) (?:can't|does)/.exec(ready?.message ?? "")?.[1];
	const plugin = name === undefined ? undefined : known.view.get("PrismPlugin", namespaceOf(shard), name);
	const step = { object: shard, word: "PluginNotReady", since: ready?.lastTransitionTime };
	const finding = plugin && known.explain(plugin);
	if (finding !== undefined) return below(step, finding);
	return shownBy(plugin ?? shard, "PluginNotReady", {
		cause:
			plugin === undefined
				? (ready?.message ?? "")
				: `PrismPlugin ${plugin.metadata.name} names no version for the shard yet: another shard goes first`,
		since: ready?.lastTransitionTime,
		details: plugin === undefined ? [] : places(plugin),
		next:
			plugin === undefined ? [edit(known, shard, "spec.plugins", "name a plugin that there is")] : [why(known, plugin)],
		state: "waiting",
	});
};

export const pluginInUse = (known: Known, plugin: KubeObject): Finding => {
	const users = known.view
		.all("PrismShard", namespaceOf(plugin))
		.filter((shard) => recordsAt(shard, "spec", "plugins").some(({ name }) => name === plugin.metadata.name));
	const [first] = users;
	return shownBy(first ?? plugin, "PluginInUse", {
		cause: `PrismPlugin ${plugin.metadata.name} is being deleted, and ${users.length} shard${users.length === 1 ? "" : "s"} still use${users.length === 1 ? "s" : ""} it`,
		since: plugin.metadata.deletionTimestamp,
		details:
			users.length === 0
				? []
				: [{ title: "Shards that use it", lines: users.map(({ metadata }) => metadata.name).toSorted() }],
		next: [
			...(first === undefined ? [] : [edit(known, first, "spec.plugins", "take it out of each")]),
			{ say: "or let it go all the same", ...annotate(known, plugin, `${FORCE_DELETE_ANNOTATION}=true`) },
		],
	});
};
