import { endpointsBehind } from "../../kube/endpointslices.ts";
import { lastSent } from "../../kube/last-sent.ts";
import { derivedName } from "../../kube/names.ts";
import { isRecord, kindKey, recordsAt, valueAt } from "../../kube/object.ts";
import { countOf } from "../../kube/rollout.ts";
import { rosterInstance } from "../../kube/roster.ts";
import { type InstanceAnswer, type InstanceQuestion, isAboutNamespace, type Outside } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { ShardPlugin } from "../../schemas/pluginrollout.ts";
import { DEFAULT_ADMIN_PORT } from "../../schemas/prismshard.ts";
import { API_VERSION, PLUGIN_VERSIONS_ANNOTATION } from "../../schemas/vocabulary.ts";

// The observed state of a shard: its StatefulSet, each instance, what instances report of themselves, and its plugins.

export interface ShardNames {
	/** Of the StatefulSet, the clients' Service, the roster and the rest. */
	readonly base: string;
	/** Of the Service that gives the pods their addresses. */
	readonly headless: string;
	readonly namespace: string;
}

/** A StatefulSet's name has at most 52 characters: with a longer one it never gets a pod. */
const LONGEST_BASE = 52;

export const shardNames = ({ metadata }: KubeObject): ShardNames => {
	const base = derivedName("prism", metadata.name, LONGEST_BASE);
	return { base, headless: derivedName(base, "headless"), namespace: metadata.namespace ?? "default" };
};

const observedChild = (request: CompositeRequest, apiVersion: string, kind: string): KubeObject | undefined => {
	const { base, namespace } = shardNames(request.parent);
	return request.children[kindKey(apiVersion, kind)]?.[`${namespace}/${base}`];
};

export const observedSet = (request: CompositeRequest) => observedChild(request, "apps/v1", "StatefulSet");
export const observedRoster = (request: CompositeRequest) => observedChild(request, API_VERSION, "PrismRoster");

// ── Instances ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ShardInstance {
	/** Name of the pod. */
	readonly name: string;
	readonly uid: string | undefined;
	/** Whether the pod has an address. */
	readonly listed: boolean;
	/** Whether it passes its readiness probe. */
	readonly ready: boolean;
	/** Whether it is being deleted. */
	readonly terminating: boolean;
	/** undefined: it was not asked, for it is not ready. */
	readonly answer: InstanceAnswer | undefined;
}

/** What was observed of a shard, and when. */
export interface ShardSeen {
	readonly request: CompositeRequest;
	readonly instances: readonly ShardInstance[];
	readonly now: string;
}

/** As many as a roster lists. */
const MOST_INSTANCES = 1000;
const SILENCE: InstanceAnswer = { state: "unknown", failure: "Unreachable" };

/** An instance before it is asked. */
export type ShardPod = Omit<ShardInstance, "answer">;

/** The pods that the observed StatefulSet is to have, by number; none before it is observed. */
export const podsOf = (request: CompositeRequest): ShardPod[] => {
	const { base, headless, namespace } = shardNames(request.parent);
	const set = observedSet(request);
	if (set === undefined) return [];
	const endpoints = new Map(endpointsBehind(request, headless, namespace).map((endpoint) => [endpoint.pod, endpoint]));
	const count = Math.min(countOf(set["spec"], "replicas") ?? 1, MOST_INSTANCES);
	return Array.from({ length: count }, (_, ordinal) => {
		const name = `${base}-${ordinal}`;
		const endpoint = endpoints.get(name);
		return {
			name,
			uid: endpoint?.uid,
			listed: endpoint !== undefined,
			ready: endpoint?.ready === true,
			terminating: endpoint?.terminating === true,
		};
	});
};

/** The instances as the roster listed them when it was sent last. */
export const listedBefore = (request: CompositeRequest) => {
	const roster = observedRoster(request);
	return recordsAt(roster && lastSent(roster), "spec", "instances");
};

