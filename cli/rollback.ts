import { recordsAt, valueAt } from "../kube/object.ts";
import type { KubeObject } from "../schemas/common.ts";
import { textAt } from "./cluster/fields.ts";

// `rollback` of a plugin: what spec has to say so that all shards run the last good version again. Pure; the command asks
// and writes.

export interface Rollback {
	readonly plugin: KubeObject;
	readonly from: string;
	readonly to: string;
	/** A merge patch of the plugin. */
	readonly patch: { readonly spec: { readonly version: string; readonly source?: { readonly image: string | null } } };
	/** Field, what it says, what it is to say. */
	readonly changes: readonly (readonly [field: string, before: string, after: string])[];
	/** What becomes of each shard. */
	readonly shards: readonly string[];
	/** Shards that name a version of their own. */
	readonly pinned: readonly string[];
}

/** The change, or a sentence that says why there is none to make. */
export const rollbackOf = (plugin: KubeObject, wanted: string | undefined): Rollback | string => {
	const { name } = plugin.metadata;
	const from = textAt(plugin, "spec", "version") ?? "";
	const good = textAt(plugin, "status", "lastGoodVersion");
	const to = wanted ?? good;
	if (to === undefined)
		return `PrismPlugin ${name} has never been rolled out completely: there is no last good version. Name one: --to VERSION`;
	const image = imageFor(plugin, to, to === good ? textAt(plugin, "status", "lastGoodImage") : undefined);
	const before = textAt(plugin, "spec", "source", "image");
	if (to === from && image === before)
		return `PrismPlugin ${name} asks for ${to} already, its last good version: nothing to change`;
	const states = recordsAt(plugin, "status", "shardStates");
	const pinned = valueAt(plugin, "status", "pinnedShards");
	return {
		plugin,
		from,
		to,
		patch: { spec: { version: to, ...(image !== before && { source: { image: image ?? null } }) } },
		changes: [
			...(to === from ? [] : [["spec.version", from, to] as const]),
			...(image === before ? [] : [["spec.source.image", before ?? "(default)", image ?? "(default)"] as const]),
		],
		shards: states.map((state) => {
			const runs = String(state["version"]);
			return `${String(state["name"])}: ${runs === to ? `stays at ${to}` : `${runs} → ${to}`}`;
		}),
		pinned: Array.isArray(pinned) ? pinned.map(String) : [],
	};
};

/**
 * spec.source.image for a version. Without a tag of its own it follows the version; with one, it has to be the one that the
 * good version was made of.
 */
const imageFor = (plugin: KubeObject, version: string, good: string | undefined): string | undefined => {
	const given = textAt(plugin, "spec", "source", "image");
	if (given === undefined || !/[:@]/.test(given)) return given;
	const [, name = given] = /^([^:@]+)/.exec(given) ?? [];
	const tail = good === undefined ? undefined : /[:@][^/]*$/.exec(good)?.[0];
	return `${name}${tail ?? `:${version}`}`;
};

export const rollbackLines = ({ plugin, changes, shards, pinned }: Rollback): string[] => [
	`PrismPlugin ${plugin.metadata.namespace}/${plugin.metadata.name}`,
	...changes.map(([field, before, after]) => `  ${field}: ${before} → ${after}`),
	...(shards.length === 0 ? [] : ["Shards, one after the other:", ...shards.map((shard) => `  ${shard}`)]),
	...(pinned.length === 0 ? [] : [`Left alone, for they name a version themselves: ${pinned.join(", ")}`]),
];
