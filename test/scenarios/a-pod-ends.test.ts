import { describe, expect, it } from "vitest";
import { recordsAt, valueAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import type { Installation } from "../../schemas/installation.ts";
import { RESTARTED_AT_ANNOTATION } from "../../schemas/vocabulary.ts";
import { madeBefore } from "../hooks/made-before.ts";
import { answerTo, object } from "../hooks/situations.ts";

// How pods end: those that clients reach through a Service go on serving until clients have heard of it, and only then does their own
// time begin, the whole of it. A program that ignores SIGTERM, as the proxy of October 2025 does, is the same to both.

/** Each container's wait before SIGTERM and, at the end, the seconds until SIGKILL. */
const endOf = (children: readonly KubeObject[], name: string): unknown[] => {
	const found = children.find(({ kind, metadata }) => /Deployment|StatefulSet/.test(kind) && metadata.name === name);
	const pod = valueAt(found, "spec", "template", "spec");
	return [
		...recordsAt(pod, "containers").map((one) => valueAt(one, "lifecycle", "preStop", "sleep", "seconds")),
		valueAt(pod, "terminationGracePeriodSeconds"),
	];
};

interface Surroundings {
	readonly installation?: Partial<Installation>;
	readonly observed?: (children: readonly KubeObject[]) => readonly KubeObject[];
	readonly annotations?: Record<string, string>;
}

const children = (kind: string, spec: unknown, { annotations, ...rest }: Surroundings = {}): KubeObject[] =>
	answerTo({
		title: "",
		parent: object(kind, spec, annotations === undefined ? {} : { annotations }),
		condition: { status: "False", reason: "Progressing" },
		phase: "Pending",
		...rest,
	}).children;

const OLD_CLUSTER = { installation: { sleepAction: false } };
const UPGRADED = { observed: madeBefore };
const RESTARTED = { observed: madeBefore, annotations: { [RESTARTED_AT_ANNOTATION]: "noon" } };
const RUNNER = { pattern: "keyvalue", backend: "memstore" };
const SHARD = { backends: ["redis"], plugins: [{ name: "clickhouse" }] };
const grace = (terminationGracePeriodSeconds: number) => ({ terminationGracePeriodSeconds });

describe("the end of a pod", () => {
	it.each<[string, string, object, string, Surroundings, unknown[]]>([
		["a stack's proxy drains for 30 s", "PrismStack", {}, "it-proxy", {}, [5, 35]],
		["as long as its owner says", "PrismStack", { proxy: grace(3600) }, "it-proxy", {}, [5, 3605]],
		["or not at all", "PrismStack", { proxy: grace(0) }, "it-proxy", {}, [undefined, 0]],
		["without the sleep action, it gets SIGTERM at once", "PrismStack", {}, "it-proxy", OLD_CLUSTER, [undefined, 30]],
		["the upgrade replaces no proxy", "PrismStack", {}, "it-proxy", UPGRADED, [5, 30]],
		["of whatever time", "PrismStack", { proxy: grace(5) }, "it-proxy", UPGRADED, [undefined, 5]],
		["a restart does", "PrismStack", {}, "it-proxy", RESTARTED, [5, 35]],
		["nobody is led past a control plane", "PrismStack", { admin: { enabled: true } }, "it-admin", {}, [undefined, 30]],
		["plugins serve a shard's proxy meanwhile", "PrismShard", SHARD, "prism-it", {}, [5, 5, 35]],
		["the upgrade replaces no shard", "PrismShard", SHARD, "prism-it", UPGRADED, [5, undefined, 30]],
		["a restart does", "PrismShard", SHARD, "prism-it", RESTARTED, [5, 5, 35]],
		["a runner behind a Service", "PatternRunner", RUNNER, "it", {}, [5, 35]],
		["one that nobody calls", "PatternRunner", { ...RUNNER, service: { type: "None" } }, "it", {}, [undefined, 30]],
		["the upgrade replaces no runner", "PatternRunner", RUNNER, "it", UPGRADED, [undefined, 30]],
	])("%s (%s)", (_, kind, spec, workload, surroundings, end) => {
		expect(endOf(children(kind, spec, surroundings), workload)).toEqual(end);
	});
});
