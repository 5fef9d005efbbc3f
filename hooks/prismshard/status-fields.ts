import { fieldHold, podHold } from "../../kube/foreign-fields.ts";
import { isRecord, isSameJson, recordsAt, valueAt } from "../../kube/object.ts";
import { twoDigits } from "../../kube/quantity.ts";
import { countOf, statefulSetRollout } from "../../kube/rollout.ts";
import { secondsBetween } from "../../kube/time.ts";
import type { Written } from "../../kube/types.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { unreadyPodText } from "../../schemas/messages/status-fields.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { ShardPlugin } from "../../schemas/pluginrollout.ts";
import type { PrismShardSpec, PrismShardStatus } from "../../schemas/prismshard.ts";
import { DESIRED_HASH_ANNOTATION } from "../../schemas/vocabulary.ts";
import {
	heldNamespaces,
	installedPlugin,
	observedSet,
	type ShardInstance,
	type ShardSeen,
	shardNames,
} from "./observed-shard.ts";
import { selectorOf } from "./plan.ts";

// The fields of a shard's status beside its head: what was observed, whatever the plan is.

type Fields = Written<PrismShardStatus>;
type Figures = Pick<Fields, "namespaces" | "aggregateMetrics">;

export interface Observed extends ShardSeen {
	/** undefined: it can't be read. */
	readonly spec: PrismShardSpec | undefined;
}

export const statusFields = ({ request, spec, instances, now }: Observed): Fields => ({
	...countFields(request),
	selector: Object.entries(selectorOf(request.parent.metadata.name))
		.map(([key, value]) => `${key}=${value}`)
		.join(","),
	...figureFields(request, instances, now),
	endpoint: endpointOf(request),
	plugins: spec && pluginStates(spec, observedSet(request), instances),
});

const countFields = (request: CompositeRequest): Fields => {
	const set = observedSet(request);
	if (set === undefined) return {};
	const count = (field: string) => countOf(set["status"], field) ?? 0;
	const ready = count("readyReplicas");
	return {
		replicas: count("replicas"),
		readyReplicas: ready,
		updatedReplicas: count("updatedReplicas"),
		summary: `${ready}/${countOf(set["spec"], "replicas") ?? 1}`,
	};
};

const endpointOf = (request: CompositeRequest): string | undefined => {
	const { base, namespace } = shardNames(request.parent);
	const [port] = recordsAt(request.children["Service.v1"]?.[`${namespace}/${base}`], "spec", "ports");
	return typeof port?.["port"] === "number" ? `${base}.${namespace}.svc:${port["port"]}` : undefined;
};

// ── Figures ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Seconds between two changes of the figures: each is a write, and they move all the time. */
const FIGURES_SECONDS = 60;

/** Metrics of all instances together. They are kept for a while when they change or when no instance reports any, and then replaced. */
const figureFields = ({ parent }: CompositeRequest, instances: readonly ShardInstance[], now: string): Fields => {
	const { namespaces, aggregateMetrics, metricsUpdatedAt } = statusOf(parent);
	const before: Figures = {
		...(namespaces !== undefined && { namespaces }),
		...(aggregateMetrics !== undefined && { aggregateMetrics }),
	};
	const told = figuresOf(instances);
	const kept = { ...before, ...(metricsUpdatedAt !== undefined && { metricsUpdatedAt }) };
	if (isSameJson(told, before)) return kept;
	if (metricsUpdatedAt === undefined) return Object.keys(told).length > 0 ? { ...told, metricsUpdatedAt: now } : {};
	const age = secondsBetween(metricsUpdatedAt, now);
	return age >= 0 && age < FIGURES_SECONDS ? kept : { ...told, metricsUpdatedAt: now };
};

const figuresOf = (instances: readonly ShardInstance[]): Figures => {
	const namespaces = heldNamespaces(instances)?.size;
	const metrics = instances.flatMap(({ answer }) => (answer?.state === "known" ? (answer.metrics ?? []) : []));
	// An instance that served nothing reports 0.
	const latencies = metrics.flatMap(({ p99LatencyMs }) => p99LatencyMs ?? []).filter((latency) => latency > 0);
	const requests = sum(metrics.map(({ requestsPerSecond }) => requestsPerSecond));
	return {
		...(namespaces !== undefined && { namespaces }),
		...(metrics.length > 0 && {
			aggregateMetrics: {
				totalRPS: twoDigits(requests),
				...(latencies.length > 0 && { avgP99Latency: `${twoDigits(sum(latencies) / latencies.length)}ms` }),
			},
		}),
	};
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The figures in a status, as it was written by this hook; anything else in it is left out. */
const statusOf = (parent: KubeObject): Fields => {
	const { status } = parent;
	const namespaces = countOf(status, "namespaces");
	const totalRPS = valueAt(status, "aggregateMetrics", "totalRPS");
	const avgP99Latency = valueAt(status, "aggregateMetrics", "avgP99Latency");
	const metricsUpdatedAt = valueAt(status, "metricsUpdatedAt");
	return {
		...(namespaces !== undefined && { namespaces }),
		...(typeof totalRPS === "number" && {
			aggregateMetrics: { totalRPS, ...(typeof avgP99Latency === "string" && { avgP99Latency }) },
		}),
		...(typeof metricsUpdatedAt === "string" && { metricsUpdatedAt }),
	};
};

// ── Plugins ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a plugin's own rollout goes by: counts and images of the StatefulSet as it was observed. */
const pluginStates = (
	{ plugins = [], replicas }: PrismShardSpec,
	set: KubeObject | undefined,
	instances: readonly ShardInstance[],
): ShardPlugin[] | undefined => {
	const desired = countOf(set?.["spec"], "replicas") ?? replicas;
	const late = instances.find((instance) => !instance.ready);
	const hold = set && holdOf(set, instances);
	const states = plugins.map(({ name, version, deployment = "sidecar" }): ShardPlugin => {
		const installed = installedPlugin(set, name);
		const { form = deployment, ...observed } = installed ?? {};
		return {
			name,
			deployment: form,
			pinned: version !== undefined,
			...observed,
			desired,
			...(installed === undefined ? { updated: 0, ready: 0 } : updatedPods(set, desired)),
			...(hold && { hold }),
			...(late !== undefined && {
				unready: unreadyPodText(late.name, late.listed),
			}),
		};
	});
	return states.length > 0 ? states : undefined;
};

const holdOf = (set: KubeObject, instances: readonly ShardInstance[]): ShardPlugin["hold"] => {
	const rollout = statefulSetRollout(set, set, DESIRED_HASH_ANNOTATION);
	if (rollout.state === "ready") return undefined;
	const hold = fieldHold(set) ?? podHold(rollout, instances);
	return hold && { workload: set.metadata.name, ...hold };
};

/**
 * A StatefulSet counts pods that are updated and pods that are ready, and not those that are both: as many as there must
 * be at least are reported. Its counts are of an older specification until its controller has seen the latest.
 */
const updatedPods = (set: KubeObject | undefined, desired: number): { updated: number; ready: number } => {
	const status = set?.["status"];
	const seen = countOf(status, "observedGeneration") ?? 0;
	if (!isRecord(status) || seen < (set?.metadata.generation ?? 0)) return { updated: 0, ready: 0 };
	const count = (field: string) => countOf(status, field) ?? 0;
	const updated = Math.min(count("updatedReplicas"), desired);
	const outdated = count("replicas") - count("updatedReplicas");
	return { updated, ready: Math.min(updated, Math.max(0, count("readyReplicas") - outdated)) };
};
