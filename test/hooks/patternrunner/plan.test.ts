import { expect, it } from "vitest";
import { planRunner } from "../../../hooks/patternrunner/plan.ts";
import { isRefusal } from "../../../kube/spec-refusal.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { givenRunner, plannedRunner, type Surroundings } from "../plans.ts";

const plan = (spec: object = {}, around: Surroundings = {}) => plannedRunner(spec, around).plan;
const OLD: KubeObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "it", namespace: "prism" } };

it.each([
	["the image of its pattern", {}, { image: "ghcr.io/prism/keyvalue-runner:v1.0.0" }],
	["its own image", { image: "mine:1" }, { image: "mine:1" }],
	["a selector that no edit moves", { image: "mine:1", replicas: 5 }, { selector: { app: "prism", runner: "it" } }],
	["no configuration", {}, { config: undefined }],
])("has %s", (_what, spec, expected) => {
	expect(plan(spec)).toMatchObject(expected);
});

it.each([
	[{ service: { port: 7000 } }, [["grpc", 7000]]],
	[
		{ service: { port: 7000 }, observability: { metricsPort: 9100 } },
		[
			["grpc", 7000],
			["metrics", 9100],
		],
	],
	[{ service: { port: 7000 }, observability: { metricsPort: 7000 } }, [["grpc", 7000]]],
	[{ service: { type: "None" }, observability: { metricsPort: 9100 } }, [["metrics", 9100]]],
	[{ service: { type: "None" } }, []],
])("%j listens on %j", (spec, ports) => {
	expect(plan(spec).ports.map(({ name, port }) => [name, port])).toEqual(ports);
});

it.each([
	["waits until its clients know", {}, {}, { preStopSeconds: 5, graceSeconds: 35 }],
	["has no clients to wait for", { service: { type: "None" } }, {}, { preStopSeconds: undefined, graceSeconds: 30 }],
	["from before goes on as it was", {}, { observed: [OLD] }, { preStopSeconds: undefined, graceSeconds: 30 }],
])("one that %s", (_what, spec, around, termination) => {
	expect(plan({ terminationGracePeriodSeconds: 30, ...spec }, around).termination).toEqual(termination);
});

it("belongs to the stack that its label names", () => {
	expect(plan({}, { metadata: { labels: { stack: "shop" } } }).labels).toMatchObject({
		stack: "shop",
		pattern: "keyvalue",
		backend: "memstore",
		runner: "it",
	});
	expect(plan().labels).not.toHaveProperty("stack");
});

it("is refused with the first reason of its checks", () => {
	const { runner, request, context } = givenRunner({ volumeMounts: [{ name: "v", mountPath: "/v" }] });
	const refused = planRunner(runner, request, context);
	expect(isRefusal(refused) && refused.finding.reason).toBe("InvalidSpec");
});
