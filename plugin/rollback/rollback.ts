import { seenOf } from "../../kube/partial-object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { PrismPlugin } from "../../schemas/prismplugin.ts";
import { placeOf, prismCommand, slashName } from "../cluster/command-lines.ts";
import type { Session } from "../cluster/context.ts";
import { UsageError } from "../cluster/kinds.ts";
import { chosen, patch } from "../cluster/patches.ts";
import { confirmed } from "../text/confirm.ts";
import { complain } from "../text/print.ts";

// `rollback` of a plugin: shows the change of spec that returns all shards to the last good version, asks, and applies it.

interface RollbackFlags {
	readonly to?: string;
	readonly yes?: true;
	readonly dryRun?: true;
}

export const rollback = async (session: Session, words: readonly string[], flags: RollbackFlags): Promise<number> => {
	// Only plugins can be rolled back, so the kind is optional.
	const named = words.map((word) => (word.includes("/") ? word : `prismplugin/${word}`));
	const { objects } = await chosen(session, named);
	for (const object of objects) {
		if (object.kind !== PrismPlugin.kind)
			throw new UsageError(
				`${object.kind} ${object.metadata.name} can't be rolled back: only a PrismPlugin has a last good version`,
			);
		const change = rollbackOf(object, flags.to);
		if (typeof change === "string") {
			session.print([change]);
			if (change.includes("--to")) return 1;
			continue;
		}
		session.print(rollbackLines(change));
		if (flags.dryRun === true) continue;
		if (flags.yes !== true && !(await confirmed(`roll back ${object.metadata.name} to ${change.to}?`))) {
			complain("cancelled: answer y, or set --yes");
			return 1;
		}
		await patch(session, object, change.patch);
		session.print([
			`rolled back: ${prismCommand(session.speech, "why", slashName(object), ...placeOf(object))} shows the progress`,
		]);
	}
	return 0;
};

export type Rollback = Exclude<ReturnType<typeof rollbackOf>, string>;

/** The change, or a sentence why there is none. */
export const rollbackOf = (plugin: KubeObject, wanted: string | undefined) => {
	const { name } = plugin.metadata;
	const { spec, status } = seenOf(PrismPlugin, plugin);
	const { version: from = "" } = spec;
	const { lastGoodVersion: good, shardStates = [], pinnedShards: pinned = [] } = status;
	const to = wanted ?? good;
	if (to === undefined)
		return `PrismPlugin ${name} has never been rolled out completely: there is no last good version. Name one: --to VERSION`;
	const image = imageFor(plugin, to, to === good ? status.lastGoodImage : undefined);
	const before = spec.source?.image;
	if (to === from && image === before)
		return `PrismPlugin ${name} already has version ${to}, the last good one: nothing to change`;
	return {
		plugin,
		from,
		to,
		/** A merge patch of the plugin. */
		patch: { spec: { version: to, ...(image !== before && { source: { image: image ?? null } }) } },
		/** Field, old value, new value. */
		changes: [
			...(to === from ? [] : [["spec.version", from, to] as const]),
			...(image === before ? [] : [["spec.source.image", before ?? "(default)", image ?? "(default)"] as const]),
		],
		/** The effect on each shard. */
		shards: shardStates.map(
			({ name: shard, version: runs }) => `${shard}: ${runs === to ? `stays at ${to}` : `${runs} → ${to}`}`,
		),
		/** Shards with a fixed version. */
		pinned,
	};
};

/**
 * spec.source.image for a version. Without a tag, the image follows spec.version; with a tag, it must be the image of the
 * last good version.
 */
const imageFor = (plugin: KubeObject, version: string, good: string | undefined): string | undefined => {
	const given = seenOf(PrismPlugin, plugin).spec.source?.image;
	if (given === undefined || !/[:@]/.test(given)) return given;
	const [, name = given] = /^([^:@]+)/.exec(given) ?? [];
	const tail = good === undefined ? undefined : /[:@][^/]*$/.exec(good)?.[0];
	return `${name}${tail ?? `:${version}`}`;
};

export const rollbackLines = ({ plugin, changes, shards, pinned }: Rollback): string[] => [
	`PrismPlugin ${plugin.metadata.namespace}/${plugin.metadata.name}`,
	...changes.map(([field, before, after]) => `  ${field}: ${before} → ${after}`),
	...(shards.length === 0 ? [] : ["Shards, one by one:", ...shards.map((shard) => `  ${shard}`)]),
	...(pinned.length === 0 ? [] : [`Skipped, because they have a fixed version: ${pinned.join(", ")}`]),
];
