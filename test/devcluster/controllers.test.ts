import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "../../devcluster/cluster.ts";
import { systemTime } from "../../server/time.ts";
import { CLUSTER_TIMEOUT, startTestControllers } from "../cluster.ts";
import { record, SCENARIOS, type Trace, WORKLOADS } from "./controller-traces.ts";

// The stand-ins for controllers are held to the real ones: the same things happen to the same workloads in memory and on a
// real control plane, and what is written where a hook looks must be the same.

/** Where the stand-ins differ, "<workload>, <scenario>, <step>: <field>", and why nobody minds. */
const DIFFERENCES: Readonly<Record<string, string>> = {};

let real: Cluster;
let memory: Cluster;

beforeAll(async () => {
	real = await startTestControllers();
	memory = await startCluster({
		clock: systemTime,
		name: "memory",
		environment: {},
		log: () => {},
		confirm: async () => false,
	});
	await memory.startControllers();
}, CLUSTER_TIMEOUT);
afterAll(async () => {
	await memory?.stop();
	await real?.stop();
}, 60_000);

const differences = (path: string, expected: Trace, found: Trace): string[] =>
	Object.keys({ ...expected, ...found })
		.filter((field) => JSON.stringify(expected[field]) !== JSON.stringify(found[field]))
		.map(
			(field) => `${path}: ${field}: ${JSON.stringify(found[field])}, and really ${JSON.stringify(expected[field])}`,
		);

describe.each(WORKLOADS)("a %s", (workload) => {
	/** Which writes of the real controllers fall together is a matter of moments on a busy machine: a difference that lasts counts. */
	it.each(SCENARIOS)("is written as by the real controllers: $name", { timeout: 300_000 }, async (scenario) => {
		let unknown: readonly string[] = [];
		for (let attempt = 1; attempt <= 3; attempt += 1) {
			const [expected, found] = await Promise.all(
				[real, memory].map((cluster) => record(cluster, workload, scenario, attempt)),
			);
			unknown = scenario.steps
				.flatMap(({ name }) =>
					differences(`${workload}, ${scenario.name}, ${name}`, expected?.[name] ?? {}, found?.[name] ?? {}),
				)
				.filter((text) => !Object.keys(DIFFERENCES).some((known) => text.startsWith(`${known}: `)));
			if (unknown.length === 0) return;
		}
		expect(unknown).toEqual([]);
	});
});
