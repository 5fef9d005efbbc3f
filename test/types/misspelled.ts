import type { statusFields as backendStatus } from "../../hooks/backendconfig/status.ts";
import type { statusFields as runnerStatus } from "../../hooks/patternrunner/status.ts";
import type { statusOf as namespaceStatus } from "../../hooks/prismnamespace/status.ts";
import type { statusFields as pluginStatus } from "../../hooks/prismplugin/status-fields.ts";
import type { statusFields as shardStatus } from "../../hooks/prismshard/status-fields.ts";
import type { patternRunnerChild } from "../../hooks/prismstack/pattern-runner.ts";
import type { statusFields as stackStatus } from "../../hooks/prismstack/status.ts";
import type { headlessService } from "../../kube/children/service.ts";
import type { statefulSet } from "../../kube/children/statefulset.ts";

// What a builder or a hook returns, misspelled: a directive below that is not needed any more is an error of the compiler.

type Fields<Build extends (...given: never[]) => unknown> = Partial<ReturnType<Build>>;
type SpecOf<Build extends (...given: never[]) => { readonly spec?: unknown }> = Partial<ReturnType<Build>["spec"]>;

export const service: SpecOf<typeof headlessService> = {
	type: "ClusterIP",
	// @ts-expect-error: publishNotReadyAddresses
	publishNotReadyAdresses: true,
};
export const set: SpecOf<typeof statefulSet> = {
	replicas: 1,
	// @ts-expect-error: podManagementPolicy
	podManagmentPolicy: "Parallel",
};
export const runner: SpecOf<typeof patternRunnerChild> = {
	pattern: "keyvalue",
	// @ts-expect-error: backendConfig
	backendConfg: { name: "dev-redis" },
};
// @ts-expect-error: patternsReady
export const stack: Fields<typeof stackStatus> = { endpoints: {}, patternReady: "1/1" };
// @ts-expect-error: readyReplicas
export const pattern: Fields<typeof runnerStatus> = { replicas: 1, readyReplica: 1 };
// @ts-expect-error: healthy
export const backend: Fields<typeof backendStatus> = { phase: "Ready", health: true };
// @ts-expect-error: lastSyncedAt
export const namespace: Fields<typeof namespaceStatus> = { phase: "Active", lastSyncAt: "2026-01-01T00:00:00Z" };
// @ts-expect-error: doubtfulSince
export const shard: Fields<typeof shardStatus> = { replicas: 1, doubtfullSince: "2026-01-01T00:00:00Z" };
// @ts-expect-error: updatedShards
export const plugin: Fields<typeof pluginStatus> = { installed: true, updatedShard: "1/1" };
