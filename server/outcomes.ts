import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { isRecord, recordsAt, valueAt } from "../kube/object.ts";
import { secondsBetween } from "../kube/time.ts";
import type { Outside } from "../schemas/admin.ts";
import type { KubeObject } from "../schemas/common.ts";
import { ROLLOUT_OUTCOMES } from "../schemas/pluginrollout.ts";
import { PrismNamespace } from "../schemas/prismnamespace.ts";
import { PrismPlugin } from "../schemas/prismplugin.ts";
import type { HookAnswer } from "./sync-log.ts";

// What has become of the users' objects, told by how an answer's status differs from the one before. An answer whose status
// write is lost is computed, and counted, again: these are figures for people, not for accountants.

/** An answer of a hook, beside what it was made of. */
export interface Concluded {
	readonly object: KubeObject;
	readonly answer: HookAnswer;
	readonly outside: Outside | undefined;
}

export type ObserveOutcome = (concluded: Concluded) => void;

/** Minutes matter here, not milliseconds. */
const BUCKETS = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800];

/** An object that was not seen for so long is somebody else's to count: its calls come to another replica, or it is gone. */
const FORGOTTEN_MS = 15 * 60_000;

export function createOutcomeMetrics(registry: Registry): ObserveOutcome {
	const registers = [registry];
	const phases = new Map<string, { phase: string; seen: number }>();
	const byPhase = new Gauge({
		name: "prism_operator_namespaces",
		help: "PrismNamespaces that this replica has seen in the last 15 minutes, by phase.",
		labelNames: ["phase"],
		registers,
		collect() {
			this.reset();
			const oldest = performance.now() - FORGOTTEN_MS;
			for (const [uid, { phase, seen }] of phases) {
				if (seen < oldest) phases.delete(uid);
				else this.inc({ phase });
			}
		},
	});
	const readySeconds = new Histogram({
		name: "prism_operator_namespace_ready_seconds",
		help: "Time from a PrismNamespace's creation until all instances had it for the first time, in seconds.",
		buckets: BUCKETS,
		registers,
	});
	const repairs = new Counter({
		name: "prism_operator_namespace_repairs_total",
		help: "Calls that brought an instance back to what a PrismNamespace wanted all along: it had lost or changed it, or was new.",
		registers,
	});
	const rollouts = new Counter({
		name: "prism_operator_plugin_rollouts_total",
		help: "Rollouts of PrismPlugins that ended, by outcome.",
		labelNames: ["outcome"],
		registers,
	});
	const shardSeconds = new Histogram({
		name: "prism_operator_plugin_shard_seconds",
		help: "Time from a shard's being told a plugin's version until it was observed ready at it, in seconds.",
		buckets: BUCKETS,
		registers,
	});

	const namespace = ({ object, answer, outside }: Concluded) => {
		const { uid = "", creationTimestamp } = object.metadata;
		if ("finalized" in answer && answer.finalized) {
			phases.delete(uid);
			return;
		}
		const before = object["status"];
		const after = "status" in answer ? answer.status : undefined;
		const phase = valueAt(after, "phase");
		if (typeof phase === "string") phases.set(uid, { phase, seen: performance.now() });
		const provisionedAt = valueAt(after, "provisionedAt");
		if (valueAt(before, "provisionedAt") === undefined && typeof provisionedAt === "string" && creationTimestamp)
			readySeconds.observe(Math.max(0, secondsBetween(creationTimestamp, provisionedAt)));
		if (valueAt(before, "digest") === valueAt(after, "digest") && valueAt(before, "provisionedAt") !== undefined)
			repairs.inc(
				(outside?.results ?? []).filter(({ call, outcome }) => call.verb === "assign" && outcome.state === "done")
					.length,
			);
	};
	const plugin = ({ object, answer }: Concluded) => {
		const before = object["status"];
		const after = "status" in answer ? answer.status : undefined;
		if (!isRecord(after)) return;
		const known = new Set(recordsAt(before, "history").map(titleOf));
		for (const ended of recordsAt(after, "history").filter((entry) => !known.has(titleOf(entry))))
			rollouts.inc({ outcome: String(ended["outcome"]) });
		const parts = new Map(recordsAt(before, "shardStates").map((part) => [part["name"], part]));
		for (const part of recordsAt(after, "shardStates")) {
			const told = parts.get(part["name"]);
			const isReady = part["state"] === "Baking" || part["state"] === "Updated";
			if (told?.["state"] === "Updating" && isReady && told["version"] === part["version"])
				shardSeconds.observe(Math.max(0, secondsBetween(String(told["since"]), String(part["since"]))));
		}
	};
	// Known from the start: a counter that comes to be with its first event never rises, and no alert hears of it.
	repairs.inc(0);
	for (const outcome of ROLLOUT_OUTCOMES) rollouts.inc({ outcome }, 0);
	byPhase.reset();
	return (concluded) => {
		if (concluded.object.kind === PrismNamespace.kind) namespace(concluded);
		if (concluded.object.kind === PrismPlugin.kind) plugin(concluded);
	};
}

const titleOf = ({ version, startedAt }: Record<string, unknown>): string => `${String(version)} ${String(startedAt)}`;
