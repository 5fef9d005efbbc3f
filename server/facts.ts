import { isRecord, recordsAt, valueAt } from "../kube/object.ts";
import { countOf } from "../kube/rollout.ts";
import type { KubeObject } from "../schemas/common.ts";
import { PrismRoster } from "../schemas/prismroster.ts";
import type { RecordedCall } from "../schemas/recorded.ts";

// What the overview tells of each kind, read from spec, status and roster. Lists and texts are cut, for what is in them is the
// users'.

export interface Part {
	readonly name: string;
	readonly ready: boolean;
	readonly phase: string;
	readonly reason: string;
}

export interface SeenInstance {
	readonly name: string;
	readonly ready: boolean;
}

export interface StackFacts {
	readonly of: "PrismStack";
	readonly proxy: string;
	readonly admin: string;
	readonly instances: readonly SeenInstance[];
	readonly patterns: readonly Part[];
	readonly backends: readonly Part[];
	readonly namespaces: readonly Part[];
	readonly endpoint: string;
}

export interface SeenPlugin {
	readonly name: string;
	readonly version: string;
	readonly deployment: string;
	readonly pinned: boolean;
	readonly ready: number;
	readonly desired: number;
	readonly unready: string;
}

export interface ShardFacts {
	readonly of: "PrismShard";
	readonly pods: string;
	readonly backends: readonly string[];
	readonly instances: readonly SeenInstance[];
	readonly plugins: readonly SeenPlugin[];
	readonly namespaces: number | undefined;
	readonly capacity: number | undefined;
	readonly requestsPerSecond: number | undefined;
	readonly p99: string;
	readonly weight: number | undefined;
	readonly accepting: boolean;
	readonly draining: boolean;
}

export interface RolloutShard {
	readonly name: string;
	readonly version: string;
	readonly state: string;
	readonly since: string;
	readonly message: string;
}

export interface PluginFacts {
	readonly of: "PrismPlugin";
	readonly version: string;
	readonly lastGood: string;
	readonly rollout: { readonly phase: string; readonly startedAt: string; readonly failure: string } | undefined;
	readonly shards: readonly RolloutShard[];
	readonly history: readonly { readonly version: string; readonly outcome: string; readonly finishedAt: string }[];
}

export interface SeenPlace {
	readonly roster: string;
	readonly namespace: string;
	readonly state: string;
	readonly instances: readonly { readonly name: string; readonly state: string; readonly message: string }[];
}

export interface NamespaceFacts {
	readonly of: "PrismNamespace";
	readonly id: string;
	readonly places: readonly SeenPlace[];
	readonly expiresAt: string;
}

export interface RunnerFacts {
	readonly of: "PatternRunner";
	readonly pattern: string;
	readonly backend: string;
	readonly backendConfig: string;
}

export interface BackendFacts {
	readonly of: "BackendConfig";
	readonly provider: string;
	readonly healthy: boolean | undefined;
}

export type Facts =
	| StackFacts
	| ShardFacts
	| PluginFacts
	| NamespaceFacts
	| RunnerFacts
	| BackendFacts
	| { readonly of: "Other" };

const LONGEST = 600;
export const MOST = 100;

export const factsOf = (object: KubeObject, call: RecordedCall): Facts => {
	const build = BUILDERS[object.kind];
	return build === undefined ? { of: "Other" } : build(object, call);
};

