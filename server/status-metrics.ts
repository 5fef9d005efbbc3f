import { Gauge, type Histogram, type Registry } from "prom-client";
import { type Seen, seenOf } from "../kube/partial-object.ts";
import { secondsBetween } from "../kube/time.ts";
import type { Outside } from "../schemas/admin.ts";
import type { KindDescriptor, KubeObject } from "../schemas/common.ts";
import { type PastRollout, ROLLOUT_OUTCOMES } from "../schemas/pluginrollout.ts";
import { PrismNamespace } from "../schemas/prismnamespace.ts";
import { PrismPlugin } from "../schemas/prismplugin.ts";
import { metersOf } from "./meters.ts";
import type { AnswerSummary } from "./sync-log.ts";
import { systemTime } from "./time.ts";

// Metrics about custom resources, from the difference between a response's status and the previous one. A response whose status
// write is lost is computed, and counted, again: these numbers are estimates.

/** A response of a hook, and its request. */
export interface Concluded {
	readonly object: KubeObject;
	readonly answer: AnswerSummary;
	readonly outside: Outside | undefined;
}

/** Minutes, because milliseconds are irrelevant here. */
const BUCKETS = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800];

/** An object without a call for this time is no longer counted: another replica gets its calls, or it was deleted. */
const FORGOTTEN_MS = 15 * 60_000;

export function createOutcomeMetrics(registry: Registry) {
	const { counter, histogram } = metersOf(registry);
	const phases = new Map<string, { phase: string; seen: number }>();
	const byPhase = new Gauge({
		name: "prism_operator_namespaces",
		help: "PrismNamespaces that this replica reconciled in the last 15 minutes, by phase.",
		labelNames: ["phase"],
		registers: [registry],
		collect() {
			this.reset();
			const oldest = systemTime.monotonic() - FORGOTTEN_MS;
			for (const [uid, { phase, seen }] of phases) {
				if (seen < oldest) phases.delete(uid);
				else this.inc({ phase });
			}
		},
	});
	const readySeconds = histogram(
		"prism_operator_namespace_ready_seconds",
		"Time from the creation of a PrismNamespace until all instances had it for the first time, in seconds.",
		BUCKETS,
	);
	const repairs = counter(
		"prism_operator_namespace_repairs_total",
		"Drift corrections: calls that re-applied an unchanged PrismNamespace to an instance that had lost or changed it, or was new.",
	);
	const rollouts = counter("prism_operator_plugin_rollouts_total", "Finished rollouts of PrismPlugins, by outcome.", [
		"outcome",
	]);
	const shardSeconds = histogram(
		"prism_operator_plugin_shard_seconds",
		"Time from the start of a plugin rollout on a shard until the shard was observed ready at the new version, in seconds.",
		BUCKETS,
	);

	const namespace = ({ object, answer, outside }: Concluded) => {
		const { uid = "", creationTimestamp } = object.metadata;
		if (answer.finalized === true) {
			phases.delete(uid);
			return;
		}
		const { before, after } = statusesOf(PrismNamespace, object, answer);
		if (after.phase !== undefined) phases.set(uid, { phase: after.phase, seen: systemTime.monotonic() });
		if (before.provisionedAt === undefined && after.provisionedAt !== undefined && creationTimestamp)
			observe(readySeconds, secondsBetween(creationTimestamp, after.provisionedAt));
		if (before.digest === after.digest && before.provisionedAt !== undefined)
			repairs.inc(
				(outside?.results ?? []).filter(({ call, outcome }) => call.verb === "assign" && outcome.state === "done")
					.length,
			);
	};
	const plugin = ({ object, answer }: Concluded) => {
		const { before, after } = statusesOf(PrismPlugin, object, answer);
		const known = new Set(before.history?.map(titleOf));
		for (const ended of after.history ?? [])
			if (!known.has(titleOf(ended))) rollouts.inc({ outcome: String(ended.outcome) });
		for (const { name, state, version, since = "" } of after.shardStates ?? []) {
			const told = before.shardStates?.find((part) => part.name === name);
			const isReady = state === "Baking" || state === "Updated";
			if (told?.state === "Updating" && isReady && told.version === version)
				observe(shardSeconds, secondsBetween(told.since ?? since, since));
		}
	};
	// Initialized at startup: a counter that first appears with value 1 never increases, so no alert would fire.
	repairs.inc(0);
	for (const outcome of ROLLOUT_OUTCOMES) rollouts.inc({ outcome }, 0);
	byPhase.reset();
	return (concluded: Concluded): void => {
		if (concluded.object.kind === PrismNamespace.kind) namespace(concluded);
		if (concluded.object.kind === PrismPlugin.kind) plugin(concluded);
	};
}

/** Times in a status can be invalid. */
const observe = (histogram: Histogram, seconds: number): void => {
	if (Number.isFinite(seconds)) histogram.observe(Math.max(0, seconds));
};

const titleOf = ({ version, startedAt }: Seen<PastRollout>): string => `${version} ${startedAt}`;

/** The previous status and that of the response, which can be missing. */
const statusesOf = <Kind extends KindDescriptor>(kind: Kind, object: KubeObject, answer: AnswerSummary) => ({
	before: seenOf(kind, object).status,
	after: seenOf(kind, { ...object, status: answer.status }).status,
});
