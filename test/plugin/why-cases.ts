import type { WhyCase } from "./why-case.ts";
import { MACHINERY_CASES } from "./why-cases-machinery.ts";
import { SHARD_CASES } from "./why-cases-shards.ts";
import { VOLUME_CASES } from "./why-cases-volumes.ts";
import { WORKLOAD_CASES } from "./why-cases-workloads.ts";

// Clusters in trouble, each with the object that somebody asks about.

export const WHY_CASES: readonly WhyCase[] = [...WORKLOAD_CASES, ...VOLUME_CASES, ...SHARD_CASES, ...MACHINERY_CASES];