/** Every ready instance is asked how it does; one that is not ready does not answer. */
export const questionsOf = (request: CompositeRequest, pods: readonly ShardPod[], now: string): InstanceQuestion[] => {
	const { headless, namespace } = shardNames(request.parent);
	const port = valueAt(request.parent, "spec", "adminPort");
	const adminPort = typeof port === "number" ? port : DEFAULT_ADMIN_PORT;
	const before = listedBefore(request);
	return pods
		.filter(({ ready }) => ready)
		.map((pod) => {
			const { name } = pod;
			const changedAt = rosterInstance(pod, before, now).readySince;
			return {
				about: "instance",
				instance: { name, address: `${name}.${headless}.${namespace}.svc:${adminPort}`, namespace },
				...(changedAt !== undefined && { changedAt }),
			};
		});
};

export const instancesOf = (pods: readonly ShardPod[], { answers }: Outside): ShardInstance[] => {
	const told = new Map(
		answers.flatMap((reply): [string, InstanceAnswer][] =>
			isAboutNamespace(reply) ? [] : [[reply.question.instance.name, reply.answer]],
		),
	);
	return pods.map((pod) => ({ ...pod, answer: pod.ready ? (told.get(pod.name) ?? SILENCE) : undefined }));
};

/** Whether a ready instance does not answer at all. */
export const isSilent = ({ answer }: ShardInstance): boolean => answer?.state === "unknown";

/** Since when ready instances have been in doubt, according to status. */
export const doubtfulSince = ({ parent }: CompositeRequest): string | undefined => {
	const since = valueAt(parent["status"], "doubtfulSince");
	return typeof since === "string" ? since : undefined;
};

/** Namespaces that the instances hold together, as far as they report them; undefined when none of them does. */
export const heldNamespaces = (instances: readonly ShardInstance[]): ReadonlySet<string> | undefined => {
	const told = instances.flatMap(({ answer }) => (answer?.state === "known" ? [answer.namespaces] : []));
	return told.length === 0 ? undefined : new Set(told.flatMap((namespaces) => [...namespaces.keys()]));
};

// ── Plugins ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export type PluginForm = ShardPlugin["deployment"];

/** Name of the container that runs a plugin, or brings its library. */
export const pluginContainer = (plugin: string): string => derivedName("plugin", plugin);

/** Environment variable by which the proxy finds a plugin: its address, or the folder of its library. */
export const pluginVariable = (plugin: string, what: "ADDRESS" | "PATH"): string =>
	`PRISM_PLUGIN_${plugin.replaceAll("-", "_").toUpperCase()}_${what}`;

export interface InstalledPlugin {
	readonly form: PluginForm;
	readonly image?: string;
	readonly version?: string;
}

/**
 * A plugin as the StatefulSet that was observed was sent. A rollout compares its image with the one that it ordered, and an
 * admission policy may store another.
 */
export const installedPlugin = (set: KubeObject | undefined, plugin: string): InstalledPlugin | undefined => {
	const sent = set && lastSent(set);
	const pod = valueAt(sent, "spec", "template", "spec");
	const own = (list: string) => recordsAt(pod, list).find(({ name }) => name === pluginContainer(plugin));
	const sidecar = own("containers");
	const container = sidecar ?? own("initContainers");
	const image = container?.["image"];
	if (container === undefined) {
		const variables = recordsAt(pod, "containers").flatMap((proxy) => recordsAt(proxy, "env"));
		const isTold = variables.some(({ name }) => name === pluginVariable(plugin, "ADDRESS"));
		return isTold ? { form: "remote" } : undefined;
	}
	const version = installedVersions(sent)[plugin];
	return {
		form: sidecar === undefined ? "in-process" : "sidecar",
		...(typeof image === "string" && { image }),
		...(typeof version === "string" && { version }),
	};
};

const installedVersions = (set: Record<string, unknown> | undefined): Record<string, unknown> => {
	const text = valueAt(set, "spec", "template", "metadata", "annotations", PLUGIN_VERSIONS_ANNOTATION);
	if (typeof text !== "string") return {};
	try {
		const versions: unknown = JSON.parse(text);
		return isRecord(versions) ? versions : {};
	} catch {
		return {};
	}
};
