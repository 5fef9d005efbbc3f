import type { ShardInstance } from "../../hooks/prismshard/observed-shard.ts";
import { statusFields } from "../../hooks/prismshard/status-fields.ts";
import { objectMap } from "../../kube/offline.ts";
import type { InstanceAnswer } from "../../schemas/admin.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { CompositeRequest } from "../../schemas/metacontroller.ts";
import type { PrismShardSpec } from "../../schemas/prismshard.ts";
import { NOW, object } from "./situations.ts";

// A shard in pieces: its StatefulSet, its instances, its request.

export const BEFORE = "2025-12-31T23:59:00Z";

export const known = (
	names: readonly string[],
	more: Partial<Extract<InstanceAnswer, { state: "known" }>> = {},
): InstanceAnswer => ({
	state: "known",
	readAt: NOW,
	namespaces: new Map(names.map((name) => [name, ""])),
	...more,
});
export const instance = (ordinal: number, answer: InstanceAnswer | undefined, listed = true): ShardInstance => ({
	name: `prism-it-${ordinal}`,
	uid: undefined,
	listed,
	ready: answer !== undefined,
	terminating: false,
	answer,
});
export const unverifiable: InstanceAnswer = { state: "unverifiable" };
export const unknown = (failure: Extract<InstanceAnswer, { state: "unknown" }>["failure"]): InstanceAnswer => ({
	state: "unknown",
	failure,
});

export const set = (status: unknown, spec: unknown = { replicas: 3 }, generation = 2): KubeObject => ({
	apiVersion: "apps/v1",
	kind: "StatefulSet",
	metadata: { name: "prism-it", namespace: "prism", generation },
	spec,
	status,
});

export const request = (
	children: readonly KubeObject[] = [],
	status?: unknown,
	metadata: Partial<KubeObject["metadata"]> = {},
): CompositeRequest => ({
	controller: {},
	parent: { ...object("PrismShard", {}, metadata), status },
	children: objectMap(children),
	related: {},
	finalizing: false,
});

export const fields = (
	its: CompositeRequest,
	instances: readonly ShardInstance[] = [],
	spec?: Partial<PrismShardSpec>,
) => statusFields({ request: its, spec: spec as PrismShardSpec | undefined, instances, now: NOW });
