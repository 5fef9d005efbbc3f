import { describe, expect, it } from "vitest";
import { backendReference, planBackend } from "../../../hooks/patternrunner/backend.ts";
import { secondsAfter } from "../../../kube/time.ts";
import type { KubeObject } from "../../../schemas/common.ts";
import { givenRunner, type Surroundings } from "../plans.ts";
import { NOW, object } from "../situations.ts";

it.each([
	["none", {}, undefined],
	["one of its own namespace", { backendConfig: { name: "redis" } }, "redis"],
	["one that says so", { backendConfig: { name: "redis", namespace: "prism" } }, "redis"],
	["one of another namespace", { backendConfig: { name: "redis", namespace: "other" } }, undefined],
	["one that makes no sense", { backendConfig: { name: 5 } }, undefined],
	["a spec that makes none", "spec", undefined],
])("refers to %s", (_what, spec, name) => {
	expect(backendReference(object("PatternRunner", spec))).toBe(name);
});

const REDIS = { backend: "redis", backendConfig: { name: "redis" } };
const BINDING = { provider: "redis", configMap: "redis-backend", checksum: "1" };
const config = (status: object = {}, metadata: object = {}): KubeObject => ({
	...object("BackendConfig", {}, { name: "redis", ...metadata }),
	status,
});
const ready = (status: string) => ({
	conditions: [{ type: "Ready", status, reason: "Because", message: "of this", lastTransitionTime: NOW }],
});
const RUNNING: KubeObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "it", namespace: "prism" } };
const planned = (spec: object, around: Surroundings = {}) => {
	const { runner, request, context } = givenRunner(spec, around);
	return planBackend(runner, "prism", request, context);
};
const madeAgo = (seconds: number) => ({ metadata: { creationTimestamp: secondsAfter(NOW, -seconds) } });

describe("the pods are built", () => {
	it.each([
		["without a reference", planned({}), undefined],
		["in memory, with one to nothing", planned({ backendConfig: { name: "gone" } }), undefined],
		[
			"with a binding that is Ready",
			planned(REDIS, { related: [config({ binding: BINDING, ...ready("True") })] }),
			BINDING,
		],
	])("%s", (_what, backend, binding) => {
		expect(backend).toEqual({ binding, deploy: "build", verdict: undefined });
	});

	it("with a binding that is not Ready, which is reported", () => {
		expect(planned(REDIS, { related: [config({ binding: BINDING, ...ready("False") })] })).toMatchObject({
			binding: BINDING,
			deploy: "build",
			verdict: { phase: "Pending", finding: { reason: "BackendNotReady", its: { reason: "Because" } } },
		});
	});
});

describe("the pods are held", () => {
	it.each([
		["a binding makes no sense", { related: [config({ binding: { provider: 5 }, ...ready("True") })] }],
		["there is no status", { related: [config()] }],
	])("while %s", (_what, around) => {
		expect(planned(REDIS, around)).toMatchObject({ binding: undefined, deploy: "hold", verdict: { phase: "Pending" } });
		expect(planned(REDIS, { ...around, observed: [RUNNING] }).verdict?.phase).toBe("Degraded");
	});

	it("for a BackendConfig that is to be its stack's own, and is not", () => {
		const metadata = { annotations: { "prism.io/own-backend": "true" } };
		const owner = { apiVersion: "v1", kind: "PrismStack", name: "shop", uid: "theirs", controller: true };
		const theirs = config({ binding: BINDING, ...ready("True") }, { ownerReferences: [owner] });
		const backend = planned(REDIS, { metadata, related: [theirs] });
		expect(backend).toMatchObject({ deploy: "hold", verdict: { finding: { about: "foreign", name: "redis" } } });
	});
});

it.each([
	["waits for one that may come", madeAgo(9), { deploy: "hold", resyncAfterSeconds: 2 }],
	["does not wait for ever", madeAgo(10), { deploy: "build" }],
	["leaves what runs as it is", { ...madeAgo(99), observed: [RUNNING] }, { deploy: "hold" }],
])("a BackendConfig that is not there: %s", (_what, around, expected) => {
	const { verdict, ...backend } = planned(REDIS, around);
	expect(backend).toEqual({ binding: undefined, ...expected });
	expect(verdict?.finding).toMatchObject({ reason: "BackendConfigNotFound", name: "redis", namespace: "prism" });
});
