import { expect, it } from "vitest";
import { childrenOf } from "../../../hooks/patternrunner/children.ts";
import { statusFields, verdictOf } from "../../../hooks/patternrunner/status.ts";
import { objectMap } from "../../../kube/offline.ts";
import { refusal } from "../../../kube/spec-refusal.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { plannedRunner } from "../plans.ts";
import { NOW, object } from "../situations.ts";

const counted = (available: number, updated = 2) => ({
	observedGeneration: 1,
	replicas: 2,
	updatedReplicas: updated,
	readyReplicas: available,
	availableReplicas: available,
	conditions: [{ type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "" }],
});
const seen = (spec: object, status: object | undefined, without?: string) => {
	const { plan, request } = plannedRunner({ replicas: 2, ...spec });
	const children = childrenOf(plan, request);
	const there = children
		.filter(({ kind }) => kind !== without)
		.map(
			(child): KubeObject => ({
				...child,
				metadata: { ...child.metadata, generation: 1 },
				...(child.kind === "Deployment" && status && { status }),
			}),
		);
	return { plan, observation: { runner: request.parent, children, observed: objectMap(there), now: NOW } };
};

it.each([
	["all pods are there", seen({}, counted(2)), { ready: "True", finding: { reason: "DeploymentReady", available: 2 } }],
	[
		"none are wanted",
		seen({ replicas: 0 }, { ...counted(0, 0), replicas: 0 }),
		{ ready: "True", finding: { reason: "ScaledToZero" } },
	],
	["one fell out", seen({}, counted(1)), { phase: "Degraded", finding: { reason: "ReplicasUnavailable" } }],
	["one is old", seen({}, counted(2, 1)), { phase: "Pending", finding: { reason: "Progressing" } }],
	[
		"the Service is missing",
		seen({}, counted(2), "Service"),
		{ finding: { reason: "Progressing", about: "children" } },
	],
	[
		"the backend is missing: it comes first",
		seen({ backend: "redis", backendConfig: { name: "gone" } }, counted(1)),
		{ finding: { reason: "BackendConfigNotFound" } },
	],
])("%s", (_what, { plan, observation }, verdict) => {
	expect(verdictOf(plan, observation)).toMatchObject(verdict);
});

it("a refused spec is what it is", () => {
	const refused = refusal({ reason: "InvalidSpec", about: "fields", problems: [] });
	expect(verdictOf(refused, seen({}, counted(2)).observation)).toMatchObject({ phase: "Failed", stalled: true });
});

const ENDPOINT = "it.prism.svc:8080";
const fieldsOf = ({ observation: { runner, children, observed } }: ReturnType<typeof seen>) =>
	statusFields(runner, children, observed);

it.each([
	["counts and address", seen({ service: { port: 8080 } }, counted(1)), [2, 2, 1, 1, ENDPOINT]],
	["nothing before its controller counted", seen({ service: { port: 8080 } }, undefined), Array.from({ length: 5 })],
	["no address without a Service", seen({ service: { type: "None" } }, counted(2)), [2, 2, 2, 2, undefined]],
])("status has %s", (_what, its, expected) => {
	const { selector, ...fields } = fieldsOf(its);
	const { replicas, updatedReplicas, readyReplicas, availableReplicas, endpoint } = fields;
	expect([replicas, updatedReplicas, readyReplicas, availableReplicas, endpoint]).toEqual(expected);
	expect(selector).toBe("app=prism,runner=it");
});

it("an address that was told goes on being told", () => {
	const { observation } = seen({ service: { port: 8080 } }, undefined);
	const runner = { ...object("PatternRunner", {}), status: { endpoint: ENDPOINT } };
	expect(statusFields(runner, observation.children, observation.observed).endpoint).toBe(ENDPOINT);
});
