import { prismPlugin } from "../../hooks/prismplugin/index.ts";
import type { DecoratorRow } from "../../kube/hook.ts";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { DecoratorRequest, DecoratorResponse } from "../../schemas/metacontroller.ts";
import type { PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import { API_VERSION } from "../../schemas/vocabulary.ts";
import { asRead, DecoratorWorld } from "../world/world.ts";

// The world around a plugin: shards that run what they are told, after a while and in any order. Between two syncs
// nothing is kept of the plugin but its object: every sync is one after a restart.

export const NAMES = ["ann", "bob", "cid", "dan", "eve"] as const;
export type Name = (typeof NAMES)[number];

interface Shard {
	pin?: string | undefined;
	/** Pods that there should be. */
	desired: number;
	/** What the pods are specified with. */
	image?: string | undefined;
	version?: string | undefined;
	/** How far the pods are: specified, replaced, ready. */
	stage: 0 | 1 | 2;
	/** Something else keeps its pods from being ready. */
	broken: boolean;
	/** Its status is older than its spec. */
	stale: boolean;
	/** Its pods were ready, and are not since it was told another version. */
	isDisturbed: boolean;
}

/** Versions that never become ready on a shard. */
export type Bad = Readonly<Record<string, readonly Name[]>>;

/** What happens between two syncs. */
export type Event =
	| { readonly do: "tick" | "jump" | "round"; readonly seconds: number }
	| { readonly do: "obey" | "progress" | "break" | "mend" | "age" | "leave" | "pin" | "unpin"; readonly shard: Name }
	| { readonly do: "join" | "scale"; readonly shard: Name; readonly pods: number }
	| { readonly do: "version"; readonly version: string }
	| { readonly do: "policy"; readonly limit: number; readonly canary?: Name | undefined }
	| { readonly do: "lose" };

const START = "2026-01-01T00:00:00Z";
const PIN = "0.9.0";
export const POLICY = { bakeSeconds: 15, deadlineSeconds: 45, graceSeconds: 5 };

export const plugin = (spec: object): KubeObject => ({
	apiVersion: API_VERSION,
	kind: "PrismPlugin",
	metadata: { name: "mongodb", namespace: "team", uid: "u", generation: 1 },
	spec,
});

export class PluginWorld extends DecoratorWorld {
	readonly shards: Partial<Record<Name, Shard>>;
	bad: Bad;
	/** The next status that is written loses against somebody else's write. */
	isLost = false;

	constructor(names: readonly Name[], bad: Bad, row: DecoratorRow = prismPlugin) {
		super(row, plugin({ version: "1.0.0", rollout: { ...POLICY, maxUnavailableShards: 1 } }), START);
		this.shards = Object.fromEntries(names.map((name) => [name, newShard(1)]));
		this.bad = bad;
	}

	respecify(change: Record<string, unknown>): void {
		this.edit({ ...(this.object["spec"] as object), ...change });
	}

	protected override relatedNow(): readonly KubeObject[] {
		return NAMES.flatMap((name) => {
			const shard = this.shards[name];
			return shard === undefined ? [] : [shardObject(name, shard)];
		});
	}

	protected override writeStatus(answered: Record<string, unknown>): void {
		if (!this.isLost) super.writeStatus(answered);
		this.isLost = false;
	}
}

const newShard = (desired: number): Shard => ({
	desired,
	stage: 0,
	broken: false,
	stale: false,
	isDisturbed: false,
});

// ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export const happen = (world: PluginWorld, event: Event): void => {
	switch (event.do) {
		case "round":
			for (const name of NAMES)
				for (const one of ["obey", "progress", "progress"] as const) happenTo(world, name, { do: one, shard: name });
			world.pass(event.seconds);
			break;
		case "tick":
		case "jump":
			world.pass(event.seconds);
			break;
		case "lose":
			world.isLost = true;
			break;
		case "version":
			world.respecify({ version: event.version });
			break;
		case "policy":
			world.respecify({
				rollout: { ...POLICY, maxUnavailableShards: event.limit, ...(event.canary && { canary: event.canary }) },
			});
			break;
		case "join":
			world.shards[event.shard] ??= newShard(event.pods);
			break;
		case "leave":
			delete world.shards[event.shard];
			break;
		default:
			happenTo(world, event.shard, event);
	}
};

