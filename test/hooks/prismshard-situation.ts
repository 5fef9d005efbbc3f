import { isRecord } from "../../kube/object.ts";
import type { InstanceAnswer } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { condition, NOW, object } from "./situations.ts";

// How a shard comes into a situation.

export const spec = { backends: ["redis"], replicas: 3 };
export const shard = (changes: Record<string, unknown> = {}, metadata: Partial<KubeObject["metadata"]> = {}) =>
	object("PrismShard", { ...spec, ...changes }, metadata);
/** A shard that ran before. */
export const ran = (changes: Record<string, unknown> = {}) => ({ ...shard(changes), status: { phase: "Running" } });
/** A shard that is Ready, and was found doubtful at a time. */
export const doubted = (doubtfulSince: string) => ({
	...shard(),
	status: {
		phase: "Running",
		doubtfulSince,
		conditions: [{ ...condition("Ready", "True", "ShardReady", "ready"), observedGeneration: 1 }],
	},
});
export const deleted = (changes: Partial<KubeObject["metadata"]> = {}, wanted: Record<string, unknown> = {}) =>
	shard(wanted, { deletionTimestamp: "2025-12-31T23:59:00Z", ...changes });

export const holding = (...namespaces: string[]): InstanceAnswer => ({
	state: "known",
	readAt: NOW,
	storeId: "store",
	namespaces: new Map(namespaces.map((name) => [name, "digest"])),
});
/** What some instances say; the others are well, and hold nothing. */
export const told = (answers: Readonly<Record<string, InstanceAnswer>>) => (instance: string) => answers[instance];
export const silent = (failure: Extract<InstanceAnswer, { state: "unknown" }>["failure"]): InstanceAnswer => ({
	state: "unknown",
	failure,
});

/** The roster as it says what a finalizing shard wants it to say. */
export const rosterSays = (fields: Record<string, unknown>) => (children: readonly KubeObject[]) =>
	children.map((child) =>
		child.kind === "PrismRoster" && isRecord(child["spec"])
			? { ...child, spec: { ...child["spec"], ...fields } }
			: child,
	);
export const draining = rosterSays({ draining: true, accepting: false });
export const withoutPods = (children: readonly KubeObject[]) =>
	children.map((child) =>
		child.kind === "StatefulSet" && isRecord(child["spec"])
			? { ...child, spec: { ...child["spec"], replicas: 0 } }
			: child,
	);

export const plugin = (name: string, port: number, status?: Record<string, unknown>): KubeObject => ({
	...object("PrismPlugin", { version: "1.1.0", healthCheck: { grpc: { port } } }, { name }),
	...(status && { status }),
});