const BUILDERS: Readonly<Record<string, (object: KubeObject, call: RecordedCall) => Facts>> = {
	PrismStack: ({ status }, call) => ({
		of: "PrismStack",
		proxy: text(valueAt(status, "proxy", "summary")),
		admin: text(valueAt(status, "admin", "summary")),
		instances: instancesOf(call),
		patterns: partsOf(status, "patterns"),
		backends: partsOf(status, "backends"),
		namespaces: partsOf(status, "namespaces"),
		endpoint: text(valueAt(status, "endpoints", "proxy")),
	}),
	PrismShard: ({ spec, status }, call) => ({
		of: "PrismShard",
		pods: text(valueAt(status, "summary")),
		backends: textsAt(spec, "backends"),
		instances: instancesOf(call),
		plugins: recordsAt(status, "plugins").slice(0, MOST).map(pluginOf),
		namespaces: countOf(status, "namespaces"),
		capacity: countOf(valueAt(spec, "capacity"), "maxNamespaces"),
		requestsPerSecond: countOf(valueAt(status, "aggregateMetrics"), "totalRPS"),
		p99: text(valueAt(status, "aggregateMetrics", "avgP99Latency")),
		weight: countOf(spec, "weight"),
		accepting: valueAt(spec, "accepting") !== false,
		draining: valueAt(spec, "draining") === true,
	}),
	PrismPlugin: ({ spec, status }) => ({
		of: "PrismPlugin",
		version: text(valueAt(spec, "version")),
		lastGood: text(valueAt(status, "lastGoodVersion")),
		rollout: rolloutOf(valueAt(status, "rollout")),
		shards: [...recordsAt(status, "shardStates"), valueAt(status, "remote")]
			.filter(isRecord)
			.slice(0, MOST)
			.map((part) => ({
				name: text(part["name"]),
				version: text(part["version"]),
				state: text(part["state"]),
				since: text(part["since"]),
				message: text(part["message"]),
			})),
		history: recordsAt(status, "history").map(({ version, outcome, finishedAt }) => ({
			version: text(version),
			outcome: text(outcome),
			finishedAt: text(finishedAt),
		})),
	}),
	PrismNamespace: ({ metadata, spec, status }) => ({
		of: "PrismNamespace",
		id: text(valueAt(status, "namespaceId") ?? valueAt(spec, "namespaceId") ?? metadata.name),
		places: recordsAt(status, "placements").slice(0, 16).map(placeOf),
		expiresAt: text(valueAt(status, "expiresAt")),
	}),
	PatternRunner: ({ spec }) => ({
		of: "PatternRunner",
		pattern: text(valueAt(spec, "pattern")),
		backend: text(valueAt(spec, "backend")),
		backendConfig: text(valueAt(spec, "backendConfig", "name")),
	}),
	BackendConfig: ({ spec, status }) => {
		const healthy = valueAt(status, "healthy");
		return {
			of: "BackendConfig",
			provider: text(valueAt(status, "binding", "provider") ?? valueAt(spec, "provider")),
			healthy: typeof healthy === "boolean" ? healthy : undefined,
		};
	},
};

const isRoster = ({ kind }: KubeObject): boolean => kind === PrismRoster.kind;

/** The proxies, from the roster that the answer has, or the one that was there. */
const instancesOf = ({ response, observed }: RecordedCall): SeenInstance[] => {
	const roster = response?.children.find(isRoster) ?? observed.find(isRoster);
	return recordsAt(roster?.["spec"], "instances")
		.slice(0, MOST)
		.map(({ name, ready }) => ({ name: text(name), ready: ready === true }));
};

const partsOf = (status: unknown, field: string): Part[] =>
	recordsAt(status, field)
		.slice(0, MOST)
		.map(({ name, ready, phase, reason }) => ({
			name: text(name),
			ready: ready === true,
			phase: text(phase),
			reason: text(reason),
		}));

const pluginOf = (plugin: Record<string, unknown>): SeenPlugin => ({
	name: text(plugin["name"]),
	version: text(plugin["version"]),
	deployment: text(plugin["deployment"]),
	pinned: plugin["pinned"] === true,
	ready: countOf(plugin, "ready") ?? 0,
	desired: countOf(plugin, "desired") ?? 0,
	unready: text(plugin["unready"]),
});

const placeOf = (place: Record<string, unknown>): SeenPlace => ({
	roster: text(place["roster"]),
	namespace: text(place["namespace"]),
	state: text(place["state"]),
	instances: recordsAt(place, "instances")
		.slice(0, MOST)
		.map(({ name, state, message }) => ({ name: text(name), state: text(state), message: text(message) })),
});

const rolloutOf = (rollout: unknown): PluginFacts["rollout"] =>
	isRecord(rollout)
		? { phase: text(rollout["phase"]), startedAt: text(rollout["startedAt"]), failure: text(rollout["failure"]) }
		: undefined;

const textsAt = (value: unknown, field: string): string[] => {
	const list = valueAt(value, field);
	return Array.isArray(list) ? list.filter((item) => typeof item === "string").slice(0, MOST) : [];
};

export const text = (value: unknown): string => {
	const plain = typeof value === "string" || typeof value === "number" ? String(value) : "";
	return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 1)}…`;
};