const happenTo = (world: PluginWorld, name: Name, event: Event): void => {
	const shard = world.shards[name];
	if (shard === undefined) return;
	if (event.do === "obey") obey(world, name, shard);
	if (event.do === "progress") progress(world, name, shard);
	if (event.do === "break") Object.assign(shard, { broken: true, stage: Math.min(shard.stage, 1) });
	if (event.do === "mend") Object.assign(shard, { broken: false, stale: false });
	if (event.do === "age") shard.stale = true;
	if (event.do === "pin") shard.pin = PIN;
	if (event.do === "unpin") shard.pin = undefined;
	if (event.do === "scale")
		Object.assign(shard, { desired: event.pods, isDisturbed: shard.isDisturbed && event.pods > 0 });
};

/** Runs what the plugin's status says of it by name; of anything else it takes no notice. */
const obey = ({ object }: PluginWorld, name: Name, shard: Shard): void => {
	shard.stale = false;
	const told = partsOf(object["status"]).find((part) => part.name === name);
	const image = shard.pin === undefined ? told?.image : `ghcr.io/prism/plugins/mongodb-plugin:${shard.pin}`;
	if (image === undefined || image === shard.image) return;
	const isFollower = shard.version !== PIN && shard.pin === undefined;
	const isDisturbed = shard.isDisturbed || (shard.stage === 2 && shard.desired > 0 && isFollower);
	Object.assign(shard, { image, version: shard.pin ?? told?.version, stage: 0, isDisturbed });
};

const progress = ({ bad }: PluginWorld, name: Name, shard: Shard): void => {
	if (shard.image === undefined) return;
	const canBeReady = !shard.broken && bad[shard.version ?? ""]?.includes(name) !== true;
	if (shard.stage === 0) shard.stage = 1;
	else if (canBeReady) Object.assign(shard, { stage: 2, isDisturbed: false });
};

// ── Syncs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Step {
	readonly request: DecoratorRequest;
	readonly answer: DecoratorResponse;
	readonly status: Record<string, unknown>;
}

/** One sync; the status goes through JSON, and into the plugin unless its write is lost. */
export const sync = (world: PluginWorld): Step => {
	const request = world.request();
	const answer = world.conclude(request);
	return { request, answer, status: asRead(answer.status ?? {}) };
};

const shardObject = (name: Name, shard: Shard): KubeObject => {
	const { desired, stage, image, version, pin } = shard;
	const updated = stage === 0 ? 0 : desired;
	return {
		apiVersion: API_VERSION,
		kind: "PrismShard",
		metadata: { name, namespace: "team", generation: shard.stale ? 2 : 1 },
		spec: { plugins: [{ name: "mongodb", ...(pin !== undefined && { version: pin }) }] },
		status: {
			observedGeneration: 1,
			namespaces: 3,
			plugins: [
				{
					name: "mongodb",
					deployment: "sidecar",
					pinned: pin !== undefined,
					...(image !== undefined && { image, version }),
					desired,
					updated,
					ready: stage === 2 ? desired : 0,
					...(stage < 2 && desired > 0 && { unready: `prism-${name}-0: Ready is False` }),
				},
			],
		},
	};
};

// ── What status says ────────────────────────────────────────────────────────────────────────────────────────────────

export const partsOf = (status: unknown): RolloutPart[] =>
	recordsAt({ status }, "status", "shardStates") as RolloutPart[];
export const rolloutOf = (status: unknown): PluginRollout | undefined =>
	valueAt({ status }, "status", "rollout") as PluginRollout | undefined;
export const conditionIn = (status: unknown, type: string) =>
	recordsAt({ status }, "status", "conditions").find((condition) => condition["type"] === type);

export const phaseOf = (status: unknown): PluginRollout["phase"] | undefined => rolloutOf(status)?.phase;

export const followersOf = ({ shards }: PluginWorld): Shard[] =>
	Object.values(shards).filter(({ pin }) => pin === undefined);

export const imagesRunning = (world: PluginWorld): Set<string> =>
	new Set(followersOf(world).flatMap(({ image }) => image ?? []));
