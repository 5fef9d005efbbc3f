import { describe, expect, it } from "vitest";
import { viewOf } from "../../../plugin/cluster/cluster-view.ts";
import { podTrouble } from "../../../plugin/cluster/pod-trouble.ts";
import { NO_EXTRA } from "../../../plugin/why/diagnosis.ts";
import { diagnose } from "../../../plugin/why/index.ts";
import { podFinding, podsOf, workloadFinding } from "../../../plugin/why/workloads.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { advised, knownOf } from "../why-case.ts";
import { brokenPattern } from "../why-cases-workloads.ts";
import {
	condition,
	deployment,
	event,
	HOURS_AGO,
	NOW,
	other,
	ours,
	pod,
	replicaSet,
	statefulSet,
	waiting,
} from "../world.ts";

const RUNNER = ours("PatternRunner", "orders");
const SET = deployment("orders", RUNNER, 0, 2);
const REPLICAS = replicaSet("orders-7f9c", SET, 2);
const PULLING = { containers: [{ name: "runner", state: waiting("ImagePullBackOff") }], phase: "Pending" };
const wordOf = (objects: readonly KubeObject[], set = SET, events: readonly KubeObject[] = []) =>
	workloadFinding(knownOf([RUNNER, set, ...objects], { events }), set)?.steps.at(-1)?.word;
const withSpec = (spec: Record<string, unknown>) => ({ ...SET, spec: { ...(SET["spec"] as object), ...spec } });
const failing = (type: string, status: "True" | "False", reason: string, message: string) =>
	deployment("orders", RUNNER, 0, 2, { conditions: [condition(type, status, reason, message)] });

describe("a workload", () => {
	const quota = 'pods "orders" is forbidden: exceeded quota: team, requested: pods=1';

	it.each<[string, string | undefined]>([
		["ready", wordOf([], deployment("orders", RUNNER, 2, 2))],
		["ImagePullBackOff", wordOf([REPLICAS, pod("a", REPLICAS, PULLING), pod("b", REPLICAS, { ready: true })])],
		["RollingOut", wordOf([REPLICAS, pod("a", REPLICAS, { ready: true })])],
		["NoPods", wordOf([])],
		["RolloutPaused", wordOf([REPLICAS], withSpec({ paused: true }))],
		["QuotaExceeded", wordOf([REPLICAS], failing("ReplicaFailure", "True", "FailedCreate", quota))],
		["FailedCreate", wordOf([REPLICAS], failing("ReplicaFailure", "True", "FailedCreate", "no"))],
		["FailedCreate", wordOf([], failing("Progressing", "False", "ReplicaSetCreateError", "no"))],
		["QuotaExceeded", wordOf([REPLICAS], SET, [event(REPLICAS, "FailedCreate", quota)])],
		[
			"NoPods",
			wordOf([REPLICAS], SET, [
				event(REPLICAS, "FailedCreate", quota, { at: HOURS_AGO }),
				event(REPLICAS, "SuccessfulCreate", "created", { at: NOW }),
			]),
		],
	])("%#: %s", (word, found) => expect(found ?? "ready").toBe(word));

	it("waits for pods for a minute, then a user has to look", () => {
		const young = { ...SET, metadata: { ...SET.metadata, creationTimestamp: NOW } };
		const stateOf = (set: KubeObject) => workloadFinding(knownOf([set]), set)?.state;
		expect([stateOf(young), stateOf(SET)]).toEqual(["waiting", "broken"]);
	});

	it("counts the other pods with the same problem", () => {
		const pods = ["a", "b", "c"].map((name) => pod(name, REPLICAS, PULLING));
		const causeOf = (some: readonly KubeObject[]) =>
			workloadFinding(knownOf([SET, REPLICAS, ...some]), SET)
				?.cause.split("; ")
				.at(-1);
		expect(causeOf(pods)).toMatch(/^2 more/);
		expect(causeOf(pods.slice(0, 2))).toMatch(/^1 more/);
		expect(causeOf(pods.slice(0, 1))).not.toMatch(/more/);
	});

	it("asks for the log of a container that ended, and shows what was read", () => {
		const state = { state: waiting("CrashLoopBackOff"), restartCount: 3, lastState: { terminated: { exitCode: 1 } } };
		const crashed = pod("a", REPLICAS, { containers: [{ name: "runner", ...state }] });
		const objects = [SET, REPLICAS, crashed];
		const need = { need: "logs", namespace: "shop", pod: "a", container: "runner", previous: true } as const;
		const found = workloadFinding(knownOf(objects), SET);
		expect(found?.needs).toEqual([need]);
		const trouble = podTrouble(crashed, viewOf({ objects, now: NOW }));
		if (trouble === undefined) throw new Error("no trouble");
		expect(podFinding(knownOf(objects), crashed, trouble, SET).details).toEqual([]);
	});
});

it("lists the pods of the newest template first, then by name", () => {
	const older = {
		...replicaSet("older", SET),
		metadata: { ...REPLICAS.metadata, uid: "older", creationTimestamp: "2025-01-01T00:00:00Z" },
	};
	const objects = [older, REPLICAS, pod("z", older), pod("b", REPLICAS), pod("a", REPLICAS)];
	expect(podsOf(knownOf(objects), SET).map(({ metadata }) => metadata.name)).toEqual(["a", "b", "z"]);
	const set = statefulSet("live", RUNNER, 0, 2);
	expect(podsOf(knownOf([pod("live-1", set), pod("live-0", set)]), set).map(({ metadata }) => metadata.name)).toEqual([
		"live-0",
		"live-1",
	]);
});

it("goes on from a pod to the claim for which it waits", () => {
	const claim = other("v1", "PersistentVolumeClaim", "data-0");
	const waits = pod("live-0", SET, {
		phase: "Pending",
		spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-0" } }] },
		conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "no" }],
	});
	const known = knownOf([waits], { events: [event(claim, "ProvisioningFailed", "no quota left")] });
	const trouble = podTrouble(waits, known.view);
	if (trouble === undefined) throw new Error("no trouble");
	const { steps, next } = podFinding(known, waits, trouble, undefined);
	expect(steps.map(({ object, word }) => `${object.kind} ${word}`)).toEqual([
		"Pod Unschedulable",
		"PersistentVolumeClaim ProvisioningFailed",
	]);
	expect(advised(next)[0]).toBe("kubectl describe persistentvolumeclaim data-0 -n shop");
});

describe("a pod that is over", () => {
	const evicted = { phase: "Failed", status: { reason: "Evicted", message: "The node was low on resource: memory." } };

	it("explains nothing once others do its work", () => {
		const { set, objects } = brokenPattern(evicted);
		const served = { ...set, status: { ...(set["status"] as object), availableReplicas: 1 } };
		const known = knownOf(objects);
		expect(workloadFinding(known, set)?.steps.at(-1)?.word).toBe("Evicted");
		expect(workloadFinding(known, served)).toBeUndefined();
	});

	it("explains less than the one that follows it", () => {
		const { runner, replicas, objects } = brokenPattern(evicted);
		const next = pod("orders-7f9c-zzzzz", replicas, {
			phase: "Pending",
			containers: [{ name: "keyvalue-runner", state: waiting("ImagePullBackOff") }],
		});
		const view = viewOf({ objects: [...objects, next], now: NOW });
		const { finding } = diagnose(view, NO_EXTRA, { program: "kubectl prism", flags: [] }, runner);
		expect(finding?.steps.at(-1)).toMatchObject({
			word: "ImagePullBackOff",
			object: { metadata: { name: next.metadata.name } },
		});
	});
});
