import { recordsAt, valueAt } from "../../kube/object.ts";
import { checkOf } from "../../kube/schema.ts";
import { isRefusal, type Refusal } from "../../kube/spec-refusal.ts";
import type { Written } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { ObjectMap } from "../../schemas/metacontroller.ts";
import { PastRollout, PluginRollout, RolloutPart } from "../../schemas/pluginrollout.ts";
import { MOST_SHARDS, type PrismPluginStatus } from "../../schemas/prismplugin.ts";
import type { PluginInput, PluginPlan, Use } from "./plan.ts";
import { DEPLOYMENT, type Place, partsByName, type RolloutState } from "./rollout.ts";
import { isSettled } from "./rollout-part.ts";

// ── State ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const isRollout = checkOf(PluginRollout);
const isPart = checkOf(RolloutPart);
const isPastRollout = checkOf(PastRollout);

/** The rollout's state as status has it; what another client wrote there, and is invalid, is left out. */
export const stateOf = (plugin: KubeObject): RolloutState => {
	const at = (field: string) => valueAt(plugin, "status", field);
	const [rollout, version, image] = [at("rollout"), at("lastGoodVersion"), at("lastGoodImage")];
	const parts = [at("remote"), ...recordsAt(plugin, "status", "shardStates")];
	return {
		rollout: isRollout(rollout) ? rollout : undefined,
		lastGood: isText(version) && isText(image) ? { version, image } : undefined,
		parts: parts.filter((part) => isPart(part)),
		history: recordsAt(plugin, "status", "history").filter((past) => isPastRollout(past)),
	};
};

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** What the status is computed from. */
export interface Findings {
	readonly object: KubeObject;
	readonly plan: PluginPlan | Refusal;
	readonly surroundings: PluginInput;
	readonly state: RolloutState;
	readonly attachments: readonly KubeObject[];
	readonly observed: ObjectMap;
	readonly now: string;
}

export const statusFields = ({ plan, surroundings, state }: Findings): Written<PrismPluginStatus> => {
	const { uses, followers, pinned, places } = surroundings;
	const image = isRefusal(plan) ? state.rollout?.image : plan.wanted.image;
	const isUpdated = (place: Place | undefined) => image !== undefined && isSettled(place?.observed, image);
	const remotePlace = places.find(({ name }) => isRemote(name));
	const updated = followers.filter((use) => isUpdated(use.form === "remote" ? remotePlace : use));
	const parts = partsByName(state.parts);
	const versions = new Set(places.map((place) => versionAt(place, parts)));
	const [version] = versions;
	const remote = state.parts.find(({ name }) => isRemote(name));
	return {
		installed: places.length > 0 && unsettled(surroundings, state).length === 0,
		version: versions.size === 1 ? version : undefined,
		lastGoodVersion: state.lastGood?.version,
		lastGoodImage: state.lastGood?.image,
		shards: names(followers),
		pinnedShards: names(pinned),
		updatedShards: `${updated.length}/${followers.length}`,
		namespacesUsing: namespacesOn(uses),
		rollout: state.rollout,
		shardStates: state.parts.filter(({ name }) => !isRemote(name)),
		remote,
		history: state.history,
	};
};

export const isRemote = (name: string): boolean => name.startsWith(DEPLOYMENT);

const names = (uses: readonly Use[]): string[] => uses.map(({ name }) => name).slice(0, MOST_SHARDS);

/** Their sum; absent while one is not known, for a part of it would be taken for the whole. */
const namespacesOn = (uses: readonly Use[]): number | undefined => {
	const counts = uses.map(({ namespaces }) => namespaces).filter((count) => count !== undefined);
	return counts.length < uses.length ? undefined : counts.reduce((sum, count) => sum + count, 0);
};

/** Version that was observed at a place, by the name that it has here. */
const versionAt = ({ name, observed }: Place, parts: ReturnType<typeof partsByName>): string | undefined => {
	const part = parts.get(name);
	return part !== undefined && part.image === observed?.image ? part.version : observed?.version;
};

/** Places that do not run their version, or not ready. */
export const unsettled = ({ places }: PluginInput, state: RolloutState): Place[] => {
	const parts = partsByName(state.parts);
	return places.filter(({ name, observed }) => {
		const part = parts.get(name);
		return part === undefined || !isSettled(observed, part.image);
	});
};
