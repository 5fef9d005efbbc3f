import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf } from "../../kube/conditions.ts";
import { recordsAt } from "../../kube/object.ts";
import type { KubeObject } from "../../schemas/common.ts";
import { CLUSTER_TIMEOUT } from "../cluster.ts";
import { REAL_METACONTROLLER, recordSkipped } from "../needs.ts";
import { eventually } from "./installed.ts";
import { LINES, type Line, startLine } from "./line.ts";

// What the API server, its admission and other people do to children, as the real ones do it: each ends in its own reason, and
// goes on once the cause is gone.

const RUNNER = { pattern: "keyvalue", backend: "memstore", replicas: 1 };
const HOLD = "example.com/hold";

recordSkipped(REAL_METACONTROLLER, "the same with the real Metacontroller");
describe.each(LINES.filter(({ name }) => name === "local"))("children that are held up: $line", (options) => {
	let line: Line;

	beforeAll(async () => {
		line = await startLine(options);
		for (const name of ["refused", "held", "paused", "moved"]) await line.apply(object("PatternRunner", name, RUNNER));
		for (const name of ["refused", "held", "paused", "moved"]) await line.untilReady("PatternRunner", name);
	}, 2 * CLUSTER_TIMEOUT);
	afterAll(() => line?.stop(), 60_000);

	const object = (kind: string, name: string, spec: Record<string, unknown>): KubeObject => ({
		apiVersion: "prism.io/v1alpha1",
		kind,
		metadata: { name, namespace: "default" },
		spec,
	});
	const untilReason = (kind: string, name: string, reason: string, says: string, seconds = 60): Promise<unknown> =>
		eventually(async () => {
			const ready = conditionOf(await line.get(kind, name), "Ready");
			expect(`${ready?.reason}: ${ready?.message}`).toContain(`${reason}: `);
			expect(ready?.status).toBe("False");
			expect(ready?.message).toContain(says);
		}, seconds);

	it.concurrent("a change that the API server rejects, and one that it accepts", { timeout: 120_000 }, async () => {
		const hard = { "services.loadbalancers": "0" };
		const metadata = { name: "no-balancers", namespace: "default" };
		await line.cluster.store.create({ apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard } });
		await eventually(async () =>
			expect(await line.get("ResourceQuota", "no-balancers")).toMatchObject({ status: { hard } }),
		);
		await line.edit("PatternRunner", "refused", (spec) => ({ ...spec, service: { type: "LoadBalancer" } }));
		await untilReason("PatternRunner", "refused", "ChildRefused", "rejected by the API server");
		await line.edit("PatternRunner", "refused", (spec) => ({ ...spec, service: {} }));
		await line.untilReady("PatternRunner", "refused");
	});

	it.concurrent("a child that a finalizer keeps", { timeout: 120_000 }, async () => {
		await line.change("Service", "held", (child) => ({
			...child,
			metadata: { ...child.metadata, finalizers: [HOLD] },
		}));
		await line.cluster.store.delete(await line.resource("Service"), "default", "held");
		await untilReason("PatternRunner", "held", "ChildTerminating", `finalizers: ${HOLD}`, 20);
		await line.change("Service", "held", ({ metadata: { finalizers: _finalizers, ...metadata }, ...child }) => ({
			...child,
			metadata,
		}));
		await line.untilReady("PatternRunner", "held");
	});

	it.concurrent("a paused Deployment", { timeout: 120_000 }, async () => {
		const pause = (paused: boolean) =>
			line.change("Deployment", "paused", (child) => ({ ...child, spec: { ...(child["spec"] as object), paused } }));
		await pause(true);
		await line.edit("PatternRunner", "paused", (spec) => ({ ...spec, image: "example.com/runner:2" }));
		await untilReason(
			"PatternRunner",
			"paused",
			"RolloutHeld",
			"Deployment paused is not rolled out: spec.paused is true",
			20,
		);
		await pause(false);
		await line.untilReady("PatternRunner", "paused");
	});

	it.concurrent("a Service whose port someone moved", { timeout: 120_000 }, async () => {
		await line.change("Service", "moved", (child) => {
			const ports = recordsAt(child, "spec", "ports").map((port) => ({ ...port, port: 9999 }));
			return { ...child, spec: { ...(child["spec"] as object), ports } };
		});
		await eventually(async () => {
			const ports = recordsAt(await line.get("Service", "moved"), "spec", "ports").map(({ port }) => port);
			expect(ports).toEqual([8080]);
		}, 60);
		await line.untilReady("PatternRunner", "moved");
	});

	it.concurrent("pods that a StatefulSet can't create", { timeout: 120_000 }, async () => {
		const runnerSpec = { priorityClassName: "does-not-exist" };
		await line.apply(object("PrismShard", "evil", { backends: ["postgres"], runnerSpec }));
		await untilReason("PrismShard", "evil", "ReplicaFailure", "StatefulSet prism-evil can't create its pods");
		expect((await line.get("StatefulSet", "prism-evil")).metadata.name).toBe("prism-evil");
	});
});
