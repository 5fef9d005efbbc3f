import { afterEach, describe, expect, test } from "vitest";
import type { Pod } from "../../../devcluster/controllers/workloads/shapes.ts";
import { firstOf, type PodRunner } from "../../../devcluster/kubelet/runner.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { deployment, podTemplate, type Simulation, simulate, statefulSet } from "../workload-objects.ts";

// Pods that really run: when they are started, told of changes, and ended.

let cluster: Simulation;
afterEach(() => cluster.stop());

const recorded = () => {
	const events: string[] = [];
	const runner: PodRunner = {
		run(pod) {
			const { name } = pod.metadata;
			events.push(`run ${name} at ${pod.status?.podIP}`);
			let annotations = JSON.stringify(pod.metadata.annotations ?? {});
			return {
				isReady: () => true,
				update(now) {
					const changed = JSON.stringify(now.metadata.annotations ?? {});
					if (changed !== annotations) events.push(`update ${name} ${changed}`);
					annotations = changed;
				},
				stop: () => void events.push(`stop ${name}`),
			};
		},
	};
	return { events, runner };
};

const annotate = async (name: string, annotations: Record<string, string>) => {
	const pod = await cluster.get("Pod", name);
	await cluster.store.update({ ...pod, metadata: { ...pod.metadata, annotations } });
	await cluster.clock.advance(1_000);
};

test("a pod is run once, with its address, and ended when it goes, also without grace", async () => {
	const { events, runner } = recorded();
	cluster = await simulate(runner);
	await cluster.create(statefulSet({ replicas: 1 }));
	await cluster.clock.advance(1_000);
	expect(events).toEqual(["run demo-0 at 10.244.0.1"]);
	const pod = await cluster.get("Pod", "demo-0");
	await cluster.store.delete(await cluster.store.resourceOf("v1", "Pod"), "default", "demo-0", {
		uid: pod.metadata.uid ?? "",
		gracePeriodSeconds: 0,
	});
	await cluster.clock.advance(1_000);
	expect(events.slice(1)).toEqual(["stop demo-0", "run demo-0 at 10.244.0.2"]);
	await cluster.remove(await cluster.get("Pod", "demo-0"));
	// It is given a moment to end.
	expect(events.slice(3)).toEqual([]);
	await cluster.clock.advance(2_000);
	expect(events.slice(3)).toEqual(["stop demo-0", "run demo-0 at 10.244.0.3"]);
	await cluster.change(statefulSet(), { replicas: 0 });
	await cluster.clock.advance(1_000);
	expect(events.slice(5)).toEqual(["stop demo-0"]);
	expect(cluster.log).toEqual([]);
});

test.each(["image", "crash"])("a pod that fails with %s is not run, until it does not any more", async (failure) => {
	const { events, runner } = recorded();
	cluster = await simulate(runner);
	const template = podTemplate("app:1", { "local.prism.io/fail": failure });
	await cluster.create(statefulSet({ replicas: 1, template }));
	await cluster.clock.advance(1_000);
	expect(events).toEqual([]);
	await annotate("demo-0", {});
	expect(events).toEqual(["run demo-0 at 10.244.0.1"]);
	await annotate("demo-0", { other: "yes" });
	await annotate("demo-0", { "local.prism.io/fail": failure });
	expect(events.slice(1)).toEqual(['update demo-0 {"other":"yes"}', "stop demo-0"]);
});

test("a pod that is to be unready runs all the same", async () => {
	const { events, runner } = recorded();
	cluster = await simulate(runner);
	await cluster.create(deployment({ template: podTemplate("app:1", { "local.prism.io/fail": "unready" }) }));
	await cluster.clock.advance(1_000);
	expect(events).toHaveLength(1);
});

describe("several runners", () => {
	const taking = (name: string, log: string[]): PodRunner => ({
		run: (pod) => {
			if (pod.metadata.name !== name) return undefined;
			log.push(name);
			return { isReady: () => true, stop() {} };
		},
	});
	const pod = (name: string): KubeObject & Pod => ({
		apiVersion: "v1",
		kind: "Pod",
		metadata: { name },
		spec: { containers: [] },
	});

	test("the first that takes a pod runs it", async () => {
		cluster = await simulate();
		const log: string[] = [];
		const runner = firstOf(undefined, taking("a", log), taking("b", log), taking("a", log));
		expect(
			runner.run(
				pod("a"),
				() => {},
				() => {},
			),
		).toBeDefined();
		expect(
			runner.run(
				pod("b"),
				() => {},
				() => {},
			),
		).toBeDefined();
		expect(
			runner.run(
				pod("c"),
				() => {},
				() => {},
			),
		).toBeUndefined();
		expect(log).toEqual(["a", "b"]);
	});
});
